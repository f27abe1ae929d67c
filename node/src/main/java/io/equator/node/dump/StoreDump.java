package io.equator.node.dump;

import io.equator.model.item.CorruptItemException;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.StoredValue;
import io.equator.node.core.Family;
import io.equator.node.core.MetaRows;
import io.equator.node.core.MetaRows.Applied;
import io.equator.node.core.MetaRows.Counters;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.RowCursor;
import io.equator.node.core.Store;
import io.equator.node.core.StoreException;
import io.equator.node.core.StoreKeys;
import io.equator.node.rocksdb.RocksConfig;
import io.equator.node.rocksdb.RocksStore;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Looks into a node's data folder while no process (or another one) uses it; shows what was durable
 * at its last flush.
 */
public final class StoreDump implements AutoCloseable {
  private static final RocksConfig LITTLE_MEMORY = new RocksConfig(16 << 20, 0, 1 << 20, 1);

  /** No key begins with as many of the highest byte: tables and partitions are counted from 1. */
  private static final byte[] AFTER_EVERY_KEY = {-1, -1, -1, -1, -1, -1, -1, -1};

  private final Store store;

  /** Prints from any store. */
  StoreDump(Store store) {
    this.store = store;
  }

  /**
   * Opens a node's data folder.
   *
   * @throws StoreException with one clear sentence when there is no store in it
   */
  public static StoreDump open(Path dataFolder) {
    Path inside = dataFolder.resolve("rocksdb");
    return new StoreDump(
        RocksStore.openReadOnly(Files.isDirectory(inside) ? inside : dataFolder, LITTLE_MEMORY));
  }

  /**
   * One line for each partition: what it is, how far it is applied, and the counters of its tables.
   */
  public void partitions(Consumer<String> line) {
    for (long partition : MetaRows.partitions(store)) {
      Descriptor descriptor = MetaRows.descriptor(store, partition);
      Applied applied = MetaRows.applied(store, partition);
      List<JsonLine> tables = new ArrayList<>();
      MetaRows.counters(
          store,
          partition,
          (table, index, counters) -> tables.add(countersLine(table, index, counters)));
      line.accept(
          new JsonLine()
              .field("partition", partition)
              .field("epoch", descriptor.epoch())
              .field("ring", descriptor.ringId())
              .hex("firstToken", descriptor.firstToken())
              .hex("lastToken", descriptor.lastToken())
              .field("node", MetaRows.node(store, partition))
              .field("term", applied.term())
              .field("index", applied.index())
              .field("decidedTerm", applied.decidedTerm())
              .field("sequence", applied.sequence())
              .field("tables", tables)
              .end());
    }
  }

  /** The same as {@link #partitions}, for people. */
  public void describe(Consumer<String> line) {
    for (long partition : MetaRows.partitions(store)) {
      Descriptor descriptor = MetaRows.descriptor(store, partition);
      Applied applied = MetaRows.applied(store, partition);
      line.accept(
          "partition %d  epoch %d  ring %d  tokens %s to %s"
              .formatted(
                  partition,
                  descriptor.epoch(),
                  descriptor.ringId(),
                  JsonLine.hex(descriptor.firstToken()),
                  JsonLine.hex(descriptor.lastToken())));
      line.accept(
          "  applied to index %d of term %d  (decided in term %d, sequence %d)"
              .formatted(
                  applied.index(), applied.term(), applied.decidedTerm(), applied.sequence()));
      MetaRows.counters(
          store,
          partition,
          (table, index, counters) ->
              line.accept(
                  "  table %-6s %-9s %12d items %16d bytes"
                      .formatted(
                          Integer.toUnsignedString(table),
                          index == 0 ? "" : "index " + index,
                          counters.items(),
                          counters.bytes())));
    }
  }

  /** One row of any family, as it stands in the store. */
  public interface RowVisitor {
    void visit(String family, byte[] key, byte[] value);
  }

  /** Shows every row of every family, in the order of the store. */
  public void everyRow(RowVisitor visitor) {
    byte[] all = {};
    for (Family family : Family.values()) {
      try (RowCursor cursor = store.cursor(family, all, AFTER_EVERY_KEY)) {
        for (cursor.first(); cursor.valid(); cursor.next()) {
          visitor.visit(family.storedName(), cursor.key(), cursor.value());
        }
      }
    }
  }

  private static JsonLine countersLine(int table, int index, Counters counters) {
    return new JsonLine()
        .field("table", Integer.toUnsignedLong(table))
        .field("index", index)
        .field("items", counters.items())
        .field("bytes", counters.bytes());
  }

  /**
   * One line for each item of a table, in the order of the store, at most {@code most}.
   *
   * @return how many lines there were
   */
  public long items(int table, long most, Consumer<String> line) {
    return rows(Family.ITEMS, table, 0, most, line);
  }

  /**
   * The items of a table that pass, in the order of the store.
   *
   * @param whole with token, timestamp and size around each; otherwise the item alone, as the API
   *     writes it
   * @return how many lines there were
   */
  public long items(
      int table, long most, Predicate<EncodedItem> filter, boolean whole, Consumer<String> line) {
    byte[] lower = StoreKeys.firstOfToken(table, 0, 0);
    byte[] upper = StoreKeys.afterToken(table, 0, -1L);
    long count = 0;
    try (RowCursor cursor = store.cursor(Family.ITEMS, lower, upper)) {
      for (cursor.first(); cursor.valid() && count < most; cursor.next()) {
        byte[] value = cursor.value();
        Optional<EncodedItem> item = readable(value);
        if (item.isEmpty() || filter.test(item.get())) {
          line.accept(
              whole || item.isEmpty() ? row(cursor.key(), value) : JsonLine.item(item.get()));
          count++;
        }
      }
    }
    return count;
  }

  private static Optional<EncodedItem> readable(byte[] value) {
    try {
      return Optional.of(StoredValue.read(value).item());
    } catch (CorruptItemException e) {
      return Optional.empty();
    }
  }

  /**
   * One line for each row of a local index, in the order of the store, at most {@code most}.
   *
   * @return how many lines there were
   */
  public long indexRows(int table, int index, long most, Consumer<String> line) {
    return rows(Family.LOCAL_INDEXES, table, index, most, line);
  }

  private long rows(Family family, int table, int index, long most, Consumer<String> line) {
    byte[] lower = StoreKeys.firstOfToken(table, index, 0);
    byte[] upper = StoreKeys.afterToken(table, index, -1L);
    long count = 0;
    try (RowCursor cursor = store.cursor(family, lower, upper)) {
      for (cursor.first(); cursor.valid() && count < most; cursor.next()) {
        line.accept(row(cursor.key(), cursor.value()));
        count++;
      }
    }
    return count;
  }

  private static String row(byte[] key, byte[] value) {
    JsonLine line = new JsonLine();
    line.hex("token", ByteBuffer.wrap(key).getLong(StoreKeys.PREFIX));
    try {
      StoredValue stored = StoredValue.read(value);
      EncodedItem item = stored.item();
      line.hex("timestamp", stored.timestamp())
          .field("region", stored.originRegion())
          .field("size", item.sizeBytes())
          .field("item", item);
    } catch (CorruptItemException e) {
      line.field("damaged", String.valueOf(e.getMessage()));
    }
    return line.end();
  }

  @Override
  public void close() {
    store.close();
  }
}
