package io.equator.server.serve;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Nodes on 127.0.0.1 that sign certificates for a short time. */
final class ShortLived implements ProcessLayout {
  private final ProcessLayout ports;
  private final Duration lifetime;

  ShortLived(Path folder, Duration lifetime) {
    this.ports = new OwnPorts(folder);
    this.lifetime = lifetime;
  }

  @Override
  public Addresses addresses(int number) {
    return ports.addresses(number);
  }

  @Override
  public Path data(int number) {
    return ports.data(number);
  }

  @Override
  public List<String> program() {
    return ports.program();
  }

  @Override
  public Map<String, String> environment(int number) {
    Map<String, String> environment = new HashMap<>(ports.environment(number));
    environment.put("EQUATOR_INTERNAL_CERTIFICATE_LIFETIME", lifetime.toSeconds() + "s");
    return environment;
  }
}
