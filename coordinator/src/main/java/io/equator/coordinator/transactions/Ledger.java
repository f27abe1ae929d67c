package io.equator.coordinator.transactions;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.coordinator.items.ItemKeys;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.Routed;
import io.equator.model.error.ApiError;
import io.equator.model.error.ErrorCode;
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
import io.equator.proto.ItemDelete;
import io.equator.proto.ItemGet;
import io.equator.proto.ItemKey;
import io.equator.proto.ItemWrite;
import io.equator.proto.LedgerRow;
import io.equator.proto.Operand;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResult;
import io.equator.proto.WriteResults;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.SystemTables;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The table in which transactions are decided, changed by compare-and-set only.
 *
 * <pre>
 *   attribute  type
 *   k          B     the row's key, 32 bytes: a hash of account and token, or random
 *   v          N     counts the changes of the row, from a random number
 *   s          N     its LedgerRow.State, for scans
 *   t          N     when it was changed, milliseconds since the epoch, for scans
 *   r          B     the LedgerRow
 * </pre>
 */
final class Ledger {
  static final String VERSION = "v";
  static final String STATE = "s";
  static final String CHANGED = "t";
  static final String ROW = "r";

  private final PartitionAccess access;

  Ledger(PartitionAccess access) {
    this.access = access;
  }

  /** A row as it stands in the ledger. */
  record Entry(ByteString key, LedgerRow row, long version) {
    /** The entry in an item of the ledger. */
    static Entry of(EncodedItem item) {
      EncodedValue row = item.find(ROW);
      EncodedValue version = item.find(VERSION);
      EncodedValue key = item.find(SystemTables.LEDGER_KEY);
      if (row == null || version == null || key == null) {
        throw new IllegalStateException("a row of the ledger without its attributes");
      }
      try {
        return new Entry(
            bytes(key),
            LedgerRow.parseFrom(bytes(row)),
            version.number().toBigDecimal().longValueExact());
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("a row of the ledger cannot be read", e);
      }
    }

    /** The key in an item of the ledger. */
    static ByteString keyOf(EncodedItem item) {
      EncodedValue key = item.find(SystemTables.LEDGER_KEY);
      if (key == null) {
        throw new IllegalStateException("a row of the ledger without its key");
      }
      return bytes(key);
    }

    private static ByteString bytes(EncodedValue value) {
      return ByteString.copyFrom(value.array(), value.payloadOffset(), value.payloadLength());
    }
  }

  /** What became of a change of the ledger. */
  sealed interface Change {
    /** Durable. */
    record Made(Entry now) implements Change {}

    /** Not made: the row is this by now, or gone. */
    record Lost(Optional<Entry> now) implements Change {}

    /** Nobody knows, or nobody answers. */
    record Unknown(ApiError error) implements Change {}
  }

  /** What stands under a key. */
  sealed interface Found {
    /** The row, or none. */
    record Row(Optional<Entry> entry) implements Found {}

    /** Nobody answers. */
    record Unknown(ApiError error) implements Found {}
  }

  /** Adds a row that is not there yet. */
  CompletableFuture<Change> insert(ByteString key, LedgerRow row) {
    return change(key, insertion(key, row), Optional.of(new Entry(key, row, firstVersion(row))));
  }

  /** The same as a write, to be made together with others. */
  static ItemWrite.Builder insertion(ByteString key, LedgerRow row) {
    return ItemWrite.newBuilder()
        .setPut(item(key, row, firstVersion(row)).toByteString())
        .setCondition(Condition.newBuilder().setAttributeNotExists(path(SystemTables.LEDGER_KEY)))
        .setReturnOldOnConditionFailure(true);
  }

  /**
   * Where a row begins to count: nowhere near another one that stood under the same key, so that a
   * change that comes late does not fit it.
   */
  private static long firstVersion(LedgerRow row) {
    return row.getTransactionId().asReadOnlyByteBuffer().getLong() >>> 2;
  }

  /** Replaces a row that has not been changed since it was read. */
  CompletableFuture<Change> replace(Entry before, LedgerRow row) {
    long version = before.version() + 1;
    ItemWrite.Builder write =
        ItemWrite.newBuilder().setPut(item(before.key(), row, version).toByteString());
    return change(
        before.key(), unchanged(write, before), Optional.of(new Entry(before.key(), row, version)));
  }

  /** Removes a row that has not been changed since it was read. */
  CompletableFuture<Change> remove(Entry before) {
    ItemWrite.Builder write = ItemWrite.newBuilder().setDelete(ItemDelete.getDefaultInstance());
    return change(before.key(), unchanged(write, before), Optional.empty());
  }

