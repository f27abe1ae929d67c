package io.equator.node.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.model.item.StoredValue;
import io.equator.node.core.MetaRows.Counters;
import io.equator.proto.ApplyIndex;
import io.equator.proto.ChangePlace;
import io.equator.proto.DropIndex;
import io.equator.proto.DropTable;
import io.equator.proto.Effect;
import io.equator.proto.GlobalIndexRow;
import io.equator.proto.IndexBuildStep;
import io.equator.proto.PartitionEntry;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rows of global indexes: delivered again they change nothing, walks never undo changes. */
final class GlobalIndexesTest {
  private static final int TABLE = 7;
  private static final int INDEX = 2;
  private static final long SOURCE = 4;

  private TreeStore store = new TreeStore();
  private PartitionMachine machine = machine();
  private long index;

  private PartitionMachine machine() {
    return new PartitionMachine(1, TestTables.EVERYTHING, store, new StoreFlusher(store));
  }

  private void apply(Effect... effects) {
    PartitionEntry.Builder entry =
        PartitionEntry.newBuilder().setDecidedTerm(1).setEpoch(1).setSequence(++index);
    for (Effect effect : effects) {
      entry.addEffects(effect);
    }
    assertThat(machine.apply(1, index, entry.build().toByteString()))
        .isEqualTo(EntryOutcome.APPLIED);
  }

  private static ChangePlace place(long index, int position) {
    return ChangePlace.newBuilder().setLogIndex(index).setPosition(position).build();
  }

  private static ByteString suffix(String row) {
    return ByteString.copyFrom(("12345678" + row).getBytes(StandardCharsets.UTF_8));
  }

  private static GlobalIndexRow put(String row, long value, @Nullable ChangePlace at) {
    GlobalIndexRow.Builder put =
        GlobalIndexRow.newBuilder()
            .setKey(suffix(row))
            .setValue(StoredValue.of(TestTables.item("a", value), 5, 1).toByteString());
    return (at == null ? put : put.setAt(at)).build();
  }

  private static GlobalIndexRow delete(String row, ChangePlace at) {
    return GlobalIndexRow.newBuilder().setKey(suffix(row)).setAt(at).build();
  }

  private static Effect changes(long source, ChangePlace to, GlobalIndexRow... rows) {
    return delivery(source, to, false, rows);
  }

  private static Effect walk(ChangePlace to, GlobalIndexRow... rows) {
    return delivery(SOURCE, to, true, rows);
  }

  private static Effect delivery(
      long source, ChangePlace to, boolean walk, GlobalIndexRow... rows) {
    ApplyIndex.Builder effect =
        ApplyIndex.newBuilder()
            .setSourcePartition(source)
            .setTableId(TABLE)
            .setIndexId(INDEX)
            .setTo(to)
            .setWalk(walk);
    for (GlobalIndexRow row : rows) {
      effect.addRows(row);
    }
    return Effect.newBuilder().setApplyIndex(effect).build();
  }

  private @Nullable Long value(String row) {
    byte[] stored = store.get(Family.GLOBAL_INDEXES, StoreKeys.row(TABLE, INDEX, suffix(row)));
    return stored == null ? null : TestTables.sortKey(StoredValue.read(stored).item());
  }

  private long count() {
    return machine.counters(TABLE, INDEX).items();
  }

  private void restartAfterPowerLoss() {
    store = store.afterPowerLoss();
    machine = machine();
  }

  @Test
  void changesAreAppliedOnceAndMoveTheCursor() {
    Effect both = changes(SOURCE, place(6, 0), put("x", 1, place(4, 0)), put("y", 2, place(5, 0)));
    apply(both);
    apply(changes(SOURCE, place(7, 0), delete("x", place(6, 0))));
    apply(both);
    assertThat(value("x")).isNull();
    assertThat(value("y")).isEqualTo(2);
    assertThat(count()).isEqualTo(1);
    assertThat(machine.indexCursor(TABLE, INDEX, SOURCE)).isEqualTo(ChangePosition.ofEntry(7));
  }

  @Test
  void whatOverlapsTheCursorIsAppliedFromThereOn() {
    apply(changes(SOURCE, place(5, 1), put("x", 1, place(5, 0))));
    apply(changes(SOURCE, place(6, 0), put("x", 9, place(5, 0)), put("y", 2, place(5, 1))));
    assertThat(value("x")).isEqualTo(1);
    assertThat(value("y")).isEqualTo(2);
  }

