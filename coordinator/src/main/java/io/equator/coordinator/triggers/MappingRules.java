package io.equator.coordinator.triggers;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.EnumValues;
import io.equator.coordinator.api.TextPattern;
import io.equator.coordinator.tables.Arns;
import io.equator.coordinator.triggers.core.EventPattern;
import io.equator.proto.EventSourceMappingDescriptor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a mapping may be, and what it is when nothing is said: Lambda's rules for DynamoDB streams.
 */
final class MappingRules {
  static final int BATCH_SIZE_DEFAULT = 100;
  static final int BATCH_SIZE_MAX = 10_000;
  static final int BATCHING_WINDOW_MAX = 300;
  static final int PARALLELIZATION_MAX = 10;
  static final int RETRIES_MAX = 10_000;
  static final int RECORD_AGE_MIN = 60;
  static final int RECORD_AGE_MAX = 604_800;
  static final int TUMBLING_WINDOW_MAX = 900;
  static final int FILTERS_MAX = 10;
  static final int PATTERN_LENGTH_MAX = 4096;
  static final int FUNCTION_NAME_MAX = 256;
  static final String REPORT_ITEM_FAILURES = "ReportBatchItemFailures";

  private static final EnumValues POSITIONS =
      EnumValues.of("TRIM_HORIZON", "AT_TIMESTAMP", "LATEST");
  private static final TextPattern FUNCTION_NAME = TextPattern.of(FunctionName.PATTERN);

  private MappingRules() {}

  /** Checks what can be checked without knowing anything else. */
  static void check(MappingRequest request, boolean create) {
    Constraints constraints = new Constraints();
    if (!create || constraints.notNull("functionName", request.functionName())) {
      functionName(constraints, request.functionName());
    }
    constraints.range("batchSize", request.batchSize(), 1, BATCH_SIZE_MAX);
    constraints.range(
        "maximumBatchingWindowInSeconds", request.batchingWindowSeconds(), 0, BATCHING_WINDOW_MAX);
    constraints.range(
        "parallelizationFactor", request.parallelizationFactor(), 1, PARALLELIZATION_MAX);
    constraints.enumValue("startingPosition", request.startingPosition(), POSITIONS);
    constraints.range(
        "maximumRecordAgeInSeconds", request.maximumRecordAgeSeconds(), -1, RECORD_AGE_MAX);
    constraints.range("maximumRetryAttempts", request.maximumRetryAttempts(), -1, RETRIES_MAX);
    constraints.range(
        "tumblingWindowInSeconds", request.tumblingWindowSeconds(), 0, TUMBLING_WINDOW_MAX);
    constraints.length("functionResponseTypes", request.responseTypes(), 0, 1);
    constraints.throwIfAny();
    meaning(request);
  }

  private static void functionName(Constraints constraints, @Nullable String name) {
    if (name != null && FunctionName.isUrl(name)) {
      constraints.length("functionName", name, 1, FunctionName.URL_LENGTH_MAX);
    } else {
      constraints.length("functionName", name, 1, FUNCTION_NAME_MAX);
      constraints.pattern("functionName", name, FUNCTION_NAME);
    }
  }

  private static void meaning(MappingRequest request) {
    if (!request.refused().isEmpty()) {
      throw LambdaException.invalid(
          "Unsupported parameter: "
              + request.refused().getFirst()
              + " cannot be used with a DynamoDB stream here.");
    }
    Integer age = request.maximumRecordAgeSeconds();
    if (age != null && age != -1 && age < RECORD_AGE_MIN) {
      throw LambdaException.invalid(
          "MaximumRecordAgeInSeconds must be -1 or between "
              + RECORD_AGE_MIN
              + " and "
              + RECORD_AGE_MAX
              + ".");
    }
    Integer tumbling = request.tumblingWindowSeconds();
    if (tumbling != null && tumbling != 0) {
      throw LambdaException.invalid(
          "TumblingWindowInSeconds must be 0: windows that keep state between calls are not"
              + " supported.");
    }
    List<String> types = request.responseTypes();
    if (types != null && !types.isEmpty() && !types.getFirst().equals(REPORT_ITEM_FAILURES)) {
      throw LambdaException.invalid(
          "FunctionResponseTypes must be [" + REPORT_ITEM_FAILURES + "] or empty.");
    }
    filters(request.filterPatterns());
    String onFailure = request.onFailure();
    if (onFailure != null && !onFailure.isEmpty() && !FunctionName.usableUrl(onFailure)) {
      throw LambdaException.invalid(
          "The destination "
              + onFailure
              + " cannot be used: name an http or https URL. Queues, topics and buckets of AWS are"
              + " not reachable from here.");
    }
  }

