package io.equator.node.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.equator.model.item.StoredValue;
import io.equator.node.core.MetaRows.Counters;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.proto.DropTable;
import io.equator.proto.Effect;
import io.equator.proto.IndexRowEffect;
import io.equator.proto.ItemEffect;
import io.equator.proto.PartitionEntry;
import io.equator.proto.Written;
import io.equator.replication.log.LogPosition;
import org.junit.jupiter.api.Test;

/** Applying: one batch with its position, the guards, replays, and what a restart finds. */
final class PartitionMachineTest {
  private TreeStore store = new TreeStore();
  private StoreFlusher flusher = new StoreFlusher(store);
  private PartitionMachine machine = machine(TestTables.EVERYTHING);

  private PartitionMachine machine(Descriptor descriptor) {
    return new PartitionMachine(1, descriptor, store, flusher);
  }

  private void restartAfterPowerLoss() {
    store = store.afterPowerLoss();
    flusher = new StoreFlusher(store);
    machine = machine(TestTables.EVERYTHING);
  }

  private static ByteString suffix(String pk, long sk) {
    return ByteString.copyFrom(StoreKeys.suffix(TestTables.key(pk, sk)));
  }

  private static Effect put(int table, String pk, long sk, int sizeDelta) {
    return Effect.newBuilder()
        .setItem(
            ItemEffect.newBuilder()
                .setTableId(table)
                .setKey(suffix(pk, sk))
                .setValue(StoredValue.of(TestTables.item(pk, sk), 5, 1).toByteString())
                .setItemCountDelta(1)
                .setSizeDelta(sizeDelta))
        .build();
  }

  private static PartitionEntry.Builder entry(long term, long sequence, Effect... effects) {
    PartitionEntry.Builder entry =
        PartitionEntry.newBuilder().setDecidedTerm(term).setEpoch(1).setSequence(sequence);
    for (Effect effect : effects) {
      entry.addEffects(effect);
    }
    return entry;
  }

  private Object apply(long term, long index, PartitionEntry.Builder entry) {
    return machine.apply(term, index, entry.build().toByteString());
  }

  private boolean present(int table, String pk, long sk) {
    return store.get(Family.ITEMS, StoreKeys.item(table, TestTables.key(pk, sk))) != null;
  }

  @Test
  void theFirstEntryMayStandAtIndexZero() {
    assertThat(machine.durablePosition()).isEqualTo(LogPosition.NONE);
    assertThat(apply(1, 0, entry(1, 1, put(7, "a", 1, 10)))).isEqualTo(EntryOutcome.APPLIED);
    assertThat(machine.appliedPosition()).isEqualTo(new LogPosition(1, 0));
  }

  @Test
  void anEntryDecidedInAnotherTermChangesNothingButThePosition() {
    assertThat(apply(2, 1, entry(1, 1, put(7, "a", 1, 10)))).isEqualTo(EntryOutcome.STALE_TERM);
    assertThat(present(7, "a", 1)).isFalse();
    assertThat(machine.appliedPosition()).isEqualTo(new LogPosition(2, 1));
  }

  @Test
  void anEntryDecidedForAnotherEpochChangesNothing() {
    assertThat(apply(1, 1, entry(1, 1, put(7, "a", 1, 10)).setEpoch(2)))
        .isEqualTo(EntryOutcome.WRONG_EPOCH);
    assertThat(present(7, "a", 1)).isFalse();
  }

  @Test
  void anEntryThatComesAfterALaterOneOfItsTermChangesNothingAlsoAfterARestart() {
    apply(1, 1, entry(1, 2, put(7, "a", 1, 10)));
    assertThat(apply(1, 2, entry(1, 1, put(7, "b", 1, 10)))).isEqualTo(EntryOutcome.OUT_OF_ORDER);
    machine.flush();
    restartAfterPowerLoss();
    assertThat(apply(1, 3, entry(1, 2, put(7, "b", 1, 10)))).isEqualTo(EntryOutcome.OUT_OF_ORDER);
    assertThat(apply(2, 4, entry(2, 1, put(7, "c", 1, 10)))).isEqualTo(EntryOutcome.APPLIED);
    assertThat(present(7, "b", 1)).isFalse();
  }

