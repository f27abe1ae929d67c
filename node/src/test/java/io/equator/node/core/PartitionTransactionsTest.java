package io.equator.node.core;

import static io.equator.node.core.TestTables.absent;
import static io.equator.node.core.TestTables.add;
import static io.equator.node.core.TestTables.delete;
import static io.equator.node.core.TestTables.exists;
import static io.equator.node.core.TestTables.key;
import static io.equator.node.core.TestTables.put;
import static io.equator.node.core.TestTables.update;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.StoredValue;
import io.equator.node.core.MetaRows.Counters;
import io.equator.proto.ActionResult;
import io.equator.proto.FinishRequest;
import io.equator.proto.FinishResponse;
import io.equator.proto.GetRequest;
import io.equator.proto.ItemGet;
import io.equator.proto.ItemWrite;
import io.equator.proto.PrepareRequest;
import io.equator.proto.PrepareResponse;
import io.equator.proto.PrepareResults;
import io.equator.proto.PrepareResults.Vote;
import io.equator.proto.TransactAction;
import io.equator.proto.TransactReadResult;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.clock.HybridTimestamp;
import io.equator.replication.log.Proposal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * A participant's side of transactions, by the cells of the failure matrix: what it answers and
 * holds when messages come twice, late, in the wrong order, or from a clock that is off.
 */
final class PartitionTransactionsTest {
  private static final TableView TABLE = TestTables.view(TestTables.indexed(7));
  private static final long START = 1_700_000_000_000L;

  private final TreeStore store = new TreeStore();
  private PartitionMachine machine = machine();
  private ScriptedLog log = new ScriptedLog(machine).automatic();
  private long now = START;
  private PartitionWriter writer = writer();
  private final List<Runnable> waits = new ArrayList<>();

  private PartitionMachine machine() {
    return new PartitionMachine(1, TestTables.EVERYTHING, store, new StoreFlusher(store));
  }

  private PartitionWriter writer() {
    return new PartitionWriter(
        log,
        machine,
        store,
        new HybridClock(() -> now, Duration.ofSeconds(1)),
        () -> 1,
        () -> now,
        WriteLimits.defaults(),
        end -> waits.add(end));
  }

  /** The process stops and starts again on the same store. */
  private void restart() {
    machine.close();
    machine = machine();
    log = new ScriptedLog(machine).automatic();
    log.lead(2);
    // The next entry's index must be above those that are applied.
    while (log.applied().size() < 60) {
      var _ = log.propose(2, io.equator.proto.PartitionEntry.getDefaultInstance().toByteString());
    }
    writer = writer();
  }

  @Test
  void aFullCollectionCancelsWithItsReason() {
    send(put(TABLE, "a", 1, "x", "some text"));
    var name = key("a", 1);
    byte[] row =
        MetaRows.collectionKey(
            7,
            ByteString.copyFrom(StoreKeys.suffix(name))
                .substring(0, 8 + name.getPartitionKey().size()));
    assertThat(store.get(Family.META, row)).isNotNull();
    try (RowBatch full = store.newBatch()) {
      full.put(Family.META, row, MetaRows.collection(Decider.COLLECTION_SIZE_MAX - 100));
      store.commit(full);
    }
    String half = "x".repeat(60);
    assertThat(prepare(request(1, put(TABLE, "a", 2, "x", half))).getVote())
        .as("one fits")
        .isEqualTo(Vote.ACCEPTED);
    finish(1, false, 0);
    PrepareResults refused =
        prepare(request(2, put(TABLE, "a", 3, "x", half), put(TABLE, "a", 4, "x", half)));
    assertThat(refused.getVote()).isEqualTo(Vote.REFUSED);
    assertThat(refused.getActionsList().stream().filter(ActionResult::hasRefused))
        .singleElement()
        .satisfies(
            result -> {
              assertThat(result.getRefused().getCode())
                  .isEqualTo("ItemCollectionSizeLimitExceededException");
              assertThat(result.getRefused().getMessage()).isEqualTo("Collection size exceeded.");
            });
  }

  private static ByteString id(int number) {
    return ByteString.copyFrom(new byte[15])
        .concat(ByteString.copyFrom(new byte[] {(byte) number}));
  }

