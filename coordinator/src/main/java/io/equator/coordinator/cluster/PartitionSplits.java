package io.equator.coordinator.cluster;

import io.equator.coordinator.cluster.ReplicaSteps.Step;
import io.equator.coordinator.cluster.SplitNodes.View;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.SplitRules;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.PartitionDescriptor.State;
import io.equator.proto.SealedPartition;
import io.equator.proto.SplitReplica;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives the splits that are written down in the catalog.
 *
 * <pre>
 *   begun ──▶ the nodes open both halves as embryos; the leader of the partition comes to lead them, too
 *         ──▶ the leader seals the partition           ┐
 *         ──▶ the leaders of the halves activate them  │ writes wait
 *   ──commit──▶ the ring names the halves              ┘
 *         ──▶ every replica has handed over, nobody reads the change log
 *   ──commit──▶ the partition is gone; the nodes throw away what they have of it
 * </pre>
 *
 * <p>One runs at each member of the catalog; the one at the leader works. Nothing is remembered
 * that matters: every step looks at what is, may be repeated, and may overlap with the same step of
 * an older leader that does not know yet that it is one.
 */
public final class PartitionSplits implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionSplits.class);
  private static final Duration ROUND = Duration.ofMillis(500);

  /** For so long the halves may be led by others than the partition is. */
  private static final Duration ALIGN_WITHIN = Duration.ofSeconds(10);

  /** After the seal, until the halves are active; then the next round goes on. */
  private static final Duration ACTIVATE_WITHIN = Duration.ofSeconds(10);

  private static final Duration ACTIVATE_PAUSE = Duration.ofMillis(10);

  private final BooleanSupplier leads;
  private final CatalogFollower follower;
  private final SplitSteps steps;
  private final SplitNodes nodes;
  private final AutomaticSplits automatic;
  private final Map<Long, Long> alignedSince = new HashMap<>();
  private final Thread thread;

  /**
   * One that has not started.
   *
   * @param leads whether this process leads the catalog
   * @param rules when partitions are split by themselves
   */
  public PartitionSplits(
      BooleanSupplier leads,
      CatalogFollower follower,
      CatalogClient catalog,
      Function<NodeId, @Nullable Channel> channels,
      SplitRules rules) {
    this.leads = leads;
    this.follower = follower;
    this.steps = new SplitSteps(catalog, System::currentTimeMillis);
    this.nodes = new SplitNodes(channels);
    this.automatic = new AutomaticSplits(rules, nodes, steps, System::currentTimeMillis);
    this.thread = Thread.ofVirtual().name("partition-splits").unstarted(this::run);
  }

  /** Starts it. */
  public PartitionSplits start() {
    thread.start();
    return this;
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Thread.sleep(ROUND);
        if (leads.getAsBoolean()) {
          round(follower.snapshot());
          automatic.look(follower.snapshot());
        } else {
          automatic.forget();
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      } catch (CatalogUnavailableException | StatusRuntimeException e) {
        LOG.info("splits are looked after in the next round: {}", e.getMessage());
      } catch (RuntimeException e) {
        LOG.error("splits could not be looked after; it is tried again", e);
      }
    }
  }

  private void round(CatalogSnapshot snapshot) throws InterruptedException {
    for (PartitionDescriptor partition : snapshot.partitionDescriptors()) {
      if (partition.hasSplit() && partition.getState() == State.SERVING) {
        drive(snapshot, partition);
      } else if (partition.getState() == State.CLOSED) {
        retire(snapshot, partition);
      }
    }
    alignedSince.keySet().removeIf(id -> snapshot.partitionDescriptor(id).isEmpty());
  }

  private static List<NodeId> replicas(PartitionDescriptor partition) {
    return partition.getReplicaNodeIdsList().stream().map(NodeId::new).toList();
  }

  private static List<PartitionDescriptor> halves(
      CatalogSnapshot snapshot, PartitionDescriptor partition) {
    List<PartitionDescriptor> halves = new ArrayList<>();
    snapshot.partitionDescriptor(partition.getSplit().getFirstId()).ifPresent(halves::add);
    snapshot.partitionDescriptor(partition.getSplit().getSecondId()).ifPresent(halves::add);
    return halves;
  }

  // ---- a split that is under way
  // ------------------------------------------------------------------

  private void drive(CatalogSnapshot snapshot, PartitionDescriptor partition)
      throws InterruptedException {
    long id = partition.getPartitionId();
    List<PartitionDescriptor> halves = halves(snapshot, partition);
    Set<NodeId> asked = new LinkedHashSet<>(replicas(partition));
    Set<Long> ids = new HashSet<>(List.of(id));
    halves.forEach(
        half -> {
          asked.addAll(replicas(half));
          ids.add(half.getPartitionId());
        });
    View view = nodes.look(asked, ids);
    Optional<NodeId> leader = view.leaderOf(id);
    if (leader.isEmpty() || halves.size() < 2) {
      return;
    }
    boolean sealed = view.replica(leader.get(), id).orElseThrow().getSealed();
    if (!sealed && !(isWhole(snapshot, partition, view) && areReady(halves, view, leader.get()))) {
      return;
    }
    long began = System.nanoTime();
    Optional<SealedPartition> seal = nodes.seal(leader.get(), partition);
    if (seal.isEmpty()) {
      return;
    }
    long index = seal.get().getIndex();
    for (PartitionDescriptor half : halves) {
      if (!activate(half, asked, index)) {
        LOG.warn(
            "partition {} is sealed but partition {} is not active yet; it is tried again",
            id,
            half.getPartitionId());
        return;
      }
    }
    if (steps.swap(partition, index) instanceof Step.Made) {
      LOG.info(
          "partition {} is split into {} and {} at {}, {} ms after its writes were stopped",
          id,
          partition.getSplit().getFirstId(),
          partition.getSplit().getSecondId(),
          index,
          (System.nanoTime() - began) / 1_000_000);
    }
  }

  /** A partition that comes of a split itself is split only when that has come to every replica. */
  private static boolean isWhole(
      CatalogSnapshot snapshot, PartitionDescriptor partition, View view) {
    if (partition.getParentId() == 0
        || snapshot.partitionDescriptor(partition.getParentId()).isEmpty()) {
      return true;
    }
    return replicas(partition).stream()
        .allMatch(
            node ->
                view.replica(node, partition.getPartitionId())
                    .filter(replica -> !replica.getEmbryo())
                    .isPresent());
  }

  /** Both halves have leaders: the partition's own, so that nothing has to be waited for. */
  private boolean areReady(List<PartitionDescriptor> halves, View view, NodeId leader) {
    boolean led = true;
    boolean aligned = true;
    for (PartitionDescriptor half : halves) {
      Optional<NodeId> leads = view.leaderOf(half.getPartitionId());
      led &= leads.isPresent();
      if (leads.isPresent() && !leads.get().equals(leader)) {
        aligned = false;
        nodes.handOver(leads.get(), half.getPartitionId(), leader);
      }
    }
    if (!led) {
      return false;
    }
    long since =
        alignedSince.computeIfAbsent(halves.getFirst().getParentId(), _ -> System.nanoTime());
    return aligned || System.nanoTime() - since >= ALIGN_WITHIN.toNanos();
  }

  /** Activates an embryo at whoever leads it and has the parent's rows. */
  private boolean activate(PartitionDescriptor embryo, Set<NodeId> asked, long sealedIndex)
      throws InterruptedException {
    long id = embryo.getPartitionId();
    long end = System.nanoTime() + ACTIVATE_WITHIN.toNanos();
    while (true) {
      View view = nodes.look(asked, List.of(id));
      Optional<NodeId> leader = view.leaderOf(id);
      Optional<SplitReplica> replica = view.leading(id);
      if (replica.isPresent() && !replica.get().getEmbryo()) {
        return true;
      }
      if (replica.isPresent() && replica.get().getHasParentsRows()) {
        if (nodes.activate(leader.orElseThrow(), embryo, sealedIndex)) {
          return true;
        }
      } else if (leader.isPresent()) {
        // Its own replica of the parent lags: somebody leads who has the rows.
        asked.stream()
            .filter(
                node -> view.replica(node, id).filter(SplitReplica::getHasParentsRows).isPresent())
            .findFirst()
            .ifPresent(node -> nodes.handOver(leader.get(), id, node));
      }
      if (System.nanoTime() - end > 0) {
        return false;
      }
      Thread.sleep(ACTIVATE_PAUSE);
    }
  }

  // ---- a partition that has been split
  // ------------------------------------------------------------

  /** Goes when each of its replicas has handed over its rows, and nobody reads its change log. */
  private void retire(CatalogSnapshot snapshot, PartitionDescriptor closed) {
    long id = closed.getPartitionId();
    List<NodeId> there =
        replicas(closed).stream().filter(node -> snapshot.node(node).isPresent()).toList();
    View view = nodes.look(there, List.of(id));
    if (view.leaderOf(id).isEmpty()) {
      return;
    }
    for (NodeId node : there) {
      Optional<SplitReplica> replica = view.replica(node, id);
      if (replica.isEmpty() || !replica.get().getSealed() || replica.get().getChangesNeeded()) {
        return;
      }
    }
    if (steps.retire(closed) instanceof Step.Made) {
      LOG.info("partition {}, which was split, is not needed any more", id);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      var _ = thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