  @Test
  void aRestartFindsTheStateOfTheLastFlushAndReplaysTheRest() {
    apply(1, 1, entry(1, 1, put(7, "a", 1, 10)));
    machine.advance(1, 2);
    assertThat(machine.flush()).isEqualTo(new LogPosition(1, 2));
    apply(1, 3, entry(1, 2, put(7, "b", 1, 10)));
    assertThat(machine.durablePosition()).isEqualTo(new LogPosition(1, 2));

    restartAfterPowerLoss();

    assertThat(machine.durablePosition()).isEqualTo(new LogPosition(1, 2));
    assertThat(machine.counters(7, 0)).isEqualTo(new Counters(1, 10));
    assertThat(present(7, "b", 1)).isFalse();
    assertThat(apply(1, 3, entry(1, 2, put(7, "b", 1, 10)))).isEqualTo(EntryOutcome.APPLIED);
    assertThat(machine.counters(7, 0)).isEqualTo(new Counters(2, 20));
  }

  @Test
  void whatIsAppliedAlreadyIsNotAppliedAgain() {
    apply(1, 1, entry(1, 1, put(7, "a", 1, 10)));
    assertThat(apply(1, 1, entry(1, 1, put(7, "a", 1, 10)))).isEqualTo(EntryOutcome.REPLAYED);
    assertThat(machine.counters(7, 0)).isEqualTo(new Counters(1, 10));
  }

  @Test
  void aFailedCommitIsThrownAndLeavesThePosition() {
    store.breakDown("no space left");
    assertThatThrownBy(() -> apply(1, 1, entry(1, 1, put(7, "a", 1, 10))))
        .isInstanceOf(StoreException.class);
    assertThat(machine.appliedPosition()).isEqualTo(LogPosition.NONE);
    assertThat(machine.counters(7, 0)).isEqualTo(Counters.ZERO);
  }

  @Test
  void anEffectOfANewerVersionStopsTheReplica() {
    assertThatThrownBy(() -> apply(1, 1, entry(1, 1, Effect.getDefaultInstance())))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("newer");
    assertThatThrownBy(() -> machine.apply(1, 1, ByteString.copyFromUtf8("nonsense")))
        .isInstanceOf(StoreException.class);
  }

  @Test
  void droppingATableTakesItsRowsAndCountersAndNoOthers() {
    Effect indexed =
        Effect.newBuilder()
            .setItem(
                ItemEffect.newBuilder()
                    .setTableId(7)
                    .setKey(suffix("a", 1))
                    .setValue(StoredValue.of(TestTables.item("a", 1), 5, 1).toByteString())
                    .setItemCountDelta(1)
                    .setSizeDelta(10)
                    .setCollectionKeyLength(TestTables.key("a", 1).getPartitionKey().size() + 8)
                    .addIndexRows(
                        IndexRowEffect.newBuilder()
                            .setIndexId(3)
                            .setKey(suffix("a", 1))
                            .setValueIsItem(true)
                            .setItemCountDelta(1)
                            .setSizeDelta(10)))
            .build();
    apply(1, 1, entry(1, 1, indexed, put(8, "a", 1, 10)));
    assertThat(store.all(Family.LOCAL_INDEXES)).hasSize(1);
    assertThat(machine.tables()).containsExactly(7, 8);

    Effect drop = Effect.newBuilder().setDropTable(DropTable.newBuilder().setTableId(7)).build();
    apply(1, 2, entry(1, 2, put(7, "z", 1, 10), drop));

    assertThat(machine.tables()).containsExactly(8);
    machine.flush();
    restartAfterPowerLoss();
    DroppedRows rows = new DroppedRows(store);
    assertThat(rows.any()).isTrue();
    assertThat(rows.remove(1)).isFalse();
    assertThat(rows.remove(100)).isTrue();
    assertThat(rows.any()).isFalse();
    assertThat(present(7, "a", 1)).isFalse();
    assertThat(present(7, "z", 1)).isFalse();
    assertThat(present(8, "a", 1)).isTrue();
    assertThat(store.all(Family.LOCAL_INDEXES)).isEmpty();
    assertThat(machine.tables()).containsExactly(8);
    // Left: two counters rows would be one too many; position, counters of table 8.
    assertThat(store.all(Family.META)).hasSize(2);
  }

