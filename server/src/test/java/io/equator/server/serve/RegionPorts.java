package io.equator.server.serve;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@link OwnPorts} with one more for each node: that for other regions. */
final class RegionPorts implements ProcessLayout {
  private final OwnPorts nodes;
  private final OwnPorts more;
  private final Map<Integer, Integer> ports = new HashMap<>();

  RegionPorts(Path folder) {
    nodes = new OwnPorts(folder);
    more = new OwnPorts(folder);
  }

  @Override
  public Addresses addresses(int number) {
    return nodes.addresses(number);
  }

  @Override
  public Path data(int number) {
    return nodes.data(number);
  }

  @Override
  public List<String> program() {
    return nodes.program();
  }

  @Override
  public Map<String, String> environment(int number) {
    int port = ports.computeIfAbsent(number, key -> more.addresses(key).apiPort());
    return Map.of("EQUATOR_REGIONS_PORT", Integer.toString(port));
  }
}
