package io.equator.server.observe;

import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;

/**
 * Every metric of ours: its name as Prometheus has it, its kind, its labels, and what it says.
 *
 * <p>{@code docs/operations.md} has the same list for people; a test compares the two.
 */
enum Metric {
  REQUESTS(
      "equator_requests_total",
      Kind.COUNTER,
      "Answered requests. code is the API's error code, empty for success.",
      "operation",
      "table",
      "outcome",
      "code"),
  REQUEST_DURATION(
      "equator_request_duration_seconds",
      Kind.HISTOGRAM,
      "From the last byte of a request to its answer.",
      "operation"),
  REQUESTS_IN_FLIGHT(
      "equator_requests_in_flight", Kind.GAUGE, "Requests that wait for their answer."),
  HTTP_CONNECTIONS("equator_http_connections", Kind.GAUGE, "Open connections of clients."),
  HTTP_RECEIVED(
      "equator_http_received_bytes_total", Kind.COUNTER, "Bytes of requests, heads included."),
  HTTP_SENT("equator_http_sent_bytes_total", Kind.COUNTER, "Bytes of answers, heads included."),
  CATALOG_REVISION(
      "equator_catalog_revision",
      Kind.GAUGE,
      "Revision of this process's copy of the catalog; 0 before the first copy."),
  CERTIFICATE_LEFT(
      "equator_certificate_left_seconds",
      Kind.GAUGE,
      "How long this process's certificate among the nodes is still good."),
  TABLES("equator_tables", Kind.GAUGE, "Tables in the catalog."),
  PARTITIONS(
      "equator_partitions",
      Kind.GAUGE,
      "Partitions in the catalog. state is serving, splitting, embryo or closed.",
      "state"),

