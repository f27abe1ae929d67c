package io.equator.node.regions;

import io.equator.node.service.HostedPartition;
import io.equator.proto.PartitionOrigin;
import io.equator.proto.ReplicationCursor;
import io.equator.proto.SealedAncestor;
import io.equator.proto.SealedPartition;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What splits mean for a lane. The lane of a partition that was split sends its log to the end, and
 * then leaves a cursor behind the end at the target: only then do the lanes of the halves begin, at
 * the beginning of their logs. So the target gets the changes of a key in the order in which they
 * were made, and nothing is walked over again.
 *
 * <p>A lane that cannot send its log to the end, because it has not walked yet or its log was cut
 * under it, leaves a cursor that says so ({@link #unfinished}); the halves then walk over what they
 * have, which is all that the partition had, and more. So they do when the partition is gone.
 *
 * <pre>
 *   cursor of the partition at the target        its halves
 *   walked, behind the end                       follow their logs
 *   walked, before the end                       wait, as long as the catalog has the partition; then walk
 *   not walked, or none                          walk
 * </pre>
 */
final class LaneLineage {
  private final HostedPartition source;
  private final Supplier<CatalogSnapshot> catalog;

  /** What the halves do. */
  enum Beginning {
    FOLLOW,
    WAIT,
    WALK
  }

  LaneLineage(HostedPartition source, Supplier<CatalogSnapshot> catalog) {
    this.source = source;
    this.catalog = catalog;
  }

  /** The partition that this one is a half of; empty when it was made with its ring. */
  OptionalLong parent() {
    SealedAncestor parent = ancestor();
    return parent == null ? OptionalLong.empty() : OptionalLong.of(parent.getPartitionId());
  }

  private @Nullable SealedAncestor ancestor() {
    PartitionOrigin origin = source.machine().origin();
    return origin == null || origin.getAncestorsCount() == 0
        ? null
        : origin.getAncestors(origin.getAncestorsCount() - 1);
  }

  /**
   * How this half begins.
   *
   * @param cursor of {@link #parent} at the target
   */
  Beginning beginning(ReplicationCursor cursor) {
    SealedAncestor parent = ancestor();
    if (parent == null || !cursor.getWalked()) {
      return Beginning.WALK;
    }
    if (cursor.getLogIndex() > parent.getSealedIndex()) {
      return Beginning.FOLLOW;
    }
    return catalog.get().partitionDescriptor(parent.getPartitionId()).isPresent()
        ? Beginning.WAIT
        : Beginning.WALK;
  }

  /** Where the partition was sealed; empty while its log grows. */
  OptionalLong sealedAt() {
    SealedPartition sealed = source.machine().sealed();
    return sealed == null ? OptionalLong.empty() : OptionalLong.of(sealed.getIndex());
  }

  /** The cursor of a lane that does not send its log to the end: of a walk that never is made. */
  static ReplicationCursor unfinished(int walk) {
    return ReplicationCursor.newBuilder().setWalk(walk + 1).build();
  }
}
