package io.equator.node.core;

import static io.equator.node.core.TestTables.delete;
import static io.equator.node.core.TestTables.item;
import static io.equator.node.core.TestTables.key;
import static io.equator.node.core.TestTables.put;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.StoredValue;
import io.equator.node.core.ChangeReader.Change;
import io.equator.node.core.MetaRows.Counters;
import io.equator.proto.ChangeCause;
import io.equator.proto.ChangeRecord;
import io.equator.proto.CloseTimestamp;
import io.equator.proto.DropTable;
import io.equator.proto.DropTombstones;
import io.equator.proto.Effect;
import io.equator.proto.ItemWrite;
import io.equator.proto.MergeOutcome;
import io.equator.proto.ReplicationTarget;
import io.equator.proto.TableDescriptor;
import io.equator.proto.TableReplication;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.proto.WriteResult;
import io.equator.proto.Written;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.clock.HybridTimestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Versions of other regions: which one stays, and what is left of a deletion. */
final class MergeTest {
  private static final long NOW = 1_700_000_000_000L;
  private static final int HERE = 2;
  private static final TableView TABLE = TestTables.view(inRegions(TestTables.plain(7)));
  private static final TableView INDEXED =
      TestTables.view(inRegions(TestTables.indexed(8)).toBuilder().setName("eight").build());
  private static final TableView STREAMED =
      TestTables.view(inRegions(TestTables.streamed(9, "NEW_AND_OLD_IMAGES")));

  private final TreeStore store = new TreeStore();
  private final PartitionMachine machine =
      new PartitionMachine(1, TestTables.EVERYTHING, store, new StoreFlusher(store));
  private final ScriptedLog log = new ScriptedLog(machine).automatic();
  private long now = NOW;
  private final PartitionWriter writer =
      new PartitionWriter(
          log,
          machine,
          store,
          new HybridClock(() -> now, Duration.ofSeconds(1)),
          HERE,
          () -> now,
          WriteLimits.defaults());

  private static TableDescriptor inRegions(TableDescriptor table) {
    return table.toBuilder()
        .setReplication(
            TableReplication.newBuilder()
                .setGlobalTableId("g")
                .addTargets(ReplicationTarget.newBuilder().setRegion("there").setGeneration(2)))
        .build();
  }

  private List<WriteResponse> begin(TableView table, ItemWrite... writes) {
    List<WriteResponse> answers = new ArrayList<>();
    writer.write(
        WriteRequest.newBuilder().addAllWrites(List.of(writes)).build(),
        Collections.nCopies(writes.length, table),
        answers::add);
    return answers;
  }

  private Written write(TableView table, ItemWrite write) {
    WriteResult result = begin(table, write).getFirst().getResults().getResults(0);
    assertThat(result.hasWritten()).as(result.toString()).isTrue();
    return result.getWritten();
  }

  private static ItemWrite merge(TableView table, String pk, long sk, StoredValue value) {
    return ItemWrite.newBuilder()
        .setTable(table.reference())
        .setKey(key(pk, sk))
        .setMerge(value.toByteString())
        .build();
  }

  private MergeOutcome merged(TableView table, StoredValue value) {
    return write(table, merge(table, "a", 1, value)).getMerge();
  }

  private static StoredValue version(long timestamp, int region, String text) {
    return StoredValue.of(item("a", 1, "x", text), timestamp, region);
  }

  private static long at(long millis) {
    return HybridTimestamp.of(millis, 0).bits();
  }

  private Optional<StoredValue> stored(TableView table) {
    return Optional.ofNullable(store.get(Family.ITEMS, StoreKeys.item(table.id(), key("a", 1))))
        .map(StoredValue::read);
  }

  private Optional<StoredValue> tombstone(TableView table) {
    return Optional.ofNullable(
            store.get(Family.TOMBSTONES, StoreKeys.item(table.id(), key("a", 1))))
        .map(Tombstones::value);
  }

  private String text(TableView table) {
    EncodedItem item = stored(table).orElseThrow().item();
    return java.util.Objects.requireNonNull(item.find("x")).string();
  }

