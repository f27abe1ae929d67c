package io.equator.node.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.equator.model.item.StoredValue;
import io.equator.node.core.MetaRows.Counters;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.proto.ActivatePartition;
import io.equator.proto.Barrier;
import io.equator.proto.CloseTimestamp;
import io.equator.proto.CountStep;
import io.equator.proto.DropTable;
import io.equator.proto.DropTombstones;
import io.equator.proto.Effect;
import io.equator.proto.Heir;
import io.equator.proto.IndexBuildStep;
import io.equator.proto.ItemEffect;
import io.equator.proto.PartitionEntry;
import io.equator.proto.SealPartition;
import io.equator.proto.TrimChanges;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * A partition is sealed, its halves take over: what each of them may do when, what a half inherits,
 * what a crash leaves, and what nobody may throw away.
 */
final class PartitionSplitTest {
  private static final long PARENT = 1;
  private static final long FIRST = 2;
  private static final long SECOND = 3;
  private static final Descriptor FIRST_HALF = new Descriptor(2, 1, 0, Long.MAX_VALUE);
  private static final Descriptor SECOND_HALF = new Descriptor(2, 1, Long.MIN_VALUE, -1L);
  private static final long TERM = 9;

  private TreeStore store = new TreeStore();
  private StoreFlusher flusher = new StoreFlusher(store);
  private final Map<Long, PartitionMachine> machines = new HashMap<>();
  private final Map<Long, Long> sequences = new HashMap<>();

  private void open() {
    machines.clear();
    flusher = new StoreFlusher(store);
    MetaRows.settle(store, PARENT, TestTables.EVERYTHING, "n");
    MetaRows.settle(store, FIRST, FIRST_HALF, PARENT, "n");
    MetaRows.settle(store, SECOND, SECOND_HALF, PARENT, "n");
    machines.put(PARENT, new PartitionMachine(PARENT, TestTables.EVERYTHING, store, flusher));
    machines.put(FIRST, new PartitionMachine(FIRST, FIRST_HALF, store, flusher));
    machines.put(SECOND, new PartitionMachine(SECOND, SECOND_HALF, store, flusher));
  }

  private PartitionMachine machine(long partition) {
    return Objects.requireNonNull(machines.get(partition));
  }

  private PartitionEntry entry(long partition, Effect... effects) {
    PartitionEntry.Builder entry =
        PartitionEntry.newBuilder()
            .setDecidedTerm(TERM)
            .setEpoch(partition == PARENT ? 1 : 2)
            .setLeaderMillis(1_000_500)
            .setSequence(sequences.merge(partition, 1L, Long::sum));
    for (Effect effect : effects) {
      entry.addEffects(effect);
    }
    return entry.build();
  }

  private Object apply(long partition, Effect... effects) {
    return apply(partition, entry(partition, effects));
  }

  private Object apply(long partition, PartitionEntry entry) {
    PartitionMachine machine = machine(partition);
    long index = machine.appliedPosition().index() + 1;
    ByteString bytes = entry.toByteString();
    assertThat(machine.mayApply(TERM, index, bytes)).isTrue();
    Object outcome = machine.apply(TERM, index, bytes);
    if (outcome == EntryOutcome.ACTIVATED) {
      machines.put(partition, machine.anew());
    }
    return outcome;
  }

  private static Effect seal() {
    return Effect.newBuilder()
        .setSealPartition(
            SealPartition.newBuilder()
                .addHeirs(heir(FIRST, FIRST_HALF))
                .addHeirs(heir(SECOND, SECOND_HALF)))
        .build();
  }

  private static Heir heir(long id, Descriptor half) {
    return Heir.newBuilder()
        .setPartitionId(id)
        .setFirstToken(half.firstToken())
        .setLastToken(half.lastToken())
        .build();
  }

  private static Effect activate() {
    return Effect.newBuilder()
        .setActivatePartition(ActivatePartition.newBuilder().setParentPartitionId(PARENT))
        .build();
  }

  private static Effect barrier() {
    return Effect.newBuilder().setBarrier(Barrier.getDefaultInstance()).build();
  }

  private static String pk(Descriptor half, int from) {
    for (int i = from; ; i++) {
      if (half.holds(TestTables.token("k" + i))) {
        return "k" + i;
      }
    }
  }

