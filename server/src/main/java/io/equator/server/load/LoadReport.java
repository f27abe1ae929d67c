package io.equator.server.load;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.equator.server.load.LoadResult.ServerFigures;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Prints what runs have measured: for people, or as one JSON array for programs. */
final class LoadReport {

  private static final double[] PERCENTILES = {50, 90, 95, 99, 99.9};
  private static final String[] PERCENTILE_NAMES = {"p50", "p90", "p95", "p99", "p99_9"};

  private LoadReport() {}

  static void text(LoadResult result, PrintWriter out) {
    LoadPlan plan = result.plan();
    out.printf(
        Locale.ROOT,
        "%nworkload %s at %s: %d connections, %s, %s keys, %d records of %d bytes in %d"
            + " attributes%s%n",
        plan.workload(),
        plan.endpoint().url(),
        plan.connections(),
        plan.fixedRate() ? perSecond(plan.ratePerSecond()) + " due" : "closed loop",
        plan.distribution().name().toLowerCase(Locale.ROOT),
        plan.records(),
        plan.itemBytes(),
        plan.attributes(),
        plan.consistentReads() ? ", consistent reads" : "");
    out.printf(
        Locale.ROOT,
        "%-18s %10s %11s %9s %9s %9s %9s %9s %9s%n",
        "latency in ms",
        "count",
        "per second",
        "mean",
        "p50",
        "p90",
        "p99",
        "p99.9",
        "max");
    result.recorder().latencies().forEach((op, h) -> row(op.label(), h, result, out));
    if (result.recorder().latencies().size() > 1 || result.recorder().neverSent() > 0) {
      row("all", result.recorder().total(), result, out);
    }
    processes(result, out);
    trouble(result.recorder(), out);
    out.flush();
  }

