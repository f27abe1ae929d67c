package io.equator.node.core;

import com.google.protobuf.CodedOutputStream;
import io.equator.proto.ChangeCapture;
import io.equator.proto.ChangeRecord;
import io.equator.proto.ItemEffect;
import io.equator.proto.TrimChanges;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;

/**
 * The change log of one partition, as the machine writes it: one record per captured change, in the
 * batch of the data, on every replica.
 *
 * <p>A table whose changes nobody reads leaves no records and costs one test per effect. For each
 * other table a row says how much is kept and from where on ({@link Kept}); records before its
 * floor are gone, or about to be.
 *
 * <p>Record: {@code version (1) | ChangeRecord}, under {@link ChangeKeys}.
 *
 * <p>The machine's monitor guards the changes; {@link #kept} shows what was committed.
 */
public final class ChangeLog {
  static final byte VERSION = 1;

  private final long partition;
  private final StoreView store;
  private final Map<Integer, Kept> committed = new ConcurrentHashMap<>();
  private final Map<Integer, Kept> changed = new HashMap<>();
  private final Map<Integer, Long> appended = new ConcurrentHashMap<>();
  private final Map<Integer, Long> appending = new HashMap<>();
  private int nextPosition;

  ChangeLog(long partition, StoreView store) {
    this.partition = partition;
    this.store = store;
    byte[] prefix = MetaRows.changesKeptPrefix(partition);
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        committed.put(MetaRows.tableOfChangeKey(cursor.key()), Kept.of(cursor.value()));
      }
    }
  }

  /**
   * What is kept of a table's changes in a partition.
   *
   * @param floor the log index at or after which every record is still there
   * @param last the log index of the newest record ever
   * @param records how many there are
   * @param bytes of their values
   * @param millis of the newest record ever, the leader's time
   */
  public record Kept(long floor, long last, long records, long bytes, long millis) {
    /** No change was ever captured. */
    public static final Kept NOTHING = new Kept(0, -1, 0, 0, 0);

    static Kept of(byte[] row) {
      ByteBuffer value = MetaRows.read(row, "change log's extent");
      return new Kept(
          value.getLong(), value.getLong(), value.getLong(), value.getLong(), value.getLong());
    }

    byte[] row() {
      return MetaRows.value(41)
          .putLong(floor)
          .putLong(last)
          .putLong(records)
          .putLong(bytes)
          .putLong(millis)
          .array();
    }

    Kept plus(long index, int size, long at) {
      return new Kept(floor, index, records + 1, bytes + size, at);
    }
  }

  Kept kept(int table) {
    return committed.getOrDefault(table, Kept.NOTHING);
  }

  /** The tables of which records are or were kept here. */
  Set<Integer> tables() {
    return new TreeSet<>(committed.keySet());
  }

  /**
   * Bytes of all records that were added since this object was made. Grows only, so the difference
   * of two readings is what was added between them, whatever was trimmed.
   */
  long appendedBytes(int table) {
    return appended.getOrDefault(table, 0L);
  }

  /** Begins an entry. */
  void clear() {
    nextPosition = 0;
    changed.clear();
    appending.clear();
  }

  /** Writes the record of an effect that asks for one. */
  void add(ItemEffect effect, EntryScope scope) {
    ChangeCapture capture = effect.getCapture();
    int table = effect.getTableId();
    ChangeRecord.Builder record =
        ChangeRecord.newBuilder()
            .setKey(effect.getKey())
            .setTimestamp(effect.getTimestamp())
            .setMillis(Math.max(scope.millis(), now(table).millis()))
            .setCause(capture.getCause())
            .setTransactionId(capture.getTransactionId())
            .setReplaces(capture.getReplaces())
            .setStreamId(capture.getStreamId())
            .setRemoves(!effect.hasValue());
    if (capture.hasOldValue()) {
      record.setOldValue(capture.getOldValue());
    }
    if (capture.getNewImage() && effect.hasValue()) {
      record.setNewValue(effect.getValue());
    }
    if (capture.getForRegions()) {
      record.setForRegions(true);
      if (effect.hasTombstone()) {
        record.setTombstone(effect.getTombstone());
      }
    }
    byte[] value = encode(record.build());
    scope
        .batch()
        .put(
            Family.CHANGE_LOG,
            ChangeKeys.record(partition, table, scope.index(), nextPosition++),
            value);
    changed.put(table, now(table).plus(scope.index(), value.length, record.getMillis()));
    appending.merge(table, (long) value.length, Long::sum);
  }

  private static byte[] encode(ChangeRecord record) {
    byte[] value = new byte[1 + record.getSerializedSize()];
    value[0] = VERSION;
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(value, 1, value.length - 1);
      record.writeTo(out);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new IllegalStateException("an array has no input or output errors", e);
    }
    return value;
  }

  private Kept now(int table) {
    Kept kept = changed.get(table);
    return kept == null ? kept(table) : kept;
  }

  /**
   * Forgets records at log indexes below a floor. Leaders ask for few at a time, since each of them
   * is deleted by itself.
   */
  void trim(TrimChanges effect, EntryScope scope) {
    int table = effect.getTableId();
    Kept kept = now(table);
    long before = Math.min(effect.getBeforeIndex(), scope.index());
    if (before <= kept.floor()) {
      return;
    }
    RowBatch batch = scope.batch();
    long records = kept.records();
    long bytes = kept.bytes();
    try (RowCursor cursor =
        store.cursor(
            Family.CHANGE_LOG,
            ChangeKeys.from(partition, table, kept.floor()),
            ChangeKeys.from(partition, table, before))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        batch.delete(Family.CHANGE_LOG, cursor.key());
        records--;
        bytes -= cursor.value().length;
      }
    }
    changed.put(table, new Kept(before, kept.last(), records, bytes, kept.millis()));
  }

  /** Writes the extents that the entry changed. */
  void write(RowBatch batch) {
    for (Map.Entry<Integer, Kept> change : changed.entrySet()) {
      batch.put(
          Family.META,
          MetaRows.changesKeptKey(partition, change.getKey()),
          change.getValue().row());
    }
  }

  /** The batch is committed. */
  void publish() {
    committed.putAll(changed);
    appending.forEach((table, bytes) -> appended.merge(table, bytes, Long::sum));
  }

  /** Says which tables the entry has added records for. */
  void tell(IntConsumer listener) {
    if (nextPosition > 0) {
      changed.keySet().forEach(listener::accept);
    }
  }
}