  /** Reads a row, as new as any acknowledged change. */
  CompletableFuture<Found> read(ByteString key) {
    return access
        .get(
            snapshot -> {
              ItemKey itemKey = key(snapshot, key);
              return new Bound<>(
                  SystemTables.LEDGER.ringId(),
                  itemKey.getToken(),
                  GetRequest.newBuilder()
                      .addGets(
                          ItemGet.newBuilder()
                              .setTable(SystemTables.LEDGER.reference())
                              .setKey(itemKey)));
            })
        .thenApply(
            routed ->
                switch (routed) {
                  case Routed.Answer<io.equator.proto.GetResults>(var results) -> {
                    var result = results.getResults(0);
                    yield new Found.Row(
                        result.hasItem()
                            ? Optional.of(Entry.of(EncodedItem.wrap(result.getItem())))
                            : Optional.empty());
                  }
                  case Routed.Refused<io.equator.proto.GetResults>(ApiError error) ->
                      new Found.Unknown(error);
                  case Routed.Scattered<io.equator.proto.GetResults>() ->
                      new Found.Unknown(scattered());
                });
  }

  /** A ledger row's key as the partitions know it. */
  static ItemKey key(CatalogSnapshot snapshot, ByteString key) {
    PrimaryKey primary =
        KeyExtractor.fromKeyMap(
            SystemTables.LEDGER.keySchema(),
            ItemCodec.encodeItem(Map.of(SystemTables.LEDGER_KEY, binary(key))));
    return ItemKeys.of(snapshot, SystemTables.LEDGER, primary);
  }

  private CompletableFuture<Change> change(
      ByteString key, ItemWrite.Builder write, Optional<Entry> after) {
    return access
        .write(
            snapshot -> {
              ItemKey itemKey = key(snapshot, key);
              return new Bound<>(
                  SystemTables.LEDGER.ringId(),
                  itemKey.getToken(),
                  WriteRequest.newBuilder()
                      .addWrites(write.setTable(SystemTables.LEDGER.reference()).setKey(itemKey)));
            })
        .thenApply(
            routed ->
                switch (routed) {
                  case Routed.Answer<WriteResults>(WriteResults results) ->
                      change(results.getResults(0), key, after);
                  case Routed.Refused<WriteResults>(ApiError error) -> new Change.Unknown(error);
                  case Routed.Scattered<WriteResults>() -> new Change.Unknown(scattered());
                });
  }

  private static Change change(WriteResult result, ByteString key, Optional<Entry> after) {
    return switch (result.getOutcomeCase()) {
      case WRITTEN ->
          new Change.Made(after.orElse(new Entry(key, LedgerRow.getDefaultInstance(), 0)));
      case CONDITION_FAILED ->
          new Change.Lost(
              result.getConditionFailed().hasItem()
                  ? Optional.of(Entry.of(EncodedItem.wrap(result.getConditionFailed().getItem())))
                  : Optional.empty());
      case REFUSED, OUTCOME_NOT_SET ->
          new Change.Unknown(
              new ApiError(ErrorCode.INTERNAL_SERVER_ERROR, result.getRefused().getMessage()));
    };
  }

  private static ItemWrite.Builder unchanged(ItemWrite.Builder write, Entry before) {
    return write
        .setCondition(
            Condition.newBuilder()
                .setComparison(
                    Comparison.newBuilder()
                        .setComparator(Comparator.EQUAL)
                        .setLeft(Operand.newBuilder().setPath(path(VERSION)))
                        .setRight(Operand.newBuilder().setValue(number(before.version())))))
        .setReturnOldOnConditionFailure(true);
  }

  static Path path(String attribute) {
    return Path.newBuilder().addElements(PathElement.newBuilder().setField(attribute)).build();
  }

  static ByteString number(long value) {
    return ByteString.copyFrom(ItemCodec.encodeValue(AttributeValue.N.of(Long.toString(value))));
  }

  private static EncodedItem item(ByteString key, LedgerRow row, long version) {
    Map<String, AttributeValue> item = new LinkedHashMap<>();
    item.put(SystemTables.LEDGER_KEY, binary(key));
    item.put(ROW, binary(row.toByteString()));
    item.put(STATE, AttributeValue.N.of(Integer.toString(row.getStateValue())));
    item.put(CHANGED, AttributeValue.N.of(Long.toString(row.getChangedMillis())));
    item.put(VERSION, AttributeValue.N.of(Long.toString(version)));
    return ItemCodec.encodeItem(item);
  }

  private static AttributeValue binary(ByteString bytes) {
    return new AttributeValue.B(Bytes.wrap(bytes.toByteArray()));
  }

  private static ApiError scattered() {
    return new ApiError(ErrorCode.INTERNAL_SERVER_ERROR, "Internal server error");
  }
}