  private static Effect put(String pk, long sk) {
    return put(pk, sk, 1, 0);
  }

  private static Effect put(String pk, long sk, int items, int before) {
    ByteString value = StoredValue.of(TestTables.item(pk, sk), 5, 1).toByteString();
    return Effect.newBuilder()
        .setItem(
            ItemEffect.newBuilder()
                .setTableId(7)
                .setKey(key(pk, sk))
                .setValue(value)
                .setItemCountDelta(items)
                .setSizeDelta(StoredValue.read(value).item().sizeBytes() - before))
        .build();
  }

  private static Effect delete(String pk, long sk) {
    return Effect.newBuilder()
        .setItem(
            ItemEffect.newBuilder()
                .setTableId(7)
                .setKey(key(pk, sk))
                .setTimestamp(77)
                .setItemCountDelta(-1)
                .setSizeDelta(-TestTables.item(pk, sk).sizeBytes()))
        .build();
  }

  private static ByteString key(String pk, long sk) {
    return ByteString.copyFrom(StoreKeys.suffix(TestTables.key(pk, sk)));
  }

  private boolean present(String pk, long sk) {
    return store.get(Family.ITEMS, StoreKeys.item(7, TestTables.key(pk, sk))) != null;
  }

  private void split() {
    apply(PARENT, seal());
    apply(FIRST, activate());
    apply(SECOND, activate());
  }

  // ---- who may do what, when

  @Test
  void anEmbryoChangesNothingBeforeItIsActive() {
    open();
    assertThat(machine(FIRST).waits()).isTrue();
    assertThat(apply(FIRST, put(pk(FIRST_HALF, 0), 1))).isEqualTo(EntryOutcome.NOT_ACTIVE);
    assertThat(present(pk(FIRST_HALF, 0), 1)).isFalse();
    assertThat(apply(FIRST, barrier())).isEqualTo(EntryOutcome.APPLIED);
  }

  @Test
  void anEmbryosActivationWaitsForTheSealOfTheParentHere() {
    open();
    apply(PARENT, put(pk(FIRST_HALF, 0), 1));
    ByteString activation = entry(FIRST, activate()).toByteString();
    assertThat(machine(FIRST).mayApply(TERM, 0, activation)).isFalse();
    assertThat(machine(FIRST).hasParentsRows()).isFalse();
    assertThatThrownBy(() -> machine(FIRST).apply(TERM, 0, activation))
        .isInstanceOf(StoreException.class);

    apply(PARENT, seal());
    assertThat(machine(FIRST).hasParentsRows()).isTrue();
    assertThat(machine(FIRST).mayApply(TERM, 0, activation)).isTrue();
    assertThat(machine(FIRST).apply(TERM, 0, activation)).isEqualTo(EntryOutcome.ACTIVATED);
    assertThat(machine(FIRST).anew().waits()).isFalse();
    assertThat(SplitRows.isWaitedFor(store, PARENT)).isTrue();
    apply(SECOND, activate());
    assertThat(SplitRows.isWaitedFor(store, PARENT)).isFalse();
  }

  @Test
  void anActivationThatAGuardRefusesIsNotWaitedFor() {
    open();
    PartitionEntry stale = entry(FIRST, activate()).toBuilder().setDecidedTerm(TERM - 1).build();
    assertThat(machine(FIRST).mayApply(TERM, 0, stale.toByteString())).isTrue();
    assertThat(machine(FIRST).apply(TERM, 0, stale.toByteString()))
        .isEqualTo(EntryOutcome.STALE_TERM);
  }

  @Test
  void aSealedPartitionChangesNothingButTheBeginningOfItsChangeLog() {
    open();
    apply(PARENT, put(pk(FIRST_HALF, 0), 1));
    apply(PARENT, seal());
    assertThat(apply(PARENT, put(pk(FIRST_HALF, 0), 2))).isEqualTo(EntryOutcome.SEALED);
    assertThat(apply(PARENT, seal())).isEqualTo(EntryOutcome.SEALED);
    assertThat(present(pk(FIRST_HALF, 0), 2)).isFalse();
    assertThat(apply(PARENT, barrier())).isEqualTo(EntryOutcome.APPLIED);
    Effect trim =
        Effect.newBuilder()
            .setTrimChanges(TrimChanges.newBuilder().setTableId(7).setBeforeIndex(1))
            .build();
    assertThat(apply(PARENT, trim)).isEqualTo(EntryOutcome.APPLIED);
    assertThat(apply(PARENT, trim, put(pk(FIRST_HALF, 0), 2))).isEqualTo(EntryOutcome.SEALED);
  }

