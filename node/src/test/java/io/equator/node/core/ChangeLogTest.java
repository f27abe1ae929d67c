package io.equator.node.core;

import static io.equator.node.core.TestTables.delete;
import static io.equator.node.core.TestTables.put;
import static io.equator.node.core.TestTables.set;
import static io.equator.node.core.TestTables.update;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.StoredValue;
import io.equator.node.core.ChangeReader.Change;
import io.equator.node.core.ChangeReader.Changes;
import io.equator.proto.ChangeCause;
import io.equator.proto.ChangeRecord;
import io.equator.proto.Effect;
import io.equator.proto.ItemWrite;
import io.equator.proto.Redirect;
import io.equator.proto.RequireSchema;
import io.equator.proto.TableDescriptor;
import io.equator.proto.TrimChanges;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * One record per change that somebody reads, in order, with what the readers need; and trimming.
 */
final class ChangeLogTest {
  private static final int TABLE = 7;
  private static final TableDescriptor PLAIN = TestTables.plain(TABLE);

  private TreeStore store = new TreeStore();
  private PartitionMachine machine = machine();
  private ScriptedLog log = new ScriptedLog(machine);
  private PartitionWriter writer = writer();
  private long now = 1_000_000;

  private PartitionMachine machine() {
    return new PartitionMachine(1, TestTables.EVERYTHING, store, new StoreFlusher(store));
  }

  private PartitionWriter writer() {
    return new PartitionWriter(
        log,
        machine,
        store,
        new HybridClock(() -> now, Duration.ofSeconds(1)),
        1,
        () -> now,
        WriteLimits.defaults());
  }

  @BeforeEach
  void lead() {
    log.lead(1);
    log.automatic();
  }

  private static TableView streamed(String view) {
    return TestTables.view(TestTables.streamed(TABLE, view));
  }

  private WriteResponse send(TableView table, ItemWrite... writes) {
    List<WriteResponse> answers = new ArrayList<>();
    writer.write(
        WriteRequest.newBuilder().addAllWrites(List.of(writes)).build(),
        Collections.nCopies(writes.length, table),
        answers::add);
    assertThat(answers).hasSize(1);
    return answers.getFirst();
  }

  private boolean submit(Effect.Builder effect) {
    return writer.submit(effect.build()).join();
  }

  private Changes read(ChangePosition from, int records) {
    return new ChangeReader(machine, store).read(TABLE, from, records, Long.MAX_VALUE);
  }

  private List<ChangeRecord> records() {
    return read(ChangePosition.START, Integer.MAX_VALUE).changes().stream()
        .map(Change::record)
        .toList();
  }

  private static AttributeValue kind(ByteString stored) {
    return StoredValue.read(stored).item().get("kind");
  }

  @Test
  void aTableThatNobodyReadsLeavesNoRecords() {
    send(TestTables.view(PLAIN), put(TestTables.view(PLAIN), "a", 1));
    assertThat(records()).isEmpty();
    assertThat(machine.tablesWithChanges()).isEmpty();
  }

  @Test
  void eachChangeLeavesOneRecordWithTheImagesOfTheView() {
    TableView both = streamed("NEW_AND_OLD_IMAGES");
    send(both, put(both, "a", 1, "kind", "k"));
    send(both, update(both, "a", 1, set("kind", "l")));
    send(both, delete(both, "a", 1));
    List<ChangeRecord> records = records();
    assertThat(records).hasSize(3);
    assertThat(records.get(0).getReplaces()).isFalse();
    assertThat(records.get(0).hasOldValue()).isFalse();
    assertThat(kind(records.get(0).getNewValue())).isEqualTo(TestTables.value("k"));
    assertThat(kind(records.get(1).getOldValue())).isEqualTo(TestTables.value("k"));
    assertThat(kind(records.get(1).getNewValue())).isEqualTo(TestTables.value("l"));
    assertThat(records.get(2).getRemoves()).isTrue();
    assertThat(kind(records.get(2).getOldValue())).isEqualTo(TestTables.value("l"));
    assertThat(records.get(2).hasNewValue()).isFalse();
    assertThat(records).allMatch(record -> record.getMillis() == now);
    assertThat(records.get(1).getTimestamp()).isGreaterThan(records.get(0).getTimestamp());
  }

  @Test
  void imagesThatTheViewDoesNotShowAreNotKept() {
    TableView keys = streamed("KEYS_ONLY");
    send(keys, put(keys, "a", 1, "kind", "k"));
    send(keys, put(keys, "a", 1, "kind", "l"));
    assertThat(records()).hasSize(2).noneMatch(r -> r.hasOldValue() || r.hasNewValue());
    assertThat(records().get(1).getReplaces()).isTrue();
  }

  @Test
  void aWriteThatChangesNothingLeavesNoRecord() {
    TableView table = streamed("NEW_IMAGE");
    send(table, put(table, "a", 1, "kind", "k"));
    send(table, put(table, "a", 1, "kind", "k"));
    send(table, update(table, "a", 1, set("kind", "k")));
    send(table, delete(table, "b", 1));
    assertThat(records()).hasSize(1);
  }

