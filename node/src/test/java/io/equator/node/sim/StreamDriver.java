package io.equator.node.sim;

import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.streams.SimulatedStreams;
import io.equator.node.changes.ChangeNeed;
import io.equator.node.changes.OldCopy;
import io.equator.node.changes.ShardRotator;
import io.equator.node.changes.StreamRetention;
import io.equator.node.core.TestTables;
import io.equator.node.core.TreeStore;
import io.equator.node.service.HostedPartitions;
import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.ChangePlace;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.PartitionDescriptor.State;
import io.equator.proto.PastStream;
import io.equator.proto.StreamPage;
import io.equator.proto.StreamReadRequest;
import io.equator.proto.StreamReadResponse;
import io.equator.proto.TableDescriptor;
import io.equator.proto.WriteRequest;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.sim.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Streams in a run with splits: switches the table's stream on and off, and has readers that follow
 * the shards from parent to child through coordinators whose copies of the catalog are old.
 */
final class StreamDriver {
  static final int TABLE = 9;
  private static final int READERS = 3;
  private static final long DAY_MILLIS = 24L * 60 * 60 * 1000;
  private static final long PATIENCE = 300 * Simulation.MILLIS;
  private static final long GIVE_UP = 3_000 * Simulation.MILLIS;
  private static final long LATE_MAX = 1_500 * Simulation.MILLIS;

  private final SplitRun run;
  private final Simulation simulation;
  private final Set<StreamBug> bugs;
  private final StreamTruth truth = new StreamTruth(TABLE);
  private final long keptMillis;
  private final long skewMaxMillis;
  private final Duration rotation;
  private final List<StreamFollower> followers = new ArrayList<>();
  private final Map<Long, NodeId> leaders = new HashMap<>();
  private int switches;
  private int trims;

  /**
   * @param skewMaxMillis how far the clock of a node may be from the truth
   */
  StreamDriver(SplitRun run, Simulation simulation, Set<StreamBug> bugs, long skewMaxMillis) {
    this.run = run;
    this.simulation = simulation;
    this.bugs = bugs;
    this.skewMaxMillis = skewMaxMillis;
    this.rotation =
        simulation.chance(0.3)
            ? Duration.ZERO
            : Duration.ofMillis(400 + simulation.random().nextInt(1_500));
    this.keptMillis =
        simulation.chance(0.5) ? DAY_MILLIS : 1_200 + simulation.random().nextInt(1_500);
  }

  StreamTruth truth() {
    return truth;
  }

  long millis() {
    return run.millis();
  }

  long keptMillis() {
    return keptMillis;
  }

  long skewMaxMillis() {
    return skewMaxMillis;
  }

  /** How often the stream was switched on or off. */
  int switches() {
    return switches;
  }

  /** How often readers were behind what was trimmed. */
  int trims() {
    return trims;
  }

  void trimmed() {
    trims++;
  }

  /** Shards that readers know that began with a rotation. */
  int rotated() {
    return followers.stream().mapToInt(StreamFollower::rotated).sum();
  }

  /** Records that readers have read, of all streams. */
  int read() {
    return followers.stream().mapToInt(StreamFollower::read).sum();
  }

  /** Whether nothing is broken any more, and readers should come to the end. */
  boolean isQuiet() {
    return !run.isFaulty();
  }

  // ---- the table's settings

  TableDescriptor founding() {
    TableDescriptor plain = TestTables.plain(TABLE);
    boolean on = simulation.chance(0.7);
    truth.schema(1, on ? 1 : 0);
    return on ? on(plain.toBuilder()).build() : plain;
  }

  private TableDescriptor.Builder on(TableDescriptor.Builder table) {
    return table
        .setStreamEnabled(true)
        .setStreamViewType("NEW_AND_OLD_IMAGES")
        .setStreamLabel("label-" + table.getSchemaVersion())
        .setStreamId(table.getSchemaVersion())
        .setStreamCreatedMillis(run.millis());
  }

  private static TableDescriptor.Builder off(TableDescriptor.Builder table, long nowMillis) {
    return table
        .addPastStreams(
            PastStream.newBuilder()
                .setStreamId(table.getStreamId())
                .setLabel(table.getStreamLabel())
                .setViewType(table.getStreamViewType())
                .setCreatedMillis(table.getStreamCreatedMillis())
                .setDisabledMillis(nowMillis)
                .setEndedSchemaVersion(table.getSchemaVersion()))
        .setStreamEnabled(false);
  }