  private static void row(String name, Histogram h, LoadResult result, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%-18s %10d %11.1f %9.3f %9.3f %9.3f %9.3f %9.3f %9.3f%n",
        name,
        h.getTotalCount(),
        h.getTotalCount() / LoadResult.seconds(result.measured()),
        h.getMean() / 1e3,
        h.getValueAtPercentile(50) / 1e3,
        h.getValueAtPercentile(90) / 1e3,
        h.getValueAtPercentile(99) / 1e3,
        h.getValueAtPercentile(99.9) / 1e3,
        h.getMaxValue() / 1e3);
  }

  private static void processes(LoadResult result, PrintWriter out) {
    result
        .server()
        .ifPresent(
            server ->
                out.printf(
                    Locale.ROOT,
                    "server CPU %.2f s: %s of CPU time, %.1f us each; resident %s, at most %s%n",
                    LoadResult.seconds(server.cpu()),
                    perSecond(result.operationsPerCpuSecond(server)),
                    1e6 / Math.max(1e-9, result.operationsPerCpuSecond(server)),
                    megabytes(server.residentBytes().orElse(0)),
                    megabytes(server.residentBytesPeak().orElse(0))));
    out.printf(
        Locale.ROOT,
        "client CPU %.2f s: %.1f us each%n",
        LoadResult.seconds(result.clientCpu()),
        LoadResult.seconds(result.clientCpu())
            * 1e6
            / Math.max(1, result.recorder().answeredCount()));
  }

  private static void trouble(Recorder recorder, PrintWriter out) {
    recorder
        .errors()
        .forEach(
            (kind, errors) ->
                out.printf(
                    Locale.ROOT,
                    "ERROR %s, %d times; the first: %s%n",
                    kind,
                    errors.count(),
                    errors.example()));
    if (recorder.missing() > 0) {
      out.println("ERROR " + recorder.missing() + " reads found no item");
    }
    if (recorder.unprocessed() > 0) {
      out.println("WARNING " + recorder.unprocessed() + " batches were not processed whole");
    }
    if (recorder.neverSent() > 0) {
      out.println(
          "WARNING "
              + recorder.neverSent()
              + " operations were due and had not been sent at the end; counted with their wait so"
              + " far");
    }
  }

  private static String perSecond(double rate) {
    return String.format(Locale.ROOT, "%.0f/s", rate);
  }

  private static String megabytes(long bytes) {
    return bytes == 0 ? "unknown" : bytes / (1024 * 1024) + " MB";
  }

  static void json(List<LoadResult> results, PrintWriter out) {
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.useDefaultPrettyPrinter();
      json.writeStartArray();
      for (LoadResult result : results) {
        write(result, json);
      }
      json.writeEndArray();
      json.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    out.flush();
  }

  private static void write(LoadResult result, JsonGenerator json) throws IOException {
    LoadPlan plan = result.plan();
    Recorder recorder = result.recorder();
    json.writeStartObject();
    json.writeStringField("workload", plan.workload().name());
    json.writeStringField("endpoint", plan.endpoint().url());
    json.writeStringField("startedAt", result.startedAt().toString());
    json.writeNumberField("connections", plan.connections());
    json.writeNumberField("clientThreads", plan.threads());
    json.writeNumberField("ratePerSecond", plan.ratePerSecond());
    json.writeStringField("distribution", plan.distribution().name());
    json.writeBooleanField("consistentReads", plan.consistentReads());
    json.writeNumberField("records", plan.records());
    json.writeNumberField("itemBytes", plan.itemBytes());
    json.writeNumberField("attributes", plan.attributes());
    json.writeNumberField("batchSize", plan.batchSize());
    json.writeNumberField("rangeLength", plan.rangeLength());
    json.writeNumberField("indexes", plan.indexes());
    json.writeBooleanField("stream", plan.stream());
    json.writeNumberField("warmupSeconds", LoadResult.seconds(plan.warmup()));
    json.writeNumberField("durationSeconds", LoadResult.seconds(result.measured()));
    json.writeNumberField("operationsPerSecond", result.operationsPerSecond());
    json.writeNumberField("clientCpuSeconds", LoadResult.seconds(result.clientCpu()));
    if (result.server().isPresent()) {
      write(result, result.server().get(), json);
    }
    json.writeObjectFieldStart("operations");
    for (Map.Entry<Operation, Histogram> entry : recorder.latencies().entrySet()) {
      write(entry.getKey().label(), entry.getValue(), result, json);
    }
    write("all", recorder.total(), result, json);
    json.writeEndObject();
    json.writeNumberField("readsThatFoundNothing", recorder.missing());
    json.writeNumberField("batchesNotProcessedWhole", recorder.unprocessed());
    json.writeNumberField("operationsNeverSent", recorder.neverSent());
    json.writeObjectFieldStart("errors");
    for (Map.Entry<String, Recorder.Errors> entry : recorder.errors().entrySet()) {
      json.writeObjectFieldStart(entry.getKey());
      json.writeNumberField("count", entry.getValue().count());
      json.writeStringField("example", entry.getValue().example());
      json.writeEndObject();
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void write(LoadResult result, ServerFigures server, JsonGenerator json)
      throws IOException {
    json.writeObjectFieldStart("server");
    json.writeNumberField("pid", server.pid());
    json.writeNumberField("cpuSeconds", LoadResult.seconds(server.cpu()));
    json.writeNumberField("operationsPerCpuSecond", result.operationsPerCpuSecond(server));
    if (server.residentBytes().isPresent()) {
      json.writeNumberField("residentBytes", server.residentBytes().getAsLong());
    }
    if (server.residentBytesPeak().isPresent()) {
      json.writeNumberField("residentBytesPeak", server.residentBytesPeak().getAsLong());
    }
    json.writeEndObject();
  }

  private static void write(String name, Histogram h, LoadResult result, JsonGenerator json)
      throws IOException {
    json.writeObjectFieldStart(name);
    json.writeNumberField("count", h.getTotalCount());
    json.writeNumberField("perSecond", h.getTotalCount() / LoadResult.seconds(result.measured()));
    json.writeObjectFieldStart("latencyMicros");
    json.writeNumberField("mean", h.getMean());
    for (int i = 0; i < PERCENTILES.length; i++) {
      json.writeNumberField(PERCENTILE_NAMES[i], h.getValueAtPercentile(PERCENTILES[i]));
    }
    json.writeNumberField("max", h.getMaxValue());
    json.writeEndObject();
    json.writeEndObject();
  }
}
