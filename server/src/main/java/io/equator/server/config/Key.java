package io.equator.server.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Every key of the configuration, in the order of the sample file.
 *
 * <p>A key's environment variable is its name in capitals, with an underscore for every other sign,
 * behind {@code EQUATOR_}: {@code internal.raft-port} is {@code EQUATOR_INTERNAL_RAFT_PORT}.
 */
public enum Key {
  NODE_ID("node.id", "", "The node's name: letters, digits and '-', at most 63. Never changes."),
  NODE_ZONE(
      "node.zone", "", "What fails together with it, such as a rack; default: the node alone."),
  NODE_WEIGHT("node.weight", "1", "Its share of the replicas in relation to other nodes."),
  NODE_DATA("node.data", "", "The folder that holds everything of this node."),
  ROLES("roles", "node,coordinator", "What this process does: node, coordinator."),
  CLUSTER_REGION("cluster.region", "us-west-2", "The region's name in ARNs; for the founder only."),
  CLUSTER_PARTITIONS(
      "cluster.partitions", "8", "Partitions of the first ring; for the founder only."),
  CLUSTER_REPLICAS(
      "cluster.replicas", "3", "Replicas of each partition; for the founder only; odd."),
  API_HOST("api.host", "0.0.0.0", "Where clients are listened to."),
  API_PORT("api.port", "8000", "The port for clients."),
  API_TLS_CERTIFICATE(
      "api.tls-certificate", "", "PEM file with the certificate chain; empty: plain HTTP."),
  API_TLS_KEY("api.tls-key", "", "PEM file with its private key."),
  API_AUTH(
      "api.auth",
      "signature",
      "signature: requests must be signed with a credential of the cluster; any: nothing is"
          + " verified."),
  API_CAPACITY(
      "api.capacity",
      "counted",
      "counted, or enforced: what exceeds the capacity of a table or an index is throttled."),
  INTERNAL_HOST("internal.host", "0.0.0.0", "Where other nodes are listened to."),
  INTERNAL_PORT("internal.port", "7000", "The port of the services between nodes."),
  INTERNAL_RAFT_PORT("internal.raft-port", "7001", "The port of the Raft server."),
  INTERNAL_ADVERTISE(
      "internal.advertise",
      "",
      "The DNS name or address by which others reach this node. Must stay: Raft keeps it."),
  INTERNAL_TLS(
      "internal.tls",
      "required",
      "required, or off: anybody who reaches the ports is believed to be a node."),
  INTERNAL_CERTIFICATE_LIFETIME(
      "internal.certificate-lifetime",
      "19800h",
      "Of certificates signed here (the founder signs); nodes renew theirs when a third is left."),
  REGIONS_HOST("regions.host", "0.0.0.0", "Where coordinators of other regions are listened to."),
  REGIONS_PORT(
      "regions.port",
      "",
      "The port for coordinators of other regions; empty: none, and this one is not called."),
  REGIONS_ADVERTISE(
      "regions.advertise",
      "",
      "host:port by which other regions reach it, or what stands before all coordinators;"
          + " default: internal.advertise with regions.port."),
  REGIONS_STALE_AFTER(
      "regions.stale-after",
      "168h",
      "A region that most others have not heard for so long loses its replicas of tables; or off."),
  REGIONS_COMPARE_INTERVAL(
      "regions.compare-interval",
      "168h",
      "A partition's items are compared with each other region so often; or off."),
  REGIONS_COMPARE_RATE(
      "regions.compare-bytes-per-second",
      "4MiB",
      "Rows read for that at most, over all partitions of the node; 0: no bound."),
  ADMIN_HOST("admin.host", "0.0.0.0", "Where metrics and probes are served."),
  ADMIN_PORT("admin.port", "", "The port for metrics and probes; empty: none."),
  LOG_FORMAT("log.format", "text", "text, or json: one object a line."),
  LOG_SLOW_REQUEST(
      "log.slow-request",
      "1s",
      "Requests, and calls to nodes, that take at least so long are logged; off: none."),
  JOIN_SEEDS("join.seeds", "", "host:port of the services of some nodes of the cluster."),
  JOIN_TOKEN("join.token", "", "From `equator admin token`; needed at the first start only.", true),
  JOIN_TOKEN_FILE(
      "join.token-file", "", "A file that holds the token, for who does not want it in here."),
  DISK_FREE_BYTES_MIN(
      "disk.free-bytes-min",
      "1GiB",
      "With less free space the node is read-only; the smaller of this and the next counts."),
  DISK_FREE_PERCENT_MIN("disk.free-percent-min", "5", "The same, of the whole file system."),
  DISK_SLOW_FORCE(
      "disk.slow-force",
      "100ms",
      "A disk on which a force takes so long may be slow: the node gives up leaderships; off."),
  DISK_SLOW_TIMES_PEERS(
      "disk.slow-times-peers", "5", "And so many times as long as at the median of its peers."),
  DISK_SLOW_AFTER("disk.slow-after", "10s", "For so long; and well again for so long."),
  STORAGE_SCRUB_INTERVAL(
      "storage.scrub-interval", "24h", "The replicas of a partition are compared so often; off."),
  STORAGE_SCRUB_RATE(
      "storage.scrub-bytes-per-second",
      "32MiB",
      "Rows read for that at most, over all partitions of the node; 0: no bound."),
  STORAGE_SNAPSHOT_RATE(
      "storage.snapshot-bytes-per-second",
      "64MiB",
      "Sent to nodes that need a state, over all of them; at least 64KiB, or 0: no bound."),
  STORAGE_SNAPSHOTS_SENDING_MAX(
      "storage.snapshots-sending-max", "2", "States sent at a time; others wait."),
  STORAGE_TTL_RATE(
      "storage.ttl-deletes-per-second",
      "2000",
      "Expired items that the node deletes at most; 0: no bound."),
  CHANGES_INDEX_BACKLOG_BYTES(
      "changes.index-backlog-bytes",
      "256MiB",
      "More changes of a partition must not wait for a global index: writes are throttled; 0:"
          + " off."),
  CHANGES_INDEX_BACKLOG_AGE(
      "changes.index-backlog-age",
      "off",
      "Nor older ones. An index on a partition without a leader ages, too."),
  CHANGES_STREAM_BYTES(
      "changes.stream-bytes",
      "16GiB",
      "Kept of a partition for streams; the oldest beyond that go before 24 hours; 0: no bound."),
  CHANGES_SHARD_ROTATION(
      "changes.shard-rotation", "4h", "A shard of a stream is closed after so long; off."),
  REPLICAS_SUSPECT_AFTER(
      "replicas.suspect-after", "5s", "A node that is silent for this long gets no replicas."),
  REPLICAS_REPAIR_AFTER(
      "replicas.repair-after", "10m", "A node that is silent for this long loses its replicas."),
  REPLICAS_MOVES_MAX("replicas.moves-max", "2", "Changes of replicas under way at a time."),
  REPLICAS_CATALOG_MEMBERS(
      "replicas.catalog-members", "3", "Nodes that keep the catalog, when there are enough; odd."),
  SPLITS_SIZE_MIB(
      "splits.size-mib",
      "10240",
      "A partition with so many MiB of items and index rows is split; 0: never for its size."),
  SPLITS_ROWS_PER_SECOND(
      "splits.rows-per-second",
      "20000",
      "One that is asked for so many rows is split; 0: never for its load."),
  SPLITS_HEAT_FOR("splits.heat-for", "2m", "For so long the load must last."),
  SPLITS_COOLDOWN("splits.cooldown", "10m", "A half is not split again before."),
  SPLITS_PARTITIONS_PER_NODE_MAX(
      "splits.partitions-per-node-max",
      "32",
      "A node with so many replicas gets no more by splits.");

  private final String path;
  private final String otherwise;
  private final String meaning;
  private final boolean secret;

  Key(String path, String otherwise, String meaning) {
    this(path, otherwise, meaning, false);
  }

  Key(String path, String otherwise, String meaning, boolean secret) {
    this.path = path;
    this.otherwise = otherwise;
    this.meaning = meaning;
    this.secret = secret;
  }

  /** The key as it stands in the file, its levels with dots between them. */
  public String path() {
    return path;
  }

  /** The value when none is given; empty when there is none. */
  public String otherwise() {
    return otherwise;
  }

  /** A sentence for people. */
  public String meaning() {
    return meaning;
  }

  /** Whether its value must not be shown. */
  public boolean secret() {
    return secret;
  }

  /** The environment variable that overrides the file. */
  public String variable() {
    return "EQUATOR_" + path.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** The key of this path. */
  static Optional<Key> of(String path) {
    return Arrays.stream(values()).filter(key -> key.path.equals(path)).findFirst();
  }
}
