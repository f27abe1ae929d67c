package io.equator.server.admin.triggers;

import io.equator.coordinator.json.JsonValue;
import io.equator.coordinator.json.JsonValue.JsonArray;
import io.equator.coordinator.json.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code equator admin trigger list}. */
@Command(
    name = "list",
    sortOptions = false,
    description = {"List the mappings.", ""})
final class ListCommand implements Runnable {

  @Option(names = "--stream", paramLabel = "ARN", description = "Only those of this stream.")
  private @Nullable String stream;

  @Option(
      names = "--function",
      paramLabel = "NAME",
      description = "Only those that call this function, or this URL.")
  private @Nullable String function;

  @Mixin private final EndpointOptions endpoint = new EndpointOptions();

  @Override
  public void run() {
    List<JsonValue> mappings = new ArrayList<>();
    Optional<String> marker = Optional.empty();
    do {
      TreeMap<String, String> query = new TreeMap<>();
      if (stream != null) {
        query.put("EventSourceArn", stream);
      }
      if (function != null) {
        query.put("FunctionName", function);
      }
      marker.ifPresent(after -> query.put("Marker", after));
      JsonObject page = endpoint.get(EndpointOptions.MAPPINGS, query);
      if (page.find("EventSourceMappings").orElse(null) instanceof JsonArray(var elements)) {
        mappings.addAll(elements);
      }
      marker = page.text("NextMarker");
    } while (marker.isPresent());
    if (endpoint.json()) {
      endpoint.print(new JsonObject(Map.of("EventSourceMappings", new JsonArray(mappings))));
      return;
    }
    if (mappings.isEmpty()) {
      endpoint.line("There are none.");
    }
    for (JsonValue mapping : mappings) {
      JsonObject object = (JsonObject) mapping;
      endpoint.line(
          "%s  %-9s  %s -> %s  (%s)"
              .formatted(
                  text(object, "UUID"),
                  text(object, "State"),
                  table(text(object, "EventSourceArn")),
                  text(object, "FunctionArn"),
                  text(object, "LastProcessingResult")));
    }
  }

  private static String text(JsonObject object, String name) {
    return object.text(name).orElse("");
  }

  /** The table in a stream's ARN. */
  private static String table(String arn) {
    int from = arn.indexOf(":table/");
    int to = arn.indexOf("/stream/");
    return from < 0 || to < from ? arn : arn.substring(from + ":table/".length(), to);
  }
}
