package io.equator.coordinator.triggers;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.coordinator.items.ItemKeys;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.Routed;
import io.equator.coordinator.router.Router;
import io.equator.model.error.ApiError;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.Bytes;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ItemCodec;
import io.equator.model.key.KeyExtractor;
import io.equator.model.key.PrimaryKey;
import io.equator.proto.Comparator;
import io.equator.proto.Comparison;
import io.equator.proto.Condition;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResults;
import io.equator.proto.ItemDelete;
import io.equator.proto.ItemGet;
import io.equator.proto.ItemKey;
import io.equator.proto.ItemWrite;
import io.equator.proto.Operand;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import io.equator.proto.TriggerCheckpoint;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResult;
import io.equator.proto.WriteResults;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.SystemTables;
import io.equator.replication.catalog.TableView;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The checkpoints in the cluster itself: a table that every cluster has, replicated as all others.
 *
 * <pre>
 *   attribute  type
 *   k          B     UUID of the mapping (16 bytes), partition (8 bytes)
 *   v          N     counts the changes of the row
 *   r          B     the TriggerCheckpoint
 * </pre>
 */
final class CheckpointTable implements CheckpointStore {
  private static final TableView TABLE = SystemTables.CHECKPOINTS;
  private static final String VERSION = "v";
  private static final String ROW = "r";

  /** The router gives up earlier by itself. */
  private static final long WAIT_SECONDS = 15;

  private final Router router;

  CheckpointTable(Router router) {
    this.router = router;
  }

  @Override
  public Optional<Entry> read(ByteString key) {
    Routed<GetResults> routed =
        await(
            router.get(
                snapshot -> {
                  ItemKey itemKey = key(snapshot, key);
                  return new Bound<>(
                      TABLE.ringId(),
                      itemKey.getToken(),
                      GetRequest.newBuilder()
                          .addGets(
                              ItemGet.newBuilder().setTable(TABLE.reference()).setKey(itemKey)));
                },
                true));
    var result = answer(routed).getResults(0);
    return result.hasItem()
        ? Optional.of(entry(EncodedItem.wrap(result.getItem())))
        : Optional.empty();
  }

  @Override
  public Optional<Entry> insert(ByteString key, TriggerCheckpoint row) {
    Entry after = new Entry(key, row, 1);
    ItemWrite.Builder write =
        ItemWrite.newBuilder()
            .setPut(item(after).toByteString())
            .setCondition(
                Condition.newBuilder().setAttributeNotExists(path(SystemTables.CHECKPOINT_KEY)));
    return write(key, write) ? Optional.of(after) : Optional.empty();
  }

  @Override
  public Optional<Entry> replace(Entry before, TriggerCheckpoint row) {
    Entry after = new Entry(before.key(), row, before.version() + 1);
    ItemWrite.Builder write =
        ItemWrite.newBuilder().setPut(item(after).toByteString()).setCondition(unchanged(before));
    return write(before.key(), write) ? Optional.of(after) : Optional.empty();
  }

  @Override
  public boolean remove(Entry before) {
    return write(
        before.key(),
        ItemWrite.newBuilder()
            .setDelete(ItemDelete.getDefaultInstance())
            .setCondition(unchanged(before)));
  }

  /** Whether the write was made; false when its condition failed. */
  private boolean write(ByteString key, ItemWrite.Builder write) {
    Routed<WriteResults> routed =
        await(
            router.write(
                snapshot -> {
                  ItemKey itemKey = key(snapshot, key);
                  return new Bound<>(
                      TABLE.ringId(),
                      itemKey.getToken(),
                      WriteRequest.newBuilder()
                          .addWrites(write.setTable(TABLE.reference()).setKey(itemKey)));
                }));
    WriteResult result = answer(routed).getResults(0);
    return switch (result.getOutcomeCase()) {
      case WRITTEN -> true;
      case CONDITION_FAILED -> false;
      case REFUSED, OUTCOME_NOT_SET ->
          throw new UnavailableException(
              "a checkpoint was refused: " + result.getRefused().getMessage());
    };
  }

  private static <T> T answer(Routed<T> routed) {
    return switch (routed) {
      case Routed.Answer<T>(T value) -> value;
      case Routed.Refused<T>(ApiError error) ->
          throw new UnavailableException("checkpoints do not answer: " + error.message());
      case Routed.Scattered<T>() ->
          throw new UnavailableException("a checkpoint lies in two partitions");
    };
  }

  private static <T> T await(CompletableFuture<T> future) {
    try {
      return future.get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted");
    } catch (ExecutionException | TimeoutException e) {
      throw new UnavailableException("checkpoints do not answer: " + e);
    }
  }

  private static ItemKey key(CatalogSnapshot snapshot, ByteString key) {
    PrimaryKey primary =
        KeyExtractor.fromKeyMap(
            TABLE.keySchema(),
            ItemCodec.encodeItem(Map.of(SystemTables.CHECKPOINT_KEY, binary(key))));
    return ItemKeys.of(snapshot, TABLE, primary);
  }

  private static Condition unchanged(Entry before) {
    return Condition.newBuilder()
        .setComparison(
            Comparison.newBuilder()
                .setComparator(Comparator.EQUAL)
                .setLeft(Operand.newBuilder().setPath(path(VERSION)))
                .setRight(
                    Operand.newBuilder()
                        .setValue(
                            ByteString.copyFrom(
                                ItemCodec.encodeValue(
                                    AttributeValue.N.of(Long.toString(before.version())))))))
        .build();
  }

  private static Path path(String attribute) {
    return Path.newBuilder().addElements(PathElement.newBuilder().setField(attribute)).build();
  }

  private static EncodedItem item(Entry entry) {
    Map<String, AttributeValue> item = new LinkedHashMap<>();
    item.put(SystemTables.CHECKPOINT_KEY, binary(entry.key()));
    item.put(ROW, binary(entry.row().toByteString()));
    item.put(VERSION, AttributeValue.N.of(Long.toString(entry.version())));
    return ItemCodec.encodeItem(item);
  }

  private static Entry entry(EncodedItem item) {
    EncodedValue key = item.find(SystemTables.CHECKPOINT_KEY);
    EncodedValue row = item.find(ROW);
    EncodedValue version = item.find(VERSION);
    if (key == null || row == null || version == null) {
      throw new IllegalStateException("a checkpoint without its attributes");
    }
    try {
      return new Entry(
          bytes(key),
          TriggerCheckpoint.parseFrom(bytes(row)),
          version.number().toBigDecimal().longValueExact());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a checkpoint cannot be read", e);
    }
  }

  private static AttributeValue binary(ByteString bytes) {
    return new AttributeValue.B(Bytes.wrap(bytes.toByteArray()));
  }

  private static ByteString bytes(EncodedValue value) {
    return ByteString.copyFrom(value.array(), value.payloadOffset(), value.payloadLength());
  }
}
