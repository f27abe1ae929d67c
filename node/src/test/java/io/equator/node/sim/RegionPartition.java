package io.equator.node.sim;

import com.google.protobuf.ByteString;
import io.equator.node.changes.ChangeNeed;
import io.equator.node.changes.ChangeTrimmer;
import io.equator.node.core.ChangeReader;
import io.equator.node.core.EntryOutcome;
import io.equator.node.core.MetaRows;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.PartitionMachine;
import io.equator.node.core.PartitionReader;
import io.equator.node.core.PartitionWriter;
import io.equator.node.core.WriteLimits;
import io.equator.node.regions.LaneName;
import io.equator.node.regions.RegionLane;
import io.equator.node.regions.TimestampCloser;
import io.equator.node.service.HostedPartition;
import io.equator.partitioner.NodeId;
import io.equator.proto.Effect;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.ReplicationTarget;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.clock.HybridTimestamp;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.MembershipChange;
import io.equator.replication.log.Peer;
import io.equator.replication.log.Proposal;
import io.equator.replication.log.ReplicatedLog;
import io.equator.replication.sim.Simulation;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * One partition of a simulated region, with a log whose leader changes. The log is a model of one
 * that is committed in order: what is on its way when the leader changes is committed up to some
 * place, and nobody is told.
 */
final class RegionPartition {
  private static final WriteLimits LIMITS = new WriteLimits(8, 64 << 10, 3, 256, 1 << 20);

  private final SimulatedRegion region;
  private final RegionsRun run;
  private final Simulation simulation;
  private final long id;
  private final PartitionDescriptor descriptor;
  private final List<Committed> entries = new ArrayList<>();
  private PartitionMachine machine;
  private long term;
  private Leader leader;

  private record Committed(long term, ByteString bytes, Object outcome) {}

  RegionPartition(
      SimulatedRegion region,
      RegionsRun run,
      Simulation simulation,
      PartitionDescriptor descriptor) {
    this.region = region;
    this.run = run;
    this.simulation = simulation;
    this.id = descriptor.getPartitionId();
    this.descriptor = descriptor;
    this.machine = newMachine();
    this.leader = new Leader(++term);
  }

  private PartitionMachine newMachine() {
    Descriptor named =
        new Descriptor(
            descriptor.getEpoch(),
            descriptor.getRingId(),
            descriptor.getFirstToken(),
            descriptor.getLastToken());
    MetaRows.settle(region.store(), id, named, descriptor.getParentId(), "n");
    return new PartitionMachine(id, named, region.store(), region.flusher());
  }

  long id() {
    return id;
  }

  PartitionMachine machine() {
    return machine;
  }

  Leader leader() {
    return leader;
  }

  long lastIndex() {
    return entries.size() - 1L;
  }

  /** Puts an effect into the log, now or never. */
  void submit(Effect effect) {
    var _ = leader.hosted.writer().submit(effect);
  }

  // ---- leaders

  /** Another leader takes over. */
  void changeLeader() {
    simulation.note(region.name + " changes the leader of " + id);
    depose();
    elect();
  }

  void depose() {
    leader.depose();
  }

  void elect() {
    leader = new Leader(++term);
    leader.startLanes();
  }

  /** From what was durable, and the log. */
  void replay() {
    machine = newMachine();
    int from = (int) machine.durablePosition().index() + 1;
    for (int i = Math.max(0, from); i < entries.size(); i++) {
      Object again = machine.apply(entries.get(i).term(), i, entries.get(i).bytes());
      if (again != entries.get(i).outcome()) {
        run.judge().say(region.name + " applies entry " + i + " in another way after a crash");
      }
      if (again == EntryOutcome.ACTIVATED) {
        machine = machine.anew();
      }
    }
  }

