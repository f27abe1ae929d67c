package io.equator.node.core;

import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.SplitRows.Handover;
import io.equator.proto.ActivatePartition;
import io.equator.proto.Effect;
import io.equator.proto.Heir;
import io.equator.proto.PartitionEntry;
import io.equator.proto.PartitionOrigin;
import io.equator.proto.SealPartition;
import io.equator.proto.SealedPartition;
import org.jspecify.annotations.Nullable;

/**
 * Where one partition stands in the splits that make and end it, as applied.
 *
 * <pre>
 *   (made by a split) WAITS ──ActivatePartition──▶ OWNS ──SealPartition──▶ SEALED
 *   (made with its ring) ──────────────────────────▶ ┘
 * </pre>
 *
 * <p><b>No rows move.</b> Keys do not carry the partition, so an heir finds its rows where the
 * parent left them. That is right only when exactly one of them writes there, on each replica by
 * itself: so an heir applies its activation only after this node's own replica of the parent has
 * applied the seal. The seal's batch leaves a mark for each heir in this store ({@link
 * SplitRows#HANDOVER}); the activation takes it away. Both are rows in the batches of the entries,
 * so no message and no memory decides who owns what, and a crash takes back both or neither:
 * batches survive in the order in which they were made.
 *
 * <p><b>Sealed</b>, nothing in the log changes the partition any more, but that records of its
 * change log go. Its other rows stay as they were: every heir, on every replica, whenever it comes,
 * copies the same from them.
 *
 * <p>The machine's monitor guards the changes; readers see what was committed.
 */
final class SplitState {
  private final long partition;
  private final Descriptor descriptor;
  private final Store store;

  /** Package-private: simulations lose it on purpose. */
  volatile @Nullable SealedPartition sealed;

  private volatile @Nullable PartitionOrigin origin;
  private @Nullable SealedPartition sealing;
  private boolean activating;

  SplitState(long partition, Descriptor descriptor, Store store) {
    this.partition = partition;
    this.descriptor = descriptor;
    this.store = store;
    this.sealed = SplitRows.sealed(store, partition);
    this.origin = SplitRows.origin(store, partition);
  }

  @Nullable SealedPartition sealed() {
    return sealed;
  }

  @Nullable PartitionOrigin origin() {
    return origin;
  }

  /** It was opened for a split and owns nothing yet. */
  boolean waits() {
    PartitionOrigin from = origin;
    return from != null && from.getWaits();
  }

  /** Why the entry changes nothing; null when it may. */
  @Nullable EntryOutcome refusal(PartitionEntry entry) {
    boolean over = sealed != null;
    if (!over && !waits()) {
      return null;
    }
    for (int i = 0; i < entry.getEffectsCount(); i++) {
      Effect.KindCase kind = entry.getEffects(i).getKindCase();
      boolean may =
          kind == Effect.KindCase.BARRIER
              || kind == Effect.KindCase.TAKE_DIGEST
              || (over
                  ? kind == Effect.KindCase.TRIM_CHANGES
                  : kind == Effect.KindCase.ACTIVATE_PARTITION);
      if (!may) {
        return over ? EntryOutcome.SEALED : EntryOutcome.NOT_ACTIVE;
      }
    }
    return null;
  }

  /** Begins an entry. */
  void clear() {
    sealing = null;
    activating = false;
  }

  void seal(SealPartition effect, EntryScope scope) {
    if (sealing != null) {
      return;
    }
    SealedPartition end =
        SealedPartition.newBuilder()
            .setIndex(scope.index())
            .addAllHeirs(effect.getHeirsList())
            .build();
    sealing = end;
    RowBatch batch = scope.batch();
    batch.put(Family.META, SplitRows.key(SplitRows.SEALED, partition), SplitRows.row(end));
    for (Heir heir : effect.getHeirsList()) {
      batch.put(
          Family.META,
          SplitRows.key(SplitRows.HANDOVER, heir.getPartitionId()),
          new Handover(partition, scope.index()).row());
    }
  }

  /** Takes over the parent's rows; has no effect on a partition that owns its tokens already. */
  void activate(ActivatePartition effect, EntryScope scope) {
    if (!waits() || activating) {
      return;
    }
    byte[] key = SplitRows.key(SplitRows.HANDOVER, partition);
    byte[] row = store.get(Family.META, key);
    if (row == null || Handover.of(row).parent() != effect.getParentPartitionId()) {
      throw new StoreException(
          "partition " + partition + " is activated where its parent's rows are not");
    }
    activating = true;
    new Inheritance(store, effect.getParentPartitionId(), partition, descriptor)
        .takeOver(scope.batch());
    scope.batch().delete(Family.META, key);
  }

  /** The batch is committed. */
  void publish() {
    if (sealing != null) {
      sealed = sealing;
    }
  }

  /** The entry that is being applied activates the partition: the machine is to be made anew. */
  boolean isActivating() {
    return activating;
  }
}
