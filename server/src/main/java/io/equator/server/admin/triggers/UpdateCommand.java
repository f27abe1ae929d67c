package io.equator.server.admin.triggers;

import io.equator.coordinator.json.JsonValue.JsonObject;
import io.equator.coordinator.json.WireWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code equator admin trigger update}. */
@Command(
    name = "update",
    sortOptions = false,
    description = {
      "Change a mapping, and wait until it is changed. What is not named stays as it is; it goes on"
          + " where it was.",
      ""
    })
final class UpdateCommand implements Runnable {

  @Parameters(paramLabel = "UUID", description = "The mapping.")
  private String uuid = "";

  @Option(
      names = "--enabled",
      negatable = true,
      description = "Switch it on; --no-enabled switches it off.")
  private @Nullable Boolean enabled;

  @Mixin private final MappingOptions mapping = new MappingOptions();
  @Mixin private final EndpointOptions endpoint = new EndpointOptions();

  @Override
  public void run() {
    WireWriter body = new WireWriter();
    body.beginObject();
    if (enabled != null) {
      body.field("Enabled", enabled);
    }
    mapping.writeTo(body);
    body.endObject();
    JsonObject changed =
        endpoint.call(
            "PUT", EndpointOptions.MAPPINGS + EndpointOptions.encoded(uuid), body.toString());
    endpoint.print(Settling.await(endpoint, uuid).orElse(changed));
  }
}
