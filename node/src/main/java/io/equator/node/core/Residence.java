package io.equator.node.core;

import io.equator.node.core.MetaRows.Descriptor;
import io.equator.partitioner.NodeId;
import io.equator.proto.Heir;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.PartitionOrigin;
import io.equator.proto.PartitionSplit;
import io.equator.proto.SealedPartition;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongFunction;

/**
 * Which replicas belong on a node: what its keeper decides from the catalog, or from its copy of
 * it, and from what is in its store. {@code MoveSimulationTest} breaks it.
 */
public final class Residence {
  private Residence() {}

  /** How a replica is opened that belongs here. */
  public enum Opening {
    /** With its log. */
    AS_MEMBER,
    /**
     * As one of those with whom the group begins, once the catalog itself says that it is still a
     * member: by an old copy it could be one that has left since and thrown its log away, and would
     * vote as if it were new.
     */
    AS_FOUNDER,
    /** With its log, or, if there is none, without members: the group takes it in. */
    TO_JOIN,
    /**
     * The same of a partition that has been split, whose state has to come first ({@link
     * StateReplacement#awaitSealed}): its log would write once more what its heirs, who may be here
     * already, have written since.
     */
    AFTER_ITS_STATE,
    /** What is here is left over from an earlier stay, and has to go first. */
    AFTER_FORGETTING,
    /** It counts in its group and has lost its log: it must not vote as if it were new. */
    NOT_AT_ALL
  }

  /** Whether a replica of the partition belongs on a node, or is being taken in. */
  public static boolean isHere(NodeId node, PartitionDescriptor partition) {
    return isMember(node, partition) || partition.getJoiningNodeId().equals(node.value());
  }

  /** Whether a node's replica counts in the partition's group, by the catalog. */
  public static boolean isMember(NodeId node, PartitionDescriptor partition) {
    return partition.getReplicaNodeIdsList().contains(node.value());
  }

  /** How a replica that {@link #isHere} is opened. */
  public static Opening opening(
      NodeId node, StoreView store, PartitionDescriptor partition, boolean hasLog) {
    long id = partition.getPartitionId();
    boolean hasState = MetaRows.applied(store, id).index() >= 0;
    boolean sealed = SplitRows.sealed(store, id) != null;
    boolean split = partition.getState() == PartitionDescriptor.State.CLOSED;
    boolean member = isMember(node, partition);
    if (!hasLog && hasState) {
      return member ? Opening.NOT_AT_ALL : Opening.AFTER_FORGETTING;
    }
    if (!member) {
      // A log may be left over from an earlier stay of which the store has forgotten everything.
      boolean expected = hasLog && sealed;
      return split && !hasState && !expected ? Opening.AFTER_ITS_STATE : Opening.TO_JOIN;
    }
    if (!hasLog) {
      return Opening.AS_FOUNDER;
    }
    // A store that was made anew: the state that comes is not to take the place of its heirs' rows.
    boolean awaited = !hasState && StateReplacement.unfinished(store, id).isPresent();
    return split && awaited && !sealed ? Opening.AFTER_ITS_STATE : Opening.AS_MEMBER;
  }

  /** Where a partition that has been split was sealed, and who has its rows, by the catalog. */
  public static SealedPartition end(PartitionDescriptor closed) {
    PartitionSplit split = closed.getSplit();
    return SealedPartition.newBuilder()
        .setIndex(split.getSealedIndex())
        .addHeirs(
            Heir.newBuilder()
                .setPartitionId(split.getFirstId())
                .setFirstToken(closed.getFirstToken())
                .setLastToken(split.getToken() - 1))
        .addHeirs(
            Heir.newBuilder()
                .setPartitionId(split.getSecondId())
                .setFirstToken(split.getToken())
                .setLastToken(closed.getLastToken()))
        .build();
  }

  /**
   * Whether what a store has of a partition does not belong on its node any more.
   *
   * <p>What waits to take over from a parent that is still writing here stays: its rows are the
   * parent's. So does a parent as long as its rows wait for an heir.
   *
   * @param partition empty when the catalog does not name it: then it has been split, and everybody
   *     is done with it
   */
  public static boolean hasLeft(
      NodeId node, StoreView store, long id, Optional<PartitionDescriptor> partition) {
    if (SplitRows.isWaitedFor(store, id) || waitsForAWriter(store, id)) {
      return false;
    }
    if (partition.isPresent()) {
      return !isHere(node, partition.get());
    }
    return SplitRows.sealed(store, id) != null
        || SplitRows.handover(store, id)
        || nothingElseLiesThere(store, id);
  }