  private Object commit(long inTerm, ByteString bytes) {
    ByteString said =
        run.bugs().isEmpty() ? bytes : RegionFaults.rewrite(region, run.bugs(), bytes);
    Object result = machine.apply(inTerm, entries.size(), said);
    entries.add(new Committed(inTerm, said, result));
    run.judge().applied(region, said);
    RegionFaults.afterApplying(region, run.bugs());
    if (result == EntryOutcome.ACTIVATED) {
      // Whoever leads it goes on from what it has taken over.
      machine = machine.anew();
      simulation.after(0, this::changeLeader);
    }
    region.wakeLanes();
    return result;
  }

  /** A replica that leads from its election until it learns of the next. */
  final class Leader implements ReplicatedLog {
    final long ownTerm;
    final long skewMillis = simulation.between(-RegionsRun.SKEW_MILLIS, RegionsRun.SKEW_MILLIS);
    final HybridClock clock =
        new HybridClock(() -> run.millis() + skewMillis, Duration.ofSeconds(1));
    final HostedPartition hosted;
    final Map<String, LaneDriver> lanes = new TreeMap<>();
    final TimestampCloser closer;
    final ChangeTrimmer trimmer;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private boolean deposed;
    private boolean knows;

    private record Waiting(ByteString bytes, CompletableFuture<Proposal> answer) {}

    Leader(long ownTerm) {
      this.ownTerm = ownTerm;
      PartitionWriter writer =
          new PartitionWriter(
              this,
              machine,
              region.store(),
              clock,
              () -> region.number,
              () -> run.millis() + skewMillis,
              LIMITS,
              end -> simulation.after(30 * Simulation.MILLIS, end));
      this.hosted =
          new HostedPartition(
              this,
              machine,
              writer,
              new PartitionReader(region.store(), machine.descriptor()),
              new ChangeReader(machine, region.store()));
      this.closer = new TimestampCloser(() -> HybridTimestamp.millisOf(clock.nextBits()));
      this.trimmer = new ChangeTrimmer(List.of((ChangeNeed) (_, _) -> needed()));
    }

    /** A target that does not answer is given up at times: it will be walked for again. */
    private long needed() {
      if (run.isImpatient() && simulation.chance(0.1)) {
        return ChangeNeed.NOTHING;
      }
      long needed = ChangeNeed.NOTHING;
      for (ReplicationTarget target : region.targets()) {
        LaneDriver lane = lanes.get(target.getRegion());
        needed = Math.min(needed, lane == null ? 0 : lane.lane.neededFrom());
      }
      return needed;
    }

    void startLanes() {
      if (machine.waits()) {
        return;
      }
      Map<String, LaneDriver> former = new TreeMap<>(lanes);
      lanes.clear();
      for (ReplicationTarget target : region.targets()) {
        LaneDriver lane = former.remove(target.getRegion());
        if (lane == null || lane.target.getGeneration() != target.getGeneration()) {
          if (lane != null) {
            lane.stop();
          }
          lane = new LaneDriver(this, target);
        }
        lanes.put(target.getRegion(), lane);
        lane.start();
      }
      former.values().forEach(LaneDriver::stop);
    }

    private void depose() {
      List<Waiting> unknown = new ArrayList<>(waiting);
      int committed = (int) simulation.between(0, waiting.size());
      for (int i = 0; i < committed; i++) {
        commit(ownTerm, waiting.remove().bytes());
      }
      deposed = true;
      waiting.clear();
      simulation.after(
          simulation.between(0, 300 * Simulation.MILLIS),
          () -> {
            knows = true;
            lanes.values().forEach(LaneDriver::stop);
            unknown.forEach(one -> one.answer().complete(new Proposal.Indeterminate()));
          });
    }

    private void commitNext() {
      Waiting next = waiting.poll();
      if (next != null) {
        long index = entries.size();
        Object result = commit(ownTerm, next.bytes());
        next.answer()
            .complete(
                simulation.chance(0.01)
                    ? new Proposal.Indeterminate()
                    : new Proposal.Applied(ownTerm, index, result));
      }
    }