  void start() {
    simulation.after(simulation.between(0, 3_000 * Simulation.MILLIS), this::change);
    for (int i = 0; i < READERS; i++) {
      StreamFollower follower =
          new StreamFollower(this, simulation, "reader " + i, i == READERS - 1);
      followers.add(follower);
      follower.start();
    }
    writeTheSame();
  }

  /** Puts items as they are, which is no change. */
  private void writeTheSame() {
    if (!run.isAsking()) {
      return;
    }
    int number = simulation.random().nextInt(8);
    var _ =
        run.access()
            .write(
                snapshot ->
                    new Bound<>(
                        1,
                        TestTables.token("s" + number),
                        WriteRequest.newBuilder()
                            .addWrites(
                                TestTables.put(
                                    snapshot.table(TABLE).orElseThrow(),
                                    "s" + number,
                                    1,
                                    "n",
                                    number))))
            .thenAccept(_ -> simulation.after(pause(), this::writeTheSame));
  }

  private long pause() {
    return simulation.between(0, 200 * Simulation.MILLIS);
  }

  private void change() {
    if (!run.isFaulty()) {
      return;
    }
    TableDescriptor now = run.truth().table(TABLE).orElseThrow().descriptor();
    TableDescriptor.Builder next = now.toBuilder().setSchemaVersion(now.getSchemaVersion() + 1);
    if (now.getStreamEnabled()) {
      off(next, run.millis());
      truth.ended(now.getStreamId(), run.millis());
    } else {
      on(next);
    }
    switches++;
    simulation.note("the stream is switched " + (next.getStreamEnabled() ? "on" : "off"));
    truth.schema(next.getSchemaVersion(), next.getStreamEnabled() ? next.getStreamId() : 0);
    run.commit(
        CatalogEvent.newBuilder()
            .addPuts(CatalogObject.newBuilder().setKey("table/table9").setTable(next)));
    if (simulation.chance(0.5)) {
      // Somebody leads who has not heard of it.
      simulation.after(
          simulation.between(100 * Simulation.MILLIS, 900 * Simulation.MILLIS), run::changeLeaders);
    }
    simulation.after(simulation.between(0, 2_500 * Simulation.MILLIS), this::change);
  }

  // ---- what nodes get

  StreamLayer layer(
      NodeId node,
      HostedPartitions partitions,
      TreeStore store,
      Supplier<CatalogSnapshot> catalog,
      LongSupplier wallMillis) {
    List<ChangeNeed> needs = new ArrayList<>();
    if (!bugs.contains(StreamBug.TRIM_WITH_AN_OLD_COPY)) {
      needs.add(new OldCopy(nanos -> run.covers(node, nanos), simulation::now));
    }
    needs.add(
        bugs.contains(StreamBug.TRIM_WHAT_IS_YOUNG)
            ? new StreamRetention(
                catalog, () -> wallMillis.getAsLong() + keptMillis * 3 / 4, 0, keptMillis)
            : new StreamRetention(catalog, wallMillis, 0, keptMillis));
    return new StreamLayer(
        this,
        partitions,
        store,
        catalog,
        new ShardRotator(rotation, wallMillis, keptMillis),
        needs);
  }

  // ---- the coordinators

  /** Makes a call at a coordinator, whose copy of the catalog may be older than another one's. */
  void call(SimulatedStreams.Call call, Consumer<SimulatedStreams.Answer> then) {
    CatalogSnapshot copy = simulation.chance(0.5) ? run.catalog() : run.copy(run.anyNode());
    SimulatedStreams.make(spoilt(copy), run.millis(), call, this::read, then);
  }

