package io.equator.node.sim;

import com.google.protobuf.ByteString;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.Routed;
import io.equator.node.core.ItemVersion;
import io.equator.node.core.TestTables;
import io.equator.proto.ChangeCause;
import io.equator.proto.FinishRequest;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.ItemDelete;
import io.equator.proto.ItemWrite;
import io.equator.proto.PrepareRequest;
import io.equator.proto.PrepareResults;
import io.equator.proto.ReplicationTarget;
import io.equator.proto.TransactAction;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResult;
import io.equator.proto.WriteResults;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridTimestamp;
import io.equator.replication.sim.Simulation;
import io.equator.replication.sim.Trace;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One simulated run of several regions: clients that write the same few keys everywhere; leaders
 * that change and crash; a network between regions that loses, repeats, delays and cuts; clocks
 * that differ; partitions that are split; regions that join a table in use, are lost or given up,
 * come back, or leave ({@link RegionChanges}). Then everything heals, and all regions that have the
 * table must hold the greatest version of every key that any of them has seen, and nothing that was
 * deleted.
 */
final class RegionsRun {
  static final long SKEW_MILLIS = 500;
  private static final int KEYS = 4;
  private static final int SPLITS_MAX = 2;
  private static final long FAULTY_TIME = 4_000 * Simulation.MILLIS;

  /** Until when clients ask. */
  static final long ASKED_MILLIS = 5_500;

  private static final long HEALED_MAX = 60_000 * Simulation.MILLIS;
  private static final long TIMEOUT = 700 * Simulation.MILLIS;
  private static final long LATE_MAX = 4_000 * Simulation.MILLIS;
  private static final long LOOK = 250 * Simulation.MILLIS;
  private static final long EPOCH_MILLIS = 1_700_000_000_000L;

  private final Simulation simulation;
  private final Set<RegionBug> bugs;
  private final Map<String, SimulatedRegion> regions = new LinkedHashMap<>();
  private final RegionJudge judge;
  private final Set<String> away = new HashSet<>();
  private final double lost;
  private final double repeated;
  private final boolean impatient;
  private final List<RegionSplit> splits = new ArrayList<>();
  private final RegionChanges changes;
  private final boolean comeAndGo;
  private boolean faulty = true;
  private long nextRequest = 1;
  private long nextTransaction = 1;
  private long nextValue = 1;
  private int answers;

  /** One in which regions also come, go, die and come back. */
  RegionsRun(long seed, int count, Set<RegionBug> bugs) {
    this(seed, count, bugs, true);
  }

  /** One whose regions are there from the beginning to the end. */
  static RegionsRun ofThoseThatStay(long seed, int count) {
    return new RegionsRun(seed, count, Set.of(), false);
  }

  private RegionsRun(long seed, int count, Set<RegionBug> bugs, boolean comeAndGo) {
    this.simulation = new Simulation(seed);
    this.comeAndGo = comeAndGo;
    this.bugs = bugs;
    this.lost = simulation.chance(0.5) ? 0.1 : 0;
    this.repeated = simulation.chance(0.7) ? 0.1 : 0;
    this.impatient = simulation.chance(0.3);
    this.judge = new RegionJudge(KEYS, regions.values());
    this.changes = new RegionChanges(simulation, regions.values());
    for (int number = 1; number <= count; number++) {
      SimulatedRegion region = new SimulatedRegion(this, simulation, number);
      regions.put(region.name, region);
    }
  }

