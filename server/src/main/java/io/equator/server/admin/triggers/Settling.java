package io.equator.server.admin.triggers;

import io.equator.coordinator.json.JsonValue.JsonObject;
import io.equator.server.Refusal;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Waits until a mapping has arrived where it was sent, so that a script may go on. */
final class Settling {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long PAUSE_NANOS = 50_000_000;

  private Settling() {}

  /** The mapping once it is enabled or disabled; empty once it is gone. */
  static Optional<JsonObject> await(EndpointOptions endpoint, String uuid) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Optional<JsonObject> mapping =
          endpoint.find(EndpointOptions.MAPPINGS + EndpointOptions.encoded(uuid));
      String state = mapping.flatMap(found -> found.text("State")).orElse("");
      if (mapping.isEmpty() || state.equals("Enabled") || state.equals("Disabled")) {
        return mapping;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new Refusal("the mapping " + uuid + " is still " + state + "; look again later.");
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
