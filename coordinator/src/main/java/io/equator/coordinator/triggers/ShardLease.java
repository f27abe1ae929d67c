package io.equator.coordinator.triggers;

import com.google.protobuf.ByteString;
import io.equator.coordinator.triggers.CheckpointStore.Entry;
import io.equator.coordinator.triggers.CheckpointStore.UnavailableException;
import io.equator.proto.ChangePlace;
import io.equator.proto.TriggerCheckpoint;
import java.time.Duration;
import java.util.Optional;

/**
 * The right to work on one shard of one mapping, and its checkpoint: both are one row, so whoever
 * has lost the one cannot move the other.
 *
 * <p>No two clocks are compared. An owner writes its row again every {@link #RENEW_EVERY}. Another
 * coordinator takes the row only when it has seen it unchanged for {@link #LASTS} by its own clock;
 * by then the owner, which counts from before its last write, has stopped by itself ({@link
 * #isValid}). Each takeover changes the row's version, which is the fence: what the former owner
 * still tries fails its comparison.
 *
 * <p>An owner is {@code <coordinator>#<worker>}. A row that this very coordinator left in an
 * earlier life is taken at once, since two coordinators never share a name.
 *
 * <p>One thread, but for {@link #isValid}.
 */
final class ShardLease {
  static final Duration LASTS = Duration.ofSeconds(10);
  static final Duration RENEW_EVERY = Duration.ofSeconds(3);

  private final CheckpointStore store;
  private final String owner;
  private Entry entry;
  private volatile long validUntilNanos;
  private long renewAtNanos;

  private ShardLease(CheckpointStore store, String owner, Entry entry, long askedNanos) {
    this.store = store;
    this.owner = owner;
    this.entry = entry;
    confirmed(askedNanos);
  }

  private void confirmed(long askedNanos) {
    validUntilNanos = askedNanos + LASTS.toNanos();
    renewAtNanos = askedNanos + RENEW_EVERY.toNanos();
  }

  /** Where the shard's delivery goes on. */
  ChangePlace next() {
    return entry.row().getNext();
  }

  /** Whether nobody else can have the shard now; any thread. */
  boolean isValid(long nowNanos) {
    return nowNanos - validUntilNanos < 0;
  }

  /** Whether the row should be written again soon. */
  boolean isDue(long nowNanos) {
    return nowNanos - renewAtNanos >= 0;
  }

  /**
   * Moves the checkpoint, which also renews the lease.
   *
   * @param result as Lambda words it; empty to leave it as it is
   * @return false when the shard is somebody else's now
   * @throws UnavailableException when nobody knows
   */
  boolean keep(ChangePlace next, String result, long nowMillis, long nowNanos) {
    if (compare(next, next()) < 0) {
      throw new IllegalArgumentException("a checkpoint does not move backwards");
    }
    TriggerCheckpoint.Builder row = entry.row().toBuilder().setNext(next).setOwner(owner);
    if (!result.isEmpty() && !result.equals(row.getLastProcessingResult())) {
      row.setLastProcessingResult(result).setResultMillis(nowMillis);
    }
    return write(row.build(), nowNanos);
  }

  /** Gives the shard away, with its checkpoint as it is; others need not wait. */
  void release(long nowNanos) {
    var _ = write(entry.row().toBuilder().setOwner("").build(), nowNanos);
  }

  private boolean write(TriggerCheckpoint row, long nowNanos) {
    Optional<Entry> written = store.replace(entry, row);
    if (written.isEmpty()) {
      // Perhaps an earlier write of ours, of which we have not heard, was made.
      Optional<Entry> found = store.read(entry.key());
      if (found.isEmpty() || !found.get().row().getOwner().equals(owner)) {
        return false;
      }
      ChangePlace came = found.get().row().getNext();
      written =
          store.replace(
              found.get(),
              compare(came, row.getNext()) > 0 ? row.toBuilder().setNext(came).build() : row);
      if (written.isEmpty()) {
        return false;
      }
    }
    entry = written.get();
    confirmed(nowNanos);
    return true;
  }

  static int compare(ChangePlace a, ChangePlace b) {
    int byIndex = Long.compareUnsigned(a.getLogIndex(), b.getLogIndex());
    return byIndex != 0 ? byIndex : Integer.compareUnsigned(a.getPosition(), b.getPosition());
  }

  /** Looks for the moment at which a shard can be had. */
  static final class Seeker {
    private final CheckpointStore store;
    private final ByteString key;
    private final String coordinator;
    private final String owner;
    private long seenVersion = -1;
    private long seenNanos;

    /**
     * @param coordinator the name of this coordinator, which no other one has
     * @param worker tells the workers of this coordinator's lives apart
     */
    Seeker(CheckpointStore store, ByteString key, String coordinator, String worker) {
      this.store = store;
      this.key = key;
      this.coordinator = coordinator;
      this.owner = coordinator + "#" + worker;
    }

    /**
     * Takes the shard if it is free: without an owner, of an earlier life of this coordinator, or
     * silent for long enough. To be called again and again.
     *
     * @throws UnavailableException when nobody knows
     */
    Optional<ShardLease> attempt(long nowNanos) {
      Optional<Entry> found = store.read(key);
      if (found.isEmpty()) {
        return lease(
            store.insert(key, TriggerCheckpoint.newBuilder().setOwner(owner).build()), nowNanos);
      }
      Entry entry = found.get();
      if (!isFree(entry, nowNanos)) {
        return Optional.empty();
      }
      return lease(store.replace(entry, entry.row().toBuilder().setOwner(owner).build()), nowNanos);
    }

    private Optional<ShardLease> lease(Optional<Entry> mine, long askedNanos) {
      return mine.map(entry -> new ShardLease(store, owner, entry, askedNanos));
    }

    /** Whether nobody works on the shard. */
    boolean isFree(Entry entry, long nowNanos) {
      if (isFree(entry.row(), coordinator)) {
        return true;
      }
      if (entry.version() != seenVersion) {
        seenVersion = entry.version();
        seenNanos = nowNanos;
      }
      return nowNanos - seenNanos > LASTS.toNanos();
    }

    private static boolean isFree(TriggerCheckpoint row, String coordinator) {
      return row.getOwner().isEmpty() || row.getOwner().startsWith(coordinator + "#");
    }
  }
}
