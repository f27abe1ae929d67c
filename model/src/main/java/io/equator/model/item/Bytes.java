package io.equator.model.item;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** An immutable array of bytes as a value: equal by content, ordered as unsigned bytes. */
public final class Bytes implements Comparable<Bytes> {
  /** No bytes. */
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] array;

  private Bytes(byte[] array) {
    this.array = array;
  }

  /** A copy of the array. */
  public static Bytes copyOf(byte[] array) {
    return new Bytes(array.clone());
  }

  /** A copy of a slice. */
  public static Bytes copyOf(byte[] array, int offset, int length) {
    return new Bytes(Arrays.copyOfRange(array, offset, offset + length));
  }

  /** Takes the array over: nobody may write to it any more. */
  public static Bytes wrap(byte[] array) {
    return new Bytes(array);
  }

  /** The UTF-8 bytes of a string. */
  public static Bytes ofUtf8(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** How many bytes there are. */
  public int length() {
    return array.length;
  }

  /** The byte at this index. */
  public byte at(int index) {
    return array[index];
  }

  /** A copy, owned by the caller. */
  public byte[] toArray() {
    return array.clone();
  }

  /** The array itself: for reading only. */
  public byte[] unsafeArray() {
    return array;
  }

  /** The same bytes for protobuf, not copied. */
  public ByteString toByteString() {
    return UnsafeByteOperations.unsafeWrap(array);
  }

  /** Whether these bytes begin with the others. */
  public boolean startsWith(Bytes prefix) {
    int length = prefix.array.length;
    return array.length >= length && Arrays.equals(array, 0, length, prefix.array, 0, length);
  }

  /** Whether the others stand somewhere in these bytes. */
  public boolean contains(Bytes part) {
    int length = part.array.length;
    for (int from = 0; from + length <= array.length; from++) {
      if (Arrays.equals(array, from, from + length, part.array, 0, length)) {
        return true;
      }
    }
    return false;
  }

  /** Base64 with padding. */
  public String toBase64() {
    return Base64.getEncoder().encodeToString(array);
  }

  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(array, other.array);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Bytes that && Arrays.equals(array, that.array);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(array);
  }

  /** Hexadecimal digits. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(array);
  }
}