  /**
   * It left before the partition was split, or before that came to this node: no heir of it has
   * rows here. One that waits has none.
   */
  private static boolean nothingElseLiesThere(StoreView store, long id) {
    SortedMap<Long, Descriptor> found = found(store);
    Descriptor own = found.get(id);
    return own != null
        && found.entrySet().stream()
            .noneMatch(
                other ->
                    other.getKey() != id
                        && overlap(own, other.getValue())
                        && !waits(store, other.getKey())
                        && SplitRows.sealed(store, other.getKey()) == null);
  }

  /**
   * Whether what a store has of another partition keeps one from being opened: rows lie by token,
   * so what is left over from an earlier stay would take the rows of this one with it when it goes,
   * or write over them. A parent that belongs here hands its rows over; a sealed one has none, and
   * nothing is in its way.
   *
   * @param known the partitions of the catalog, as far as is known here
   */
  public static boolean isInTheWay(
      NodeId node,
      StoreView store,
      PartitionDescriptor partition,
      LongFunction<Optional<PartitionDescriptor>> known) {
    long id = partition.getPartitionId();
    if (SplitRows.sealed(store, id) != null) {
      return false;
    }
    for (Map.Entry<Long, Descriptor> other : found(store).entrySet()) {
      long there = other.getKey();
      boolean handsOver =
          there == partition.getParentId()
              && known.apply(there).filter(parent -> isHere(node, parent)).isPresent();
      if (there != id
          && overlap(other.getValue(), descriptor(partition))
          && !handsOver
          && SplitRows.sealed(store, there) == null
          && !waitsFor(store, there, id)) {
        return true;
      }
    }
    return false;
  }

  /** A parent that is opened again beside heirs that wait for it: it replays its log. */
  private static boolean waitsFor(StoreView store, long heir, long parent) {
    PartitionOrigin origin = SplitRows.origin(store, heir);
    return origin != null && origin.getWaits() && origin.getParentPartitionId() == parent;
  }

  private static Descriptor descriptor(PartitionDescriptor partition) {
    return new Descriptor(
        partition.getEpoch(),
        partition.getRingId(),
        partition.getFirstToken(),
        partition.getLastToken());
  }

  private static boolean overlap(Descriptor one, Descriptor other) {
    return one.ringId() == other.ringId()
        && Long.compareUnsigned(one.firstToken(), other.lastToken()) <= 0
        && Long.compareUnsigned(other.firstToken(), one.lastToken()) <= 0;
  }

  /** It owns nothing yet: it waits for its parent, or for its first state. */
  private static boolean waits(StoreView store, long id) {
    PartitionOrigin origin = SplitRows.origin(store, id);
    return (origin != null && origin.getWaits())
        || (MetaRows.applied(store, id).index() < 0
            && StateReplacement.unfinished(store, id).isPresent());
  }

  private static boolean waitsForAWriter(StoreView store, long id) {
    PartitionOrigin origin = SplitRows.origin(store, id);
    if (origin == null || !origin.getWaits()) {
      return false;
    }
    long parent = origin.getParentPartitionId();
    return MetaRows.isThere(store, parent) && SplitRows.sealed(store, parent) == null;
  }

  /** Everything of which a store has something, by partition: also what waits for an heir. */
  public static SortedMap<Long, Descriptor> found(StoreView store) {
    SortedMap<Long, Descriptor> found = new TreeMap<>();
    for (long id : MetaRows.partitions(store)) {
      Descriptor parent = MetaRows.descriptor(store, id);
      found.put(id, parent);
      SealedPartition sealed = SplitRows.sealed(store, id);
      if (sealed != null) {
        for (Heir heir : sealed.getHeirsList()) {
          if (SplitRows.handover(store, heir.getPartitionId())) {
            found.putIfAbsent(
                heir.getPartitionId(),
                new Descriptor(
                    parent.epoch() + 1,
                    parent.ringId(),
                    heir.getFirstToken(),
                    heir.getLastToken()));
          }
        }
      }
    }
    return found;
  }
}
