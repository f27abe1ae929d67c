package io.equator.coordinator.cluster;

import io.equator.coordinator.cluster.ReplicaSteps.Step;
import io.equator.coordinator.cluster.SplitNodes.View;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.PartitionId;
import io.equator.partitioner.SplitPlanner;
import io.equator.partitioner.SplitPlanner.Candidate;
import io.equator.partitioner.SplitRules;
import io.equator.partitioner.TokenRange;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.PartitionDescriptor.State;
import io.equator.proto.SplitReplica;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins splits by itself: asks the nodes how big partitions are and how much is asked of them, and
 * lets {@link SplitPlanner} say which one is next. Used by the thread of {@link PartitionSplits}.
 */
final class AutomaticSplits {
  private static final Logger LOG = LoggerFactory.getLogger(AutomaticSplits.class);
  private static final long EVERY_MILLIS = 2_000;

  private final SplitRules rules;
  private final SplitNodes nodes;
  private final SplitSteps steps;
  private final LongSupplier wallMillis;
  private SplitPlanner planner;
  private long lookedMillis;

  AutomaticSplits(SplitRules rules, SplitNodes nodes, SplitSteps steps, LongSupplier wallMillis) {
    this.rules = rules;
    this.nodes = nodes;
    this.steps = steps;
    this.wallMillis = wallMillis;
    this.planner = new SplitPlanner(rules);
  }

  /** Somebody else looks from now on: what was seen so far is old when this one looks again. */
  void forget() {
    planner = new SplitPlanner(rules);
  }

  /** One look at everything, from time to time. */
  void look(CatalogSnapshot snapshot) {
    long now = wallMillis.getAsLong();
    if (!rules.isOn() || Math.abs(now - lookedMillis) < EVERY_MILLIS) {
      return;
    }
    lookedMillis = now;
    planner
        .plan(candidates(snapshot), busyRings(snapshot), now)
        .ifPresent(
            plan -> {
              switch (steps.begin(plan.partition().value(), plan.token(), plan.reason())) {
                case Step.Made() -> LOG.info("{} is split: {}", plan.partition(), plan.reason());
                case Step.Refused(String why) ->
                    LOG.info("{} is not split now: {}", plan.partition(), why);
              }
            });
  }

  private static Set<Integer> busyRings(CatalogSnapshot snapshot) {
    Set<Integer> busy = new HashSet<>();
    for (PartitionDescriptor partition : snapshot.partitionDescriptors()) {
      if (partition.getState() == State.SERVING && partition.hasSplit()) {
        busy.add(partition.getRingId());
      }
    }
    return busy;
  }

  private List<Candidate> candidates(CatalogSnapshot snapshot) {
    Map<String, Integer> held = new HashMap<>();
    Set<NodeId> asked = new LinkedHashSet<>();
    List<PartitionDescriptor> still = new ArrayList<>();
    for (PartitionDescriptor partition : snapshot.partitionDescriptors()) {
      // Of any state: each is a Raft group.
      partition.getReplicaNodeIdsList().forEach(node -> held.merge(node, 1, Integer::sum));
      if (partition.getState() == State.SERVING
          && !partition.hasSplit()
          && partition.getJoiningNodeId().isEmpty()) {
        still.add(partition);
        partition.getReplicaNodeIdsList().forEach(node -> asked.add(new NodeId(node)));
      }
    }
    View view = nodes.look(asked, still.stream().map(PartitionDescriptor::getPartitionId).toList());
    List<Candidate> candidates = new ArrayList<>();
    for (PartitionDescriptor partition : still) {
      candidate(partition, view, held).ifPresent(candidates::add);
    }
    return candidates;
  }

  /** Empty when not all of its replicas are well. */
  private static Optional<Candidate> candidate(
      PartitionDescriptor partition, View view, Map<String, Integer> held) {
    long id = partition.getPartitionId();
    Optional<SplitReplica> leading = view.leading(id);
    double rows = 0;
    int fullest = 0;
    for (String node : partition.getReplicaNodeIdsList()) {
      Optional<SplitReplica> replica = view.replica(new NodeId(node), id);
      if (replica.isEmpty() || replica.get().getEmbryo()) {
        return Optional.empty();
      }
      rows += replica.get().getReadsPerSecond() + replica.get().getWritesPerSecond();
      fullest = Math.max(fullest, held.getOrDefault(node, 0));
    }
    if (leading.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Candidate(
            new PartitionId(id),
            partition.getRingId(),
            TokenRange.of(partition.getFirstToken(), partition.getLastToken()),
            leading.get().getSizeBytes(),
            rows,
            leading.get().hasHeatToken()
                ? OptionalLong.of(leading.get().getHeatToken())
                : OptionalLong.empty(),
            partition.getChangedMillis(),
            fullest));
  }
}