  @Test
  void droppingATableLeavesTheTokensOfOtherPartitions() {
    machine = machine(new Descriptor(1, 1, 0, 100));
    long outside = TestTables.token("a");
    assertThat(Long.compareUnsigned(outside, 100)).isPositive();
    apply(1, 1, entry(1, 1, put(7, "a", 1, 10)));
    apply(
        1,
        2,
        entry(
            1, 2, Effect.newBuilder().setDropTable(DropTable.newBuilder().setTableId(7)).build()));
    assertThat(present(7, "a", 1)).isTrue();
  }

  @Test
  void rememberedRequestsSurviveARestartAndAreForgottenInTime() {
    ByteString answer = Written.newBuilder().setNewSize(9).build().toByteString();
    apply(
        1,
        1,
        entry(1, 1, put(7, "a", 1, 10))
            .setLeaderMillis(1_000)
            .addRequestIds(1)
            .addRequestIds(2)
            .addOutcomes(answer));
    machine.flush();
    restartAfterPowerLoss();
    assertThat(machine.memory().find(1, 2).orElseThrow())
        .isEqualTo(Written.newBuilder().setNewSize(9).setLogIndex(1).build());
    assertThat(machine.memory().find(1, 3)).isEmpty();

    // Also what is applied after the first question is known,
    apply(
        1,
        2,
        entry(1, 2, put(7, "a", 2, 10))
            .setLeaderMillis(2_000)
            .addRequestIds(1)
            .addRequestIds(3)
            .addOutcomes(answer));
    assertThat(machine.memory().find(1, 3)).isPresent();

    // and rows go with the entries that come after their time.
    apply(1, 3, entry(1, 3, put(7, "a", 3, 10)).setLeaderMillis(91_500));
    byte[] prefix = MetaRows.rememberedPrefix(1);
    assertThat(store.all(Family.META).subMap(prefix, StoreKeys.successor(prefix))).hasSize(1);
    machine.flush();
    restartAfterPowerLoss();
    assertThat(machine.memory().find(1, 2)).isEmpty();
    assertThat(machine.memory().find(1, 3)).isPresent();
  }

  @Test
  void replicasThatApplyTheSameEntriesHoldTheSameRows() {
    TreeStore other = new TreeStore();
    PartitionMachine second =
        new PartitionMachine(1, TestTables.EVERYTHING, other, new StoreFlusher(other));
    for (int i = 1; i <= 50; i++) {
      ByteString entry =
          entry(1, i, put(7, "k" + i % 7, i % 5, i))
              .setLeaderMillis(i * 10_000L)
              .addRequestIds(i)
              .addRequestIds(i)
              .addOutcomes(ByteString.EMPTY)
              .build()
              .toByteString();
      machine.apply(1, i, entry);
      second.apply(1, i, entry);
      if (i == 20) {
        // One of them restarts on the way.
        second.close();
        second = new PartitionMachine(1, TestTables.EVERYTHING, other, new StoreFlusher(other));
      }
    }
    for (Family family : Family.values()) {
      assertThat(RowsText.of(store.all(family))).isEqualTo(RowsText.of(other.all(family)));
    }
  }
}
