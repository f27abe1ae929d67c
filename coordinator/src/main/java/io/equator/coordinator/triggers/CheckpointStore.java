package io.equator.coordinator.triggers;

import com.google.protobuf.ByteString;
import io.equator.proto.TriggerCheckpoint;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/** Where checkpoints are kept: rows that are changed by compare-and-set only. Blocking. */
interface CheckpointStore {
  /**
   * A row as it stands.
   *
   * @param version differs after every change
   */
  record Entry(ByteString key, TriggerCheckpoint row, long version) {}

  /** Nobody answers; a change that was asked for may have been made or not. */
  final class UnavailableException extends RuntimeException {
    UnavailableException(String message) {
      super(message);
    }
  }

  /** The row, as new as any acknowledged change. */
  Optional<Entry> read(ByteString key);

  /** Adds a row; empty when there is one already. */
  Optional<Entry> insert(ByteString key, TriggerCheckpoint row);

  /** Replaces a row that is still as it was read; empty when it is not. */
  Optional<Entry> replace(Entry before, TriggerCheckpoint row);

  /** Removes a row that is still as it was read; false when it is not. */
  boolean remove(Entry before);

  /** The key of a shard's row. */
  static ByteString key(String mappingUuid, long partition) {
    UUID uuid = UUID.fromString(mappingUuid);
    ByteBuffer key =
        ByteBuffer.allocate(3 * Long.BYTES)
            .putLong(uuid.getMostSignificantBits())
            .putLong(uuid.getLeastSignificantBits())
            .putLong(partition)
            .flip();
    return ByteString.copyFrom(key);
  }
}
