package io.equator.node.sim;

import io.equator.coordinator.cluster.ReplicaSteps.Step;
import io.equator.coordinator.cluster.SplitSteps;
import io.equator.node.core.TestTables;
import io.equator.partitioner.NodeId;
import io.equator.proto.ActivatePartition;
import io.equator.proto.ActivateRequest;
import io.equator.proto.ActivateResponse;
import io.equator.proto.LeadRequest;
import io.equator.proto.LeadResponse;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.PartitionDescriptor.State;
import io.equator.proto.PartitionRef;
import io.equator.proto.SealRequest;
import io.equator.proto.SealResponse;
import io.equator.proto.SplitReplica;
import io.equator.proto.SplitStatus;
import io.equator.proto.SplitStatusRequest;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.sim.Simulation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * The splits of a run with moves: the commits are the real ones, the steps between them are those
 * of {@code PartitionSplits}, made of messages.
 */
final class MoveSplits {
  private static final int PARTITIONS_MAX = 4;
  private static final long ANSWER_WITHIN = 40 * Simulation.MILLIS;
  private static final double BEGIN = 0.06;

  private final MoveRun run;
  private final Simulation simulation;
  private final SplitSteps steps;
  private final Map<Long, Long> sealed = new HashMap<>();
  private final Set<Long> active = new HashSet<>();
  private int made;

  MoveSplits(MoveRun run, Simulation simulation, MoveCatalog catalog) {
    this.run = run;
    this.simulation = simulation;
    this.steps = new SplitSteps(catalog, run::millis);
  }

  int made() {
    return made;
  }

  void round(CatalogSnapshot copy) {
    try {
      boolean busy = false;
      for (PartitionDescriptor partition : copy.partitionDescriptors()) {
        if (partition.getState() == State.CLOSED) {
          retire(partition);
        } else if (partition.hasSplit()) {
          busy = true;
          drive(copy, partition);
        }
      }
      if (!busy && run.isFaulty() && simulation.chance(BEGIN)) {
        begin(copy);
      }
    } catch (CatalogUnavailableException _) {
      simulation.note("the catalog is away");
    }
  }

  /** Between two items, so that both halves have something. */
  private void begin(CatalogSnapshot copy) {
    List<PartitionDescriptor> serving =
        copy.partitionDescriptors().stream()
            .filter(partition -> partition.getState() == State.SERVING)
            .filter(partition -> isWhole(copy, partition))
            .toList();
    if (serving.isEmpty() || copy.partitions().ring(1).partitions().size() >= PARTITIONS_MAX) {
      return;
    }
    PartitionDescriptor partition = serving.get(simulation.random().nextInt(serving.size()));
    long token = TestTables.token("k" + simulation.random().nextInt(5)) + simulation.between(0, 1);
    if (steps.begin(partition.getPartitionId(), OptionalLong.of(token), "") instanceof Step.Made) {
      simulation.note("split of " + partition.getPartitionId() + " begins");
    }
  }

  /** One that comes of a split itself is split only when that has come to every replica. */
  private boolean isWhole(CatalogSnapshot copy, PartitionDescriptor partition) {
    Map<NodeId, MoveNode> running = run.running();
    return copy.partitionDescriptor(partition.getParentId()).isEmpty()
        || replicas(partition).stream()
            .map(running::get)
            .allMatch(node -> node != null && node.partition(partition.getPartitionId()) != null);
  }

  private static List<NodeId> replicas(PartitionDescriptor partition) {
    return partition.getReplicaNodeIdsList().stream().map(NodeId::new).toList();
  }

  private static PartitionRef reference(PartitionDescriptor partition) {
    return PartitionRef.newBuilder()
        .setPartitionId(partition.getPartitionId())
        .setEpoch(partition.getEpoch())
        .build();
  }

