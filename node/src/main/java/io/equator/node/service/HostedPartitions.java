package io.equator.node.service;

import io.equator.proto.Redirect;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The replicas of this node as its service sees them. */
public interface HostedPartitions {
  /** The replica of a partition, or null when there is none here (yet). */
  @Nullable HostedPartition partition(long id);

  /** A replica that was opened for a split and is not served yet, or null. */
  default @Nullable HostedPartition embryo(long id) {
    return null;
  }

  /** All that are opened for a split and not served yet, in no order. */
  default Collection<HostedPartition> embryos() {
    return List.of();
  }

  /** All of them, in no order. */
  Collection<HostedPartition> all();

  /** Why this node serves nothing any more, if so. */
  Optional<String> unfit();

  /** Why the node's replica of a partition serves nothing at present, if so. */
  default Optional<String> unfit(long id) {
    return unfit();
  }

  /** Why this node should get no more work, though it serves, if so. */
  default Optional<String> strained() {
    return Optional.empty();
  }

  /** Why a partition that is led here takes no writes now, if so; nothing has happened. */
  default Optional<Redirect> refusesWrites(HostedPartition partition) {
    return Optional.empty();
  }

  /** A row of a partition could not be read, or does not match its checksum. */
  default void unreadable(long id) {}
}