  private CatalogSnapshot spoilt(CatalogSnapshot copy) {
    CatalogEvent.Builder event = CatalogEvent.newBuilder().setRevision(copy.revision() + 1);
    for (PartitionDescriptor partition : copy.partitionDescriptors()) {
      PartitionDescriptor.Builder other = partition.toBuilder();
      if (bugs.contains(StreamBug.FORGET_THE_PARENT)) {
        other.clearParentId();
      }
      if (bugs.contains(StreamBug.NUMBERS_BEGIN_ANEW_AFTER_A_SPLIT)) {
        other.clearGeneration();
      }
      if (bugs.contains(StreamBug.PARENT_IS_OVER_BEFORE_IT_IS_SEALED)) {
        if (other.hasSplit()) {
          other.setState(State.CLOSED);
        } else if (other.getState() == State.EMBRYO) {
          other.setState(State.SERVING);
        }
      }
      if (!other.build().equals(partition)) {
        event.addPuts(
            CatalogObject.newBuilder()
                .setKey("partition/" + partition.getPartitionId())
                .setPartition(other));
      }
    }
    return event.getPutsCount() == 0 ? copy : copy.with(event.build());
  }

  private void read(
      StreamReadRequest request, List<NodeId> replicas, Consumer<@Nullable StreamPage> answer) {
    new Reading(request, replicas, answer).next();
  }

  /** Asks one replica after the other until one answers that it leads. */
  private final class Reading {
    private final StreamReadRequest request;
    private final List<NodeId> replicas;
    private final Consumer<@Nullable StreamPage> answer;
    private final long deadline = simulation.now() + GIVE_UP;
    private final List<NodeId> left = new ArrayList<>();
    private int attempt;

    Reading(
        StreamReadRequest request, List<NodeId> replicas, Consumer<@Nullable StreamPage> answer) {
      this.request = request;
      this.replicas = replicas;
      this.answer = answer;
    }

    void next() {
      if (simulation.now() > deadline) {
        attempt++;
        answer.accept(null);
        return;
      }
      if (left.isEmpty()) {
        left.addAll(replicas);
        Collections.shuffle(left, new Random(simulation.random().nextLong()));
      }
      NodeId node = left.removeLast();
      int mine = ++attempt;
      int times = run.isFaulty() && simulation.chance(0.05) ? 2 : 1;
      for (int i = 0; i < times; i++) {
        run.<StreamReadResponse>deliverTo(
            node,
            run.isFaulty() && simulation.chance(0.1) ? simulation.between(0, LATE_MAX) : 0,
            target -> reply -> target.streams().read(asked(node), reply),
            response -> {
              if (mine != attempt) {
                return;
              }
              attempt++;
              if (response.hasPage()) {
                leaders.put(request.getPartition().getPartitionId(), node);
                answer.accept(spoilt(response.getPage()));
              } else {
                simulation.after(10 * Simulation.MILLIS, this::next);
              }
            });
      }
      simulation.after(
          PATIENCE,
          () -> {
            if (mine == attempt) {
              next();
            }
          });
    }

    private StreamReadRequest asked(NodeId node) {
      NodeId before = leaders.get(request.getPartition().getPartitionId());
      boolean changed = before != null && !before.equals(node);
      if (!changed || !bugs.contains(StreamBug.READ_AGAIN_AFTER_A_CHANGE_OF_LEADER)) {
        return request;
      }
      ChangePlace from = request.getFrom();
      return request.toBuilder()
          .setFrom(ChangePlace.newBuilder().setLogIndex(Math.max(0, from.getLogIndex() - 3)))
          .build();
    }

    private StreamPage spoilt(StreamPage page) {
      StreamPage.Builder other = page.toBuilder();
      if (bugs.contains(StreamBug.READ_BEYOND_THE_ROTATION) && request.getRecordsMax() > 0) {
        other.clearRotations();
      }
      if (bugs.contains(StreamBug.HIDE_THE_TRIM)) {
        other.setFloor(Math.min(page.getFloor(), request.getFrom().getLogIndex()));
      }
      if (bugs.contains(StreamBug.OFF_IS_OVER_AT_ONCE)) {
        other.setSchemaFloor(Long.MAX_VALUE);
      }
      if (bugs.contains(StreamBug.PARENT_IS_OVER_BEFORE_IT_IS_SEALED)) {
        // Then nobody can have said where.
        other.setNext(
            page.getNext().toBuilder().setLogIndex(Math.max(1, page.getNext().getLogIndex())));
      }
      return other.build();
    }
  }

  // ---- the end

  /** What readers have seen that they should not have, or the other way round. */
  List<String> wrong() {
    List<String> wrong = new ArrayList<>();
    followers.forEach(follower -> wrong.addAll(new StreamJudge(this, follower).wrong()));
    return wrong;
  }
}
