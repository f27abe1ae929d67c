package io.equator.model.key;

import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The encoded primary key of one item, with the parts apart. Equal keys have equal bytes. */
public final class PrimaryKey implements Comparable<PrimaryKey> {
  private static final byte[] NO_SORT_KEY = new byte[0];

  private final byte[] partition;
  private final byte[] sort;

  private PrimaryKey(byte[] partition, byte[] sort) {
    this.partition = partition;
    this.sort = sort;
  }

  /** A key without a sort key. Takes the array over. */
  public static PrimaryKey of(byte[] partition) {
    return new PrimaryKey(partition, NO_SORT_KEY);
  }

  /** A key of both parts; the sort key can be empty. Takes the arrays over. */
  public static PrimaryKey of(byte[] partition, byte[] sort) {
    return new PrimaryKey(partition, sort);
  }

  /** The encoded partition key: for reading only. */
  public byte[] partition() {
    return partition;
  }

  /** The encoded sort key, empty when there is none: for reading only. */
  public byte[] sort() {
    return sort;
  }

  @Override
  public int compareTo(PrimaryKey other) {
    int order = Arrays.compareUnsigned(partition, other.partition);
    return order != 0 ? order : Arrays.compareUnsigned(sort, other.sort);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PrimaryKey that
        && Arrays.equals(partition, that.partition)
        && Arrays.equals(sort, that.sort);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(partition) + Arrays.hashCode(sort);
  }

  /** Hexadecimal digits. */
  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return hex.formatHex(partition) + "/" + hex.formatHex(sort);
  }
}