  /** Runs to the end; what was wrong, empty when nothing was. */
  String run() {
    List<SimulatedRegion> all = new ArrayList<>(regions.values());
    int founders = comeAndGo && simulation.chance(0.6) ? all.size() - 1 : all.size();
    List<SimulatedRegion> first = all.subList(0, founders);
    all.forEach(region -> region.commit(RegionMembership.federation(all)));
    first.forEach(region -> region.membership().found(first));
    if (comeAndGo) {
      changes.begin(first, all.subList(founders, all.size()));
    }
    for (SimulatedRegion region : all) {
      think(region);
      look(region);
      exchange(region);
      simulation.after(pause(), () -> breakSomething(region));
      for (int i = 0; i < SPLITS_MAX; i++) {
        if (simulation.chance(0.5)) {
          RegionSplit split = new RegionSplit(region, simulation, KEYS);
          splits.add(split);
          simulation.after(simulation.between(0, FAULTY_TIME), split::begin);
        }
      }
    }
    simulation.runUntil(FAULTY_TIME);
    faulty = false;
    away.clear();
    int before = answers;
    simulation.runUntil(ASKED_MILLIS * Simulation.MILLIS);
    if (answers == before) {
      judge.say("nothing was answered after everything had healed");
    }
    asking = false;
    long end = simulation.now() + HEALED_MAX;
    do {
      simulation.runUntil(simulation.now() + 500 * Simulation.MILLIS);
    } while (simulation.now() < end
        && (!changes.settled()
            || !judge.converged()
            || anyTombstone()
            || splits.stream().anyMatch(RegionSplit::goesOn)));
    if (!changes.settled()) {
      judge.say("memberships do not settle: " + changes);
    }
    splits.stream()
        .filter(RegionSplit::goesOn)
        .forEach(split -> judge.say("a split does not come to its end: " + split));
    String difference = judge.difference();
    if (difference != null) {
      judge.say(difference);
    } else if (anyTombstone()) {
      judge.say("tombstones stay for ever");
    }
    judge.end();
    judge.compare();
    return String.join("; ", judge.wrong());
  }

  private boolean asking = true;

  private boolean anyTombstone() {
    return regions.values().stream()
        .anyMatch(region -> !region.isGone() && region.tombstones() > 0);
  }

  // ---- what the parts need

  Set<RegionBug> bugs() {
    return bugs;
  }

  boolean has(RegionBug bug) {
    return bugs.contains(bug);
  }

  /** For ever. */
  boolean isGone(SimulatedRegion region) {
    return changes.isGone(region);
  }

  RegionChanges changes() {
    return changes;
  }

  boolean isImpatient() {
    return impatient && faulty;
  }

  RegionJudge judge() {
    return judge;
  }

  Trace trace() {
    return simulation.trace();
  }

  int answers() {
    return answers;
  }

  long splitsMade() {
    return splits.stream().filter(RegionSplit::isMade).count();
  }

  long millis() {
    return EPOCH_MILLIS + simulation.now() / Simulation.MILLIS;
  }

  long nextRequestId() {
    nextRequest += 1_024;
    return nextRequest;
  }

  // ---- the network between regions

  private boolean cut(SimulatedRegion from, SimulatedRegion to) {
    return away.contains(from.name)
        || away.contains(to.name)
        || changes.isCutOff(from)
        || changes.isCutOff(to);
  }

  private long latency() {
    return simulation.chance(0.05)
        ? simulation.between(100 * Simulation.MILLIS, 900 * Simulation.MILLIS)
        : simulation.between(5 * Simulation.MILLIS, 60 * Simulation.MILLIS);
  }

  /** Calls a region, and says within some time what came of it; late copies arrive all the same. */
  <T> void call(
      SimulatedRegion from,
      String toName,
      Function<SimulatedRegion, CompletableFuture<T>> what,
      Consumer<T> answered,
      Runnable failed,
      Runnable then) {
    SimulatedRegion to = java.util.Objects.requireNonNull(regions.get(toName));
    boolean[] over = {false};
    simulation.after(
        TIMEOUT,
        () -> {
          if (!over[0]) {
            over[0] = true;
            failed.run();
            then.run();
          }
        });
    if (faulty && simulation.chance(repeated)) {
      simulation.after(
          simulation.between(0, LATE_MAX),
          () -> {
            var _ = what.apply(to);
          });
    }
    simulation.after(
        latency(),
        () -> {
          if (cut(from, to) || (faulty && simulation.chance(lost))) {
            return;
          }
          var _ =
              what.apply(to)
                  .whenComplete(
                      (answer, failure) -> {
                        if (failure != null) {
                          judge.say(to.name + " fails: " + failure);
                          return;
                        }
                        simulation.after(
                            latency(),
                            () -> {
                              if (over[0] || cut(from, to) || (faulty && simulation.chance(lost))) {
                                return;
                              }
                              over[0] = true;
                              answered.accept(answer);
                              then.run();
                            });
                      });
        });
  }