  @Test
  void everythingInTheSealsOwnEntryCounts() {
    open();
    apply(PARENT, put(pk(FIRST_HALF, 0), 1), seal(), put(pk(SECOND_HALF, 0), 1));
    assertThat(present(pk(FIRST_HALF, 0), 1)).isTrue();
    assertThat(present(pk(SECOND_HALF, 0), 1)).isTrue();
    assertThat(machine(PARENT).sealed().getIndex()).isZero();
  }

  @Test
  void activatingAgainHasNoEffect() {
    open();
    split();
    apply(FIRST, put(pk(FIRST_HALF, 0), 1));
    assertThat(apply(FIRST, activate())).isEqualTo(EntryOutcome.APPLIED);
    assertThat(machine(FIRST).counters(7, 0).items()).isEqualTo(1);
  }

  @Test
  void theNextEntryOfTheSameTermIsNotTakenForAnOldOne() {
    open();
    split();
    assertThat(machine(FIRST).lastSequence(TERM)).isEqualTo(1);
    assertThat(machine(FIRST).lastSequence(TERM + 1)).isZero();
  }

  // ---- what a half inherits

  @Test
  void aHalfInheritsWhatThePartitionRemembers() {
    open();
    new EveryFamily(TestTables.EVERYTHING, 1).fill(machine(PARENT), 40);
    PartitionMachine parent = machine(PARENT);
    Counters before = parent.counters(7, 0);
    Counters rows = parent.counters(7, 3);
    int locks = parent.locksHeld();
    NavigableMap<Family, String> whole = EveryFamily.rows(store, PARENT, TestTables.EVERYTHING);
    // The next entry of the parent has a greater sequence than those of the generator.
    sequences.put(PARENT, 1_000L);
    split();

    for (long half : new long[] {FIRST, SECOND}) {
      PartitionMachine machine = machine(half);
      assertThat(machine.schemaFloor(7)).isEqualTo(5);
      assertThat(machine.indexCursor(7, 4, 9)).isEqualTo(parent.indexCursor(7, 4, 9));
      assertThat(machine.memory().find(20, 1)).isPresent();
      assertThat(machine.memory().find(20, 1).get().getLogIndex()).isPositive();
      assertThat(machine.transactions().finished.keySet())
          .isEqualTo(parent.transactions().finished.keySet())
          .isNotEmpty();
      byte[] row = StoreKeys.item(8, TestTables.key("anything", 1));
      assertThat(machine.transactions().deletedBefore(row))
          .isEqualTo(parent.transactions().deletedBefore(row));
      assertThat(machine.changesKept(7).records()).isZero();
      assertThat(machine.changesKept(7).millis()).isEqualTo(parent.changesKept(7).millis());
      assertThat(machine.expiryWalk(7)).isNull();
      assertThat(machine.origin().getAncestorsList()).hasSize(1);
    }
    assertThat(machine(FIRST).locksHeld() + machine(SECOND).locksHeld())
        .isEqualTo(locks)
        .isPositive();
    assertThat(parent.locksHeld()).as("they are its heirs'").isZero();
    assertThat(machine(FIRST).locksHeld()).isPositive();
    assertThat(plus(machine(FIRST).counters(7, 0), machine(SECOND).counters(7, 0)))
        .isEqualTo(before);
    assertThat(plus(machine(FIRST).counters(7, 3), machine(SECOND).counters(7, 3))).isEqualTo(rows);
    for (Family family : new Family[] {Family.ITEMS, Family.LOCAL_INDEXES, Family.LOCKS}) {
      String both =
          EveryFamily.rows(store, FIRST, FIRST_HALF).get(family)
              + "\n"
              + EveryFamily.rows(store, SECOND, SECOND_HALF).get(family);
      assertThat(both.lines().sorted().toList())
          .isEqualTo(whole.get(family).lines().sorted().toList());
      assertThat(EveryFamily.rows(store, PARENT, TestTables.EVERYTHING).get(family)).isEmpty();
    }
    assertThat(EveryFamily.rows(store, PARENT, TestTables.EVERYTHING).get(Family.CHANGE_LOG))
        .isEqualTo(whole.get(Family.CHANGE_LOG))
        .isNotEmpty();
  }

