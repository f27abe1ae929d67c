package io.equator.node.core;

import org.jspecify.annotations.Nullable;

/** What must always be true, checked always. A failure means that we are wrong, not the caller. */
final class Invariant {
  private Invariant() {}

  /** Fails with {@code otherwise} unless {@code holds}. */
  static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  /** {@code value}, which must be there. */
  static <T> T present(@Nullable T value, String otherwise) {
    if (value == null) {
      throw new IllegalStateException(otherwise);
    }
    return value;
  }
}