    @Override
    public GroupId group() {
      return GroupId.ofPartition(id);
    }

    @Override
    public CompletableFuture<Proposal> propose(long expectedTerm, ByteString entry) {
      if (knows || expectedTerm != ownTerm) {
        return CompletableFuture.completedFuture(new Proposal.NotLeader(Optional.empty()));
      }
      Waiting one = new Waiting(entry, new CompletableFuture<>());
      if (deposed) {
        simulation.after(
            100 * Simulation.MILLIS, () -> one.answer().complete(new Proposal.Indeterminate()));
        return one.answer();
      }
      waiting.add(one);
      simulation.after(
          simulation.between(Simulation.MILLIS / 2, 6 * Simulation.MILLIS),
          () -> {
            if (!deposed) {
              commitNext();
            }
          });
      return one.answer();
    }

    @Override
    public Leadership leadership() {
      return knows
          ? new Leadership.Follower(ownTerm + 1, Optional.empty())
          : new Leadership.Leader(ownTerm, true);
    }

    @Override
    public long currentTerm() {
      return ownTerm;
    }

    @Override
    public CompletableFuture<Boolean> confirmLeadership() {
      CompletableFuture<Boolean> confirmed = new CompletableFuture<>();
      simulation.after(Simulation.MILLIS, () -> confirmed.complete(!deposed));
      return confirmed;
    }

    @Override
    public void requestSnapshot() {}

    @Override
    public List<NodeId> members() {
      return List.of();
    }

    @Override
    public CompletableFuture<MembershipChange> changeMembers(List<Peer> before, List<Peer> after) {
      throw new UnsupportedOperationException("its members do not change");
    }

    @Override
    public void transferTo(NodeId successor) {}

    @Override
    public void stepDown() {}

    @Override
    public void close() {}
  }

  /** Does what a lane says, over a network that loses and repeats. */
  final class LaneDriver {
    final RegionLane lane;
    private final Leader of;
    private final ReplicationTarget target;
    private boolean started;
    private boolean stopped;
    private boolean resting;
    private long rests;

    LaneDriver(Leader of, ReplicationTarget target) {
      this.of = of;
      this.target = target;
      this.lane =
          new RegionLane(
              of.hosted,
              new LaneName(SimulatedRegion.TABLE, target.getRegion(), target.getGeneration()),
              () -> RegionFaults.catalogOfLanes(region, run.bugs()),
              () -> run.millis() + of.skewMillis);
    }

    void start() {
      if (!started) {
        started = true;
        simulation.after(0, this::step);
      }
    }

    void stop() {
      stopped = true;
    }

    /** There may be something to send. */
    void wake() {
      if (resting) {
        resting = false;
        step();
      }
    }

    private void again(long nanos) {
      simulation.after(nanos, this::step);
    }

    private void step() {
      if (stopped) {
        return;
      }
      switch (lane.next()) {
        case RegionLane.Step.Wait(long millis) -> {
          resting = true;
          long number = ++rests;
          simulation.after(
              Math.clamp(millis, 1, 400) * Simulation.MILLIS,
              () -> {
                if (number == rests) {
                  wake();
                }
              });
        }
        case RegionLane.Step.Submit(var effect) ->
            of.hosted.writer().submit(effect).whenComplete((_, _) -> again(5 * Simulation.MILLIS));
        case RegionLane.Step.Ask(var request) ->
            run.call(
                region,
                target.getRegion(),
                to -> RegionFaults.cursor(region, run, id, to, request),
                lane::answered,
                () -> lane.failed("no answer"),
                () -> again(0));
        case RegionLane.Step.Send(var request) -> {
          run.judge().sent(region, target, request);
          run.call(
              region,
              target.getRegion(),
              to -> to.inbox().apply(request),
              response -> lane.answered(request, response),
              () -> lane.failed("no answer"),
              () -> again(0));
        }
      }
    }
  }
}
