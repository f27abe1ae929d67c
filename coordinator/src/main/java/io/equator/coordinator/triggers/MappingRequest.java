package io.equator.coordinator.triggers;

import io.equator.coordinator.json.WireReader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The members of CreateEventSourceMapping and UpdateEventSourceMapping, as they were sent; null for
 * what was not.
 *
 * @param onFailure the destination, empty when one is sent without a name
 * @param refused names of members that were sent and mean nothing here
 */
record MappingRequest(
    @Nullable String eventSourceArn,
    @Nullable String functionName,
    @Nullable Boolean enabled,
    @Nullable Integer batchSize,
    @Nullable Integer batchingWindowSeconds,
    @Nullable Integer parallelizationFactor,
    @Nullable String startingPosition,
    @Nullable Integer maximumRecordAgeSeconds,
    @Nullable Integer maximumRetryAttempts,
    @Nullable Integer tumblingWindowSeconds,
    @Nullable Boolean bisect,
    @Nullable List<String> responseTypes,
    @Nullable List<String> filterPatterns,
    @Nullable String onFailure,
    List<String> refused) {

  static MappingRequest read(WireReader in) {
    String eventSourceArn = null;
    String functionName = null;
    Boolean enabled = null;
    Integer batchSize = null;
    Integer batchingWindow = null;
    Integer parallelization = null;
    String startingPosition = null;
    Integer recordAge = null;
    Integer retries = null;
    Integer tumblingWindow = null;
    Boolean bisect = null;
    List<String> responseTypes = null;
    List<String> filters = null;
    String onFailure = null;
    List<String> refused = new ArrayList<>();
    while (in.nextMember()) {
      switch (in.member()) {
        case "EventSourceArn" -> eventSourceArn = in.string();
        case "FunctionName" -> functionName = in.string();
        case "Enabled" -> enabled = in.bool();
        case "BatchSize" -> batchSize = in.integer();
        case "MaximumBatchingWindowInSeconds" -> batchingWindow = in.integer();
        case "ParallelizationFactor" -> parallelization = in.integer();
        case "StartingPosition" -> startingPosition = in.string();
        case "MaximumRecordAgeInSeconds" -> recordAge = in.integer();
        case "MaximumRetryAttempts" -> retries = in.integer();
        case "TumblingWindowInSeconds" -> tumblingWindow = in.integer();
        case "BisectBatchOnFunctionError" -> bisect = in.bool();
        case "FunctionResponseTypes" -> responseTypes = in.stringList();
        case "FilterCriteria" -> filters = filters(in);
        case "DestinationConfig" -> onFailure = destination(in, refused);
        case "UUID" -> in.skip();
        default -> {
          refused.add(in.member());
          in.skip();
        }
      }
    }
    return new MappingRequest(
        eventSourceArn,
        functionName,
        enabled,
        batchSize,
        batchingWindow,
        parallelization,
        startingPosition,
        recordAge,
        retries,
        tumblingWindow,
        bisect,
        responseTypes,
        filters,
        onFailure,
        refused);
  }

  /** {@code {"Filters": [{"Pattern": "…"}]}}. */
  private static List<String> filters(WireReader in) {
    List<String> patterns = new ArrayList<>();
    in.beginStruct("FilterCriteria");
    while (in.nextMember()) {
      if (in.member().equals("Filters")) {
        in.beginList();
        while (in.nextElement()) {
          patterns.add(pattern(in));
        }
      }
    }
    return patterns;
  }

  private static String pattern(WireReader in) {
    String pattern = "";
    in.beginStruct("Filter");
    while (in.nextMember()) {
      if (in.member().equals("Pattern")) {
        pattern = in.string();
      }
    }
    return pattern;
  }

  /** {@code {"OnFailure": {"Destination": "…"}}}. */
  private static String destination(WireReader in, List<String> refused) {
    String destination = "";
    in.beginStruct("DestinationConfig");
    while (in.nextMember()) {
      String member = in.member();
      in.beginStruct(member);
      while (in.nextMember()) {
        if (in.member().equals("Destination")) {
          String named = in.string();
          if (member.equals("OnFailure")) {
            destination = named;
          } else if (!named.isEmpty()) {
            refused.add("DestinationConfig." + member);
          }
        }
      }
    }
    return destination;
  }
}