  private PrepareRequest request(int id, ItemWrite... writes) {
    PrepareRequest.Builder request =
        PrepareRequest.newBuilder()
            .setTransactionId(id(id))
            .setLedgerKey(ByteString.copyFromUtf8("ledger" + id))
            .setTimestamp(HybridTimestamp.of(now, 0).bits());
    for (ItemWrite write : writes) {
      request.addActions(TransactAction.newBuilder().setWrite(write));
    }
    return request.build();
  }

  private PrepareResults prepare(PrepareRequest request) {
    List<PrepareResponse> answers = new ArrayList<>();
    writer
        .transactions()
        .prepare(request, Collections.nCopies(request.getActionsCount(), TABLE), answers::add);
    assertThat(answers).hasSize(1);
    return answers.getFirst().getResults();
  }

  private PrepareResults write(PrepareRequest request) {
    List<PrepareResponse> answers = new ArrayList<>();
    writer
        .transactions()
        .write(request, Collections.nCopies(request.getActionsCount(), TABLE), answers::add);
    assertThat(answers).hasSize(1);
    return answers.getFirst().getResults();
  }

  private boolean finish(int id, boolean commit, long timestamp) {
    List<FinishResponse> answers = new ArrayList<>();
    writer
        .transactions()
        .finish(
            FinishRequest.newBuilder()
                .setTransactionId(id(id))
                .setCommit(commit)
                .setTimestamp(timestamp)
                .build(),
            answers::add);
    assertThat(answers).hasSize(1);
    return answers.getFirst().getResults().getCommitted();
  }

  private List<WriteResponse> send(ItemWrite... writes) {
    List<WriteResponse> answers = new ArrayList<>();
    writer.write(
        WriteRequest.newBuilder().addAllWrites(List.of(writes)).build(),
        Collections.nCopies(writes.length, TABLE),
        answers::add);
    return answers;
  }

  private static void assertWritten(List<WriteResponse> answers) {
    assertThat(answers).hasSize(1);
    assertThat(answers.getFirst().getResults().getResults(0).hasWritten())
        .as(answers.toString())
        .isTrue();
  }

  private Optional<EncodedItem> stored(String pk) {
    return version(pk).map(StoredValue::item);
  }

  private Optional<StoredValue> version(String pk) {
    return Optional.ofNullable(store.get(Family.ITEMS, StoreKeys.item(7, key(pk, 1))))
        .map(StoredValue::read);
  }

  private TransactReadResult read(String pk) {
    return new TransactionReader(store, 1)
        .read(
            GetRequest.newBuilder()
                .addGets(ItemGet.newBuilder().setTable(TABLE.reference()).setKey(key(pk, 1)))
                .build())
        .getResults(0);
  }

  private static ItemWrite check(String pk, String attribute) {
    return ItemWrite.newBuilder()
        .setTable(TABLE.reference())
        .setKey(key(pk, 1))
        .setCondition(exists(attribute))
        .build();
  }

  @Test
  void whatIsPreparedShowsOnlyWhenItIsCommittedAndThenAsAnyWriteDoes() {
    PrepareResults prepared =
        prepare(request(1, put(TABLE, "a", 1, "kind", "k"), put(TABLE, "b", 1)));
    assertThat(prepared.getVote()).isEqualTo(Vote.ACCEPTED);
    assertThat(stored("a")).isEmpty();
    assertThat(read("a").getLocked()).isTrue();
    long timestamp = prepared.getMinTimestamp() + 500;
    assertThat(finish(1, true, timestamp)).isTrue();
    assertThat(version("a").orElseThrow().timestamp()).isEqualTo(timestamp);
    assertThat(read("a").getLocked()).isFalse();
    assertThat(read("a").getVersion()).isEqualTo(timestamp);
    assertThat(machine.counters(7, 0).items()).isEqualTo(2);
    assertThat(machine.counters(7, 1).items()).as("rows of the index").isEqualTo(1);
    assertThat(store.all(Family.LOCAL_INDEXES)).hasSize(2);
    assertThat(store.all(Family.LOCKS)).isEmpty();
    assertThat(writer.latchesHeld()).isZero();
    assertThat(writer.pendingWrites()).isZero();
  }

