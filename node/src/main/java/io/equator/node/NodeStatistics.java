package io.equator.node;

import io.equator.node.indexes.IndexLag;
import io.equator.node.indexes.IndexPumps.IndexName;
import io.equator.node.regions.RegionLag;
import io.equator.node.rocksdb.StoreStatistics;
import io.equator.partitioner.NodeId;
import io.equator.replication.log.LogStatistics;
import java.util.List;
import java.util.Map;

/**
 * Figures of a node, for those who watch it.
 *
 * @param partitions its replicas
 * @param indexLags how far global indexes are behind the partitions that it leads
 * @param throttledByIndexes writes that were throttled because an index was too far behind
 * @param regionLags how far other regions are
 * @param expiredItems items deleted by the sweeper since the start
 * @param streamRecordsGoneEarly records of streams that went before their 24 hours were over
 * @param clockAheadMillis how far its hybrid clock runs ahead of the wall clock
 */
public record NodeStatistics(
    NodeId node,
    List<Replica> partitions,
    List<IndexLag> indexLags,
    Map<IndexName, Long> throttledByIndexes,
    List<RegionLag> regionLags,
    StoreStatistics store,
    long expiredItems,
    long streamRecordsGoneEarly,
    long clockAheadMillis) {

  public NodeStatistics {
    partitions = List.copyOf(partitions);
    indexLags = List.copyOf(indexLags);
    throttledByIndexes = Map.copyOf(throttledByIndexes);
    regionLags = List.copyOf(regionLags);
  }

  /**
   * Of one replica.
   *
   * @param leads it leads and may decide
   * @param items of all tables
   * @param itemBytes of these, as stored
   * @param indexBytes of the rows of all indexes
   * @param changeLogBytes of the records that the change log keeps
   * @param locks items that transactions hold
   * @param pendingWrites admitted and not answered
   * @param queuedEffects decided, and waiting for the next entry
   * @param entriesInFlight on their way through the log
   * @param reads rows read for requests since the start
   * @param writes asked for since the start
   * @param readsPerSecond of about the last ten seconds
   * @param writesPerSecond the same of writes
   */
  public record Replica(
      long partition,
      long epoch,
      boolean leads,
      LogStatistics log,
      long items,
      long itemBytes,
      long indexBytes,
      long changeLogBytes,
      int locks,
      int pendingWrites,
      int queuedEffects,
      int entriesInFlight,
      long reads,
      long writes,
      double readsPerSecond,
      double writesPerSecond) {}
}
