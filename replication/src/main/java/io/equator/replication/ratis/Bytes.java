package io.equator.replication.ratis;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Passes bytes between protobuf and the copy of protobuf inside Ratis without copying them, when
 * they stand in one array, as they nearly always do. Both kinds are immutable, so sharing is safe.
 */
final class Bytes {

  private Bytes() {}

  /** For Ratis. */
  static org.apache.ratis.thirdparty.com.google.protobuf.ByteString toRatis(ByteString bytes) {
    Outward out = new Outward(bytes.size());
    try {
      UnsafeByteOperations.unsafeWriteTo(bytes, out);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
    return org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations.unsafeWrap(
        out.slice.buffer());
  }

  /** From Ratis. */
  static ByteString fromRatis(org.apache.ratis.thirdparty.com.google.protobuf.ByteString bytes) {
    Inward out = new Inward(bytes.size());
    try {
      org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations.unsafeWriteTo(
          bytes, out);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
    return UnsafeByteOperations.unsafeWrap(out.slice.buffer());
  }

  /** The one array that was written, or a copy of the several. */
  private static final class Slice {
    private final int size;
    private byte @Nullable [] array;
    private int offset;
    private int written;

    Slice(int size) {
      this.size = size;
    }

    /** Takes a part that nobody will change: shares it when it is the whole. */
    void share(byte[] value, int valueOffset, int length) {
      if (written == 0 && length == size) {
        array = value;
        offset = valueOffset;
        written = length;
      } else {
        copy(value, valueOffset, length);
      }
    }

    /** The same for a buffer. */
    void share(ByteBuffer value) {
      if (value.hasArray()) {
        share(value.array(), value.arrayOffset() + value.position(), value.remaining());
      } else {
        copy(value);
      }
    }

    /** Takes a part that the caller may use again. */
    void copy(byte[] value, int valueOffset, int length) {
      System.arraycopy(value, valueOffset, own(), written, length);
      written += length;
    }

    /** The same for a buffer. */
    void copy(ByteBuffer value) {
      int length = value.remaining();
      value.duplicate().get(own(), written, length);
      written += length;
    }

    private byte[] own() {
      if (array == null) {
        array = new byte[size];
      }
      return array;
    }

    ByteBuffer buffer() {
      return ByteBuffer.wrap(own(), offset, size);
    }
  }

  private static final class Outward extends ByteOutput {
    private final Slice slice;

    Outward(int size) {
      this.slice = new Slice(size);
    }

    @Override
    public void write(byte value) {
      slice.copy(new byte[] {value}, 0, 1);
    }

    @Override
    public void write(byte[] value, int offset, int length) {
      slice.copy(value, offset, length);
    }

    @Override
    public void writeLazy(byte[] value, int offset, int length) {
      slice.share(value, offset, length);
    }

    @Override
    public void write(ByteBuffer value) {
      slice.copy(value);
    }

    @Override
    public void writeLazy(ByteBuffer value) {
      slice.share(value);
    }
  }

  private static final class Inward
      extends org.apache.ratis.thirdparty.com.google.protobuf.ByteOutput {
    private final Slice slice;

    Inward(int size) {
      this.slice = new Slice(size);
    }

    @Override
    public void write(byte value) {
      slice.copy(new byte[] {value}, 0, 1);
    }

    @Override
    public void write(byte[] value, int offset, int length) {
      slice.copy(value, offset, length);
    }

    @Override
    public void writeLazy(byte[] value, int offset, int length) {
      slice.share(value, offset, length);
    }

    @Override
    public void write(ByteBuffer value) {
      slice.copy(value);
    }

    @Override
    public void writeLazy(ByteBuffer value) {
      slice.share(value);
    }
  }
}
