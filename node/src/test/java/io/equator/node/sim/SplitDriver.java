package io.equator.node.sim;

import io.equator.node.core.TestTables;
import io.equator.partitioner.NodeId;
import io.equator.proto.ActivatePartition;
import io.equator.proto.ActivateRequest;
import io.equator.proto.ActivateResponse;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.PartitionDescriptor.State;
import io.equator.proto.PartitionRef;
import io.equator.proto.PartitionSplit;
import io.equator.proto.RingDescriptor;
import io.equator.proto.SealRequest;
import io.equator.proto.SealResponse;
import io.equator.proto.SplitReplica;
import io.equator.proto.SplitStatus;
import io.equator.proto.SplitStatusRequest;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.sim.Simulation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The control plane of splits, made of messages that are lost, late and doubled, and of commits to
 * the catalog. It makes the steps of {@code PartitionSplits}, forgetful as that is: everything it
 * knows comes from the catalog and from answers, also old ones.
 */
final class SplitDriver {
  private static final int PARTITIONS_MAX = 6;
  private static final long ROUND = 60 * Simulation.MILLIS;
  private static final long LATE_MAX = 1_500 * Simulation.MILLIS;

  private final SplitRun run;
  private final Simulation simulation;

  /** Where each partition was sealed, as a leader of it has said. */
  private final Map<Long, Long> sealed = new TreeMap<>();

  /** Nodes that have said of a closed partition that they are done with it. */
  private final Map<Long, Set<NodeId>> released = new TreeMap<>();

  /** Closed partitions whose change log nobody needs, as a leader has said. */
  private final Set<Long> unread = new HashSet<>();

  private final Set<Long> active = new HashSet<>();
  private long nextId = 100;
  private int made;
  private int retired;

  SplitDriver(SplitRun run, Simulation simulation) {
    this.run = run;
    this.simulation = simulation;
  }

  int made() {
    return made;
  }

  int retired() {
    return retired;
  }

  void start() {
    simulation.after(ROUND, this::round);
  }

  private void round() {
    CatalogSnapshot snapshot = run.truth();
    boolean busy = false;
    for (PartitionDescriptor partition : List.copyOf(snapshot.partitionDescriptors())) {
      if (partition.getState() == State.CLOSED) {
        askWhetherReleased(partition);
      } else if (partition.hasSplit()) {
        busy = true;
        drive(snapshot, partition);
      }
    }
    if (!busy && run.isFaulty() && simulation.chance(0.15)) {
      begin(snapshot);
    }
    simulation.after(ROUND, this::round);
  }

  /** Between two items, so that both halves have something. */
  private void begin(CatalogSnapshot snapshot) {
    List<PartitionDescriptor> serving =
        snapshot.partitionDescriptors().stream()
            .filter(partition -> partition.getState() == State.SERVING)
            // The heir of a partition that is not gone yet may not be everywhere.
            .filter(partition -> snapshot.partitionDescriptor(partition.getParentId()).isEmpty())
            .toList();
    if (serving.isEmpty() || snapshot.partitions().ring(1).partitions().size() >= PARTITIONS_MAX) {
      return;
    }
    PartitionDescriptor partition = serving.get(simulation.random().nextInt(serving.size()));
    long token = TestTables.token("k" + simulation.random().nextInt(5)) + simulation.between(0, 1);
    if (Long.compareUnsigned(token, partition.getFirstToken()) <= 0
        || Long.compareUnsigned(token, partition.getLastToken()) > 0) {
      return;
    }
    long first = nextId++;
    long second = nextId++;
    PartitionDescriptor.Builder half =
        partition.toBuilder()
            .setEpoch(partition.getEpoch() + 1)
            .setState(State.EMBRYO)
            .setParentId(partition.getPartitionId())
            .setGeneration(partition.getGeneration() + 1);
    CatalogEvent.Builder event = CatalogEvent.newBuilder();
    put(
        event,
        partition.toBuilder()
            .setSplit(
                PartitionSplit.newBuilder().setToken(token).setFirstId(first).setSecondId(second))
            .build());
    put(event, half.setPartitionId(first).setLastToken(token - 1).build());
    put(
        event,
        half.setPartitionId(second)
            .setFirstToken(token)
            .setLastToken(partition.getLastToken())
            .build());
    simulation.note("split of " + partition.getPartitionId() + " begins");
    run.commit(event);
  }

