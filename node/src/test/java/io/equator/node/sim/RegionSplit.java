package io.equator.node.sim;

import io.equator.node.core.ForgottenPartition;
import io.equator.proto.ActivatePartition;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.Effect;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.PartitionDescriptor.State;
import io.equator.proto.PartitionSplit;
import io.equator.proto.ReplicationTarget;
import io.equator.proto.RingDescriptor;
import io.equator.proto.SealedPartition;
import io.equator.replication.sim.Simulation;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Splits one partition of a simulated region, in the steps of the control plane. */
final class RegionSplit {
  private static final long ROUND = 30 * Simulation.MILLIS;

  private final SimulatedRegion region;
  private final Simulation simulation;
  private final int keys;
  private @Nullable PartitionDescriptor parent;
  private List<RegionPartition> halves = List.of();
  private boolean made;
  private boolean over;

  RegionSplit(SimulatedRegion region, Simulation simulation, int keys) {
    this.region = region;
    this.simulation = simulation;
    this.keys = keys;
  }

  /** It has begun, and the partition that is split is still there. */
  boolean goesOn() {
    return parent != null && !over && !region.isGone();
  }

  boolean isMade() {
    return made;
  }

  private PartitionDescriptor parent() {
    return Objects.requireNonNull(parent);
  }

  /** Between two keys, if the region has a partition with two that is not being split. */
  void begin() {
    long token = region.key(simulation.random().nextInt(keys)).getToken();
    RegionPartition partition = region.owner(token);
    PartitionDescriptor found = region.catalog().partitionDescriptor(partition.id()).orElseThrow();
    if (found.hasSplit() || token == found.getFirstToken() || region.table().isEmpty()) {
      return;
    }
    long first =
        region.catalog().partitionDescriptors().stream()
                .mapToLong(PartitionDescriptor::getPartitionId)
                .max()
                .orElseThrow()
            + 1;
    PartitionDescriptor split =
        found.toBuilder()
            .setSplit(
                PartitionSplit.newBuilder()
                    .setToken(token)
                    .setFirstId(first)
                    .setSecondId(first + 1))
            .build();
    PartitionDescriptor.Builder half =
        found.toBuilder()
            .setEpoch(found.getEpoch() + 1)
            .setState(State.EMBRYO)
            .setParentId(found.getPartitionId());
    PartitionDescriptor lower = half.setPartitionId(first).setLastToken(token - 1).build();
    PartitionDescriptor upper =
        half.setPartitionId(first + 1)
            .setFirstToken(token)
            .setLastToken(found.getLastToken())
            .build();
    CatalogEvent.Builder event = CatalogEvent.newBuilder();
    List.of(split, lower, upper).forEach(each -> put(event, each));
    region.commit(event);
    halves = List.of(region.open(lower), region.open(upper));
    parent = split;
    simulation.note(region.name + " splits " + split.getPartitionId());
    simulation.after(ROUND, this::go);
  }

  private static void put(CatalogEvent.Builder event, PartitionDescriptor partition) {
    event.addPuts(
        CatalogObject.newBuilder()
            .setKey("partition/" + partition.getPartitionId())
            .setPartition(partition));
  }

  /** The next step, whatever was before. */
  private void go() {
    if (!region.has(parent().getPartitionId())) {
      // The table was dropped.
      over = true;
      return;
    }
    RegionPartition partition = region.partition(parent().getPartitionId());
    SealedPartition sealed = partition.machine().sealed();
    if (sealed == null) {
      partition.submit(Effect.newBuilder().setSealPartition(SplitRun.seal(parent())).build());
    } else if (halves.stream().anyMatch(half -> half.machine().waits())) {
      for (RegionPartition half : halves) {
        half.submit(
            Effect.newBuilder()
                .setActivatePartition(
                    ActivatePartition.newBuilder()
                        .setParentPartitionId(partition.id())
                        .setSealedIndex(sealed.getIndex()))
                .build());
      }
    } else if (!made) {
      swap(sealed);
    } else if (isReleased(partition)) {
      retire(partition);
      return;
    }
    simulation.after(ROUND, this::go);
  }

  private void swap(SealedPartition sealed) {
    RingDescriptor.Builder ring =
        RingDescriptor.newBuilder().setRingId(1).setHashAlgorithm(1).setHashSeed(region.hashSeed());
    for (RegionPartition owner : region.owners()) {
      if (owner.id() == parent().getPartitionId()) {
        halves.forEach(half -> ring.addPartitionIds(half.id()));
      } else {
        ring.addPartitionIds(owner.id());
      }
    }
    CatalogEvent.Builder event =
        CatalogEvent.newBuilder()
            .addPuts(CatalogObject.newBuilder().setKey("ring/1").setRing(ring));
    PartitionDescriptor.Builder closed = parent().toBuilder().setState(State.CLOSED);
    closed.getSplitBuilder().setSealedIndex(sealed.getIndex());
    put(event, closed.build());
    for (RegionPartition half : halves) {
      put(
          event,
          region.catalog().partitionDescriptor(half.id()).orElseThrow().toBuilder()
              .setState(State.SERVING)
              .build());
    }
    region.commit(event);
    made = true;
  }

  private boolean isReleased(RegionPartition partition) {
    for (ReplicationTarget target : region.targets()) {
      var lane = partition.leader().lanes.get(target.getRegion());
      if (lane == null || !lane.lane.isOver()) {
        return false;
      }
    }
    region.flush();
    return partition.machine().isSplitDurable()
        // One may have been split, and be gone.
        && halves.stream()
            .allMatch(half -> !region.has(half.id()) || half.machine().isSplitDurable());
  }

  private void retire(RegionPartition partition) {
    over = true;
    region.commit(CatalogEvent.newBuilder().addDeletes("partition/" + partition.id()));
    region.forget(partition.id());
    partition.depose();
    partition.machine().close();
    ForgottenPartition.remove(region.store(), partition.id(), partition.machine().descriptor());
    simulation.note(region.name + " has nothing of " + partition.id() + " any more");
  }

  @Override
  public String toString() {
    return region.name + "/" + (parent == null ? "none" : parent().getPartitionId());
  }
}
