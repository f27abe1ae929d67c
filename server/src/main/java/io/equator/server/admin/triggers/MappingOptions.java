package io.equator.server.admin.triggers;

import io.equator.coordinator.json.WireWriter;
import io.equator.server.Refusal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a mapping delivers: what create and update have in common. What is not given is not sent. */
final class MappingOptions {

  @Option(
      names = "--function",
      paramLabel = "NAME",
      description = "The registered function to call (see trigger function put), or its ARN.")
  private @Nullable String function;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The endpoint to call, instead of a registered function.")
  private @Nullable String url;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "Records in one call, at most: 1 to 10000 (100 in a new mapping).")
  private @Nullable Integer batchSize;

  @Option(
      names = "--window",
      paramLabel = "SECONDS",
      description = "How long to wait for a full batch: 0 to 300 (0).")
  private @Nullable Integer window;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      description = "Calls at a time for each shard, 1 to 10; items stay in order (1).")
  private @Nullable Integer parallel;

  @Option(
      names = "--retries",
      paramLabel = "N",
      description = "How often a failed batch is sent again; -1: until it succeeds (-1).")
  private @Nullable Integer retries;

  @Option(
      names = "--max-age",
      paramLabel = "SECONDS",
      description = "Older records are given up: 60 to 604800; -1: none are (-1).")
  private @Nullable Integer maxAge;

  @Option(
      names = "--bisect",
      negatable = true,
      description = "Cut a failed batch in two halves, to isolate a bad record.")
  private @Nullable Boolean bisect;

  @Option(
      names = "--report-item-failures",
      negatable = true,
      description = "Read batchItemFailures in the answer: records before the first are done.")
  private @Nullable Boolean reportItemFailures;

  @Option(
      names = "--filter",
      paramLabel = "PATTERN",
      description = {
        "Deliver only records that match, for example '{\"eventName\":[\"INSERT\"]}'; may be given"
            + " several times, then one has to match."
      })
  private @Nullable List<String> filters;

  @Option(names = "--no-filter", description = "Deliver every record.")
  private boolean noFilter;

  @Option(
      names = "--on-failure",
      paramLabel = "URL",
      description = "Where to tell which records were given up; an empty text for nowhere.")
  private @Nullable String onFailure;

  /** Whether a target is named. */
  boolean hasTarget() {
    return function != null || url != null;
  }

  /** Writes what was given as members of the request. */
  void writeTo(WireWriter out) {
    if (function != null && url != null) {
      throw new Refusal("--function and --url exclude each other.");
    }
    if (noFilter && filters != null) {
      throw new Refusal("--filter and --no-filter exclude each other.");
    }
    if (hasTarget()) {
      out.field("FunctionName", function != null ? function : String.valueOf(url));
    }
    number(out, "BatchSize", batchSize);
    number(out, "MaximumBatchingWindowInSeconds", window);
    number(out, "ParallelizationFactor", parallel);
    number(out, "MaximumRetryAttempts", retries);
    number(out, "MaximumRecordAgeInSeconds", maxAge);
    if (bisect != null) {
      out.field("BisectBatchOnFunctionError", bisect);
    }
    if (reportItemFailures != null) {
      out.field(
          "FunctionResponseTypes",
          reportItemFailures ? List.of("ReportBatchItemFailures") : List.<String>of());
    }
    if (filters != null || noFilter) {
      out.beginObject("FilterCriteria");
      out.beginArray("Filters");
      for (String pattern : filters == null ? List.<String>of() : filters) {
        out.beginObject();
        out.field("Pattern", pattern);
        out.endObject();
      }
      out.endArray();
      out.endObject();
    }
    if (onFailure != null) {
      out.beginObject("DestinationConfig");
      out.beginObject("OnFailure");
      out.field("Destination", onFailure);
      out.endObject();
      out.endObject();
    }
  }

  private static void number(WireWriter out, String name, @Nullable Integer value) {
    if (value != null) {
      out.field(name, value);
    }
  }
}