  @Test
  void theSameDeliveryTwiceInOneEntryCountsOnce() {
    Effect change = changes(SOURCE, place(6, 0), put("x", 1, place(4, 0)));
    apply(change, change);
    assertThat(count()).isEqualTo(1);
    Effect walk = walk(place(6, 0), put("z", 3, null));
    apply(walk, walk);
    assertThat(count()).isEqualTo(2);
  }

  @Test
  void sourcesHaveCursorsOfTheirOwn() {
    apply(changes(SOURCE, place(9, 0), put("x", 1, place(8, 0))));
    apply(changes(5, place(3, 0), put("y", 2, place(2, 0))));
    assertThat(value("y")).isEqualTo(2);
    assertThat(machine.indexCursor(TABLE, INDEX, 5)).isEqualTo(ChangePosition.ofEntry(3));
  }

  @Test
  void aWalkThatIsBehindTheCursorIsRefused() {
    apply(changes(SOURCE, place(9, 0), delete("x", place(8, 0))));
    apply(walk(place(8, 0), put("x", 1, null)));
    assertThat(value("x")).isNull();
    apply(walk(place(9, 0), put("x", 1, null)));
    assertThat(value("x")).isEqualTo(1);
  }

  @Test
  void rowsThatComeAndGoInOneEntryAreCountedRight() {
    apply(
        changes(
            SOURCE,
            place(6, 0),
            put("x", 1, place(4, 0)),
            delete("x", place(4, 1)),
            put("x", 2, place(4, 2)),
            delete("y", place(5, 0))));
    assertThat(count()).isEqualTo(1);
    assertThat(value("x")).isEqualTo(2);
  }

  @Test
  void cursorsAndBuildsAreThereAfterAPowerLossAsOfTheLastFlush() {
    apply(changes(SOURCE, place(6, 2), put("x", 1, place(4, 0))));
    apply(step(3, false));
    apply(step(8, true));
    machine.flush();
    restartAfterPowerLoss();
    assertThat(machine.indexCursor(TABLE, INDEX, SOURCE)).isEqualTo(new ChangePosition(6, 2));
    IndexBuilds.Build build = machine.indexBuild(TABLE, INDEX);
    assertThat(build).isNotNull();
    assertThat(build.start()).isEqualTo(2);
    assertThat(build.step().getWalked()).isEqualTo(8);
    assertThat(build.step().getDone()).isTrue();
  }

  private static Effect step(long walked, boolean done) {
    return Effect.newBuilder()
        .setIndexBuildStep(
            IndexBuildStep.newBuilder()
                .setTableId(TABLE)
                .setIndexId(INDEX)
                .setLastKey(suffix("k"))
                .setWalked(walked)
                .setDone(done))
        .build();
  }

  @Test
  void aDroppedIndexLeavesNothing() {
    apply(changes(SOURCE, place(6, 0), put("x", 1, place(4, 0))), step(1, true));
    apply(
        Effect.newBuilder()
            .setDropIndex(DropIndex.newBuilder().setTableId(TABLE).setIndexId(INDEX))
            .build());
    assertNothingIsLeft();
  }

  @Test
  void aDroppedTableTakesItsIndexesAlong() {
    apply(changes(SOURCE, place(6, 0), put("x", 1, place(4, 0))), step(1, true));
    apply(Effect.newBuilder().setDropTable(DropTable.newBuilder().setTableId(TABLE)).build());
    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() {
    assertThat(machine.counters(TABLE, INDEX)).isEqualTo(Counters.ZERO);
    assertThat(machine.indexCursor(TABLE, INDEX, SOURCE)).isEqualTo(ChangePosition.START);
    assertThat(machine.indexBuild(TABLE, INDEX)).isNull();
    assertThat(new DroppedRows(store).remove(1_000)).isTrue();
    assertThat(value("x")).isNull();
    machine.flush();
    restartAfterPowerLoss();
    assertThat(machine.indexCursor(TABLE, INDEX, SOURCE)).isEqualTo(ChangePosition.START);
    assertThat(machine.indexBuild(TABLE, INDEX)).isNull();
  }
}
