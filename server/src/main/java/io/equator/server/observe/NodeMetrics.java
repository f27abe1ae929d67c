package io.equator.server.observe;

import io.equator.node.NodeStatistics;
import io.equator.node.NodeStatistics.Replica;
import io.equator.node.StorageNode;
import io.equator.node.health.DiskState;
import io.equator.node.health.HealthStatistics;
import io.equator.node.indexes.IndexLag;
import io.equator.node.indexes.IndexScrubStatistics;
import io.equator.node.integrity.IntegrityStatistics;
import io.equator.node.rocksdb.StoreStatistics;
import io.equator.node.rocksdb.StoreStatistics.FamilyStatistics;
import io.equator.partitioner.NodeId;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import io.equator.replication.log.LogStatistics;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * A node: its partitions, their logs, its store, and what runs beside the data.
 *
 * @param indexLabelsMax so many global indexes have labels of their own, the rest share one
 */
record NodeMetrics(StorageNode storage, Supplier<CatalogSnapshot> catalog, int indexLabelsMax)
    implements MetricSource {

  @Override
  public void read(Readings to) {
    NodeStatistics statistics = storage.statistics();
    String node = statistics.node().value();
    for (Replica replica : statistics.partitions()) {
      String partition = Long.toString(replica.partition());
      data(to, replica, node, partition);
      load(to, replica, node, partition);
      log(to, replica.log(), node, partition);
    }
    indexes(to, statistics, node);
    RegionMetrics.add(to, catalog.get(), statistics.regionLags(), node, indexLabelsMax);
    RegionMetrics.addComparisons(
        to, catalog.get(), storage.regionComparisons(), node, indexLabelsMax);
    disk(to, storage.health(), node);
    store(to, statistics.store(), node);
    to.set(Metric.STREAM_RECORDS_EARLY, statistics.streamRecordsGoneEarly(), node);
    to.set(Metric.TTL_DELETED, statistics.expiredItems(), node);
    integrity(to, storage.integrity(), node);
    indexScrubs(to, storage.indexScrubs(), node);
    to.set(Metric.CLOCK_AHEAD, statistics.clockAheadMillis() / 1e3, node);
  }

  private static void disk(Readings to, HealthStatistics health, String node) {
    to.set(Metric.DISK_FREE, health.freeBytes(), node);
    to.set(Metric.DISK_FREE_MIN, health.leastBytes(), node);
    to.set(Metric.DISK_STATE, number(health.disk()), node);
    to.set(Metric.DISK_FORCE, health.forceMicros() / 1e6, node);
    to.set(Metric.DISK_SLOW, health.slow() ? 1 : 0, node);
  }

  private static int number(DiskState state) {
    return switch (state) {
      case ROOM -> 0;
      case FULL -> 1;
      case EXHAUSTED -> 2;
    };
  }

  private static void integrity(Readings to, IntegrityStatistics scrubs, String node) {
    to.set(Metric.SCRUBS, scrubs.equal(), node, "equal");
    to.set(Metric.SCRUBS, scrubs.incomplete(), node, "incomplete");
    to.set(Metric.SCRUBS, scrubs.noMajority(), node, "no_majority");
    to.set(Metric.SCRUB_DIFFERENT, scrubs.different(), node);
    to.set(Metric.SCRUB_CONDEMNED, scrubs.condemned(), node);
  }

  private static void indexScrubs(Readings to, IndexScrubStatistics scrubs, String node) {
    to.set(Metric.INDEX_SCRUBS, scrubs.complete(), node, "complete");
    to.set(Metric.INDEX_SCRUBS, scrubs.incomplete(), node, "incomplete");
    to.set(Metric.INDEX_SCRUB_DIFFERENCES, scrubs.missing(), node, "missing");
    to.set(Metric.INDEX_SCRUB_DIFFERENCES, scrubs.different(), node, "different");
    to.set(Metric.INDEX_SCRUB_DIFFERENCES, scrubs.unexpected(), node, "unexpected");
    to.set(Metric.INDEX_SCRUB_DIFFERENCES, scrubs.unreadable(), node, "unreadable");
    to.set(Metric.INDEX_SCRUB_REPAIRED, scrubs.repaired(), node);
    to.set(Metric.INDEX_SCRUB_UNSETTLED, scrubs.unsettled(), node);
  }

  private static void data(Readings to, Replica replica, String node, String partition) {
    to.set(Metric.PARTITION_LEADER, replica.leads() ? 1 : 0, node, partition);
    to.set(Metric.PARTITION_EPOCH, replica.epoch(), node, partition);
    to.set(Metric.PARTITION_ITEMS, replica.items(), node, partition);
    to.set(Metric.PARTITION_SIZE, replica.itemBytes(), node, partition);
    to.set(Metric.PARTITION_INDEX_SIZE, replica.indexBytes(), node, partition);
    to.set(Metric.PARTITION_CHANGE_LOG, replica.changeLogBytes(), node, partition);
    to.set(Metric.PARTITION_LOCKS, replica.locks(), node, partition);
  }

  private static void load(Readings to, Replica replica, String node, String partition) {
    to.set(Metric.PARTITION_PENDING, replica.pendingWrites(), node, partition);
    to.set(Metric.PARTITION_QUEUED, replica.queuedEffects(), node, partition);
    to.set(Metric.PARTITION_IN_FLIGHT, replica.entriesInFlight(), node, partition);
    to.set(Metric.PARTITION_READS, replica.reads(), node, partition);
    to.set(Metric.PARTITION_WRITES, replica.writes(), node, partition);
    to.set(Metric.PARTITION_HEAT_READS, replica.readsPerSecond(), node, partition);
    to.set(Metric.PARTITION_HEAT_WRITES, replica.writesPerSecond(), node, partition);
  }

  private static void log(Readings to, LogStatistics log, String node, String partition) {
    to.set(Metric.PARTITION_RUNNING, log.running() ? 1 : 0, node, partition);
    if (!log.running()) {
      return;
    }
    to.set(Metric.PARTITION_TERM, log.term(), node, partition);
    to.set(Metric.PARTITION_APPLIED, log.appliedIndex(), node, partition);
    to.set(Metric.PARTITION_COMMITTED, log.committedIndex(), node, partition);
    to.set(Metric.RAFT_TERMS, log.termsBegun(), node, partition);
    to.set(Metric.RAFT_LEADER_CHANGES, log.leaderChanges(), node, partition);
    to.set(Metric.RAFT_ELECTIONS_WON, log.electionsWon(), node, partition);
    for (Map.Entry<NodeId, Long> other : log.behind().entrySet()) {
      to.set(Metric.PARTITION_BEHIND, other.getValue(), node, partition, other.getKey().value());
    }
  }

  /** Lag and backlog of one index, over the partitions that the node leads. */
  private static final class Behind {
    private long entries;
    private long bytes;
    private long millis;
    private long throttled;

    void add(IndexLag lag) {
      entries += lag.entries();
      bytes = Math.max(bytes, lag.bytes());
      millis = Math.max(millis, lag.millis());
    }

    void add(Behind other) {
      entries += other.entries;
      bytes = Math.max(bytes, other.bytes);
      millis = Math.max(millis, other.millis);
      throttled += other.throttled;
    }
  }

  private record IndexName(String table, String index) implements Comparable<IndexName> {
    static final IndexName OTHER = new IndexName(TableLabels.OTHER, TableLabels.OTHER);

    @Override
    public int compareTo(IndexName other) {
      int byTable = table.compareTo(other.table);
      return byTable != 0 ? byTable : index.compareTo(other.index);
    }
  }

  private void indexes(Readings to, NodeStatistics statistics, String node) {
    CatalogSnapshot snapshot = catalog.get();
    Map<IndexName, Behind> behind = new TreeMap<>();
    for (IndexLag lag : statistics.indexLags()) {
      name(snapshot, lag.table(), lag.index())
          .ifPresent(name -> behind.computeIfAbsent(name, _ -> new Behind()).add(lag));
    }
    statistics
        .throttledByIndexes()
        .forEach(
            (index, writes) ->
                name(snapshot, index.table(), index.index())
                    .ifPresent(
                        name ->
                            behind.computeIfAbsent(name, _ -> new Behind()).throttled += writes));
    Behind rest = new Behind();
    int named = 0;
    for (Map.Entry<IndexName, Behind> index : behind.entrySet()) {
      if (named++ < indexLabelsMax) {
        index(to, index.getKey(), index.getValue(), node);
      } else {
        rest.add(index.getValue());
      }
    }
    if (named > indexLabelsMax) {
      index(to, IndexName.OTHER, rest, node);
    }
  }

  private static void index(Readings to, IndexName name, Behind behind, String node) {
    to.set(Metric.INDEX_LAG, behind.millis / 1e3, node, name.table(), name.index());
    to.set(Metric.INDEX_BACKLOG, behind.entries, node, name.table(), name.index());
    to.set(Metric.INDEX_BACKLOG_BYTES, behind.bytes, node, name.table(), name.index());
    to.set(Metric.INDEX_THROTTLED, behind.throttled, node, name.table(), name.index());
  }

  private static Optional<IndexName> name(CatalogSnapshot snapshot, int tableId, int indexId) {
    Optional<TableView> table = snapshot.table(tableId);
    if (table.isPresent()) {
      for (IndexView index : table.get().globalIndexes()) {
        if (index.id() == indexId) {
          return Optional.of(new IndexName(table.get().name(), index.name()));
        }
      }
    }
    return Optional.empty();
  }

  private static void store(Readings to, StoreStatistics store, String node) {
    for (Map.Entry<String, FamilyStatistics> family : store.families().entrySet()) {
      FamilyStatistics figures = family.getValue();
      to.set(Metric.STORE_MEMORY_TABLES, figures.memoryTableBytes(), node, family.getKey());
      to.set(Metric.STORE_FILES, figures.fileBytes(), node, family.getKey());
      to.set(Metric.STORE_KEYS, figures.keys(), node, family.getKey());
      to.set(
          Metric.STORE_PENDING_COMPACTION, figures.pendingCompactionBytes(), node, family.getKey());
    }
    to.set(Metric.STORE_BLOCK_CACHE, store.blockCacheBytes(), node);
    to.set(Metric.STORE_BLOCK_CACHE_MAX, store.blockCacheBytesMax(), node);
    to.set(Metric.STORE_ROW_CACHE, store.rowCacheBytes(), node);
    to.set(Metric.STORE_FLUSHES, store.flushesRunning(), node);
    to.set(Metric.STORE_COMPACTIONS, store.compactionsRunning(), node);
    to.set(Metric.STORE_WRITES_STOPPED, store.writesStopped() ? 1 : 0, node);
    to.set(Metric.STORE_DELAYED_RATE, store.delayedBytesPerSecond(), node);
    to.set(Metric.STORE_STALLS, store.stalls(), node);
    to.set(Metric.STORE_UNFLUSHED, store.unflushedBytes(), node);
  }
}
