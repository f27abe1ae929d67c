package io.equator.node.core;

import static io.equator.node.core.TestTables.delete;
import static io.equator.node.core.TestTables.item;
import static io.equator.node.core.TestTables.put;
import static io.equator.node.core.TestTables.remove;
import static io.equator.node.core.TestTables.set;
import static io.equator.node.core.TestTables.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.StoredValue;
import io.equator.model.key.KeyCodec;
import io.equator.node.core.MetaRows.Counters;
import io.equator.proto.ApiErrorMessage;
import io.equator.proto.IndexChange;
import io.equator.proto.ItemWrite;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.proto.WriteResult;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Rows of local indexes follow their item; item collections are measured and bounded. */
final class LocalIndexTest {
  private static final TableView TABLE = TestTables.view(TestTables.indexed(7));
  private static final int BY_KIND = 1;
  private static final int BY_RANK = 2;
  private static final int BY_ALL = 3;

  private final TreeStore store = new TreeStore();
  private final PartitionMachine machine =
      new PartitionMachine(1, TestTables.EVERYTHING, store, new StoreFlusher(store));
  private final ScriptedLog log = new ScriptedLog(machine).automatic();
  private final PartitionWriter writer =
      new PartitionWriter(
          log, machine, store, new HybridClock(), 1, () -> 1_000, WriteLimits.defaults());

  private WriteResult send(ItemWrite write) {
    List<WriteResponse> answers = new ArrayList<>();
    writer.write(WriteRequest.newBuilder().addWrites(write).build(), List.of(TABLE), answers::add);
    return answers.getFirst().getResults().getResults(0);
  }

  private List<IndexChange> changes(ItemWrite write) {
    return send(write).getWritten().getIndexChangesList();
  }

  private Optional<EncodedItem> row(int index, Object sort, String pk, long sk) {
    byte[] key =
        StoreKeys.row(
            7,
            index,
            StoreKeys.indexSuffix(TestTables.key(pk, sk), KeyCodec.encode(TestTables.value(sort))));
    return Optional.ofNullable(store.get(Family.LOCAL_INDEXES, key))
        .map(value -> StoredValue.read(value).item());
  }

  private int rows() {
    return store.all(Family.LOCAL_INDEXES).size();
  }

  @Test
  void anItemIsOnlyInTheIndexesWhoseKeyItHas() {
    assertThat(changes(put(TABLE, "a", 1))).isEmpty();
    assertThat(rows()).isZero();
    assertThat(changes(put(TABLE, "a", 1, "rank", 5L)))
        .extracting(IndexChange::getIndexName)
        .containsExactly("byRank");
    assertThat(rows()).isEqualTo(1);
  }

  @Test
  void aRowHoldsWhatItsIndexProjects() {
    send(put(TABLE, "a", 1, "kind", "k", "rank", 5L, "extra", "e", "other", "o"));
    assertThat(row(BY_KIND, "k", "a", 1).orElseThrow().contentEquals(item("a", 1, "kind", "k")))
        .isTrue();
    assertThat(
            row(BY_RANK, 5L, "a", 1)
                .orElseThrow()
                .contentEquals(item("a", 1, "rank", 5L, "extra", "e")))
        .isTrue();
    assertThat(
            row(BY_ALL, "k", "a", 1)
                .orElseThrow()
                .contentEquals(item("a", 1, "kind", "k", "rank", 5L, "extra", "e", "other", "o")))
        .isTrue();
  }

  @Test
  void aRowMovesWithItsKeyAndItsCostIsThatOfBoth() {
    send(put(TABLE, "a", 1, "kind", "k"));
    List<IndexChange> changes = changes(update(TABLE, "a", 1, set("kind", "longer")));
    assertThat(changes).hasSize(2).allMatch(IndexChange::getMoved);
    assertThat(changes.getFirst().getOldSize()).isEqualTo(item("a", 1, "kind", "k").sizeBytes());
    assertThat(changes.getFirst().getNewSize())
        .isEqualTo(item("a", 1, "kind", "longer").sizeBytes());
    assertThat(row(BY_KIND, "k", "a", 1)).isEmpty();
    assertThat(row(BY_KIND, "longer", "a", 1)).isPresent();
    assertThat(rows()).isEqualTo(2);
  }

  @Test
  void aRowThatWouldNotChangeIsLeftAlone() {
    send(put(TABLE, "a", 1, "kind", "k", "rank", 5L));
    assertThat(changes(update(TABLE, "a", 1, set("other", "o"))))
        .extracting(IndexChange::getIndexName)
        .containsExactly("byAll");
    assertThat(changes(put(TABLE, "a", 1, "kind", "k", "rank", 5L, "other", "o"))).isEmpty();
  }

