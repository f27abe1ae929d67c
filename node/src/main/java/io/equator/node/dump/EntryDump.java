package io.equator.node.dump;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.model.item.StoredValue;
import io.equator.node.core.StoreException;
import io.equator.proto.Effect;
import io.equator.proto.IndexRowEffect;
import io.equator.proto.ItemEffect;
import io.equator.proto.ItemLock;
import io.equator.proto.PartitionEntry;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Prints an entry of a partition's log. */
public final class EntryDump {
  private static final HexFormat HEX = HexFormat.of();

  private EntryDump() {}

  /**
   * One line of JSON.
   *
   * @throws StoreException when the bytes are no entry
   */
  public static String line(ByteString bytes) {
    PartitionEntry entry;
    try {
      entry = PartitionEntry.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("these bytes are no entry of a partition's log", e);
    }
    List<JsonLine> effects = new ArrayList<>();
    for (int i = 0; i < entry.getEffectsCount(); i++) {
      JsonLine effect = effect(entry.getEffects(i));
      if (entry.getRequestIdsCount() > 2 * i + 1) {
        effect.field(
            "request",
            JsonLine.hex(entry.getRequestIds(2 * i))
                + JsonLine.hex(entry.getRequestIds(2 * i + 1)));
      }
      effects.add(effect);
    }
    return new JsonLine()
        .field("decidedTerm", entry.getDecidedTerm())
        .field("epoch", entry.getEpoch())
        .field("sequence", entry.getSequence())
        .field("leaderMillis", entry.getLeaderMillis())
        .field("effects", effects)
        .end();
  }