  private void drive(CatalogSnapshot copy, PartitionDescriptor partition) {
    long id = partition.getPartitionId();
    List<PartitionDescriptor> halves = new ArrayList<>();
    copy.partitionDescriptor(partition.getSplit().getFirstId()).ifPresent(halves::add);
    copy.partitionDescriptor(partition.getSplit().getSecondId()).ifPresent(halves::add);
    Long index = sealed.get(id);
    if (index == null) {
      SealRequest request =
          SealRequest.newBuilder()
              .setPartition(reference(partition))
              .setSeal(SplitRun.seal(partition))
              .build();
      for (NodeId node : replicas(partition)) {
        run.<SealResponse>deliverTo(
            node,
            0,
            target -> reply -> target.splits().seal(request, reply),
            answer -> {
              if (answer.hasSealed()) {
                sealed.put(id, answer.getSealed().getIndex());
              }
            });
      }
      return;
    }
    for (PartitionDescriptor half : halves) {
      if (!active.contains(half.getPartitionId())) {
        activate(half, index);
      }
    }
    if (halves.size() == 2
        && halves.stream().allMatch(half -> active.contains(half.getPartitionId()))
        && steps.swap(partition, index) instanceof Step.Made) {
      simulation.note("partition " + id + " is split");
      made++;
    }
  }

  private void activate(PartitionDescriptor half, long index) {
    ActivateRequest request =
        ActivateRequest.newBuilder()
            .setPartition(reference(half))
            .setActivate(
                ActivatePartition.newBuilder()
                    .setParentPartitionId(half.getParentId())
                    .setSealedIndex(index))
            .build();
    leadWhereTheRowsAre(half);
    for (NodeId node : replicas(half)) {
      run.<ActivateResponse>deliverTo(
          node,
          0,
          target -> reply -> target.splits().activate(request, reply),
          answer -> {
            if (!answer.hasRedirect()) {
              active.add(half.getPartitionId());
            }
          });
    }
  }

  /** A leader whose own replica of the parent came without its rows cannot activate its half. */
  private void leadWhereTheRowsAre(PartitionDescriptor half) {
    SplitStatusRequest request =
        SplitStatusRequest.newBuilder().addPartitionIds(half.getPartitionId()).build();
    Map<NodeId, SplitReplica> view = new TreeMap<>();
    for (NodeId node : replicas(half)) {
      run.<SplitStatus>deliverTo(
          node,
          0,
          target -> reply -> target.splits().status(request, reply),
          answer -> answer.getReplicasList().forEach(replica -> view.put(node, replica)));
    }
    simulation.after(
        ANSWER_WITHIN,
        () -> {
          for (NodeId leader : view.keySet()) {
            SplitReplica leading = view.get(leader);
            if (leading == null || !leading.getLeads() || leading.getHasParentsRows()) {
              continue;
            }
            view.entrySet().stream()
                .filter(each -> each.getValue().getHasParentsRows())
                .findFirst()
                .ifPresent(
                    each ->
                        run.<LeadResponse>deliverTo(
                            leader,
                            0,
                            target ->
                                reply ->
                                    target
                                        .splits()
                                        .lead(
                                            LeadRequest.newBuilder()
                                                .setPartitionId(half.getPartitionId())
                                                .setToNodeId(each.getKey().value())
                                                .build(),
                                            reply),
                            _ -> {}));
          }
        });
  }

  private void retire(PartitionDescriptor closed) {
    long id = closed.getPartitionId();
    SplitStatusRequest request = SplitStatusRequest.newBuilder().addPartitionIds(id).build();
    Map<NodeId, SplitReplica> view = new TreeMap<>();
    for (NodeId node : replicas(closed)) {
      run.<SplitStatus>deliverTo(
          node,
          0,
          target -> reply -> target.splits().status(request, reply),
          answer -> answer.getReplicasList().forEach(replica -> view.put(node, replica)));
    }
    simulation.after(
        ANSWER_WITHIN,
        () -> {
          // A node that is gone for good, and out of the catalog, hands nothing over any more.
          List<NodeId> there = replicas(closed).stream().filter(node -> run.isNamed(node)).toList();
          boolean over =
              view.keySet().containsAll(there)
                  && view.values().stream().anyMatch(SplitReplica::getLeads)
                  && view.values().stream()
                      .allMatch(replica -> replica.getSealed() && !replica.getChangesNeeded());
          if (over) {
            try {
              if (steps.retire(closed) instanceof Step.Made) {
                simulation.note("partition " + id + " is retired");
              }
            } catch (CatalogUnavailableException _) {
              simulation.note("the catalog is away");
            }
          }
        });
  }
}
