package io.equator.node.sim;

import com.google.protobuf.ByteString;
import io.equator.coordinator.regions.Inbox;
import io.equator.coordinator.regions.InboxAccess;
import io.equator.coordinator.router.Plan;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.Routed;
import io.equator.model.error.ApiError;
import io.equator.model.error.ErrorCode;
import io.equator.model.item.StoredValue;
import io.equator.node.changes.ChangeNeed;
import io.equator.node.changes.ChangeTrimmer;
import io.equator.node.core.ChangeReader;
import io.equator.node.core.Family;
import io.equator.node.core.ItemVersion;
import io.equator.node.core.PartitionMachine;
import io.equator.node.core.PartitionReader;
import io.equator.node.core.PartitionWriter;
import io.equator.node.core.StoreFlusher;
import io.equator.node.core.StoreKeys;
import io.equator.node.core.TestTables;
import io.equator.node.core.Tombstones;
import io.equator.node.core.TreeStore;
import io.equator.node.core.WriteLimits;
import io.equator.node.regions.LaneName;
import io.equator.node.regions.RegionLane;
import io.equator.node.regions.TimestampCloser;
import io.equator.node.regions.TombstoneSweep;
import io.equator.node.service.HostedPartition;
import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResults;
import io.equator.proto.ItemKey;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.ReplicationTarget;
import io.equator.proto.RingDescriptor;
import io.equator.proto.TableReplication;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.proto.WriteResults;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One region: one partition with a log whose leader changes and crashes, and a coordinator. The log
 * is a model of one that is committed in order: what is on its way when the leader changes is
 * committed up to some place, and nobody is told.
 */
final class SimulatedRegion {
  static final int TABLE = 7;
  static final long PARTITION_BASE = 10;
  private static final WriteLimits LIMITS = new WriteLimits(8, 64 << 10, 3, 256, 1 << 20);
  private static final ApiError INTERNAL =
      new ApiError(ErrorCode.INTERNAL_SERVER_ERROR, "Internal server error");
  private static final int ATTEMPTS_MAX = 12;

  private final RegionsRun run;
  private final Simulation simulation;
  final int number;
  final String name;
  private final List<Committed> entries = new ArrayList<>();
  private CatalogSnapshot catalog;
  private long revision = 1;
  private long schemaVersion = 1;
  private TreeStore store = new TreeStore();
  private PartitionMachine machine;
  private long term;
  private Leader leader;
  private Inbox inbox;

  private record Committed(long term, ByteString bytes, Object outcome) {}

  SimulatedRegion(RegionsRun run, Simulation simulation, int number) {
    this.run = run;
    this.simulation = simulation;
    this.number = number;
    this.name = "region-" + number;
    this.machine = machine();
    this.catalog = CatalogSnapshot.empty().with(founding());
    this.inbox = new Inbox(new Access());
    this.leader = new Leader(++term);
  }

  long partition() {
    return PARTITION_BASE + number;
  }

  private PartitionMachine machine() {
    return new PartitionMachine(partition(), TestTables.EVERYTHING, store, new StoreFlusher(store));
  }

  // ---- the catalog

  private CatalogEvent founding() {
    byte[] seed = new byte[16];
    seed[0] = (byte) number; // tokens are a region's own
    return CatalogEvent.newBuilder()
        .setRevision(revision)
        .setFull(true)
        .addPuts(
            CatalogObject.newBuilder()
                .setKey("cluster")
                .setCluster(ClusterDescriptor.newBuilder().setRegion(name).setRegionNumber(number)))
        .addPuts(
            CatalogObject.newBuilder()
                .setKey("ring/1")
                .setRing(
                    RingDescriptor.newBuilder()
                        .setRingId(1)
                        .setHashAlgorithm(1)
                        .setHashSeed(ByteString.copyFrom(seed))
                        .addPartitionIds(partition())))
        .addPuts(
            CatalogObject.newBuilder()
                .setKey("partition/" + partition())
                .setPartition(
                    PartitionDescriptor.newBuilder()
                        .setPartitionId(partition())
                        .setEpoch(1)
                        .setRingId(1)
                        .setFirstToken(0)
                        .setLastToken(-1L)
                        .addReplicaNodeIds("n")))
        .build();
  }

  /** The catalog learns who has the table. */
  void know(List<ReplicationTarget> targets) {
    revision++;
    schemaVersion++;
    catalog =
        catalog.with(
            CatalogEvent.newBuilder()
                .setRevision(revision)
                .addPuts(
                    CatalogObject.newBuilder()
                        .setKey("table/table7")
                        .setVersion(revision)
                        .setTable(
                            TestTables.plain(TABLE).toBuilder()
                                .setSchemaVersion(schemaVersion)
                                .setReplication(
                                    TableReplication.newBuilder()
                                        .setGlobalTableId("g")
                                        .addAllTargets(targets))))
                .build());
    leader.startLanes();
  }

