package io.equator.server.admin.triggers;

import io.equator.coordinator.json.JsonValue.JsonObject;
import io.equator.coordinator.json.WireWriter;
import io.equator.server.Refusal;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code equator admin trigger create}. */
@Command(
    name = "create",
    sortOptions = false,
    description = {"Create a mapping, and wait until it is enabled.", ""})
final class CreateCommand implements Runnable {
  /** Where a new mapping begins. */
  enum Start {
    LATEST,
    TRIM_HORIZON
  }

  @Option(
      names = "--table",
      paramLabel = "NAME",
      description = "The table whose stream is read; it must have one.")
  private @Nullable String table;

  @Option(names = "--stream", paramLabel = "ARN", description = "The stream, instead of a table.")
  private @Nullable String stream;

  @Option(
      names = "--start",
      defaultValue = "LATEST",
      paramLabel = "WHERE",
      description = {
        "latest: with what comes (default); trim_horizon: with the oldest record that is there."
      })
  private Start start = Start.LATEST;

  @Option(names = "--disabled", description = "Create it switched off.")
  private boolean disabled;

  @Mixin private final MappingOptions mapping = new MappingOptions();
  @Mixin private final EndpointOptions endpoint = new EndpointOptions();

  @Override
  public void run() {
    if ((table == null) == (stream == null)) {
      throw new Refusal("name a --table or a --stream.");
    }
    if (!mapping.hasTarget()) {
      throw new Refusal("name a --function or a --url.");
    }
    WireWriter body = new WireWriter();
    body.beginObject();
    body.field("EventSourceArn", stream != null ? stream : streamOf(String.valueOf(table)));
    body.field("StartingPosition", start.name().toUpperCase(Locale.ROOT));
    if (disabled) {
      body.field("Enabled", false);
    }
    mapping.writeTo(body);
    body.endObject();
    JsonObject made = endpoint.call("POST", EndpointOptions.MAPPINGS, body.toString());
    String uuid = made.text("UUID").orElseThrow();
    endpoint.print(Settling.await(endpoint, uuid).orElse(made));
  }

  private String streamOf(String name) {
    WireWriter body = new WireWriter();
    body.beginObject();
    body.field("TableName", name);
    body.endObject();
    if (endpoint.dynamo("DescribeTable", body.toString()).find("Table").orElse(null)
            instanceof JsonObject described
        && described.text("LatestStreamArn").isPresent()) {
      return described.text("LatestStreamArn").get();
    }
    throw new Refusal(
        "the table "
            + name
            + " has no stream; switch one on with UpdateTable and a StreamSpecification.");
  }
}
