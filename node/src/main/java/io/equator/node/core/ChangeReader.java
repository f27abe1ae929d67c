package io.equator.node.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.proto.ChangeRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the change log of one table in one partition, in the order in which changes were made.
 *
 * <p>Only applied entries are seen, so what is read is durable on a majority and will never be
 * taken back. Any replica may be read; one that lags shows less.
 */
public final class ChangeReader {
  private final PartitionMachine machine;
  private final StoreView store;

  /** Reads what {@code machine} has applied to {@code store}. */
  public ChangeReader(PartitionMachine machine, StoreView store) {
    this.machine = machine;
    this.store = store;
  }

  /**
   * One change.
   *
   * @param at its place
   * @param sizeBytes bytes of the record as kept
   */
  public record Change(ChangePosition at, ChangeRecord record, int sizeBytes) {}

  /**
   * Some changes.
   *
   * @param changes in order
   * @param next where to go on; every change before it is in this page or was asked to be skipped
   * @param more there were more within the limits' reach
   */
  public record Changes(List<Change> changes, ChangePosition next, boolean more) {}

  /**
   * Changes from a place on.
   *
   * @param from inclusive; records trimmed meanwhile are silently not there, so the caller compares
   *     it with {@link PartitionMachine#changesKept} afterwards
   * @param recordsMax at most so many
   * @param bytesMax the record that crosses it is the last one
   * @throws StoreException when the store cannot be read
   */
  public Changes read(int table, ChangePosition from, int recordsMax, long bytesMax) {
    // Read before the cursor is opened: it then sees every record up to this index.
    long applied = machine.appliedPosition().index();
    long partition = machine.partition();
    List<Change> changes = new ArrayList<>();
    long bytes = 0;
    try (RowCursor cursor =
        store.cursor(
            Family.CHANGE_LOG,
            ChangeKeys.record(partition, table, from.index(), from.position()),
            ChangeKeys.end(partition, table))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        if (changes.size() >= recordsMax || bytes >= bytesMax) {
          return new Changes(changes, changes.getLast().at().next(), true);
        }
        byte[] key = cursor.key();
        byte[] value = cursor.value();
        changes.add(
            new Change(
                new ChangePosition(ChangeKeys.indexOf(key), ChangeKeys.positionOf(key)),
                parse(value),
                value.length));
        bytes += value.length;
      }
    }
    ChangePosition next = max(from, ChangePosition.ofEntry(applied + 1));
    if (!changes.isEmpty()) {
      next = max(next, changes.getLast().at().next());
    }
    return new Changes(changes, next, false);
  }

  /** The record as kept: its format's version, then the message. */
  public static ChangeRecord parse(byte[] value) {
    if (value.length == 0 || value[0] != ChangeLog.VERSION) {
      throw new StoreException("a change record of an unknown format");
    }
    try {
      return ChangeRecord.parseFrom(ByteString.copyFrom(value, 1, value.length - 1));
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a change record cannot be read", e);
    }
  }

  private static ChangePosition max(ChangePosition a, ChangePosition b) {
    return a.compareTo(b) >= 0 ? a : b;
  }
}