  @Test
  void aRowGoesWithItsKeyAndWithItsItem() {
    send(put(TABLE, "a", 1, "kind", "k", "rank", 5L));
    assertThat(changes(update(TABLE, "a", 1, remove("rank"))))
        .extracting(IndexChange::getIndexName)
        .containsExactly("byRank", "byAll");
    assertThat(row(BY_RANK, 5L, "a", 1)).isEmpty();
    send(delete(TABLE, "a", 1));
    assertThat(rows()).isZero();
    for (int index = 0; index <= 3; index++) {
      assertThat(machine.counters(7, index)).isEqualTo(Counters.ZERO);
    }
  }

  @Test
  void theCollectionIsItsItemsAndTheirRows() {
    ItemWrite write =
        put(TABLE, "a", 1, "kind", "k").toBuilder().setWantCollectionSize(true).build();
    long expected = item("a", 1, "kind", "k").sizeBytes() * 3L;
    assertThat(send(write).getWritten().getCollectionSize()).isEqualTo(expected);
    ItemWrite second = put(TABLE, "a", 2).toBuilder().setWantCollectionSize(true).build();
    assertThat(send(second).getWritten().getCollectionSize())
        .isEqualTo(expected + item("a", 2).sizeBytes());
    send(delete(TABLE, "a", 1));
    send(delete(TABLE, "a", 2));
    assertThat(machine.counters(7, 0)).isEqualTo(Counters.ZERO);
    byte[] prefix = {MetaRows.COLLECTION};
    assertThat(store.all(Family.META).subMap(prefix, StoreKeys.successor(prefix))).isEmpty();
  }

  @Test
  void aFullCollectionTakesNoMoreButLetsGo() {
    send(put(TABLE, "a", 1, "x", "some text"));
    byte[] key =
        MetaRows.collectionKey(
            7,
            com.google.protobuf.ByteString.copyFrom(StoreKeys.suffix(TestTables.key("a", 1)))
                .substring(0, 8 + TestTables.key("a", 1).getPartitionKey().size()));
    assertThat(store.get(Family.META, key)).isNotNull();
    RowBatch full = store.newBatch();
    full.put(Family.META, key, MetaRows.collection(Decider.COLLECTION_SIZE_MAX));
    store.commit(full);

    ApiErrorMessage refused = send(put(TABLE, "a", 2)).getRefused();
    assertThat(refused.getCode()).isEqualTo("ItemCollectionSizeLimitExceededException");
    assertThat(refused.getMessage()).isEqualTo("Collection size exceeded.");
    assertThat(send(put(TABLE, "b", 2)).hasWritten()).isTrue();
    assertThat(send(put(TABLE, "a", 1)).hasWritten()).isTrue();
    assertThat(send(delete(TABLE, "a", 1)).hasWritten()).isTrue();
  }

  @Test
  void anUpdateMayNotBreakKeys() {
    send(put(TABLE, "a", 1, "kind", "k", "n", 3L));
    record Case(ItemWrite write, String message) {}
    String long1025 = "x".repeat(1025);
    List<Case> cases =
        List.of(
            new Case(
                update(TABLE, "a", 1, set("pk", "b")),
                "One or more parameter values were invalid: Cannot update attribute pk. This"
                    + " attribute is part of the key"),
            new Case(
                update(TABLE, "a", 1, remove("sk")),
                "One or more parameter values were invalid: Cannot update attribute sk. This"
                    + " attribute is part of the key"),
            new Case(
                update(TABLE, "a", 1, set("kind", 5L)),
                "One or more parameter values were invalid: Type mismatch for Index Key kind"
                    + " Expected: S Actual: N IndexName: byKind"),
            new Case(
                update(TABLE, "a", 1, TestTables.add("kind", 5L)),
                "An operand in the update expression has an incorrect data type"),
            new Case(
                update(TABLE, "a", 2, TestTables.add("kind", 5L)),
                "The update expression attempted to update the secondary index key to unsupported"
                    + " type"),
            new Case(
                update(TABLE, "a", 1, set("kind", long1025)),
                "The update expression attempted to update the secondary index key beyond allowed"
                    + " size limits"),
            new Case(
                update(TABLE, "a", 1, set("kind", "")),
                "One or more parameter values are not valid. The update expression attempted to"
                    + " update a secondary index key to a value that is not supported. The"
                    + " AttributeValue for a key attribute cannot contain an empty string value."),
            new Case(
                update(TABLE, "a", 1, set("big", "x".repeat(Decider.ITEM_SIZE_MAX))),
                "Item size to update has exceeded the maximum allowed size"));
    for (Case wrong : cases) {
      WriteResult result = send(wrong.write());
      assertThat(result.getRefused().getCode()).isEqualTo("ValidationException");
      assertThat(result.getRefused().getMessage()).isEqualTo(wrong.message());
    }
    assertThat(new AttributeValue.S("k"))
        .isEqualTo(row(BY_KIND, "k", "a", 1).orElseThrow().get("kind"));
  }
}
