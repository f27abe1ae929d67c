package io.equator.coordinator.cluster;

import io.equator.coordinator.cluster.ReplicaSteps.Step;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogComparison;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.PartitionDescriptor.State;
import io.equator.proto.PartitionSplit;
import io.equator.proto.RingDescriptor;
import io.equator.replication.catalog.CatalogCommands;
import io.equator.replication.catalog.CatalogKeys;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * The commits by which a partition is split, each a compare-and-set on everything that it changes.
 *
 * <pre>
 *   begin   the split is written down, and two embryos for its halves, on the same nodes
 *   swap    the ring names the halves instead of the partition, which is closed
 *   retire  the closed partition goes
 * </pre>
 *
 * <p>What has begun is not given up: from the first message to a leader on, nobody could know
 * whether the partition is sealed.
 */
public final class SplitSteps {
  private final CatalogCommands catalog;
  private final LongSupplier wallMillis;

  /**
   * @param wallMillis milliseconds since the epoch
   */
  public SplitSteps(CatalogCommands catalog, LongSupplier wallMillis) {
    this.catalog = catalog;
    this.wallMillis = wallMillis;
  }

  /**
   * Begins a split.
   *
   * @param token the first of the second half; empty: the middle
   * @param reason a sentence for people
   */
  public Step begin(long id, OptionalLong token, String reason) {
    Map<String, CatalogObject> found = read(CatalogKeys.CLUSTER, CatalogKeys.partition(id));
    CatalogObject cluster = found.get(CatalogKeys.CLUSTER);
    CatalogObject object = found.get(CatalogKeys.partition(id));
    if (cluster == null || object == null) {
      return new Step.Refused("there is no partition " + id);
    }
    PartitionDescriptor partition = object.getPartition();
    if (partition.hasSplit() || partition.getState() != State.SERVING) {
      return new Step.Refused("partition " + id + " is being split, or has been");
    }
    if (!partition.getJoiningNodeId().isEmpty()) {
      return new Step.Refused(
          "partition " + id + " is changing already: " + partition.getJoiningNodeId() + " joins");
    }
    long first = partition.getFirstToken();
    long last = partition.getLastToken();
    long at = token.orElse(first + Long.divideUnsigned(last - first, 2) + 1);
    if (Long.compareUnsigned(at, first) <= 0 || Long.compareUnsigned(at, last) > 0) {
      return new Step.Refused(
          "token %016x does not lie behind the first token of partition %d, which has %016x to %016x"
              .formatted(at, id, first, last));
    }
    long next = cluster.getCluster().getNextPartitionId();
    PartitionDescriptor.Builder half =
        partition.toBuilder()
            .setEpoch(partition.getEpoch() + 1)
            .setState(State.EMBRYO)
            .setParentId(id)
            .setGeneration(partition.getGeneration() + 1)
            .setChangedMillis(wallMillis.getAsLong());
    ClusterDescriptor counted =
        cluster.getCluster().toBuilder().setNextPartitionId(next + 2).build();
    return commit(
        CatalogCommitRequest.newBuilder()
            .addComparisons(unchanged(cluster))
            .addComparisons(unchanged(object))
            .addComparisons(absent(next))
            .addComparisons(absent(next + 1))
            .addPuts(cluster.toBuilder().setCluster(counted))
            .addPuts(
                object.toBuilder()
                    .setPartition(
                        partition.toBuilder()
                            .setSplit(
                                PartitionSplit.newBuilder()
                                    .setToken(at)
                                    .setFirstId(next)
                                    .setSecondId(next + 1)
                                    .setReason(reason))))
            .addPuts(embryo(half.setPartitionId(next).setLastToken(at - 1).build()))
            .addPuts(
                embryo(
                    half.setPartitionId(next + 1).setFirstToken(at).setLastToken(last).build())));
  }

  private static CatalogObject embryo(PartitionDescriptor half) {
    return CatalogObject.newBuilder()
        .setKey(CatalogKeys.partition(half.getPartitionId()))
        .setPartition(half)
        .build();
  }

  /** Gives the tokens of a sealed partition to its halves, which are active. */
  public Step swap(PartitionDescriptor split, long sealedIndex) {
    String ringKey = CatalogKeys.ring(split.getRingId());
    String key = CatalogKeys.partition(split.getPartitionId());
    List<Long> ids = List.of(split.getSplit().getFirstId(), split.getSplit().getSecondId());
    Map<String, CatalogObject> found =
        read(
            ringKey,
            key,
            CatalogKeys.partition(ids.getFirst()),
            CatalogKeys.partition(ids.getLast()));
    CatalogObject ring = found.get(ringKey);
    CatalogObject parent = found.get(key);
    if (found.size() < 4
        || ring == null
        || parent == null
        || parent.getPartition().getState() != State.SERVING) {
      return new Step.Refused("the split of partition " + split.getPartitionId() + " is made");
    }
    RingDescriptor.Builder swapped = ring.getRing().toBuilder().clearPartitionIds();
    for (long id : ring.getRing().getPartitionIdsList()) {
      if (id == split.getPartitionId()) {
        swapped.addAllPartitionIds(ids);
      } else {
        swapped.addPartitionIds(id);
      }
    }
    long now = wallMillis.getAsLong();
    CatalogCommitRequest.Builder commit = CatalogCommitRequest.newBuilder();
    found.values().forEach(object -> commit.addComparisons(unchanged(object)));
    commit.addPuts(ring.toBuilder().setRing(swapped));
    PartitionDescriptor.Builder closed =
        parent.getPartition().toBuilder().setState(State.CLOSED).setChangedMillis(now);
    closed.getSplitBuilder().setSealedIndex(sealedIndex);
    commit.addPuts(parent.toBuilder().setPartition(closed));
    for (long id : ids) {
      CatalogObject half = found.get(CatalogKeys.partition(id));
      if (half != null) {
        commit.addPuts(
            half.toBuilder()
                .setPartition(
                    half.getPartition().toBuilder().setState(State.SERVING).setChangedMillis(now)));
      }
    }
    return commit(commit);
  }

  /** Lets go of a closed partition that nobody needs any more. */
  public Step retire(PartitionDescriptor closed) {
    String key = CatalogKeys.partition(closed.getPartitionId());
    CatalogObject found = read(key).get(key);
    if (found == null || found.getPartition().getState() != State.CLOSED) {
      return new Step.Refused("partition " + closed.getPartitionId() + " is not closed");
    }
    return commit(
        CatalogCommitRequest.newBuilder().addComparisons(unchanged(found)).addDeletes(key));
  }

  private Map<String, CatalogObject> read(String... keys) {
    Map<String, CatalogObject> found = new HashMap<>();
    catalog
        .read(List.of(keys))
        .getObjectsList()
        .forEach(object -> found.put(object.getKey(), object));
    return found;
  }

  private static CatalogComparison unchanged(CatalogObject object) {
    return CatalogComparison.newBuilder()
        .setKey(object.getKey())
        .setVersion(object.getVersion())
        .build();
  }

  private static CatalogComparison absent(long id) {
    return CatalogComparison.newBuilder().setKey(CatalogKeys.partition(id)).build();
  }

  private Step commit(CatalogCommitRequest.Builder commit) {
    return catalog.commit(commit.build()).getOutcome() == Outcome.COMMITTED
        ? new Step.Made()
        : new Step.Refused("somebody else has changed it at the same time");
  }
}
