package io.equator.node.core;

import static io.equator.node.core.TestTables.absent;
import static io.equator.node.core.TestTables.add;
import static io.equator.node.core.TestTables.delete;
import static io.equator.node.core.TestTables.exists;
import static io.equator.node.core.TestTables.item;
import static io.equator.node.core.TestTables.put;
import static io.equator.node.core.TestTables.set;
import static io.equator.node.core.TestTables.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.item.EncodedItem;
import io.equator.model.item.StoredValue;
import io.equator.node.core.MetaRows.Counters;
import io.equator.proto.ItemWrite;
import io.equator.proto.Redirect;
import io.equator.proto.Redirect.Reason;
import io.equator.proto.ReturnValues;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.proto.WriteResult;
import io.equator.proto.Written;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.log.Proposal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * The way of a write through latch, decision, log and answer, and what happens when the log does
 * not go along.
 */
final class PartitionWriterTest {
  private static final TableView TABLE = TestTables.view(TestTables.plain(7));

  private final TreeStore store = new TreeStore();
  private final PartitionMachine machine =
      new PartitionMachine(1, TestTables.EVERYTHING, store, new StoreFlusher(store));
  private final ScriptedLog log = new ScriptedLog(machine);
  private long now = 1_000_000;
  private final PartitionWriter writer = writer(WriteLimits.defaults());

  private PartitionWriter writer(WriteLimits limits) {
    return new PartitionWriter(
        log,
        machine,
        store,
        new HybridClock(() -> now, Duration.ofSeconds(1)),
        1,
        () -> now,
        limits);
  }

  private List<WriteResponse> send(WriteRequest.Builder request) {
    return send(writer, request);
  }

  private static List<WriteResponse> send(PartitionWriter to, WriteRequest.Builder request) {
    List<WriteResponse> answers = new ArrayList<>();
    to.write(request.build(), Collections.nCopies(request.getWritesCount(), TABLE), answers::add);
    return answers;
  }

  private List<WriteResponse> send(ItemWrite... writes) {
    return send(WriteRequest.newBuilder().addAllWrites(List.of(writes)));
  }

  private static WriteResult only(List<WriteResponse> answers) {
    assertThat(answers).hasSize(1);
    assertThat(answers.getFirst().hasResults()).as(answers.toString()).isTrue();
    return answers.getFirst().getResults().getResults(0);
  }

  private static Redirect redirect(List<WriteResponse> answers) {
    assertThat(answers).hasSize(1);
    assertThat(answers.getFirst().hasRedirect()).as(answers.toString()).isTrue();
    return answers.getFirst().getRedirect();
  }

  private Optional<EncodedItem> stored(String pk, long sk) {
    return Optional.ofNullable(store.get(Family.ITEMS, StoreKeys.item(7, TestTables.key(pk, sk))))
        .map(row -> StoredValue.read(row).item());
  }

  @Test
  void aWriteIsAnsweredWhenItIsApplied() {
    List<WriteResponse> answers = send(put(TABLE, "a", 1, "x", "y"));
    assertThat(answers).isEmpty();
    assertThat(stored("a", 1)).isEmpty();

    log.applyNext();

    Written written = only(answers).getWritten();
    assertThat(written.getNewSize()).isEqualTo(item("a", 1, "x", "y").sizeBytes());
    assertThat(written.getOldSize()).isZero();
    assertThat(written.getLogIndex()).isEqualTo(2);
    assertThat(stored("a", 1).orElseThrow().contentEquals(item("a", 1, "x", "y"))).isTrue();
    assertThat(machine.counters(7, 0)).isEqualTo(new Counters(1, written.getNewSize()));
    assertThat(writer.latchesHeld()).isZero();
    assertThat(writer.pendingWrites()).isZero();
  }

