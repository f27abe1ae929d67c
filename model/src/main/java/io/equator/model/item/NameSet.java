package io.equator.model.item;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * A set of attribute names, compiled to be asked with the UTF-8 bytes of encoded items. Immutable.
 */
public final class NameSet {
  /** Up to this many names are compared one by one. */
  private static final int LINEAR_MAX = 12;

  private final byte[][] names;
  private final Set<Bytes> large;

  private NameSet(byte[][] names, Set<Bytes> large) {
    this.names = names;
    this.large = large;
  }

  /** The set of these names. */
  public static NameSet of(Collection<String> names) {
    Set<Bytes> all = new HashSet<>();
    names.forEach(name -> all.add(Bytes.ofUtf8(name)));
    byte[][] arrays = all.stream().map(Bytes::unsafeArray).toArray(byte[][]::new);
    return new NameSet(arrays, all);
  }

  /** How many names there are. */
  public int size() {
    return names.length;
  }

  /** Whether the name in this slice is one of the set. */
  public boolean contains(byte[] array, int offset, int length) {
    if (names.length > LINEAR_MAX) {
      return large.contains(Bytes.copyOf(array, offset, length));
    }
    for (byte[] name : names) {
      if (name.length == length && Arrays.equals(array, offset, offset + length, name, 0, length)) {
        return true;
      }
    }
    return false;
  }
}