  // ---- faults

  private long pause() {
    return simulation.between(100 * Simulation.MILLIS, 1_200 * Simulation.MILLIS);
  }

  private void breakSomething(SimulatedRegion region) {
    if (!faulty || changes.isDead(region)) {
      return;
    }
    switch (simulation.random().nextInt(6)) {
      case 0 -> region.crash();
      case 1, 2 -> region.changeLeader();
      case 3, 4 -> {
        simulation.note(region.name + " is away");
        away.add(region.name);
        simulation.after(pause(), () -> away.remove(region.name));
      }
      default -> region.flush();
    }
    simulation.after(pause(), () -> breakSomething(region));
  }

  // ---- regular duties

  private void look(SimulatedRegion region) {
    if (changes.isDead(region)) {
      return;
    }
    region.membership().look();
    region.look();
    horizon(region);
    for (ReplicationTarget target : region.targets()) {
      SimulatedRegion to = regions.get(target.getRegion());
      if (to != null && to.isTargetOf(region, target.getGeneration())) {
        judge.resolved(region, to, region.resolvedIn(target.getRegion()));
      }
    }
    simulation.after(LOOK, () -> look(region));
  }

  /** Asks every other region, and then lets go of what all have passed. */
  private void horizon(SimulatedRegion region) {
    if (has(RegionBug.DROP_TOMBSTONES_EARLY)) {
      region.dropTombstones(HybridTimestamp.of(region.millis(), 0).bits());
      return;
    }
    long[] least = {region.resolvedFor(null, 0)};
    int[] open = {region.targets().size()};
    for (ReplicationTarget target : region.targets()) {
      call(
          region,
          target.getRegion(),
          to -> CompletableFuture.completedFuture(to.resolvedFor(region, target.getGeneration())),
          (Long resolved) -> {
            least[0] = Long.compareUnsigned(resolved, least[0]) < 0 ? resolved : least[0];
            if (--open[0] == 0) {
              region.dropTombstones(least[0]);
            }
          },
          () -> least[0] = 0,
          () -> {});
    }
  }

  /** Trades documents with every other region, each for itself. */
  private void exchange(SimulatedRegion region) {
    if (changes.isDead(region)) {
      return;
    }
    for (SimulatedRegion other : regions.values()) {
      Optional<GlobalTableDescriptor> document = region.membership().document();
      if (other != region && document.isPresent()) {
        call(
            region,
            other.name,
            to -> {
              to.membership().hear(document.get());
              return CompletableFuture.completedFuture(to.membership().document().orElseThrow());
            },
            region.membership()::hear,
            () -> {},
            () -> {});
      }
    }
    simulation.after(
        simulation.between(100 * Simulation.MILLIS, 300 * Simulation.MILLIS),
        () -> exchange(region));
  }

  // ---- clients

  private void think(SimulatedRegion region) {
    simulation.after(
        simulation.between(5 * Simulation.MILLIS, 150 * Simulation.MILLIS),
        () -> {
          if (!asking) {
            return;
          }
          if (changes.isDead(region)) {
            return;
          }
          if (!region.serves()) {
            think(region);
          } else if (faulty && simulation.chance(0.15)) {
            transact(region);
          } else {
            single(region);
          }
        });
  }