  @Test
  void writesOfOneKeyAreDecidedOneAfterTheOther() {
    List<List<WriteResponse>> answers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      answers.add(
          send(
              update(TABLE, "a", 1, add("n", 1)).toBuilder()
                  .setReturnValues(ReturnValues.UPDATED_NEW)
                  .build()));
    }
    while (!log.pending().isEmpty()) {
      log.applyNext();
    }
    for (int i = 0; i < 10; i++) {
      EncodedItem shown = EncodedItem.wrap(only(answers.get(i)).getWritten().getAttributes());
      assertThat(shown.get("n")).isEqualTo(TestTables.value((long) i + 1));
    }
    assertThat(stored("a", 1).orElseThrow().get("n")).isEqualTo(TestTables.value(10L));
  }

  @Test
  void writesOfAHotKeyShareAnEntryEachDecidedOnTopOfTheOneBefore() {
    List<List<WriteResponse>> answers = new ArrayList<>();
    answers.add(send(put(TABLE, "a", 1, "n", 0L)));
    for (int i = 1; i <= 20; i++) {
      answers.add(
          send(
              update(TABLE, "a", 1, add("n", 1)).toBuilder()
                  .setReturnValues(ReturnValues.UPDATED_OLD)
                  .build()));
    }
    List<WriteResponse> refused =
        send(put(TABLE, "a", 1).toBuilder().setCondition(absent("n")).build());
    List<WriteResponse> deleted = send(delete(TABLE, "a", 1));
    List<WriteResponse> again = send(delete(TABLE, "a", 1));
    log.applyNext();
    assertThat(refused).isEmpty();
    log.applyNext();
    assertThat(log.pending()).isEmpty();
    for (int i = 1; i <= 20; i++) {
      EncodedItem old = EncodedItem.wrap(only(answers.get(i)).getWritten().getAttributes());
      assertThat(old.get("n")).isEqualTo(TestTables.value((long) i - 1));
    }
    assertThat(only(refused).hasConditionFailed()).isTrue();
    assertThat(only(deleted).getWritten().getOldSize()).isPositive();
    assertThat(only(again).getWritten()).isEqualTo(Written.getDefaultInstance());
    assertThat(stored("a", 1)).isEmpty();
    assertThat(machine.counters(7, 0)).isEqualTo(Counters.ZERO);
    assertThat(writer.latchesHeld()).isZero();
  }

  @Test
  void aChainIsLostAsAWhole() {
    List<WriteResponse> first = send(put(TABLE, "a", 1));
    List<WriteResponse> second = send(update(TABLE, "a", 1, add("n", 1)));
    List<WriteResponse> third =
        send(put(TABLE, "a", 1).toBuilder().setCondition(exists("nothing")).build());
    log.applyNext();
    log.pending().remove().answer().complete(new Proposal.NotLeader(Optional.empty()));
    assertThat(only(first).hasWritten()).isTrue();
    assertThat(redirect(second).getReason()).isEqualTo(Reason.NOT_LEADER);
    assertThat(redirect(third).getReason()).isEqualTo(Reason.NOT_LEADER);
    assertThat(writer.latchesHeld()).isZero();
  }

  @Test
  void theWritesOfARequestLeaveTogether() {
    List<WriteResponse> answers = send(put(TABLE, "a", 1), put(TABLE, "a", 2), put(TABLE, "b", 1));
    assertThat(log.pending()).hasSize(1);
    log.applyNext();
    assertThat(answers.getFirst().getResults().getResultsCount()).isEqualTo(3);
  }

  @Test
  void concurrentWritesShareAnEntry() {
    List<List<WriteResponse>> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      answers.add(send(put(TABLE, "a", i)));
    }
    // Two lone writes left at once, the rest gathered behind them.
    assertThat(log.pending()).hasSize(2);
    log.applyNext();
    log.applyNext();
    assertThat(log.pending()).hasSize(1);
    log.applyNext();
    answers.forEach(answer -> assertThat(only(answer).hasWritten()).isTrue());
    assertThat(machine.counters(7, 0).items()).isEqualTo(50);
  }

  @Test
  void anEntryHoldsNoMoreThanItsLimits() {
    PartitionWriter narrow = writer(new WriteLimits(4, 1 << 20, 1, 100, 1 << 20));
    for (int i = 0; i < 9; i++) {
      send(narrow, WriteRequest.newBuilder().addWrites(put(TABLE, "a", i)));
    }
    log.applyNext();
    log.applyNext();
    log.applyNext();
    assertThat(log.pending()).isEmpty();
    assertThat(log.applied()).hasSize(3);
  }

  @Test
  void whatIsTooMuchIsRefusedAsOverload() {
    PartitionWriter narrow = writer(new WriteLimits(4, 1 << 20, 1, 2, 1 << 20));
    send(narrow, WriteRequest.newBuilder().addWrites(put(TABLE, "a", 1)));
    send(narrow, WriteRequest.newBuilder().addWrites(put(TABLE, "a", 1)));
    List<WriteResponse> third =
        send(narrow, WriteRequest.newBuilder().addWrites(put(TABLE, "a", 1)));
    assertThat(redirect(third).getReason()).isEqualTo(Reason.OVERLOADED);
    assertThat(narrow.pendingWrites()).isEqualTo(2);
  }

  @Test
  void aFalseConditionIsAnsweredWithoutAnEntryOnceLeadershipIsConfirmed() {
    CompletableFuture<Boolean> confirmation = new CompletableFuture<>();
    log.confirmWith(confirmation);
    List<WriteResponse> answers =
        send(put(TABLE, "a", 1).toBuilder().setCondition(exists("pk")).build());
    assertThat(answers).isEmpty();
    assertThat(log.pending()).isEmpty();
    assertThat(writer.latchesHeld()).isZero();
    confirmation.complete(true);
    assertThat(only(answers).getConditionFailed().hasItem()).isFalse();
  }

  @Test
  void aFalseConditionShowsTheItemWhenAsked() {
    log.automatic();
    send(put(TABLE, "a", 1, "x", 5L));
    ItemWrite conditional = put(TABLE, "a", 1).toBuilder().setCondition(absent("pk")).build();
    assertThat(only(send(conditional)).getConditionFailed().hasItem()).isFalse();
    WriteResult shown =
        only(send(conditional.toBuilder().setReturnOldOnConditionFailure(true).build()));
    assertThat(
            EncodedItem.wrap(shown.getConditionFailed().getItem())
                .contentEquals(item("a", 1, "x", 5L)))
        .isTrue();
    assertThat(shown.getConditionFailed().getSize()).isEqualTo(item("a", 1, "x", 5L).sizeBytes());
  }

  @Test
  void aRefusalIsNotToldByALeaderThatIsNoMore() {
    log.confirmWith(CompletableFuture.completedFuture(false));
    List<WriteResponse> answers =
        send(put(TABLE, "a", 1).toBuilder().setCondition(exists("pk")).build());
    assertThat(redirect(answers).getReason()).isEqualTo(Reason.NOT_LEADER);
  }

  @Test
  void aRefusalIsNotToldWhenTheConfirmedTermIsAnother() {
    CompletableFuture<Boolean> confirmation = new CompletableFuture<>();
    log.confirmWith(confirmation);
    List<WriteResponse> answers =
        send(put(TABLE, "a", 1).toBuilder().setCondition(exists("pk")).build());
    log.lead(3);
    confirmation.complete(true);
    assertThat(redirect(answers).getReason()).isEqualTo(Reason.NOT_LEADER);
  }

  @Test
  void aFollowerNamesTheLeader() {
    log.follow(4, "n2");
    Redirect redirect = redirect(send(put(TABLE, "a", 1)));
    assertThat(redirect.getReason()).isEqualTo(Reason.NOT_LEADER);
    assertThat(redirect.getLeaderNodeId()).isEqualTo("n2");
  }

  @Test
  void deletingWhatIsNotThereWritesNothing() {
    Written written = only(send(delete(TABLE, "a", 1))).getWritten();
    assertThat(written).isEqualTo(Written.getDefaultInstance());
    assertThat(log.applied()).isEmpty();
  }

  @Test
  void aDeletedItemIsGoneAndNotCounted() {
    log.automatic();
    send(put(TABLE, "a", 1));
    Written written =
        only(send(delete(TABLE, "a", 1).toBuilder().setReturnValues(ReturnValues.ALL_OLD).build()))
            .getWritten();
    assertThat(EncodedItem.wrap(written.getAttributes()).contentEquals(item("a", 1))).isTrue();
    assertThat(stored("a", 1)).isEmpty();
    assertThat(machine.counters(7, 0)).isEqualTo(Counters.ZERO);
  }

  @Test
  void aRetryOfAnAppliedWriteIsAnsweredAsTheFirstTime() {
    log.automatic();
    WriteRequest.Builder request =
        WriteRequest.newBuilder()
            .setRequestIdHigh(11)
            .setRequestIdLow(22)
            .setFirstSentMillis(now)
            .addWrites(
                update(TABLE, "a", 1, add("n", 1)).toBuilder()
                    .setReturnValues(ReturnValues.ALL_NEW));
    WriteResult first = only(send(request));
    WriteResult again = only(send(request.setAttempt(1)));
    assertThat(again).isEqualTo(first);
    assertThat(stored("a", 1).orElseThrow().get("n")).isEqualTo(TestTables.value(1L));
  }

  @Test
  void aRetryThatIsUnknownIsMade() {
    log.automatic();
    WriteRequest.Builder request =
        WriteRequest.newBuilder()
            .setRequestIdHigh(11)
            .setRequestIdLow(22)
            .setAttempt(3)
            .setFirstSentMillis(now - 50_000)
            .addWrites(update(TABLE, "a", 1, add("n", 1)));
    assertThat(only(send(request)).hasWritten()).isTrue();
    assertThat(stored("a", 1).orElseThrow().get("n")).isEqualTo(TestTables.value(1L));
  }

  @Test
  void aRetryThatMayBeForgottenHasNoAnswer() {
    WriteRequest.Builder request =
        WriteRequest.newBuilder()
            .setRequestIdHigh(11)
            .setRequestIdLow(22)
            .setAttempt(3)
            .setFirstSentMillis(now - 61_000)
            .addWrites(update(TABLE, "a", 1, add("n", 1)));
    assertThat(redirect(send(request)).getReason()).isEqualTo(Reason.INDETERMINATE);
  }

  @Test
  void aRetryThatComesBeforeItsFirstAttemptIsOverIsMadeOnce() {
    WriteRequest.Builder request =
        WriteRequest.newBuilder()
            .setRequestIdHigh(11)
            .setRequestIdLow(22)
            .setFirstSentMillis(now)
            .addWrites(update(TABLE, "a", 1, add("n", 1)));
    List<WriteResponse> first = send(request);
    List<WriteResponse> retry = send(request.setAttempt(1));
    log.applyNext();
    assertThat(log.pending()).isEmpty();
    assertThat(only(retry)).isEqualTo(only(first));
  }

  @Test
  void eachWriteOfARequestIsRememberedOnItsOwn() {
    WriteRequest.Builder request =
        WriteRequest.newBuilder()
            .setRequestIdHigh(11)
            .setRequestIdLow(22)
            .setFirstSentMillis(now)
            .addWrites(update(TABLE, "a", 1, add("n", 1)))
            .addWrites(update(TABLE, "a", 2, add("n", 1)));
    send(put(TABLE, "a", 2));
    List<WriteResponse> first = send(request);
    // The first write joined an entry, the second waited behind another one that is lost.
    log.applyNext();
    log.applyNext();
    log.pending().remove().answer().complete(new Proposal.NotLeader(Optional.empty()));
    assertThat(redirect(first).getReason()).isEqualTo(Reason.INDETERMINATE);

    log.automatic();
    assertThat(send(request.setAttempt(1)).getFirst().getResults().getResultsCount()).isEqualTo(2);
    assertThat(stored("a", 1).orElseThrow().get("n")).isEqualTo(TestTables.value(1L));
    assertThat(stored("a", 2).orElseThrow().get("n")).isEqualTo(TestTables.value(1L));
  }

  @Test
  void afterAnUnknownFateNothingIsDecidedUntilItIsKnown() {
    send(put(TABLE, "a", 1, "v", "first"));
    ScriptedLog.Pending lost = log.pending().remove();
    lost.answer().complete(new Proposal.Indeterminate());

    List<WriteResponse> refused = send(update(TABLE, "a", 1, set("v", "second")));
    assertThat(redirect(refused).getReason()).isEqualTo(Reason.UNAVAILABLE);

    // The barrier that the refused write has set off is applied; the lost entry comes after it and
    // is dead.
    log.applyNext();
    assertThat(log.applyOnly(lost, 1)).isEqualTo(EntryOutcome.OUT_OF_ORDER);
    assertThat(stored("a", 1)).isEmpty();

    List<WriteResponse> decided = send(update(TABLE, "a", 1, set("v", "second")));
    log.applyNext();
    assertThat(only(decided).hasWritten()).isTrue();
  }

  @Test
  void anUnknownEntryMayStillBeAppliedBeforeTheBarrier() {
    List<WriteResponse> first = send(put(TABLE, "a", 1, "v", "first"));
    ScriptedLog.Pending lost = log.pending().remove();
    lost.answer().complete(new Proposal.Indeterminate());
    assertThat(redirect(first).getReason()).isEqualTo(Reason.INDETERMINATE);
    send(update(TABLE, "a", 1, set("v", "second")));
    assertThat(log.applyOnly(lost, 1)).isEqualTo(EntryOutcome.APPLIED);
    log.applyNext();
    assertThat(stored("a", 1).orElseThrow().get("v")).isEqualTo(TestTables.value("first"));
  }

  @Test
  void anEntryThatStandsInAnotherTermIsDecidedAgain() {
    List<WriteResponse> answers = send(put(TABLE, "a", 1));
    ScriptedLog.Pending proposal = log.pending().remove();
    Object outcome = log.applyOnly(proposal, 2);
    assertThat(outcome).isEqualTo(EntryOutcome.STALE_TERM);
    proposal.answer().complete(new Proposal.Applied(2, 2, outcome));
    assertThat(redirect(answers).getReason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(stored("a", 1)).isEmpty();
    assertThat(writer.latchesHeld()).isZero();
  }

  @Test
  void aNewTermEndsTheFence() {
    send(put(TABLE, "a", 1));
    log.pending().remove().answer().complete(new Proposal.Indeterminate());
    log.lead(2);
    log.automatic();
    assertThat(only(send(put(TABLE, "a", 1))).hasWritten()).isTrue();
  }

  @Test
  void latchesAreFreeWhenTheLogRefuses() {
    List<WriteResponse> first = send(put(TABLE, "a", 1));
    List<WriteResponse> second = send(put(TABLE, "a", 1));
    log.pending().remove().answer().complete(new Proposal.Overloaded());
    assertThat(redirect(first).getReason()).isEqualTo(Reason.OVERLOADED);
    log.applyNext();
    assertThat(only(second).hasWritten()).isTrue();
    assertThat(writer.latchesHeld()).isZero();
  }

  @Test
  void aLongQueueBehindOneKeyEndsWithoutRecursion() {
    int count = 8000;
    List<List<WriteResponse>> answers = new ArrayList<>();
    ItemWrite failing = put(TABLE, "a", 1).toBuilder().setCondition(exists("nothing")).build();
    answers.add(send(put(TABLE, "a", 1)));
    for (int i = 1; i < count; i++) {
      answers.add(send(failing));
    }
    log.applyNext();
    for (int i = 1; i < count; i++) {
      assertThat(only(answers.get(i)).hasConditionFailed()).isTrue();
    }
    assertThat(writer.latchesHeld()).isZero();
  }
}
