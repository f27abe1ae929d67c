package io.equator.coordinator.regions;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.coordinator.items.ItemKeys;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.Routed;
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
import io.equator.proto.GetResult;
import io.equator.proto.GetResults;
import io.equator.proto.ItemGet;
import io.equator.proto.ItemKey;
import io.equator.proto.ItemWrite;
import io.equator.proto.Operand;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import io.equator.proto.ReplicationCursorRow;
import io.equator.proto.ReplicationSource;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResults;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.SystemTables;
import io.equator.replication.catalog.TableView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The cursors of other regions' sources: rows of a table that every cluster has, replicated as all
 * others, changed by compare-and-set.
 *
 * <pre>
 *   attribute  type
 *   k          B     name of the region, a zero, partition (8 bytes), id of the global table
 *   v          N     counts the changes of the row
 *   r          B     the ReplicationCursorRow
 * </pre>
 */
final class CursorRows {
  private static final TableView TABLE = SystemTables.REGION_CURSORS;
  private static final String VERSION = "v";
  private static final String ROW = "r";

  private final InboxAccess access;

  CursorRows(InboxAccess access) {
    this.access = access;
  }

  /**
   * A row.
   *
   * @param version 0: there is none
   */
  record Entry(ReplicationCursorRow row, long version) {
    static final Entry NONE = new Entry(ReplicationCursorRow.getDefaultInstance(), 0);
  }

  /** The key of a source's row. */
  static ByteString key(ReplicationSource source) {
    ByteBuffer partition = ByteBuffer.allocate(1 + Long.BYTES).put((byte) 0);
    partition.putLong(source.getPartitionId()).flip();
    return ByteString.copyFrom(source.getRegion(), StandardCharsets.UTF_8)
        .concat(ByteString.copyFrom(partition))
        .concat(ByteString.copyFrom(source.getGlobalTableId(), StandardCharsets.UTF_8));
  }

  /** The row of a source; empty when it cannot be read at present. */
  CompletableFuture<Optional<Entry>> read(ByteString key) {
    return access
        .get(
            snapshot -> {
              ItemKey itemKey = key(snapshot, key);
              return new Bound<>(
                  TABLE.ringId(),
                  itemKey.getToken(),
                  GetRequest.newBuilder()
                      .addGets(ItemGet.newBuilder().setTable(TABLE.reference()).setKey(itemKey)));
            })
        .thenApply(CursorRows::entry);
  }

  private static Optional<Entry> entry(Routed<GetResults> routed) {
    if (!(routed instanceof Routed.Answer<GetResults>(GetResults results))) {
      return Optional.empty();
    }
    GetResult result = results.getResults(0);
    return Optional.of(result.hasItem() ? entry(EncodedItem.wrap(result.getItem())) : Entry.NONE);
  }

  private static Entry entry(EncodedItem item) {
    EncodedValue row = item.find(ROW);
    EncodedValue version = item.find(VERSION);
    if (row == null || version == null) {
      throw new IllegalStateException("a cursor without its attributes");
    }
    try {
      return new Entry(
          ReplicationCursorRow.parseFrom(
              ByteString.copyFrom(row.array(), row.payloadOffset(), row.payloadLength())),
          version.number().toBigDecimal().longValueExact());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a cursor cannot be read", e);
    }
  }

  /** What became of a change of a row. */
  enum Stored {
    STORED,
    /** Somebody else has changed it meanwhile. */
    CHANGED,
    /** Nobody answered. */
    UNKNOWN
  }

  /** Puts a row in the place of one that was read, if that still stands there. */
  CompletableFuture<Stored> replace(ByteString key, Entry before, ReplicationCursorRow row) {
    ItemWrite.Builder write =
        ItemWrite.newBuilder()
            .setTable(TABLE.reference())
            .setPut(item(key, row, before.version() + 1).toByteString())
            .setCondition(unchanged(before));
    return access
        .write(
            snapshot -> {
              ItemKey itemKey = key(snapshot, key);
              return new Bound<>(
                  TABLE.ringId(),
                  itemKey.getToken(),
                  WriteRequest.newBuilder().addWrites(write.setKey(itemKey)));
            })
        .thenApply(CursorRows::stored);
  }

  private static Stored stored(Routed<WriteResults> routed) {
    if (!(routed instanceof Routed.Answer<WriteResults>(WriteResults results))) {
      return Stored.UNKNOWN;
    }
    return switch (results.getResults(0).getOutcomeCase()) {
      case WRITTEN -> Stored.STORED;
      case CONDITION_FAILED -> Stored.CHANGED;
      case REFUSED, OUTCOME_NOT_SET -> Stored.UNKNOWN;
    };
  }

  private static ItemKey key(CatalogSnapshot snapshot, ByteString key) {
    PrimaryKey primary =
        KeyExtractor.fromKeyMap(
            TABLE.keySchema(),
            ItemCodec.encodeItem(Map.of(SystemTables.REGION_CURSOR_KEY, binary(key))));
    return ItemKeys.of(snapshot, TABLE, primary);
  }

  private static Condition unchanged(Entry before) {
    if (before.version() == 0) {
      return Condition.newBuilder()
          .setAttributeNotExists(path(SystemTables.REGION_CURSOR_KEY))
          .build();
    }
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

  private static EncodedItem item(ByteString key, ReplicationCursorRow row, long version) {
    Map<String, AttributeValue> item = new LinkedHashMap<>();
    item.put(SystemTables.REGION_CURSOR_KEY, binary(key));
    item.put(ROW, binary(row.toByteString()));
    item.put(VERSION, AttributeValue.N.of(Long.toString(version)));
    return ItemCodec.encodeItem(item);
  }

  private static AttributeValue binary(ByteString bytes) {
    return new AttributeValue.B(Bytes.wrap(bytes.toByteArray()));
  }
}