  private List<ChangeRecord> changes(TableView table) {
    return new ChangeReader(machine, store)
        .read(table.id(), ChangePosition.START, 100, 1 << 20).changes().stream()
            .map(Change::record)
            .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "10, 1, 11, 1, MERGE_TAKEN",
    "10, 1, 10, 3, MERGE_TAKEN",
    "10, 3, 11, 1, MERGE_TAKEN",
    "10, 1, 10, 1, MERGE_LOST",
    "10, 3, 10, 1, MERGE_LOST",
    "11, 1, 10, 3, MERGE_LOST",
    "10, 1, 10, 0, MERGE_LOST",
  })
  void theGreaterVersionStays(long first, int by, long second, int byOther, MergeOutcome outcome) {
    assertThat(merged(TABLE, version(first, by, "first"))).isEqualTo(MergeOutcome.MERGE_TAKEN);
    assertThat(merged(TABLE, version(second, byOther, "second"))).isEqualTo(outcome);
    boolean taken = outcome == MergeOutcome.MERGE_TAKEN;
    assertThat(text(TABLE)).isEqualTo(taken ? "second" : "first");
    assertThat(ItemVersion.of(stored(TABLE).orElseThrow()))
        .isEqualTo(taken ? new ItemVersion(second, byOther) : new ItemVersion(first, by));
    assertThat(machine.counters(7, 0).items()).isEqualTo(1);
  }

  @Test
  void aDeletionLeavesAMarkThatOlderVersionsDoNotPass() {
    write(TABLE, put(TABLE, "a", 1, "x", "mine"));
    write(TABLE, delete(TABLE, "a", 1));
    StoredValue mark = tombstone(TABLE).orElseThrow();
    assertThat(mark.originRegion()).isEqualTo(HERE);

    assertThat(merged(TABLE, version(mark.timestamp() - 1, 3, "late")))
        .isEqualTo(MergeOutcome.MERGE_LOST);
    assertThat(stored(TABLE)).isEmpty();

    assertThat(merged(TABLE, version(mark.timestamp(), 3, "newer")))
        .isEqualTo(MergeOutcome.MERGE_TAKEN);
    assertThat(text(TABLE)).isEqualTo("newer");
    assertThat(tombstone(TABLE)).isEmpty();
  }

  @Test
  void anotherRegionsDeletionIsKeptAlsoWhenThereIsNothingToDelete() {
    assertThat(merged(TABLE, StoredValue.tombstone(at(NOW), 3)))
        .isEqualTo(MergeOutcome.MERGE_TAKEN);
    assertThat(merged(TABLE, version(at(NOW) - 1, 1, "late"))).isEqualTo(MergeOutcome.MERGE_LOST);
    assertThat(merged(TABLE, StoredValue.tombstone(at(NOW), 3))).isEqualTo(MergeOutcome.MERGE_LOST);
    assertThat(stored(TABLE)).isEmpty();
    assertThat(machine.counters(7, 0)).isEqualTo(Counters.ZERO);
    assertThat(changes(TABLE)).isEmpty();
  }

  @Test
  void aWriteHereIsAboveWhatItMeets() {
    long ahead = at(NOW + 1_500);
    merged(TABLE, version(ahead, 3, "theirs"));
    long next = write(TABLE, put(TABLE, "a", 1, "x", "mine")).getTimestamp();
    assertThat(Long.compareUnsigned(next, ahead)).isPositive();

    long later = at(NOW + 1_800);
    merged(TABLE, StoredValue.tombstone(later, 3));
    next = write(TABLE, put(TABLE, "a", 1, "x", "again")).getTimestamp();
    assertThat(Long.compareUnsigned(next, later)).isPositive();
    assertThat(tombstone(TABLE)).isEmpty();
    assertThat(stored(TABLE).orElseThrow().originRegion()).isEqualTo(HERE);
  }

  @Test
  void aClockThatIsTooFarAheadIsNotBelieved() {
    assertThat(merged(TABLE, version(at(NOW + 2_001), 3, "theirs")))
        .isEqualTo(MergeOutcome.MERGE_CLOCK_AHEAD);
    assertThat(stored(TABLE)).isEmpty();
    now += 10;
    assertThat(merged(TABLE, version(at(NOW + 2_001), 3, "theirs")))
        .isEqualTo(MergeOutcome.MERGE_TAKEN);
  }

  @Test
  void anExpiredItemLeavesTheMarkThatEveryRegionDerives() {
    merged(TABLE, version(at(NOW - 50_000), 3, "old"));
    write(TABLE, delete(TABLE, "a", 1).toBuilder().setCause(ChangeCause.CAUSE_TTL).build());
    assertThat(ItemVersion.of(tombstone(TABLE).orElseThrow()))
        .isEqualTo(new ItemVersion(at(NOW - 50_000) + 1, ItemVersion.NO_REGION));
    byte[] row = store.get(Family.TOMBSTONES, StoreKeys.item(7, key("a", 1)));
    assertThat(HybridTimestamp.millisOf(Tombstones.deletedAt(row))).isGreaterThanOrEqualTo(NOW);
    // Whoever had seen the item when it wrote is above it, whatever its region's number.
    assertThat(merged(TABLE, version(at(NOW - 50_000) + 1, 1, "saved")))
        .isEqualTo(MergeOutcome.MERGE_TAKEN);
  }

  @Test
  void whatWaitsBehindADeletionIsDecidedOnItsMark() {
    write(TABLE, put(TABLE, "a", 1, "x", "mine"));
    long before = stored(TABLE).orElseThrow().timestamp();
    log.manual();
    begin(TABLE, put(TABLE, "b", 1)); // occupies the log
    begin(TABLE, put(TABLE, "c", 1));
    begin(TABLE, delete(TABLE, "a", 1));
    List<WriteResponse> late = begin(TABLE, merge(TABLE, "a", 1, version(before + 1, 1, "late")));
    begin(TABLE, put(TABLE, "a", 1, "x", "new"));
    begin(TABLE, delete(TABLE, "a", 1));
    log.commitAll();
    assertThat(late.getFirst().getResults().getResults(0).getWritten().getMerge())
        .isEqualTo(MergeOutcome.MERGE_LOST);
    assertThat(stored(TABLE)).isEmpty();
    assertThat(tombstone(TABLE)).isPresent();
    assertThat(machine.counters(7, 0).items()).isEqualTo(2);
  }

  @Test
  void otherRegionsGetWhatIsWrittenHereAndNothingElse() {
    write(TABLE, put(TABLE, "a", 1, "x", "mine"));
    write(TABLE, put(TABLE, "a", 1, "x", "mine")); // the same item, but another version
    merged(TABLE, version(at(NOW + 100), 3, "theirs"));
    write(TABLE, delete(TABLE, "a", 1));
    write(TABLE, delete(TABLE, "a", 1)); // nothing there
    List<ChangeRecord> records = changes(TABLE);
    assertThat(records).hasSize(3).allMatch(ChangeRecord::getForRegions);
    assertThat(StoredValue.read(records.get(1).getNewValue()).timestamp())
        .isEqualTo(records.get(1).getTimestamp());
    assertThat(records.get(2).getRemoves()).isTrue();
    assertThat(StoredValue.read(records.get(2).getTombstone()).bytes())
        .isEqualTo(tombstone(TABLE).orElseThrow().bytes());
  }

  @Test
  void aStreamShowsWhatTookEffectAndOtherRegionsDoNotGetIt() {
    write(STREAMED, put(STREAMED, "a", 1, "x", "mine"));
    write(STREAMED, put(STREAMED, "a", 1, "x", "mine"));
    merged(STREAMED, version(at(NOW + 100), 3, "theirs"));
    merged(STREAMED, version(at(NOW + 50), 3, "late"));
    merged(STREAMED, StoredValue.tombstone(at(NOW + 200), 3));
    List<ChangeRecord> records = changes(STREAMED);
    assertThat(records)
        .extracting(ChangeRecord::getForRegions)
        .containsExactly(true, true, false, false);
    assertThat(records.subList(2, 4))
        .extracting(ChangeRecord::getCause)
        .containsOnly(ChangeCause.CAUSE_REPLICATION);
    assertThat(StoredValue.read(records.get(3).getOldValue()).timestamp()).isEqualTo(at(NOW + 100));
  }

  @Test
  void localIndexesFollowAndAKeyOfAnotherTypeIsNoReasonToRefuse() {
    merged(INDEXED, StoredValue.of(item("a", 1, "kind", "k", "rank", 5L), at(NOW), 3));
    assertThat(machine.counters(8, 1).items()).isEqualTo(1);
    assertThat(machine.counters(8, 2).items()).isEqualTo(1);
    merged(INDEXED, StoredValue.of(item("a", 1, "kind", 7L, "rank", 6L), at(NOW) + 1, 3));
    assertThat(machine.counters(8, 1).items()).isZero();
    assertThat(machine.counters(8, 2).items()).isEqualTo(1);
    merged(INDEXED, StoredValue.tombstone(at(NOW) + 2, 3));
    assertThat(machine.counters(8, 2).items()).isZero();
    assertThat(store.all(Family.LOCAL_INDEXES)).isEmpty();
  }

  @Test
  void aTableOfOneRegionTakesNoVersionsAndKeepsNoMarks() {
    TableView plain = TestTables.view(TestTables.plain(10));
    WriteResult result =
        begin(plain, merge(plain, "a", 1, version(1, 1, "x")))
            .getFirst()
            .getResults()
            .getResults(0);
    assertThat(result.hasRefused()).isTrue();
    write(plain, put(plain, "a", 1));
    write(plain, delete(plain, "a", 1));
    assertThat(store.all(Family.TOMBSTONES)).isEmpty();
  }

  @Test
  void whatIsClosedStaysClosedAlsoForALeaderWhoseClockIsBehind() {
    log.manual();
    List<WriteResponse> early = begin(TABLE, put(TABLE, "a", 1, "x", "early"));
    ScriptedLog.Pending entry = log.pending().remove();
    machine.apply(1, 50, closing(at(NOW + 100)));
    assertThat(machine.closed(7).timestamp()).isEqualTo(at(NOW + 100));
    assertThat(machine.apply(1, 51, entry.entry())).isEqualTo(EntryOutcome.CLOSED_TIMESTAMP);
    assertThat(early).isEmpty();
    assertThat(stored(TABLE)).isEmpty();

    now -= 1_000;
    log.lead(2);
    log.automatic();
    PartitionWriter next =
        new PartitionWriter(
            log,
            machine,
            store,
            new HybridClock(() -> now, Duration.ofSeconds(1)),
            HERE,
            () -> now,
            WriteLimits.defaults());
    List<WriteResponse> answers = new ArrayList<>();
    next.write(
        WriteRequest.newBuilder().addWrites(put(TABLE, "a", 2)).build(),
        List.of(TABLE),
        answers::add);
    // The log of the test numbers its entries itself, from below: only the decision counts here.
    long timestamp = parsed(log.applied().getLast()).getEffects(0).getItem().getTimestamp();
    assertThat(Long.compareUnsigned(timestamp, at(NOW + 100))).isPositive();
  }

  private static io.equator.proto.PartitionEntry parsed(ByteString entry) {
    try {
      return io.equator.proto.PartitionEntry.parseFrom(entry);
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static ByteString closing(long timestamp) {
    return io.equator.proto.PartitionEntry.newBuilder()
        .setDecidedTerm(1)
        .setEpoch(1)
        .setSequence(0)
        .addEffects(
            Effect.newBuilder()
                .setCloseTimestamp(
                    CloseTimestamp.newBuilder().setTimestamp(timestamp).addTableIds(7)))
        .build()
        .toByteString();
  }

  @Test
  void marksGoWhenTheyAreOldEnoughAndWithTheTable() {
    write(TABLE, put(TABLE, "a", 1));
    write(TABLE, delete(TABLE, "a", 1));
    long deletedAt = tombstone(TABLE).orElseThrow().timestamp();
    drop(deletedAt - 1);
    assertThat(tombstone(TABLE)).isPresent();
    drop(deletedAt);
    assertThat(tombstone(TABLE)).isEmpty();

    merged(TABLE, StoredValue.tombstone(at(NOW + 10), 3));
    DropTable gone = DropTable.newBuilder().setTableId(7).build();
    assertThat(writer.submit(Effect.newBuilder().setDropTable(gone).build()).join()).isTrue();
    DroppedRows rows = new DroppedRows(store);
    while (!rows.remove(1_000)) {}
    assertThat(store.all(Family.TOMBSTONES)).isEmpty();
  }

  /** A comparison has seen that the item was not deleted; a tombstone that went later decides. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, MERGE_TAKEN",
    "100, 0, MERGE_LOST",
    "100, 99, MERGE_LOST",
    "100, 100, MERGE_TAKEN",
    "100, 101, MERGE_TAKEN",
  })
  void anItemThatHasVanishedIsMergedThoughItIsOld(
      long forgotten, long notDeletedUntil, MergeOutcome outcome) {
    if (forgotten != 0) {
      drop(forgotten);
    }
    ItemWrite write =
        merge(TABLE, "a", 1, version(50, 3, "old")).toBuilder()
            .setNotDeletedUntil(notDeletedUntil)
            .build();
    assertThat(write(TABLE, write).getMerge()).isEqualTo(outcome);
    assertThat(stored(TABLE).isPresent()).isEqualTo(outcome == MergeOutcome.MERGE_TAKEN);
  }

  private void drop(long upTo) {
    DropTombstones drop =
        DropTombstones.newBuilder()
            .setTableId(7)
            .setUpTo(upTo)
            .addKeys(ByteString.copyFrom(StoreKeys.suffix(key("a", 1))))
            .build();
    assertThat(writer.submit(Effect.newBuilder().setDropTombstones(drop).build()).join()).isTrue();
  }
}