  Optional<TableView> table() {
    return catalog.table(TABLE);
  }

  List<ReplicationTarget> targets() {
    return table()
        .map(table -> table.descriptor().getReplication().getTargetsList())
        .orElse(List.of());
  }

  CatalogSnapshot catalog() {
    return catalog;
  }

  ItemKey key(int key) {
    ItemKey plain = TestTables.key("k" + key, key);
    return plain.toBuilder()
        .setToken(catalog.tokenHash(1).token(plain.getPartitionKey().toByteArray()))
        .build();
  }

  /** The key as the store has it behind the table and the index. */
  ByteString suffix(int key) {
    byte[] row = StoreKeys.item(TABLE, key(key));
    return ByteString.copyFrom(row, 5, row.length - 5);
  }

  // ---- what is stored

  /** The stored item or tombstone of a key. */
  @Nullable StoredValue stored(int key) {
    byte[] row = StoreKeys.item(TABLE, key(key));
    byte[] item = store.get(Family.ITEMS, row);
    if (item != null) {
      return StoredValue.read(item);
    }
    byte[] tombstone = store.get(Family.TOMBSTONES, row);
    return tombstone == null ? null : Tombstones.value(tombstone);
  }

  TreeStore store() {
    return store;
  }

  long lastIndex() {
    return entries.size() - 1L;
  }

  int tombstones() {
    return store.all(Family.TOMBSTONES).size();
  }

  long changesKept() {
    return machine.changesKept(TABLE).records();
  }

  // ---- leaders

  Leader leader() {
    return leader;
  }

  Inbox inbox() {
    return inbox;
  }

  long millis() {
    return run.millis() + leader.skewMillis;
  }

  /** Another leader takes over; with a crash the state comes from what was durable. */
  void changeLeader(boolean crash) {
    simulation.note(name + (crash ? " crashes" : " changes its leader"));
    Leader old = leader;
    old.depose();
    if (crash) {
      store = store.afterPowerLoss();
      machine = machine();
      int from = (int) machine.durablePosition().index() + 1;
      for (int i = Math.max(0, from); i < entries.size(); i++) {
        Object again = machine.apply(entries.get(i).term(), i, entries.get(i).bytes());
        if (again != entries.get(i).outcome()) {
          run.judge().say(name + " applies entry " + i + " in another way after a crash");
        }
      }
      inbox = new Inbox(new Access());
    }
    leader = new Leader(++term);
    leader.startLanes();
  }

  void flush() {
    machine.flush();
  }

  private Object commit(long inTerm, ByteString bytes) {
    ByteString said = run.bugs().isEmpty() ? bytes : RegionFaults.rewrite(this, run.bugs(), bytes);
    Object result = machine.apply(inTerm, entries.size(), said);
    entries.add(new Committed(inTerm, said, result));
    run.judge().applied(this, said);
    RegionFaults.afterApplying(this, run.bugs());
    if (leader != null) {
      leader.lanes.values().forEach(lane -> simulation.after(0, lane::wake));
    }
    return result;
  }

  /** Regular duties of the leader and its coordinator. */
  void look() {
    if (table().isEmpty()) {
      return;
    }
    leader.closer.look(catalog, List.of(leader.hosted));
    leader.trimmer.trim(leader.hosted);
  }

  /** Up to when everything written here is in all other regions, for one that asks. */
  long resolvedFor(@Nullable SimulatedRegion asking) {
    List<ReplicationTarget> targets = targets();
    boolean known =
        asking == null || targets.stream().anyMatch(t -> t.getRegion().equals(asking.name));
    if (!known || targets.isEmpty()) {
      return 0;
    }
    long least = -1L;
    for (ReplicationTarget target : targets) {
      LaneDriver lane = leader.lanes.get(target.getRegion());
      long resolved = lane == null ? 0 : lane.lane.resolved();
      least = Long.compareUnsigned(resolved, least) < 0 ? resolved : least;
    }
    return least;
  }