  @Test
  void writesOfOneEntryStandInTheirOrder() {
    TableView table = streamed("NEW_AND_OLD_IMAGES");
    log.manual();
    List<WriteResponse> answers = new ArrayList<>();
    for (String kind : List.of("k", "l", "m")) {
      writer.write(
          WriteRequest.newBuilder().addWrites(put(table, "a", 1, "kind", kind)).build(),
          List.of(table),
          answers::add);
    }
    log.commitAll();
    assertThat(answers).hasSize(3);
    List<Change> changes = read(ChangePosition.START, 10).changes();
    assertThat(changes)
        .extracting(change -> kind(change.record().getNewValue()))
        .containsExactly(TestTables.value("k"), TestTables.value("l"), TestTables.value("m"));
    assertThat(changes).extracting(Change::at).isSorted();
    assertThat(kind(changes.get(2).record().getOldValue())).isEqualTo(TestTables.value("l"));
  }

  @Test
  void theCauseOfAWriteStandsInItsRecord() {
    TableView table = streamed("KEYS_ONLY");
    send(table, put(table, "a", 1));
    send(table, delete(table, "a", 1).toBuilder().setCause(ChangeCause.CAUSE_TTL).build());
    assertThat(records())
        .extracting(ChangeRecord::getCause)
        .containsExactly(ChangeCause.CAUSE_USER, ChangeCause.CAUSE_TTL);
  }

  @Test
  void pagesGoOnWhereTheyEnded() {
    TableView table = streamed("KEYS_ONLY");
    for (int i = 0; i < 5; i++) {
      send(table, put(table, "a", i));
    }
    Changes first = read(ChangePosition.START, 2);
    assertThat(first.changes()).hasSize(2);
    assertThat(first.more()).isTrue();
    Changes rest = read(first.next(), 10);
    assertThat(rest.changes()).hasSize(3);
    assertThat(rest.more()).isFalse();
    assertThat(read(rest.next(), 10).changes()).isEmpty();
    send(table, put(table, "b", 1));
    assertThat(read(rest.next(), 10).changes()).hasSize(1);
  }

  @Test
  void trimmedRecordsAreGoneAlsoAfterARestart() {
    TableView table = streamed("KEYS_ONLY");
    for (int i = 0; i < 5; i++) {
      send(table, put(table, "a", i));
    }
    long third = read(ChangePosition.START, 10).changes().get(2).at().index();
    assertThat(submit(trim(third))).isTrue();
    assertThat(records()).hasSize(3);
    assertThat(machine.changesKept(TABLE).records()).isEqualTo(3);
    assertThat(machine.changesKept(TABLE).floor()).isEqualTo(third);
    ChangeLog.Kept kept = machine.changesKept(TABLE);
    machine.flush();
    store = store.afterPowerLoss();
    machine = machine();
    assertThat(machine.changesKept(TABLE)).isEqualTo(kept);
    assertThat(records()).hasSize(3);
  }

  @Test
  void trimmingNeverReachesTheFuture() {
    TableView table = streamed("KEYS_ONLY");
    send(table, put(table, "a", 1));
    assertThat(submit(trim(Long.MAX_VALUE))).isTrue();
    send(table, put(table, "a", 2));
    assertThat(records()).hasSize(1);
    assertThat(machine.changesKept(TABLE).floor()).isLessThan(Long.MAX_VALUE);
  }

  private static Effect.Builder trim(long before) {
    return Effect.newBuilder()
        .setTrimChanges(TrimChanges.newBuilder().setTableId(TABLE).setBeforeIndex(before));
  }

  private static Effect.Builder floor(long version) {
    return Effect.newBuilder()
        .setRequireSchema(RequireSchema.newBuilder().setTableId(TABLE).setSchemaVersion(version));
  }

  @Test
  void aWriteOfAnOlderSchemaIsSentBackOnceTheLogHasAFloor() {
    TableView old = TestTables.view(PLAIN);
    assertThat(submit(floor(2))).isTrue();
    WriteResponse answer = send(old, put(old, "a", 1));
    assertThat(answer.getRedirect().getReason()).isEqualTo(Redirect.Reason.STALE_SCHEMA);
    TableView young =
        TestTables.view(
            TestTables.streamed(TABLE, "KEYS_ONLY").toBuilder().setSchemaVersion(2).build());
    assertThat(send(young, put(young, "a", 1)).hasResults()).isTrue();
    assertThat(records()).hasSize(1);
  }

  @Test
  void aWriteDecidedBeforeTheFloorButBehindItInTheLogChangesNothing() {
    TableView old = TestTables.view(PLAIN);
    log.manual();
    List<WriteResponse> answers = new ArrayList<>();
    var raised = writer.submit(floor(2).build());
    writer.write(
        WriteRequest.newBuilder().addWrites(put(old, "a", 1)).build(), List.of(old), answers::add);
    log.commitAll();
    assertThat(raised.join()).isTrue();
    assertThat(answers).hasSize(1);
    assertThat(answers.getFirst().hasResults()).isFalse();
    assertThat(store.get(Family.ITEMS, StoreKeys.item(TABLE, TestTables.key("a", 1)))).isNull();
  }
}