  CALL_DURATION(
      "equator_node_call_duration_seconds",
      Kind.HISTOGRAM,
      "From the arrival of a call at a node to its answer.",
      "node",
      "method"),
  PARTITION_LEADER(
      "equator_partition_leader",
      Kind.GAUGE,
      "1 where this replica leads and may decide, else 0.",
      "node",
      "partition"),
  PARTITION_RUNNING(
      "equator_partition_running",
      Kind.GAUGE,
      "0 when the replica has stopped itself, else 1.",
      "node",
      "partition"),
  PARTITION_EPOCH(
      "equator_partition_epoch", Kind.GAUGE, "Version of its placement.", "node", "partition"),
  PARTITION_TERM("equator_partition_term", Kind.GAUGE, "Its Raft term.", "node", "partition"),
  PARTITION_APPLIED(
      "equator_partition_applied_index",
      Kind.GAUGE,
      "Index of the last entry of the log that it has applied.",
      "node",
      "partition"),
  PARTITION_COMMITTED(
      "equator_partition_committed_index",
      Kind.GAUGE,
      "Index of the last entry that it knows to be on a majority.",
      "node",
      "partition"),
  PARTITION_BEHIND(
      "equator_partition_replica_behind_entries",
      Kind.GAUGE,
      "Committed entries that another replica does not have yet, as the leader knows.",
      "node",
      "partition",
      "replica"),
  PARTITION_ITEMS(
      "equator_partition_items", Kind.GAUGE, "Items of all tables.", "node", "partition"),
  PARTITION_SIZE(
      "equator_partition_size_bytes",
      Kind.GAUGE,
      "Bytes of all items, as DynamoDB counts them.",
      "node",
      "partition"),
  PARTITION_INDEX_SIZE(
      "equator_partition_index_size_bytes",
      Kind.GAUGE,
      "Bytes of the rows of all indexes, as DynamoDB counts them.",
      "node",
      "partition"),
  PARTITION_CHANGE_LOG(
      "equator_partition_change_log_bytes",
      Kind.GAUGE,
      "Bytes of the records that the change log keeps.",
      "node",
      "partition"),
  PARTITION_LOCKS(
      "equator_partition_locks", Kind.GAUGE, "Items held by transactions.", "node", "partition"),
  PARTITION_PENDING(
      "equator_partition_pending_writes",
      Kind.GAUGE,
      "Writes that were admitted and are not answered.",
      "node",
      "partition"),
  PARTITION_QUEUED(
      "equator_partition_queued_effects",
      Kind.GAUGE,
      "Decided changes that wait for the next entry of the log.",
      "node",
      "partition"),
  PARTITION_IN_FLIGHT(
      "equator_partition_entries_in_flight",
      Kind.GAUGE,
      "Entries of the log that are on their way.",
      "node",
      "partition"),
  PARTITION_READS(
      "equator_partition_reads_total",
      Kind.COUNTER,
      "Rows read for requests.",
      "node",
      "partition"),
  PARTITION_WRITES(
      "equator_partition_writes_total",
      Kind.COUNTER,
      "Writes asked for, done or refused; transactions not counted.",
      "node",
      "partition"),
  PARTITION_HEAT_READS(
      "equator_partition_heat_reads_per_second",
      Kind.GAUGE,
      "Rows read per second, smoothed over about ten seconds.",
      "node",
      "partition"),
  PARTITION_HEAT_WRITES(
      "equator_partition_heat_writes_per_second",
      Kind.GAUGE,
      "Writes asked for per second, smoothed over about ten seconds.",
      "node",
      "partition"),
  RAFT_TERMS(
      "equator_raft_terms_begun_total",
      Kind.COUNTER,
      "Terms that began since the replica was opened: attempts to elect a leader.",
      "node",
      "partition"),
  RAFT_LEADER_CHANGES(
      "equator_raft_leader_changes_total",
      Kind.COUNTER,
      "How often the replica has learnt of another leader than before.",
      "node",
      "partition"),
  RAFT_ELECTIONS_WON(
      "equator_raft_elections_won_total",
      Kind.COUNTER,
      "How often the replica has become the leader.",
      "node",
      "partition"),
  INDEX_LAG(
      "equator_global_index_lag_seconds",
      Kind.GAUGE,
      "Age of the oldest change that is not in the global index yet; the most of any partition.",
      "node",
      "table",
      "index"),
  INDEX_BACKLOG(
      "equator_global_index_backlog_entries",
      Kind.GAUGE,
      "Entries of logs that may hold changes which are not in the global index yet.",
      "node",
      "table",
      "index"),
  INDEX_BACKLOG_BYTES(
      "equator_global_index_backlog_bytes",
      Kind.GAUGE,
      "Bytes of changes that are not in the global index yet; the most of any partition.",
      "node",
      "table",
      "index"),
  INDEX_THROTTLED(
      "equator_global_index_throttled_writes_total",
      Kind.COUNTER,
      "Writes that were throttled because the global index was too far behind.",
      "node",
      "table",
      "index"),
  STREAM_RECORDS_EARLY(
      "equator_stream_records_trimmed_early_total",
      Kind.COUNTER,
      "Records of streams that were let go before 24 hours, because they were too many bytes.",
      "node"),
  REPLICATION_LAG(
      "equator_replication_lag_seconds",
      Kind.GAUGE,
      "Age of the oldest change that is not in the other region yet; the most of any partition.",
      "node",
      "table",
      "region"),
  REPLICATION_RESOLVED_LAG(
      "equator_replication_resolved_lag_seconds",
      Kind.GAUGE,
      "Age of the state that the other region has for certain; NaN while that is not known.",
      "node",
      "table",
      "region"),
  REPLICATION_BACKLOG(
      "equator_replication_backlog_entries",
      Kind.GAUGE,
      "Entries of logs that may hold changes which are not in the other region yet.",
      "node",
      "table",
      "region"),
  REPLICATION_SENT(
      "equator_replication_sent_items_total",
      Kind.COUNTER,
      "Items sent to the other region and acknowledged.",
      "node",
      "table",
      "region"),
  REPLICATION_TAKEN(
      "equator_replication_taken_items_total",
      Kind.COUNTER,
      "Of them, those that became the stored version there.",
      "node",
      "table",
      "region"),
  REPLICATION_LOST(
      "equator_replication_lost_items_total",
      Kind.COUNTER,
      "Of them, those that met a greater version, or were there already.",
      "node",
      "table",
      "region"),
  REPLICATION_CLOCK_AHEAD(
      "equator_replication_clock_refusals_total",
      Kind.COUNTER,
      "How often the other region found the clock here too far ahead.",
      "node",
      "table",
      "region"),
  REPLICATION_LATENCY(
      "equator_replication_latency_seconds_total",
      Kind.COUNTER,
      "Sum over changes of the time from the write to its acknowledgement by the other region.",
      "node",
      "table",
      "region"),
  REPLICATION_LATENCY_ITEMS(
      "equator_replication_latency_items_total",
      Kind.COUNTER,
      "How many changes that is.",
      "node",
      "table",
      "region"),
  REGIONS_COMPARED(
      "equator_regions_compared_keys_total",
      Kind.COUNTER,
      "Keys that the node has compared with the other region.",
      "node",
      "table",
      "region"),
  REGIONS_DIFFERENT(
      "equator_regions_different_keys_total",
      Kind.COUNTER,
      "Of them, those of which the other region had less than it must have.",
      "node",
      "table",
      "region"),
  REGIONS_MERGED(
      "equator_regions_merged_keys_total",
      Kind.COUNTER,
      "Of those, the ones that the other region has now.",
      "node",
      "table",
      "region"),
  REGIONS_CORRUPT(
      "equator_regions_corrupt_keys_total",
      Kind.COUNTER,
      "Keys that have the same version and another value in the other region.",
      "node",
      "table",
      "region"),
  TTL_DELETED(
      "equator_ttl_deleted_items_total",
      Kind.COUNTER,
      "Expired items that the node has deleted.",
      "node"),
  SCRUBS(
      "equator_scrubs_total",
      Kind.COUNTER,
      "Comparisons of a partition's replicas that the node has made as their leader. verdict is"
          + " equal, incomplete (a replica was away), or no_majority.",
      "node",
      "verdict"),
  SCRUB_DIFFERENT(
      "equator_scrub_different_replicas_total",
      Kind.COUNTER,
      "Replicas that differed from a majority or were damaged.",
      "node"),
  SCRUB_CONDEMNED(
      "equator_scrub_condemned_replicas_total",
      Kind.COUNTER,
      "Replicas of the node that were taken out to be made anew.",
      "node"),
  INDEX_SCRUBS(
      "equator_index_scrubs_total",
      Kind.COUNTER,
      "Comparisons of a global index with its table that the node has made for one partition."
          + " outcome is complete, or incomplete (a partition did not answer).",
      "node",
      "outcome"),
  INDEX_SCRUB_DIFFERENCES(
      "equator_index_scrub_differences_total",
      Kind.COUNTER,
      "What did not belong together. kind is missing (an item without its row), different (a row"
          + " with other attributes), unexpected (a row without its item), or unreadable (the key"
          + " of a row).",
      "node",
      "kind"),
  INDEX_SCRUB_REPAIRED(
      "equator_index_scrub_repaired_total", Kind.COUNTER, "Of these, what was put right.", "node"),
  INDEX_SCRUB_UNSETTLED(
      "equator_index_scrub_unsettled_total",
      Kind.COUNTER,
      "Items that changed each time that they were looked at.",
      "node"),
  CLOCK_AHEAD(
      "equator_clock_ahead_seconds",
      Kind.GAUGE,
      "How far the node's hybrid clock runs ahead of its wall clock.",
      "node"),
  DISK_FREE(
      "equator_disk_free_bytes",
      Kind.GAUGE,
      "What is free on the fullest disk that the node writes to.",
      "node"),
  DISK_FREE_MIN(
      "equator_disk_free_min_bytes",
      Kind.GAUGE,
      "What is to stay free on it: with less the node is read-only.",
      "node"),
  DISK_STATE(
      "equator_disk_state",
      Kind.GAUGE,
      "0 room, 1 full: the node is read-only, 2 exhausted: its replicas follow no leader.",
      "node"),
  DISK_FORCE(
      "equator_disk_force_seconds",
      Kind.GAUGE,
      "How long forcing a small file beside the Raft logs takes, smoothed.",
      "node"),
  DISK_SLOW(
      "equator_disk_slow",
      Kind.GAUGE,
      "1 while the disk is much slower than those of its peers, and the node leads nothing.",
      "node"),
  STORE_MEMORY_TABLES(
      "equator_store_memory_table_bytes",
      Kind.GAUGE,
      "RocksDB: written and not in files yet.",
      "node",
      "family"),
  STORE_FILES(
      "equator_store_file_bytes",
      Kind.GAUGE,
      "RocksDB: files that hold the newest state.",
      "node",
      "family"),
  STORE_KEYS("equator_store_keys", Kind.GAUGE, "RocksDB: rows, estimated.", "node", "family"),
  STORE_PENDING_COMPACTION(
      "equator_store_pending_compaction_bytes",
      Kind.GAUGE,
      "RocksDB: what compactions have to rewrite, estimated.",
      "node",
      "family"),
  STORE_BLOCK_CACHE(
      "equator_store_block_cache_bytes", Kind.GAUGE, "RocksDB: used block cache.", "node"),
  STORE_BLOCK_CACHE_MAX(
      "equator_store_block_cache_max_bytes",
      Kind.GAUGE,
      "RocksDB: the block cache's limit.",
      "node"),
  STORE_ROW_CACHE("equator_store_row_cache_bytes", Kind.GAUGE, "RocksDB: used row cache.", "node"),
  STORE_FLUSHES(
      "equator_store_flushes_running",
      Kind.GAUGE,
      "RocksDB: memory tables being written out.",
      "node"),
  STORE_COMPACTIONS(
      "equator_store_compactions_running", Kind.GAUGE, "RocksDB: compactions at work.", "node"),
  STORE_WRITES_STOPPED(
      "equator_store_writes_stopped",
      Kind.GAUGE,
      "RocksDB: 1 while writes wait for flushes or compactions.",
      "node"),
  STORE_DELAYED_RATE(
      "equator_store_delayed_write_bytes_per_second",
      Kind.GAUGE,
      "RocksDB: the rate to which writes are slowed down; 0 when they are not.",
      "node"),
  STORE_STALLS(
      "equator_store_stalls_total",
      Kind.COUNTER,
      "RocksDB: how often a family began to slow down or stop writes.",
      "node"),
  STORE_UNFLUSHED(
      "equator_store_unflushed_log_bytes",
      Kind.GAUGE,
      "Log entries applied since the last flush began: what a start after a crash replays.",
      "node");

