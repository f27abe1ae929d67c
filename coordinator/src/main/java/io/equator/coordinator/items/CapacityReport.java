package io.equator.coordinator.items;

import org.jspecify.annotations.Nullable;

/** How much a request wants to know of what it consumed: {@code ReturnConsumedCapacity}. */
public enum CapacityReport {
  NONE,
  TOTAL,
  INDEXES;

  /** The report of a checked member; {@link #NONE} when absent. */
  public static CapacityReport of(@Nullable String member) {
    return member == null ? NONE : valueOf(member);
  }
}
