package io.equator.model.item;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Looks into protobuf's byte strings without copying, where they stand in one array (those that
 * were parsed from a message do). What is found is for reading only: the byte string still owns it.
 */
public final class ByteStrings {
  private ByteStrings() {}

  /** Some bytes of an array, for reading only. */
  @SuppressWarnings("ArrayRecordComponent") // a view that lives for one call
  public record Slice(byte[] array, int offset, int length) {}

  /** The bytes in place, or a copy when they stand in several pieces. */
  public static Slice slice(ByteString bytes) {
    Capture capture = new Capture();
    try {
      UnsafeByteOperations.unsafeWriteTo(bytes, capture);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (capture.length == bytes.size()) {
      return new Slice(capture.array, capture.offset, capture.length);
    }
    byte[] copy = bytes.toByteArray();
    return new Slice(copy, 0, copy.length);
  }

  /** The bytes as an array of exactly their length, in place when possible: for reading only. */
  public static byte[] array(ByteString bytes) {
    Slice slice = slice(bytes);
    return slice.length == slice.array.length ? slice.array : bytes.toByteArray();
  }

  /** Keeps the first piece that it is shown. */
  private static final class Capture extends ByteOutput {
    private static final byte[] NONE = new byte[0];

    private byte[] array = NONE;
    private int offset;
    private int length = -1;

    @Override
    public void write(byte value) {
      write(new byte[] {value}, 0, 1);
    }

    @Override
    public void write(byte[] value, int from, int count) {
      writeLazy(Arrays.copyOfRange(value, from, from + count), 0, count);
    }

    @Override
    public void writeLazy(byte[] value, int from, int count) {
      if (length < 0) {
        array = value;
        offset = from;
        length = count;
      }
    }

    @Override
    public void write(ByteBuffer value) {
      byte[] copy = new byte[value.remaining()];
      value.get(copy);
      writeLazy(copy, 0, copy.length);
    }

    @Override
    public void writeLazy(ByteBuffer value) {
      write(value);
    }
  }
}
