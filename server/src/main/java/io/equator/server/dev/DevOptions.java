package io.equator.server.dev;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What an embedded cluster is asked to be.
 *
 * @param host the address that the endpoint listens at
 * @param port its port; 0 picks a free one
 * @param data the folder that keeps everything; empty: a temporary one, gone at the end, in which
 *     nothing is forced to disk
 * @param nodes storage nodes; empty: as the folder has it, 1 in a new one
 * @param partitions of the ring; empty: as the folder has it, 1 in a new one
 * @param region empty: as the folder has it, {@value #DEFAULT_REGION} in a new one
 * @param tls serve HTTPS
 * @param capacityEnforced throttle what exceeds the capacity of tables and indexes
 */
public record DevOptions(
    String host,
    int port,
    Optional<Path> data,
    OptionalInt nodes,
    OptionalInt partitions,
    Optional<String> region,
    Optional<Tls> tls,
    boolean capacityEnforced) {

  /** The region of a new folder. */
  public static final String DEFAULT_REGION = "us-west-2";

  /** Nodes at most: they share one machine's disk and cores. */
  public static final int NODES_MAX = 7;

  /** Partitions at most; each is a Raft group with threads and a log of its own. */
  public static final int PARTITIONS_MAX = 32;

  /** A PEM certificate chain and its key; both empty: a self-signed one is made at the start. */
  public record Tls(Optional<Path> certificate, Optional<Path> key) {}

  /** One that only counts capacity. */
  public DevOptions(
      String host,
      int port,
      Optional<Path> data,
      OptionalInt nodes,
      OptionalInt partitions,
      Optional<String> region,
      Optional<Tls> tls) {
    this(host, port, data, nodes, partitions, region, tls, false);
  }

  /** The same, throttling what exceeds the capacity of tables and indexes. */
  public DevOptions withCapacityEnforced(boolean enforced) {
    return new DevOptions(host, port, data, nodes, partitions, region, tls, enforced);
  }

  public DevOptions {
    check(port >= 0 && port <= 65_535, "--port must be from 0 to 65535, was " + port);
    nodes.ifPresent(
        n ->
            check(
                n == 1 || (n >= 3 && n <= NODES_MAX),
                "--nodes must be 1, or from 3 to " + NODES_MAX + ", was " + n));
    partitions.ifPresent(
        p ->
            check(
                p >= 1 && p <= PARTITIONS_MAX,
                "--partitions must be from 1 to " + PARTITIONS_MAX + ", was " + p));
    region.ifPresent(r -> check(isRegionName(r), "--region must look like us-west-2, was " + r));
  }

  /** For tests: in memory, on a free port, with this many nodes. */
  public static DevOptions inMemory(int nodes) {
    return new DevOptions(
        "localhost",
        0,
        Optional.empty(),
        OptionalInt.of(nodes),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /** Lower-case letters, digits and hyphens: what fits into a host name and an ARN. */
  static boolean isRegionName(String name) {
    return !name.isEmpty()
        && name.length() <= 63
        && name.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
  }
}