  private static void put(CatalogEvent.Builder event, PartitionDescriptor partition) {
    event.addPuts(
        CatalogObject.newBuilder()
            .setKey("partition/" + partition.getPartitionId())
            .setPartition(partition));
  }

  private long late() {
    return run.isFaulty() && simulation.chance(0.1) ? simulation.between(0, LATE_MAX) : 0;
  }

  private void drive(CatalogSnapshot snapshot, PartitionDescriptor partition) {
    long id = partition.getPartitionId();
    List<PartitionDescriptor> halves = new ArrayList<>();
    snapshot.partitionDescriptor(partition.getSplit().getFirstId()).ifPresent(halves::add);
    snapshot.partitionDescriptor(partition.getSplit().getSecondId()).ifPresent(halves::add);
    Long index = sealed.get(id);
    if (index == null) {
      for (NodeId node : run.allNodes()) {
        run.<SealResponse>deliverTo(
            node,
            late(),
            target ->
                reply ->
                    target
                        .splits()
                        .seal(
                            SealRequest.newBuilder()
                                .setPartition(reference(partition))
                                .setSeal(SplitRun.seal(partition))
                                .build(),
                            reply),
            answer -> {
              if (answer.hasSealed()) {
                sealed.put(id, answer.getSealed().getIndex());
              }
            });
      }
    }
    if (index != null) {
      for (PartitionDescriptor half : halves) {
        if (!active.contains(half.getPartitionId())) {
          activate(half, index);
        }
      }
    }
    if (index != null && halves.stream().allMatch(half -> active.contains(half.getPartitionId()))) {
      swap(snapshot, partition, halves, index);
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
    for (NodeId node : run.allNodes()) {
      run.<ActivateResponse>deliverTo(
          node,
          late(),
          target -> reply -> target.splits().activate(request, reply),
          answer -> {
            if (!answer.hasRedirect()) {
              active.add(half.getPartitionId());
            }
          });
    }
  }

  private void swap(
      CatalogSnapshot snapshot,
      PartitionDescriptor partition,
      List<PartitionDescriptor> halves,
      long index) {
    RingDescriptor.Builder ring =
        RingDescriptor.newBuilder()
            .setRingId(1)
            .setHashAlgorithm(1)
            .setHashSeed(com.google.protobuf.ByteString.copyFrom(new byte[16]));
    snapshot
        .partitions()
        .ring(1)
        .partitions()
        .forEach(
            each -> {
              if (each.id().value() == partition.getPartitionId()) {
                halves.forEach(half -> ring.addPartitionIds(half.getPartitionId()));
              } else {
                ring.addPartitionIds(each.id().value());
              }
            });
    CatalogEvent.Builder event =
        CatalogEvent.newBuilder()
            .addPuts(CatalogObject.newBuilder().setKey("ring/1").setRing(ring));
    PartitionDescriptor.Builder closed =
        partition.toBuilder().setState(State.CLOSED).setChangedMillis(run.millis());
    closed.getSplitBuilder().setSealedIndex(index);
    put(event, closed.build());
    halves.forEach(
        half ->
            put(
                event,
                half.toBuilder().setState(State.SERVING).setChangedMillis(run.millis()).build()));
    simulation.note("partition " + partition.getPartitionId() + " is split");
    made++;
    run.commit(event);
  }

  private void askWhetherReleased(PartitionDescriptor closed) {
    long id = closed.getPartitionId();
    Set<NodeId> done = released.computeIfAbsent(id, _ -> new HashSet<>());
    SplitStatusRequest request = SplitStatusRequest.newBuilder().addPartitionIds(id).build();
    for (NodeId node : run.allNodes()) {
      run.<SplitStatus>deliverTo(
          node,
          late(),
          target -> reply -> target.splits().status(request, reply),
          answer -> {
            for (SplitReplica replica : answer.getReplicasList()) {
              if (replica.getSealed() && !replica.getChangesNeeded()) {
                done.add(node);
                if (replica.getLeads()) {
                  unread.add(id);
                }
                run.readToTheEnd(node, id);
              }
            }
          });
    }
    if (unread.contains(id) && done.size() == run.allNodes().size()) {
      retired++;
      run.retired(id);
      run.commit(CatalogEvent.newBuilder().addDeletes("partition/" + id));
    }
  }

  private static PartitionRef reference(PartitionDescriptor partition) {
    return PartitionRef.newBuilder()
        .setPartitionId(partition.getPartitionId())
        .setEpoch(partition.getEpoch())
        .build();
  }
}
