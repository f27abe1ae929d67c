package io.equator.node.sim;

import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.ItemCodec;
import io.equator.node.core.TestTables;
import io.equator.node.sim.ItemRequest.Answer;
import io.equator.proto.Comparator;
import io.equator.proto.Comparison;
import io.equator.proto.Condition;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResponse;
import io.equator.proto.ItemGet;
import io.equator.proto.ItemWrite;
import io.equator.proto.Operand;
import io.equator.proto.PartitionRef;
import io.equator.proto.Redirect;
import io.equator.proto.ReturnValues;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.proto.WriteResult;
import io.equator.replication.catalog.TableView;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Turns requests into messages of the node's service and its answers back. */
final class Client {

  private static final String NUMBER = "n";
  private static final PartitionRef PARTITION =
      PartitionRef.newBuilder()
          .setPartitionId(SimulatedNode.PARTITION)
          .setEpoch(TestTables.EVERYTHING.epoch())
          .build();

  private Client() {}

  /** What one attempt came to. */
  sealed interface Outcome {
    /** In the order of the requests. */
    record Answered(List<Answer> answers) implements Outcome {}

    /** Certainly not done by this attempt. */
    record NotDone(Redirect redirect) implements Outcome {}

    /** Perhaps done. */
    record Unknown() implements Outcome {}
  }

  static void get(SimulatedNode node, TableView table, int key, Consumer<Outcome> outcome) {
    GetRequest request =
        GetRequest.newBuilder()
            .setPartition(PARTITION)
            .setConsistent(true)
            .addGets(
                ItemGet.newBuilder()
                    .setTable(table.reference())
                    .setKey(TestTables.key("k" + key, 1)))
            .build();
    node.endpoint().get(request, new Once<>(response -> outcome.accept(read(response))));
  }

  private static Outcome read(GetResponse response) {
    if (response.hasRedirect()) {
      return new Outcome.NotDone(response.getRedirect());
    }
    var result = response.getResults().getResults(0);
    return new Outcome.Answered(
        List.of(
            Answer.of(
                result.hasItem() ? number(EncodedItem.wrap(result.getItem())) : Optional.empty())));
  }

  static WriteRequest write(
      TableView table, List<ItemRequest> requests, long id, int attempt, long firstSentMillis) {
    WriteRequest.Builder write =
        WriteRequest.newBuilder()
            .setPartition(PARTITION)
            .setRequestIdHigh(id == 0 ? 0 : 1)
            .setRequestIdLow(id)
            .setAttempt(attempt)
            .setFirstSentMillis(firstSentMillis);
    for (ItemRequest request : requests) {
      write.addWrites(write(table, request));
    }
    return write.build();
  }

  static ItemWrite write(TableView table, ItemRequest request) {
    String pk = "k" + request.key();
    return switch (request) {
      case ItemRequest.Put(_, long value) -> put(table, pk, value).build();
      case ItemRequest.PutIf(_, long expected, long value) ->
          put(table, pk, value).setCondition(isNumber(expected)).build();
      case ItemRequest.PutIfAbsent(_, long value) ->
          put(table, pk, value).setCondition(TestTables.absent("pk")).build();
      case ItemRequest.Add(_, long value) ->
          TestTables.update(table, pk, 1, TestTables.add(NUMBER, value)).toBuilder()
              .setReturnValues(ReturnValues.ALL_NEW)
              .build();
      case ItemRequest.Delete _ ->
          TestTables.delete(table, pk, 1).toBuilder().setReturnValues(ReturnValues.ALL_OLD).build();
      case ItemRequest.Get _ -> throw new IllegalArgumentException("a read is no write");
    };
  }

  private static ItemWrite.Builder put(TableView table, String pk, long value) {
    return TestTables.put(table, pk, 1, NUMBER, value).toBuilder()
        .setReturnValues(ReturnValues.ALL_OLD);
  }

  private static Condition isNumber(long expected) {
    return Condition.newBuilder()
        .setComparison(
            Comparison.newBuilder()
                .setComparator(Comparator.EQUAL)
                .setLeft(Operand.newBuilder().setPath(TestTables.path(NUMBER)))
                .setRight(
                    Operand.newBuilder()
                        .setValue(
                            com.google.protobuf.ByteString.copyFrom(
                                ItemCodec.encodeValue(TestTables.value(expected))))))
        .build();
  }

  static void send(SimulatedNode node, WriteRequest request, Consumer<Outcome> outcome) {
    node.endpoint().write(request, new Once<>(response -> outcome.accept(read(response))));
  }

  private static Outcome read(WriteResponse response) {
    if (response.hasRedirect()) {
      return response.getRedirect().getReason() == Redirect.Reason.INDETERMINATE
          ? new Outcome.Unknown()
          : new Outcome.NotDone(response.getRedirect());
    }
    List<Answer> answers = new ArrayList<>();
    for (WriteResult result : response.getResults().getResultsList()) {
      answers.add(answer(result));
    }
    return new Outcome.Answered(answers);
  }

  static Answer answer(WriteResult result) {
    return switch (result.getOutcomeCase()) {
      case WRITTEN ->
          Answer.of(
              result.getWritten().hasAttributes()
                  ? number(EncodedItem.wrap(result.getWritten().getAttributes()))
                  : Optional.empty());
      case CONDITION_FAILED -> Answer.REFUSED;
      case REFUSED, OUTCOME_NOT_SET -> throw new AssertionError("refused: " + result);
    };
  }

  static Optional<Long> number(EncodedItem item) {
    return item.get(NUMBER) instanceof AttributeValue.N(var value)
        ? Optional.of(Long.parseLong(value.toString()))
        : Optional.empty();
  }

  /** Takes the one answer of a call. */
  private record Once<T>(Consumer<T> answer) implements StreamObserver<T> {
    @Override
    public void onNext(T value) {
      answer.accept(value);
    }

    @Override
    public void onError(Throwable failure) {
      throw new AssertionError("the service failed", failure);
    }

    @Override
    public void onCompleted() {}
  }
}