  /** What a metric's value does over time. */
  enum Kind {
    /** Goes up and down. */
    GAUGE,
    /** Only grows, until the process or the thing counted begins anew. */
    COUNTER,
    /** Counts durations by buckets. */
    HISTOGRAM
  }

  private static final String TOTAL = "_total";

  private final String exposedName;
  private final Kind kind;
  private final String help;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> labels;

  Metric(String exposedName, Kind kind, String help, String... labels) {
    this.exposedName = exposedName;
    this.kind = kind;
    this.help = help;
    this.labels = List.of(labels);
  }

  /** The name in a scrape; a histogram's series have it with {@code _bucket} and so on behind. */
  String exposedName() {
    return exposedName;
  }

  /** The name for Micrometer, which adds {@code _total} to counters. */
  String meterName() {
    return kind == Kind.COUNTER
        ? exposedName.substring(0, exposedName.length() - TOTAL.length())
        : exposedName;
  }

  Kind kind() {
    return kind;
  }

  String help() {
    return help;
  }

  List<String> labels() {
    return labels;
  }

  /** The labels with these values. */
  Tags tags(List<String> values) {
    if (values.size() != labels.size()) {
      throw new IllegalArgumentException(this + " has the labels " + labels + ", not " + values);
    }
    List<String> pairs = new ArrayList<>(2 * labels.size());
    for (int i = 0; i < labels.size(); i++) {
      pairs.add(labels.get(i));
      pairs.add(values.get(i));
    }
    return Tags.of(pairs.toArray(String[]::new));
  }
}