  private static JsonLine effect(Effect effect) {
    return switch (effect.getKindCase()) {
      case ITEM -> item(effect.getItem());
      case DROP_TABLE ->
          new JsonLine()
              .field("effect", "drop-table")
              .field("table", Integer.toUnsignedLong(effect.getDropTable().getTableId()));
      case REQUIRE_SCHEMA ->
          new JsonLine()
              .field("effect", "require-schema")
              .field("table", Integer.toUnsignedLong(effect.getRequireSchema().getTableId()))
              .field("schemaVersion", effect.getRequireSchema().getSchemaVersion());
      case TRIM_CHANGES ->
          new JsonLine()
              .field("effect", "trim-changes")
              .field("table", Integer.toUnsignedLong(effect.getTrimChanges().getTableId()))
              .field("beforeIndex", effect.getTrimChanges().getBeforeIndex());
      case ROTATE_SHARDS ->
          new JsonLine()
              .field("effect", "rotate-shards")
              .field("table", Integer.toUnsignedLong(effect.getRotateShards().getTableId()))
              .field("afterIndex", effect.getRotateShards().getAfterIndex());
      case APPLY_INDEX ->
          new JsonLine()
              .field("effect", "apply-index")
              .field("table", Integer.toUnsignedLong(effect.getApplyIndex().getTableId()))
              .field("index", effect.getApplyIndex().getIndexId())
              .field("source", effect.getApplyIndex().getSourcePartition())
              .field("rows", effect.getApplyIndex().getRowsCount());
      case INDEX_BUILD_STEP ->
          new JsonLine()
              .field("effect", "index-build-step")
              .field("table", Integer.toUnsignedLong(effect.getIndexBuildStep().getTableId()))
              .field("index", effect.getIndexBuildStep().getIndexId())
              .field("walked", effect.getIndexBuildStep().getWalked())
              .field("done", effect.getIndexBuildStep().getDone());
      case DROP_INDEX ->
          new JsonLine()
              .field("effect", "drop-index")
              .field("table", Integer.toUnsignedLong(effect.getDropIndex().getTableId()))
              .field("index", effect.getDropIndex().getIndexId());
      case EXPIRY_STEP ->
          new JsonLine()
              .field("effect", "expiry-step")
              .field("table", Integer.toUnsignedLong(effect.getExpiryStep().getTableId()))
              .field("puts", effect.getExpiryStep().getPutsCount())
              .field("deletes", effect.getExpiryStep().getDeletesCount());
      case BARRIER -> new JsonLine().field("effect", "barrier");
      case TAKE_DIGEST -> new JsonLine().field("effect", "take digest");
      case LOCK_ITEMS ->
          new JsonLine()
              .field("effect", "lock-items")
              .field(
                  "transaction",
                  HEX.formatHex(effect.getLockItems().getTransactionId().toByteArray()))
              .field(
                  "writes",
                  effect.getLockItems().getLocksList().stream()
                      .filter(ItemLock::hasEffect)
                      .map(lock -> item(lock.getEffect()))
                      .toList())
              .field("locks", effect.getLockItems().getLocksCount());
      case FINISH_TRANSACTION ->
          new JsonLine()
              .field(
                  "effect",
                  effect.getFinishTransaction().getCommit()
                      ? "commit-transaction"
                      : "cancel-transaction")
              .field(
                  "transaction",
                  HEX.formatHex(effect.getFinishTransaction().getTransactionId().toByteArray()))
              .hex("timestamp", effect.getFinishTransaction().getTimestamp());
      case TRANSACT_WRITE ->
          new JsonLine()
              .field("effect", "transact-write")
              .field(
                  "transaction",
                  HEX.formatHex(effect.getTransactWrite().getTransactionId().toByteArray()))
              .field(
                  "writes",
                  effect.getTransactWrite().getEffectsList().stream()
                      .map(EntryDump::item)
                      .toList());
      case CLOSE_TIMESTAMP ->
          new JsonLine()
              .field("effect", "close-timestamp")
              .hex("timestamp", effect.getCloseTimestamp().getTimestamp())
              .field("tables", effect.getCloseTimestamp().getTableIdsCount());
      case DROP_TOMBSTONES ->
          new JsonLine()
              .field("effect", "drop-tombstones")
              .field("table", Integer.toUnsignedLong(effect.getDropTombstones().getTableId()))
              .hex("upTo", effect.getDropTombstones().getUpTo())
              .field("keys", effect.getDropTombstones().getKeysCount());
      case SEAL_PARTITION ->
          new JsonLine()
              .field("effect", "seal-partition")
              .field(
                  "heirs",
                  effect.getSealPartition().getHeirsList().stream()
                      .map(
                          heir ->
                              new JsonLine()
                                  .field("partition", heir.getPartitionId())
                                  .hex("firstToken", heir.getFirstToken())
                                  .hex("lastToken", heir.getLastToken()))
                      .toList());
      case ACTIVATE_PARTITION ->
          new JsonLine()
              .field("effect", "activate-partition")
              .field("parent", effect.getActivatePartition().getParentPartitionId())
              .field("sealedIndex", effect.getActivatePartition().getSealedIndex());
      case COUNT_STEP ->
          new JsonLine()
              .field("effect", "count-step")
              .field("rows", effect.getCountStep().getRows());
      case KIND_NOT_SET -> new JsonLine().field("effect", "unknown to this version");
    };
  }

  private static JsonLine item(ItemEffect item) {
    JsonLine line =
        new JsonLine()
            .field("effect", item.hasValue() ? "put" : "delete")
            .field("table", Integer.toUnsignedLong(item.getTableId()))
            .field("key", HEX.formatHex(item.getKey().toByteArray()))
            .hex("timestamp", item.getTimestamp())
            .field("items", item.getItemCountDelta())
            .field("bytes", item.getSizeDelta());
    if (item.hasValue()) {
      line.field("item", StoredValue.read(item.getValue()).item());
    }
    if (item.hasCapture()) {
      line.field("captured", item.getCapture().getCause().toString());
    }
    List<JsonLine> rows = new ArrayList<>();
    for (IndexRowEffect row : item.getIndexRowsList()) {
      JsonLine of =
          new JsonLine()
              .field("index", row.getIndexId())
              .field("key", HEX.formatHex(row.getKey().toByteArray()));
      if (row.getValueIsItem()) {
        of.field("sameAsItem", true);
      } else if (row.hasValue()) {
        of.field("row", StoredValue.read(row.getValue()).item());
      } else {
        of.field("deleted", true);
      }
      rows.add(of);
    }
    return rows.isEmpty() ? line : line.field("indexRows", rows);
  }
}