  void dropTombstones(long horizon) {
    if (horizon != 0) {
      TombstoneSweep.next(leader.hosted, TABLE, horizon, ByteString.EMPTY)
          .effect()
          .ifPresent(effect -> leader.hosted.writer().submit(effect));
    }
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
              store,
              clock,
              () -> number,
              () -> run.millis() + skewMillis,
              LIMITS,
              end -> simulation.after(30 * Simulation.MILLIS, end));
      this.hosted =
          new HostedPartition(
              this,
              machine,
              writer,
              new PartitionReader(store, TestTables.EVERYTHING),
              new ChangeReader(machine, store));
      this.closer = new TimestampCloser(() -> HybridTimestamp.millisOf(clock.nextBits()));
      this.trimmer = new ChangeTrimmer(List.of((ChangeNeed) (_, _) -> needed()));
    }

    /** A target that does not answer is given up at times: it will be walked for again. */
    private long needed() {
      if (run.isImpatient() && simulation.chance(0.1)) {
        return ChangeNeed.NOTHING;
      }
      long needed = ChangeNeed.NOTHING;
      for (ReplicationTarget target : targets()) {
        LaneDriver lane = lanes.get(target.getRegion());
        needed = Math.min(needed, lane == null ? 0 : lane.lane.neededFrom());
      }
      return needed;
    }

    void startLanes() {
      for (ReplicationTarget target : targets()) {
        lanes.computeIfAbsent(target.getRegion(), _ -> new LaneDriver(this, target)).start();
      }
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
      return GroupId.ofPartition(partition());
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
              new LaneName(TABLE, target.getRegion(), target.getGeneration()),
              SimulatedRegion.this::catalog,
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
                SimulatedRegion.this,
                target.getRegion(),
                to -> RegionFaults.cursor(SimulatedRegion.this, run, to, request),
                lane::answered,
                () -> lane.failed("no answer"),
                () -> again(0));
        case RegionLane.Step.Send(var request) -> {
          run.judge().sent(SimulatedRegion.this, target, request);
          run.call(
              SimulatedRegion.this,
              target.getRegion(),
              to -> to.inbox.apply(request),
              response -> lane.answered(request, response),
              () -> lane.failed("no answer"),
              () -> again(0));
        }
      }
    }
  }

  // ---- the coordinator

  /** How the inbox, and clients, reach the partition. */
  final class Access implements InboxAccess {
    @Override
    public CatalogSnapshot catalog() {
      return catalog;
    }

    @Override
    public CompletableFuture<Routed<WriteResults>> write(Plan<WriteRequest.Builder> plan) {
      CompletableFuture<Routed<WriteResults>> answer = new CompletableFuture<>();
      Optional<Routed<WriteResults>> early =
          RegionFaults.arriving(SimulatedRegion.this, run.bugs(), plan);
      Attempt attempt = new Attempt(plan, run.nextRequestId(), millis(), answer::complete);
      if (early.isPresent()) {
        attempt.attempt = ATTEMPTS_MAX;
        answer.complete(early.get());
      }
      attempt.run();
      return answer;
    }

    @Override
    public CompletableFuture<Routed<GetResults>> get(Plan<GetRequest.Builder> plan) {
      Bound<GetRequest.Builder> bound = plan.bind(catalog);
      if (bound == null) {
        return CompletableFuture.completedFuture(new Routed.Scattered<>());
      }
      return CompletableFuture.completedFuture(
          new Routed.Answer<>(
              new PartitionReader(store, TestTables.EVERYTHING).get(bound.request().build())));
    }

    @Override
    public void later(long millis, Runnable task) {
      simulation.after(millis * Simulation.MILLIS, task);
    }

    @Override
    public long nowMillis() {
      return millis();
    }
  }

  /** A write of a client or of the inbox, until it is answered or given up. */
  void write(Plan<WriteRequest.Builder> plan, Consumer<Routed<WriteResults>> answer) {
    new Attempt(plan, run.nextRequestId(), millis(), answer).run();
  }

  private final class Attempt {
    private final Plan<WriteRequest.Builder> plan;
    private final long id;
    private final long sentMillis;
    private final Consumer<Routed<WriteResults>> answer;
    private int attempt;

    Attempt(
        Plan<WriteRequest.Builder> plan,
        long id,
        long sentMillis,
        Consumer<Routed<WriteResults>> answer) {
      this.plan = plan;
      this.id = id;
      this.sentMillis = sentMillis;
      this.answer = answer;
    }

    void run() {
      Bound<WriteRequest.Builder> bound = plan.bind(catalog);
      if (bound == null) {
        answer.accept(new Routed.Scattered<>());
        return;
      }
      WriteRequest request =
          bound
              .request()
              .setRequestIdHigh(7)
              .setRequestIdLow(id)
              .setAttempt(attempt++)
              .setFirstSentMillis(sentMillis)
              .build();
      List<TableView> tables = new ArrayList<>();
      request
          .getWritesList()
          .forEach(write -> tables.add(catalog.table(write.getTable().getTableId()).orElseThrow()));
      leader.hosted.writer().write(request, tables, this::take);
    }

    private void take(WriteResponse response) {
      if (response.hasResults()) {
        answer.accept(new Routed.Answer<>(response.getResults()));
      } else if (attempt >= ATTEMPTS_MAX) {
        answer.accept(new Routed.Refused<>(INTERNAL));
      } else {
        simulation.after(
            simulation.between(5 * Simulation.MILLIS, 60 * Simulation.MILLIS), this::run);
      }
    }
  }

  /** The greatest version that was ever stored here under each key. */
  final Map<Integer, ItemVersion> seen = new TreeMap<>();

  /** The greatest of them that other regions had made. */
  final Map<Integer, ItemVersion> seenOfOthers = new TreeMap<>();
}
