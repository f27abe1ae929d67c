package io.equator.coordinator.triggers.core;

import io.equator.coordinator.json.JsonValue;
import io.equator.coordinator.json.JsonValue.JsonArray;
import io.equator.coordinator.json.JsonValue.JsonNull;
import io.equator.coordinator.json.JsonValue.JsonObject;
import io.equator.coordinator.json.JsonValue.JsonText;
import java.util.List;
import java.util.Optional;

/** What a function made of a batch. */
public sealed interface FunctionAnswer {
  /** All of it is done. */
  record Succeeded() implements FunctionAnswer {}

  /**
   * The function has reported single records; those before the first of them are done.
   *
   * @param index of that record in what was sent
   */
  record FailedFrom(int index, Failed failed) implements FunctionAnswer {}

  /**
   * Nothing of it counts as done.
   *
   * @param status of the HTTP answer; 0 when there was none
   * @param problem in a few words
   */
  record Failed(int status, String problem) implements FunctionAnswer {}

  /**
   * Reads an HTTP answer.
   *
   * <p>A status outside of 200 to 299 is a failure, and so is what the Lambda runtime says about a
   * handler that has thrown: the header {@code X-Amz-Function-Error}, or a body with {@code
   * errorType} and {@code errorMessage}. When failures of single records are reported ({@code
   * ReportBatchItemFailures}), the body may be {@code {"batchItemFailures": [{"itemIdentifier":
   * "<sequence number>"}]}}; an identifier that is missing, empty or none of the batch fails the
   * whole batch, as on Lambda.
   *
   * @param functionError the value of the header, empty when there is none
   * @param sequenceNumbers of the records that were sent; empty when single failures are not read
   */
  static FunctionAnswer of(
      int status, String functionError, byte[] body, List<String> sequenceNumbers) {
    if (status < 200 || status > 299) {
      return new Failed(status, "HTTP status " + status);
    }
    if (!functionError.isEmpty()) {
      return new Failed(status, "function error " + functionError);
    }
    Optional<JsonValue> answer = JsonValue.parse(body, 0, body.length);
    if (answer.isEmpty() || !(answer.get() instanceof JsonObject object)) {
      return new Succeeded();
    }
    if (object.text("errorMessage").isPresent() && object.text("errorType").isPresent()) {
      return new Failed(status, "function error " + object.text("errorType").get());
    }
    return sequenceNumbers.isEmpty()
        ? new Succeeded()
        : items(status, object.find("batchItemFailures").orElse(new JsonNull()), sequenceNumbers);
  }

  private static FunctionAnswer items(int status, JsonValue failures, List<String> numbers) {
    return switch (failures) {
      case JsonNull() -> new Succeeded();
      case JsonArray(List<JsonValue> elements) -> {
        int first = numbers.size();
        for (JsonValue element : elements) {
          int index =
              element instanceof JsonObject object
                      && object.find("itemIdentifier").orElse(null) instanceof JsonText(var number)
                  ? numbers.indexOf(number)
                  : -1;
          if (index < 0) {
            yield new Failed(status, "batchItemFailures names no record of the batch");
          }
          first = Math.min(first, index);
        }
        yield elements.isEmpty()
            ? new Succeeded()
            : new FailedFrom(
                first, new Failed(status, elements.size() + " records reported as failed"));
      }
      default -> new Failed(status, "batchItemFailures is not a list");
    };
  }
}
