package io.equator.replication.ratis;

import io.equator.partitioner.NodeId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;

/**
 * Settings of one node's Raft server.
 *
 * @param node this node
 * @param directory where the groups' logs stand, one directory each; used by one host at a time
 * @param transport how the nodes' Raft servers reach one another
 * @param durability whether entries are forced to disk before they count
 * @param electionTimeoutMin a follower that has heard nothing for this long may stand for election;
 *     leaders send a heartbeat twice as often
 * @param electionTimeoutMax upper end of the random timeout
 * @param logKept how much of a log stays when it is cut
 */
public record RatisConfig(
    NodeId node,
    Path directory,
    Transport transport,
    Durability durability,
    Duration electionTimeoutMin,
    Duration electionTimeoutMax,
    LogKept logKept) {

  /** Below this, pauses of the JVM look like dead leaders. */
  public static final Duration ELECTION_TIMEOUT_MIN = Duration.ofSeconds(1);

  /** See {@link #electionTimeoutMax}. */
  public static final Duration ELECTION_TIMEOUT_MAX = Duration.ofSeconds(2);

  public RatisConfig {
    if (!electionTimeoutMin.isPositive() || electionTimeoutMax.compareTo(electionTimeoutMin) < 0) {
      throw new IllegalArgumentException(
          "election timeouts must be > 0 and in order, were "
              + electionTimeoutMin
              + " and "
              + electionTimeoutMax);
    }
  }

  /** With the default timeouts. */
  public static RatisConfig of(
      NodeId node, Path directory, Transport transport, Durability durability) {
    return new RatisConfig(
        node,
        directory,
        transport,
        durability,
        ELECTION_TIMEOUT_MIN,
        ELECTION_TIMEOUT_MAX,
        LogKept.DEFAULT);
  }

  /** The same, with another rule for what stays of a log. */
  public RatisConfig withLogKept(LogKept kept) {
    return new RatisConfig(
        node, directory, transport, durability, electionTimeoutMin, electionTimeoutMax, kept);
  }

  /**
   * What stays of a log when it is cut: whole files only are let go of.
   *
   * @param entries kept behind the durable position, so that a follower that was away for a short
   *     time needs no copy of the state
   * @param fileBytes size of one file of the log
   */
  public record LogKept(int entries, long fileBytes) {
    /** Ten thousand entries, files of 8 MiB. */
    public static final LogKept DEFAULT = new LogKept(10_000, 8 << 20);

    public LogKept {
      if (entries < 1 || fileBytes < 4096) {
        throw new IllegalArgumentException(
            "a log keeps at least 1 entry and has files of at least 4096 bytes, were "
                + entries
                + " and "
                + fileBytes);
      }
    }
  }

  /** What "committed" promises. */
  public enum Durability {
    /** On a majority's disks, forced: survives the loss of power. */
    FSYNC,
    /** In a majority's memory; for data that may vanish with its processes. */
    NONE
  }

  /** How Raft servers reach one another. */
  public sealed interface Transport {

    /**
     * Over the network; the host listens here, and members' addresses say where the others do.
     *
     * @param tls how both sides show who they are; empty: anybody who reaches the port is believed
     */
    record Grpc(String host, int port, Optional<Tls> tls) implements Transport {
      /** Without TLS. */
      public Grpc(String host, int port) {
        this(host, port, Optional.empty());
      }
    }

    /**
     * Mutual TLS.
     *
     * @param key this node's certificate, for the name in its address, and its private key
     * @param trust knows the cluster's root
     */
    record Tls(KeyManager key, TrustManager trust) {}

    /** Inside one process, without a socket; also for a node that is alone. */
    record InProcess(InProcessNetwork network) implements Transport {}
  }
}