  @Test
  void aPrepareThatComesTwiceIsAnsweredTwiceTheSame() {
    PrepareRequest request = request(1, put(TABLE, "a", 1), check("b", "pk"));
    assertWritten(send(put(TABLE, "b", 1)));
    PrepareResults first = prepare(request);
    PrepareResults second = prepare(request);
    assertThat(second.getVote()).isEqualTo(Vote.ACCEPTED);
    assertThat(second.getActionsList()).isEqualTo(first.getActionsList());
    assertThat(store.all(Family.LOCKS)).hasSize(2);
  }

  @Test
  void locksOutliveARestartAndTheNewLeaderGivesTheSameAnswer() {
    PrepareRequest request = request(1, put(TABLE, "a", 1));
    PrepareResults first = prepare(request);
    restart();
    assertThat(prepare(request).getActionsList()).isEqualTo(first.getActionsList());
    assertThat(prepare(request(2, put(TABLE, "a", 1))).getVote()).isEqualTo(Vote.REFUSED);
    assertThat(finish(1, true, first.getMinTimestamp())).isTrue();
    assertThat(stored("a")).isPresent();
  }

  @Test
  void anItemThatIsLetGoWhileAnotherTransactionLooksIsInNobodysWay() {
    for (int id = 1; id < 9; id += 4) {
      int before = id;
      long timestamp =
          prepare(request(before, put(TABLE, "a", 1, "kind", "k" + id))).getMinTimestamp() + 500;
      store.beforeNextGet(() -> finish(before, true, timestamp));
      PrepareRequest next = request(id + 1, put(TABLE, "b" + id, 1), put(TABLE, "a", 1));
      assertThat((id == 1 ? write(next) : prepare(next)).getVote()).isEqualTo(Vote.ACCEPTED);
      if (id > 1) {
        assertThat(store.all(Family.LOCKS)).as("an accepted prepare holds its items").hasSize(2);
        assertThat(finish(id + 1, true, timestamp + 500)).isTrue();
      }
      assertThat(stored("b" + id)).as("an accepted write is made").isPresent();
      assertThat(version("a").orElseThrow().timestamp()).isGreaterThan(timestamp);
    }
  }

  @Test
  void aCancelThatComesBeforeItsPrepareStillHolds() {
    assertThat(finish(1, false, 0)).isFalse();
    assertThat(prepare(request(1, put(TABLE, "a", 1))).getVote()).isEqualTo(Vote.CANCELLED_BEFORE);
    assertThat(write(request(1, put(TABLE, "a", 1))).getVote()).isEqualTo(Vote.CANCELLED_BEFORE);
    assertThat(store.all(Family.LOCKS)).isEmpty();
    assertThat(stored("a")).isEmpty();
  }

  @Test
  void aLatePrepareOfACommittedTransactionLocksNothingEvenWhenItsItemIsGone() {
    PrepareRequest request =
        request(1, put(TABLE, "a", 1).toBuilder().setCondition(absent("pk")).build());
    long timestamp = prepare(request).getMinTimestamp();
    finish(1, true, timestamp);
    assertWritten(send(delete(TABLE, "a", 1)));
    restart();
    assertThat(prepare(request).getVote()).isEqualTo(Vote.COMMITTED_BEFORE);
    assertThat(finish(1, true, timestamp)).isTrue();
    assertThat(stored("a")).isEmpty();
    assertThat(store.all(Family.LOCKS)).isEmpty();
  }

  @Test
  void commitAndCancelChangeNothingWhenTheyComeAgain() {
    long timestamp = prepare(request(1, update(TABLE, "a", 1, add("n", 5)))).getMinTimestamp();
    finish(1, true, timestamp);
    assertWritten(send(update(TABLE, "a", 1, add("n", 1))));
    assertThat(finish(1, true, timestamp)).isTrue();
    assertThat(finish(1, false, timestamp)).as("it was committed").isTrue();
    assertThat(stored("a").orElseThrow().get("n")).isEqualTo(TestTables.value(6L));
  }

