package io.equator.coordinator.triggers;

import io.equator.coordinator.json.WireWriter;
import io.equator.coordinator.triggers.core.BatchDelivery.Step.Discard;
import io.equator.coordinator.triggers.core.FunctionAnswer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * What the failure destination of a stream's mapping is told about records that were given up:
 * where they are, and not what is in them (Lambda's guide, "Capturing discarded batches").
 *
 * @param requestId of the last call, or of this record
 */
record FailureRecord(
    String requestId,
    String functionArn,
    Discard discard,
    String shardId,
    String streamArn,
    String firstSequenceNumber,
    String lastSequenceNumber,
    long firstMillis,
    long lastMillis,
    long nowMillis) {

  byte[] json() {
    WireWriter out = new WireWriter();
    out.beginObject();
    out.beginObject("requestContext");
    out.field("requestId", requestId);
    out.field("functionArn", functionArn);
    out.field("condition", discard.cause().condition());
    out.field("approximateInvokeCount", discard.invocations());
    out.endObject();
    Optional<FunctionAnswer.Failed> last = discard.last();
    if (last.isPresent()) {
      out.beginObject("responseContext");
      out.field("statusCode", last.get().status());
      out.field("executedVersion", "$LATEST");
      out.field("functionError", "Unhandled");
      out.endObject();
    }
    out.field("version", "1.0");
    out.field("timestamp", Instant.ofEpochMilli(nowMillis).toString());
    out.beginObject("DDBStreamBatchInfo");
    out.field("shardId", shardId);
    out.field("startSequenceNumber", firstSequenceNumber);
    out.field("endSequenceNumber", lastSequenceNumber);
    out.field("approximateArrivalOfFirstRecord", seconds(firstMillis));
    out.field("approximateArrivalOfLastRecord", seconds(lastMillis));
    out.field("batchSize", discard.to() - discard.from());
    out.field("streamArn", streamArn);
    out.endObject();
    out.endObject();
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String seconds(long millis) {
    return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