  private static void filters(@Nullable List<String> patterns) {
    if (patterns == null) {
      return;
    }
    if (patterns.size() > FILTERS_MAX) {
      throw LambdaException.invalid(
          "FilterCriteria has " + patterns.size() + " filters, the most is " + FILTERS_MAX + ".");
    }
    for (String pattern : patterns) {
      if (pattern.length() > PATTERN_LENGTH_MAX || EventPattern.parse(pattern).isEmpty()) {
        throw LambdaException.invalid("Invalid filter pattern definition.");
      }
    }
  }

  /** The stream and position of a new mapping, checked. */
  static void checkSource(MappingRequest request, Arns arns) {
    String arn = request.eventSourceArn();
    if (arn == null || !arn.startsWith("arn:aws:dynamodb:") || !arn.contains("/stream/")) {
      throw LambdaException.invalid("Unrecognized event source.");
    }
    if (!arn.startsWith(arns.tablePrefix())) {
      throw LambdaException.invalid(
          "The event source must be in the region "
              + arns.region()
              + " and the account "
              + arns.accountId()
              + ".");
    }
    String position = request.startingPosition();
    if (position == null) {
      throw LambdaException.invalid(
          "1 validation error detected: Value null at 'startingPosition' failed to satisfy"
              + " constraint: Member must not be null.");
    }
    if (position.equals("AT_TIMESTAMP")) {
      throw LambdaException.invalid("Unsupported starting position for arn type: dynamodb.");
    }
  }

  /** A mapping of which nothing is said. */
  static EventSourceMappingDescriptor.Builder defaults() {
    return EventSourceMappingDescriptor.newBuilder()
        .setEnabled(true)
        .setBatchSize(BATCH_SIZE_DEFAULT)
        .setParallelizationFactor(1)
        .setMaximumRetryAttempts(-1)
        .setMaximumRecordAgeSeconds(-1);
  }

  /** Puts what was sent in place of what there was, but for function and source. */
  static void apply(MappingRequest request, EventSourceMappingDescriptor.Builder mapping) {
    if (request.enabled() != null) {
      mapping.setEnabled(request.enabled());
    }
    if (request.batchSize() != null) {
      mapping.setBatchSize(request.batchSize());
    }
    if (request.batchingWindowSeconds() != null) {
      mapping.setBatchingWindowSeconds(request.batchingWindowSeconds());
    }
    if (request.parallelizationFactor() != null) {
      mapping.setParallelizationFactor(request.parallelizationFactor());
    }
    if (request.maximumRetryAttempts() != null) {
      mapping.setMaximumRetryAttempts(request.maximumRetryAttempts());
    }
    if (request.maximumRecordAgeSeconds() != null) {
      mapping.setMaximumRecordAgeSeconds(request.maximumRecordAgeSeconds());
    }
    if (request.bisect() != null) {
      mapping.setBisectBatchOnFunctionError(request.bisect());
    }
    if (request.responseTypes() != null) {
      mapping.setReportBatchItemFailures(!request.responseTypes().isEmpty());
    }
    if (request.filterPatterns() != null) {
      mapping.clearFilterPatterns().addAllFilterPatterns(request.filterPatterns());
    }
    if (request.onFailure() != null) {
      mapping.setOnFailureDestination(request.onFailure());
    }
  }
}