  private static Counters plus(Counters one, Counters other) {
    return new Counters(one.items() + other.items(), one.bytes() + other.bytes());
  }

  /** Scrubs compare its replicas, on nodes whose halves have come to different places. */
  @Test
  void theDigestOfASealedPartitionDoesNotDependOnItsHalves() throws InterruptedException {
    open();
    apply(PARENT, put(pk(FIRST_HALF, 0), 1));
    split();
    List<String> before = digest(PARENT, TestTables.EVERYTHING);
    List<String> half = digest(FIRST, FIRST_HALF);
    apply(FIRST, put(pk(FIRST_HALF, 0), 2));
    assertThat(digest(PARENT, TestTables.EVERYTHING)).isEqualTo(before);
    assertThat(digest(FIRST, FIRST_HALF)).isNotEqualTo(half);
  }

  private List<String> digest(long partition, Descriptor descriptor) throws InterruptedException {
    return new StateDigest(store, partition, descriptor)
        .compute(_ -> {}).families().stream().map(HexFormat.of()::formatHex).toList();
  }

  /** Or a leader of a half could write below what other regions were told is everything. */
  @Test
  void whatWasClosedStaysClosed() {
    open();
    apply(
        PARENT,
        Effect.newBuilder()
            .setCloseTimestamp(CloseTimestamp.newBuilder().addTableIds(7).setTimestamp(500))
            .build());
    split();
    for (long half : List.of(FIRST, SECOND)) {
      assertThat(machine(half).closed(7).timestamp()).isEqualTo(500);
      // Everything that the half has is behind what the partition closed.
      assertThat(machine(half).closed(7).index()).isZero();
    }
    String pk = pk(FIRST_HALF, 0);
    Effect late =
        Effect.newBuilder().setItem(put(pk, 1).getItem().toBuilder().setTimestamp(500)).build();
    assertThat(apply(FIRST, late)).isEqualTo(EntryOutcome.CLOSED_TIMESTAMP);
    assertThat(present(pk, 1)).isFalse();
  }

  /** Or a write that is late for very long could bring back what was deleted. */
  @Test
  void whereTombstonesWentIsKnownToTheHalves() {
    open();
    apply(
        PARENT,
        Effect.newBuilder()
            .setDropTombstones(DropTombstones.newBuilder().setTableId(7).setUpTo(400))
            .build());
    split();
    assertThat(machine(FIRST).tombstonesDroppedUpTo(7)).isEqualTo(400);
    assertThat(machine(SECOND).tombstonesDroppedUpTo(7)).isEqualTo(400);
  }

  @Test
  void theWalkOfAnIndexGoesOnWhereItStood() {
    open();
    String at = pk(SECOND_HALF, 0);
    apply(
        PARENT,
        Effect.newBuilder()
            .setIndexBuildStep(
                IndexBuildStep.newBuilder()
                    .setTableId(7)
                    .setIndexId(4)
                    .setLastKey(key(at, 1))
                    .setWalked(10)
                    .setViolations(2))
            .build());
    split();
    assertThat(machine(FIRST).indexBuild(7, 4).start()).isZero();
    assertThat(machine(FIRST).indexBuild(7, 4).step().getDone()).isTrue();
    assertThat(machine(FIRST).indexBuild(7, 4).step().getWalked()).isEqualTo(10);
    assertThat(machine(SECOND).indexBuild(7, 4).step().getDone()).isFalse();
    assertThat(machine(SECOND).indexBuild(7, 4).step().getLastKey()).isEqualTo(key(at, 1));
    assertThat(machine(SECOND).indexBuild(7, 4).step().getWalked()).isZero();
    assertThat(machine(SECOND).indexBuild(7, 4).step().getViolations()).isZero();
  }

