package io.equator.coordinator.triggers;

import io.equator.coordinator.json.WireWriter;
import io.equator.coordinator.tables.Arns;
import io.equator.proto.EventSourceMappingDescriptor;
import java.util.List;

/** How a mapping is shown: the structure {@code EventSourceMappingConfiguration}. */
final class MappingWriter {
  private MappingWriter() {}

  static void write(
      WireWriter out, EventSourceMappingDescriptor mapping, String lastResult, Arns arns) {
    out.beginObject();
    out.field("UUID", mapping.getUuid());
    out.field("StartingPosition", mapping.getStartingPosition());
    out.field("BatchSize", mapping.getBatchSize());
    out.field("MaximumBatchingWindowInSeconds", mapping.getBatchingWindowSeconds());
    out.field("ParallelizationFactor", mapping.getParallelizationFactor());
    out.field("EventSourceArn", mapping.getEventSourceArn());
    if (mapping.getFilterPatternsCount() > 0) {
      out.beginObject("FilterCriteria");
      out.beginArray("Filters");
      for (String pattern : mapping.getFilterPatternsList()) {
        out.beginObject();
        out.field("Pattern", pattern);
        out.endObject();
      }
      out.endArray();
      out.endObject();
    }
    out.field("FunctionArn", mapping.getFunctionArn());
    out.timestampField("LastModified", mapping.getModifiedMillis());
    out.field("LastProcessingResult", lastResult);
    out.field("State", mapping.getState());
    out.field("StateTransitionReason", "User action");
    out.beginObject("DestinationConfig");
    out.beginObject("OnFailure");
    if (!mapping.getOnFailureDestination().isEmpty()) {
      out.field("Destination", mapping.getOnFailureDestination());
    }
    out.endObject();
    out.endObject();
    out.field("MaximumRecordAgeInSeconds", mapping.getMaximumRecordAgeSeconds());
    out.field("BisectBatchOnFunctionError", mapping.getBisectBatchOnFunctionError());
    out.field("MaximumRetryAttempts", mapping.getMaximumRetryAttempts());
    out.field("TumblingWindowInSeconds", 0);
    out.field(
        "FunctionResponseTypes",
        mapping.getReportBatchItemFailures()
            ? List.of(MappingRules.REPORT_ITEM_FAILURES)
            : List.<String>of());
    out.field(
        "EventSourceMappingArn",
        "arn:aws:lambda:"
            + arns.region()
            + ":"
            + arns.accountId()
            + ":event-source-mapping:"
            + mapping.getUuid());
    out.endObject();
  }
}