  @Test
  void aPrepareFromAClockThatIsFarOffIsRefusedAndLeavesNothing() {
    PrepareRequest request = request(1, put(TABLE, "a", 1));
    long ahead = HybridTimestamp.of(now + 10_000, 0).bits();
    long behind = HybridTimestamp.of(now - 10_000, 0).bits();
    long tooOld = HybridTimestamp.of(now - TransactionState.PREPARE_AGE_MAX_MILLIS - 1, 0).bits();
    assertThat(prepare(request.toBuilder().setTimestamp(ahead).build()).getVote())
        .isEqualTo(Vote.OUT_OF_TIME);
    assertThat(prepare(request.toBuilder().setTimestamp(tooOld).build()).getVote())
        .isEqualTo(Vote.OUT_OF_TIME);
    assertThat(store.all(Family.LOCKS)).isEmpty();
    // One that is behind is taken: the commit's timestamp comes from the participants.
    assertWritten(send(put(TABLE, "a", 1)));
    long written = version("a").orElseThrow().timestamp();
    PrepareResults late = prepare(request.toBuilder().setTimestamp(behind).build());
    assertThat(late.getVote()).isEqualTo(Vote.ACCEPTED);
    assertThat(late.getMinTimestamp()).isGreaterThan(written);
  }

  @Test
  void aSingleWriteWaitsForTheTransactionAndIsDecidedOnTopOfIt() {
    long timestamp = prepare(request(1, update(TABLE, "a", 1, add("n", 5)))).getMinTimestamp();
    List<WriteResponse> answers = send(update(TABLE, "a", 1, add("n", 1)));
    assertThat(answers).isEmpty();
    finish(1, true, timestamp);
    assertWritten(answers);
    assertThat(stored("a").orElseThrow().get("n")).isEqualTo(TestTables.value(6L));
    assertThat(writer.latchesHeld()).isZero();
  }

  @Test
  void aSingleWriteThatHasWaitedLongEnoughIsToldOfTheConflict() {
    prepare(request(1, update(TABLE, "a", 1, add("n", 5))));
    List<WriteResponse> first = send(update(TABLE, "a", 1, add("n", 1)));
    List<WriteResponse> behind = send(delete(TABLE, "a", 1));
    assertThat(waits).hasSize(1);
    waits.removeFirst().run();
    assertThat(first.getFirst().getResults().getResults(0).getRefused().getCode())
        .isEqualTo("TransactionConflictException");
    // The next one in the queue has a time of its own.
    assertThat(behind).isEmpty();
    waits.removeFirst().run();
    assertThat(behind.getFirst().getResults().getResults(0).getRefused().getMessage())
        .isEqualTo("Transaction is ongoing for the item");
    assertThat(writer.latchesHeld()).isZero();
    assertThat(writer.pendingWrites()).isZero();
  }

  @Test
  void twoTransactionsDoNotWaitForOneAnotherAndEachActionHasItsReason() {
    assertWritten(send(put(TABLE, "c", 1, "x", "y")));
    prepare(request(1, put(TABLE, "a", 1)));
    PrepareResults refused =
        prepare(
            request(
                2,
                put(TABLE, "a", 1),
                put(TABLE, "b", 1),
                put(TABLE, "c", 1).toBuilder()
                    .setCondition(absent("pk"))
                    .setReturnOldOnConditionFailure(true)
                    .build(),
                check("d", "pk")));
    assertThat(refused.getVote()).isEqualTo(Vote.REFUSED);
    assertThat(refused.getActionsList().stream().map(ActionResult::getOutcomeCase))
        .containsExactly(
            ActionResult.OutcomeCase.CONFLICT,
            ActionResult.OutcomeCase.WRITTEN,
            ActionResult.OutcomeCase.CONDITION_FAILED,
            ActionResult.OutcomeCase.CONDITION_FAILED);
    assertThat(refused.getActions(2).getConditionFailed().hasItem()).isTrue();
    assertThat(store.all(Family.LOCKS)).hasSize(1);
    assertThat(writer.latchesHeld()).isZero();
  }