  @Test
  void rowsOfADroppedTableAreStillRemoved() {
    open();
    apply(PARENT, put(pk(FIRST_HALF, 0), 1), put(pk(SECOND_HALF, 0), 1));
    apply(PARENT, Effect.newBuilder().setDropTable(DropTable.newBuilder().setTableId(7)).build());
    split();
    assertThat(new DroppedRows(store).remove(1_000)).isTrue();
    assertThat(store.all(Family.ITEMS)).isEmpty();
  }

  @Test
  void aRetryOfSomethingTooOldToBeInheritedIsNotAnswered() {
    open();
    ByteString big = ByteString.copyFrom(new byte[1 << 20]);
    for (int i = 0; i < 10; i++) {
      PartitionEntry.Builder entry =
          entry(PARENT, put(pk(FIRST_HALF, 0), i)).toBuilder()
              .setLeaderMillis(2_000_000 + 1_000 * i)
              .addRequestIds(5)
              .addRequestIds(i)
              .addOutcomes(
                  io.equator.proto.Written.newBuilder().setAttributes(big).build().toByteString());
      apply(PARENT, entry.build());
    }
    split();
    assertThat(machine(FIRST).memory().find(5, 9)).isPresent();
    assertThat(machine(FIRST).memory().find(5, 0)).isEmpty();
    // Who was sent before this may have been applied, and is told that nobody knows.
    assertThat(machine(FIRST).rememberedFromMillis()).isBetween(2_030_000L, 2_036_000L);
    assertThat(machine(PARENT).rememberedFromMillis()).isZero();
  }

  // ---- counting

  @Test
  void rowsAreCountedExactlyWhileTheyChange() {
    for (long seed = 1; seed <= 30; seed++) {
      store = new TreeStore();
      sequences.clear();
      open();
      countOnce(new SplittableRandom(seed));
    }
  }

  private void countOnce(SplittableRandom random) {
    Map<String, Integer> sizes = new TreeMap<>();
    for (int i = 0; i < 60; i++) {
      change(PARENT, random, sizes);
    }
    split();
    int steps = 0;
    while (machine(FIRST).isCounting() || machine(SECOND).isCounting()) {
      for (long half : new long[] {FIRST, SECOND}) {
        Effect step =
            Effect.newBuilder()
                .setCountStep(CountStep.newBuilder().setRows(1 + random.nextInt(7)))
                .build();
        if (random.nextBoolean()) {
          apply(half, step);
        }
        change(half, random, sizes);
        if (random.nextInt(10) == 0) {
          // What is counted survives a restart.
          machine(half).close();
          machines.put(
              half, new PartitionMachine(half, machine(half).descriptor(), store, flusher));
        }
      }
      assertThat(++steps).isLessThan(10_000);
    }
    for (long half : new long[] {FIRST, SECOND}) {
      Descriptor of = machine(half).descriptor();
      long items = 0;
      long bytes = 0;
      for (Map.Entry<String, Integer> item : sizes.entrySet()) {
        if (of.holds(TestTables.token(item.getKey()))) {
          items++;
          bytes += item.getValue();
        }
      }
      assertThat(machine(half).counters(7, 0)).isEqualTo(new Counters(items, bytes));
    }
    assertThat(
            store.all(Family.META).keySet().stream()
                .filter(key -> key[0] == SplitRows.COUNTED || key[0] == SplitRows.COUNT_WALK))
        .isEmpty();
  }

  /** Puts or deletes one item of a partition. */
  private void change(long partition, SplittableRandom random, Map<String, Integer> sizes) {
    String pk;
    do {
      pk = "c" + random.nextInt(200);
    } while (!machine(partition).descriptor().holds(TestTables.token(pk)));
    Integer before = sizes.get(pk);
    if (before != null && random.nextBoolean()) {
      sizes.remove(pk);
      apply(partition, delete(pk, 1));
    } else {
      sizes.put(pk, TestTables.item(pk, 1).sizeBytes());
      apply(partition, put(pk, 1, before == null ? 1 : 0, before == null ? 0 : before));
    }
  }

  // ---- crashes, and what is thrown away

