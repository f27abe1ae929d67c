package io.equator.node.core;

import java.util.Arrays;

/** The key of a row as a key of a hash map; the bytes must not change. */
final class RowKey {
  private final byte[] bytes;
  private final int hash;

  RowKey(byte[] bytes) {
    this.bytes = bytes;
    int raw = Arrays.hashCode(bytes);
    this.hash = raw ^ raw >>> 16;
  }

  byte[] bytes() {
    return bytes;
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RowKey key && hash == key.hash && Arrays.equals(bytes, key.bytes);
  }
}