  @Test
  void aWholeTransactionIsOneEntryAndItsRetryHearsTheSame() {
    int before = log.applied().size();
    PrepareRequest request =
        request(1, update(TABLE, "a", 1, add("n", 1)), put(TABLE, "b", 1), put(TABLE, "c", 1));
    PrepareResults first = write(request);
    assertThat(first.getVote()).isEqualTo(Vote.ACCEPTED);
    assertThat(log.applied()).hasSize(before + 1);
    assertThat(machine.counters(7, 0).items()).isEqualTo(3);
    restart();
    PrepareResults again = write(request);
    assertThat(again.getVote()).isEqualTo(Vote.ACCEPTED);
    assertThat(again.getActionsList()).isEqualTo(first.getActionsList());
    assertThat(stored("a").orElseThrow().get("n")).isEqualTo(TestTables.value(1L));
    assertThat(finish(1, false, 0)).as("asked to cancel, it says that it is done").isTrue();
  }

  @Test
  void aWholeTransactionThatIsRefusedWhenItIsAskedAgainCannotBeMadeByItsFirstMessage() {
    PrepareRequest first =
        request(1, put(TABLE, "a", 1).toBuilder().setCondition(absent("pk")).build());
    assertWritten(send(put(TABLE, "a", 1)));
    assertThat(write(first.toBuilder().setAttempt(1).build()).getVote()).isEqualTo(Vote.REFUSED);
    assertWritten(send(delete(TABLE, "a", 1)));
    assertThat(write(first).getVote()).isEqualTo(Vote.CANCELLED_BEFORE);
    assertThat(stored("a")).isEmpty();
  }

  @Test
  void aWholeTransactionChangesNothingWhenItsCancelOvertakesItInTheLog() {
    log.manual();
    List<PrepareResponse> answers = new ArrayList<>();
    List<FinishResponse> finished = new ArrayList<>();
    writer
        .transactions()
        .finish(FinishRequest.newBuilder().setTransactionId(id(1)).build(), finished::add);
    PrepareRequest request = request(1, put(TABLE, "a", 1));
    writer.transactions().write(request, List.of(TABLE), answers::add);
    log.commitAll();
    assertThat(finished).hasSize(1);
    assertThat(answers.getFirst().getResults().getVote()).isEqualTo(Vote.CANCELLED_BEFORE);
    assertThat(stored("a")).isEmpty();
    assertThat(machine.counters(7, 0)).isEqualTo(Counters.ZERO);
  }

  @Test
  void latchesAreFreeAgainWhenTheLogDoesNotTakeTheLocks() {
    log.manual();
    List<PrepareResponse> answers = new ArrayList<>();
    PrepareRequest request = request(1, put(TABLE, "a", 1), put(TABLE, "b", 1));
    writer.transactions().prepare(request, List.of(TABLE, TABLE), answers::add);
    assertThat(writer.latchesHeld()).isEqualTo(2);
    log.pending().remove().answer().complete(new Proposal.NotLeader(Optional.empty()));
    assertThat(answers.getFirst().hasRedirect()).isTrue();
    assertThat(writer.latchesHeld()).isZero();
    assertThat(writer.pendingWrites()).isZero();
    assertThat(store.all(Family.LOCKS)).isEmpty();
  }

  @Test
  void timestampsOfAKeyNeverGoDownAlsoWhenItIsDeletedAndMadeAgainByASlowerClock() {
    assertWritten(send(put(TABLE, "a", 1)));
    assertWritten(send(delete(TABLE, "a", 1)));
    long deleted = read("a").getVersion();
    assertThat(deleted).isPositive();
    now -= 60_000;
    restart();
    assertWritten(send(put(TABLE, "a", 1)));
    assertThat(Long.compareUnsigned(version("a").orElseThrow().timestamp(), deleted)).isPositive();
  }

  @Test
  void outcomesAreForgottenAfterAWhileButNotBeforeAPrepareIsTooOld() {
    prepare(request(1, put(TABLE, "a", 1)));
    finish(1, false, 0);
    now += TransactionState.PREPARE_AGE_MAX_MILLIS;
    assertWritten(send(put(TABLE, "x", 1)));
    assertThat(machine.transactions().finished(TransactionId.of(id(1)))).isNotNull();
    now += TransactionState.KEPT_MILLIS;
    assertWritten(send(put(TABLE, "x", 1)));
    assertThat(machine.transactions().finished(TransactionId.of(id(1)))).isNull();
  }
}