  @Test
  void aCrashTakesBackTheActivationWithTheSealOrNeither() {
    open();
    apply(PARENT, put(pk(FIRST_HALF, 0), 1));
    flusher.flush();
    split();
    apply(FIRST, put(pk(FIRST_HALF, 0), 2));
    store = store.afterPowerLoss();
    sequences.clear();
    open();
    assertThat(machine(PARENT).sealed()).isNull();
    assertThat(machine(FIRST).waits()).isTrue();
    assertThat(present(pk(FIRST_HALF, 0), 2)).isFalse();
    sequences.put(PARENT, 100L);
    split();
    flusher.flush();
    store = store.afterPowerLoss();
    open();
    assertThat(machine(PARENT).sealed()).isNotNull();
    assertThat(machine(FIRST).waits()).isFalse();
    assertThat(machine(FIRST).hasParentsRows()).isFalse();
  }

  @Test
  void aMachineThatWasMadeAnewIsDurableNoFurtherThanBefore() {
    open();
    flusher.flush();
    split();
    assertThat(machine(FIRST).durablePosition().index()).isEqualTo(-1);
    flusher.flush();
    assertThat(machine(FIRST).durablePosition().index()).isZero();
  }

  @Test
  void throwingASplitPartitionAwayLeavesTheRowsOfItsHeirs() {
    open();
    new EveryFamily(TestTables.EVERYTHING, 1).fill(machine(PARENT), 20);
    sequences.put(PARENT, 1_000L);
    split();
    NavigableMap<Family, String> first = EveryFamily.rows(store, FIRST, FIRST_HALF);
    NavigableMap<Family, String> second = EveryFamily.rows(store, SECOND, SECOND_HALF);
    ForgottenPartition.remove(store, PARENT, TestTables.EVERYTHING);
    assertThat(EveryFamily.rows(store, FIRST, FIRST_HALF)).isEqualTo(first);
    assertThat(EveryFamily.rows(store, SECOND, SECOND_HALF)).isEqualTo(second);
    assertThat(SplitRows.sealed(store, PARENT)).isNull();
    assertThat(MetaRows.partitions(store)).containsExactly(FIRST, SECOND);
    assertThat(store.all(Family.CHANGE_LOG)).isEmpty();
  }

  @Test
  void replacingTheStateOfASealedPartitionNeverTouchesTheRowsOfItsHeirs() {
    open();
    new EveryFamily(TestTables.EVERYTHING, 1).fill(machine(PARENT), 20);
    sequences.put(PARENT, 1_000L);
    split();
    NavigableMap<byte[], byte[]> items = store.all(Family.ITEMS);
    StateReplacement replacement =
        new StateReplacement(
            store, PARENT, TestTables.EVERYTHING, StateReplacement.StepListener.NONE);
    // Twice, as after a crash in the middle: the second time must still know that it is sealed.
    for (int i = 0; i < 2; i++) {
      replacement.goOn(new MetaRows.Applied(3, 900, 3, 900), _ -> java.util.List.of());
      assertThat(store.all(Family.ITEMS)).isEqualTo(items);
    }
    assertThat(SplitRows.sealed(store, PARENT)).isNotNull();
  }

  // ---- formats

  /** The golden file was written by the first version that splits, and is never changed. */
  @Test
  void theRowsThatASplitLeavesAreAsTheyWere() throws IOException {
    open();
    apply(
        PARENT,
        entry(PARENT, put("k1", 1), put("k2", 2), put("k3", 3)).toBuilder()
            .addRequestIds(1)
            .addRequestIds(2)
            .addOutcomes(ByteString.EMPTY)
            .build());
    split();
    apply(FIRST, Effect.newBuilder().setCountStep(CountStep.newBuilder().setRows(1)).build());
    StringBuilder rows = new StringBuilder();
    store
        .all(Family.META)
        .forEach(
            (key, value) ->
                rows.append(HexFormat.of().formatHex(key))
                    .append(' ')
                    .append(HexFormat.of().formatHex(value))
                    .append('\n'));
    try (InputStream golden = getClass().getResourceAsStream("/golden/split-rows-1.txt")) {
      String expected =
          golden == null ? "" : new String(golden.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(rows.toString()).isEqualTo(expected);
    }
  }
}
