package io.equator.model.item;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * What stands behind a key in the store: the version of the item, and the item.
 *
 * <pre>
 *   offset  bytes
 *        0      1  format version, 1
 *        1      1  flags: bit 0 tombstone; the others are 0
 *        2      8  hybrid logical clock timestamp, big-endian
 *       10      2  number of the region that wrote it, big-endian
 *       12      4  CRC32C of bytes 0..11 and of the item's bytes, big-endian
 *       16         the item (see EncodedItem); nothing for a tombstone
 * </pre>
 *
 * <p>The checksum is made by the leader and checked at every read, so it also sees what happens
 * between the disk's own checksums: in memory, in a snapshot, in a bug.
 */
public final class StoredValue {
  /** Bytes before the item. */
  public static final int HEADER_LENGTH = 16;

  private static final byte VERSION = 1;
  private static final byte FLAG_TOMBSTONE = 1;

  private static final int FLAGS_AT = 1;
  private static final int TIMESTAMP_AT = 2;
  private static final int REGION_AT = 10;
  private static final int CHECKSUM_AT = 12;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] array;
  private final int offset;
  private final int length;

  private StoredValue(byte[] array, int offset, int length) {
    this.array = array;
    this.offset = offset;
    this.length = length;
  }

  /** Writes an item with its version. */
  public static StoredValue of(EncodedItem item, long timestamp, int originRegion) {
    byte[] bytes = new byte[HEADER_LENGTH + item.length()];
    System.arraycopy(item.array(), item.offset(), bytes, HEADER_LENGTH, item.length());
    return seal(bytes, (byte) 0, timestamp, originRegion);
  }

  /** Writes the mark of a deletion. */
  public static StoredValue tombstone(long timestamp, int originRegion) {
    return seal(new byte[HEADER_LENGTH], FLAG_TOMBSTONE, timestamp, originRegion);
  }

  private static StoredValue seal(byte[] bytes, byte flags, long timestamp, int originRegion) {
    if (originRegion < 0 || originRegion > 0xFFFF) {
      throw new IllegalArgumentException("a region number has 16 bits, was " + originRegion);
    }
    bytes[0] = VERSION;
    bytes[FLAGS_AT] = flags;
    LONG.set(bytes, TIMESTAMP_AT, timestamp);
    SHORT.set(bytes, REGION_AT, (short) originRegion);
    INT.set(bytes, CHECKSUM_AT, checksum(bytes, 0, bytes.length));
    return new StoredValue(bytes, 0, bytes.length);
  }

  /**
   * The stored value in these bytes; nobody may write to them any more.
   *
   * @throws CorruptItemException when version, flags or checksum are wrong
   */
  public static StoredValue read(byte[] bytes) {
    return read(bytes, 0, bytes.length);
  }

  /** The stored value in these bytes, not copied; checked like {@link #read(byte[])}. */
  public static StoredValue read(ByteString bytes) {
    ByteStrings.Slice slice = ByteStrings.slice(bytes);
    return read(slice.array(), slice.offset(), slice.length());
  }

  /** The stored value in this slice; checked like {@link #read(byte[])}. */
  public static StoredValue read(byte[] bytes, int offset, int length) {
    if (length < HEADER_LENGTH) {
      throw new CorruptItemException("a stored value of " + length + " bytes");
    }
    if (bytes[offset] != VERSION) {
      throw new CorruptItemException("a stored value of version " + bytes[offset]);
    }
    if ((int) INT.get(bytes, offset + CHECKSUM_AT) != checksum(bytes, offset, length)) {
      throw new CorruptItemException("a stored value does not match its checksum");
    }
    int flags = bytes[offset + FLAGS_AT];
    if ((flags & ~FLAG_TOMBSTONE) != 0 || (flags == FLAG_TOMBSTONE) != (length == HEADER_LENGTH)) {
      throw new CorruptItemException("a stored value with flags " + flags);
    }
    return new StoredValue(bytes, offset, length);
  }

  private static int checksum(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, CHECKSUM_AT);
    crc.update(bytes, offset + HEADER_LENGTH, length - HEADER_LENGTH);
    return (int) crc.getValue();
  }

  /** Whether this marks a deletion. */
  public boolean isTombstone() {
    return array[offset + FLAGS_AT] == FLAG_TOMBSTONE;
  }

  /** When it was written: hybrid logical clock. */
  public long timestamp() {
    return (long) LONG.get(array, offset + TIMESTAMP_AT);
  }

  /** The number of the region that wrote it. */
  public int originRegion() {
    return (short) SHORT.get(array, offset + REGION_AT) & 0xFFFF;
  }

  /** The checksum that stands in it; it was right when this was read. */
  public int checksum() {
    return (int) INT.get(array, offset + CHECKSUM_AT);
  }

  /** Of all of it, in bytes. */
  public int length() {
    return length;
  }

  /** The item; not for tombstones. */
  public EncodedItem item() {
    if (isTombstone()) {
      throw new IllegalStateException("a tombstone has no item");
    }
    return EncodedItem.wrap(array, offset + HEADER_LENGTH, length - HEADER_LENGTH);
  }

  /** A copy of the bytes, owned by the caller. */
  public byte[] bytes() {
    return Arrays.copyOfRange(array, offset, offset + length);
  }

  /** The bytes for protobuf, not copied. */
  public ByteString toByteString() {
    return UnsafeByteOperations.unsafeWrap(array, offset, length);
  }
}
