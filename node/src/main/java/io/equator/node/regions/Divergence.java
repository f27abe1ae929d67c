package io.equator.node.regions;

import io.equator.node.core.ItemVersion;
import io.equator.proto.StoredVersion;
import io.equator.proto.StoredVersion.Kind;

/**
 * How another region's version of a key stands to the one here, when everything up to the version
 * here must have arrived there.
 *
 * <pre>
 *   there             here               is
 *   a greater version any                NONE: it is on its way here; if it is not, that region's own comparison sees it
 *   the same version  the same bytes     NONE
 *   the same version  other bytes        CORRUPT: one write has one value; which of the two it was, nobody knows
 *   a lesser version  any                BEHIND
 *   nothing           an item            MISSING
 *   nothing           a tombstone        NONE if it may have been forgotten there, otherwise MISSING
 * </pre>
 *
 * <p>A tombstone is forgotten by the time at which its region wrote it, which is never less than
 * its version's: so one whose version is above what is forgotten must be there.
 */
enum Divergence {
  NONE,
  BEHIND,
  MISSING,
  CORRUPT;

  /** Of two answers for one key. */
  static Divergence of(StoredVersion here, StoredVersion there) {
    if (there.getKind() == Kind.NOTHING) {
      boolean forgotten =
          here.getKind() == Kind.TOMBSTONE
              && Long.compareUnsigned(here.getTimestamp(), there.getForgotten()) <= 0;
      return forgotten ? NONE : MISSING;
    }
    int order = version(there).compareTo(version(here));
    if (order != 0) {
      return order > 0 ? NONE : BEHIND;
    }
    boolean same =
        here.getKind() == there.getKind()
            && here.getChecksum() == there.getChecksum()
            && here.getLength() == there.getLength();
    return same ? NONE : CORRUPT;
  }

  private static ItemVersion version(StoredVersion stored) {
    return new ItemVersion(stored.getTimestamp(), stored.getRegion());
  }
}
