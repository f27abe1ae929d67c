package io.equator.model.item;

import java.util.Arrays;

/**
 * Sees a name that comes twice in one map while an item is being encoded: one open-addressing hash
 * table for all open maps of the item, told apart by a serial number, and never cleared (older
 * serial numbers count as free).
 *
 * <p>Whoever sends crafted names that collide does not get a quadratic search: after a few steps
 * the answer is "perhaps", and the encoder looks at that map's names in another, safe way.
 */
final class NameTable {
  private static final int SLOTS = 64;
  private static final int STEPS_MAX = 24;

  /** A table that grew beyond this is not kept for the next item. */
  private static final int SLOTS_KEPT_MAX = 1 << 14;

  private int[] serials = new int[SLOTS];
  private int[] hashes = new int[SLOTS];
  private int[] offsets = new int[SLOTS];
  private int[] lengths = new int[SLOTS];
  private int used;
  private int firstSerial = 1;
  private int nextSerial = 1;

  /** Forgets all names. */
  void clear() {
    if (serials.length > SLOTS_KEPT_MAX || nextSerial > Integer.MAX_VALUE / 2) {
      allocate(SLOTS);
      nextSerial = 1;
    }
    firstSerial = nextSerial;
    used = 0;
  }

  /** Begins a map; the number by which its names are added. */
  int open() {
    return nextSerial++;
  }

  /**
   * Adds the name in this slice of the buffer, which stays where it is while its map is open.
   *
   * @return whether it is certainly new
   */
  boolean add(int map, byte[] buffer, int offset, int length) {
    if (used * 2 >= serials.length) {
      grow();
    }
    int hash = map;
    for (int i = offset; i < offset + length; i++) {
      hash = hash * 31 + buffer[i];
    }
    hash *= 0x9E3779B9;
    int mask = serials.length - 1;
    int slot = (hash >>> 7) & mask;
    for (int step = 0; step < STEPS_MAX; step++) {
      if (serials[slot] < firstSerial) {
        fill(slot, map, hash, offset, length);
        used++;
        return true;
      }
      if (serials[slot] == map
          && hashes[slot] == hash
          && lengths[slot] == length
          && Arrays.equals(
              buffer, offset, offset + length, buffer, offsets[slot], offsets[slot] + length)) {
        return false;
      }
      slot = (slot + 1) & mask;
    }
    return false;
  }

  private void fill(int slot, int map, int hash, int offset, int length) {
    serials[slot] = map;
    hashes[slot] = hash;
    offsets[slot] = offset;
    lengths[slot] = length;
  }

  private void grow() {
    int[] oldSerials = serials;
    int[] oldHashes = hashes;
    int[] oldOffsets = offsets;
    int[] oldLengths = lengths;
    allocate(oldSerials.length * 2);
    int mask = serials.length - 1;
    for (int i = 0; i < oldSerials.length; i++) {
      if (oldSerials[i] >= firstSerial) {
        int slot = (oldHashes[i] >>> 7) & mask;
        while (serials[slot] != 0) {
          slot = (slot + 1) & mask;
        }
        fill(slot, oldSerials[i], oldHashes[i], oldOffsets[i], oldLengths[i]);
      }
    }
  }

  private void allocate(int slots) {
    serials = new int[slots];
    hashes = new int[slots];
    offsets = new int[slots];
    lengths = new int[slots];
  }
}