  private ItemWrite.Builder anyWrite(SimulatedRegion region, TableView table, int key) {
    ItemWrite.Builder write =
        ItemWrite.newBuilder().setTable(table.reference()).setKey(region.key(key));
    return switch (simulation.random().nextInt(8)) {
      case 0, 1 -> write.setDelete(ItemDelete.getDefaultInstance());
      case 2 -> write.setDelete(ItemDelete.getDefaultInstance()).setCause(ChangeCause.CAUSE_TTL);
      case 3 -> write.setPut(TestTables.item("k" + key, key, "x", "same").toByteString());
      default ->
          write.setPut(TestTables.item("k" + key, key, "x", "v" + nextValue++).toByteString());
    };
  }

  private void single(SimulatedRegion region) {
    // What the faults have left of most keys is not written over afterwards.
    int key = faulty ? simulation.random().nextInt(KEYS) : KEYS - 1;
    TableView now = region.table().orElseThrow();
    ItemWrite.Builder write = anyWrite(region, now, key);
    boolean expires = write.getCause() == ChangeCause.CAUSE_TTL;
    region.write(
        (CatalogSnapshot snapshot) ->
            snapshot
                .table(SimulatedRegion.TABLE)
                .map(
                    table ->
                        new Bound<>(
                            1,
                            write.getKey().getToken(),
                            WriteRequest.newBuilder()
                                .addWrites(write.clone().setTable(table.reference()))))
                .orElse(null),
        routed -> {
          if (routed instanceof Routed.Answer<WriteResults>(WriteResults results)) {
            answers++;
            WriteResult result = results.getResults(0);
            if (result.getWritten().getTimestamp() != 0) {
              judge.acknowledged(
                  region,
                  key,
                  new ItemVersion(
                      result.getWritten().getTimestamp(),
                      expires ? ItemVersion.NO_REGION : region.number));
            }
          }
          think(region);
        });
  }

  /** Two items in a transaction that takes its time between its prepare and its end. */
  private void transact(SimulatedRegion region) {
    TableView table = region.table().orElseThrow();
    ByteString id =
        ByteString.copyFrom(
            ByteBuffer.allocate(16).putLong(region.number).putLong(nextTransaction++).flip());
    int key = simulation.random().nextInt(KEYS - 1);
    PrepareRequest.Builder request =
        PrepareRequest.newBuilder()
            .setTransactionId(id)
            .setLedgerKey(id)
            .setTimestamp(HybridTimestamp.of(region.millis(), 0).bits());
    RegionPartition owner = region.owner(region.key(key).getToken());
    List<Integer> keys = new ArrayList<>(List.of(key));
    if (region.owner(region.key(key + 1).getToken()) == owner) {
      keys.add(key + 1);
    }
    for (int each : keys) {
      request.addActions(
          TransactAction.newBuilder().setWrite(anyWrite(region, table, each).clearCause()));
    }
    owner
        .leader()
        .hosted
        .writer()
        .transactions()
        .prepare(
            request.build(),
            Collections.nCopies(keys.size(), table),
            response -> {
              boolean commit =
                  response.hasResults()
                      && response.getResults().getVote() == PrepareResults.Vote.ACCEPTED
                      && simulation.chance(0.8);
              long timestamp =
                  commit
                      ? response.getResults().getMinTimestamp()
                      : HybridTimestamp.of(region.millis(), 0).bits();
              simulation.after(
                  simulation.between(0, 1_500 * Simulation.MILLIS),
                  // They may lie in two partitions by then.
                  () -> keys.forEach(each -> finish(region, each, id, commit, timestamp)));
              think(region);
            });
  }

  private void finish(
      SimulatedRegion region, int key, ByteString id, boolean commit, long timestamp) {
    region
        .owner(region.key(key).getToken())
        .leader()
        .hosted
        .writer()
        .transactions()
        .finish(
            FinishRequest.newBuilder()
                .setTransactionId(id)
                .setCommit(commit)
                .setTimestamp(timestamp)
                .build(),
            response -> {
              if (!response.hasResults()) {
                simulation.after(
                    50 * Simulation.MILLIS, () -> finish(region, key, id, commit, timestamp));
              }
            });
  }
}
