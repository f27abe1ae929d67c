package io.equator.node.core;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;

/** The 128 random bits that name a transaction. */
record TransactionId(long high, long low) {
  /** Its length as bytes. */
  static final int LENGTH = 16;

  /**
   * The id in these bytes.
   *
   * @throws StoreException when they are not 16
   */
  static TransactionId of(ByteString bytes) {
    if (bytes.size() != LENGTH) {
      throw new StoreException("a transaction's id has 16 bytes, was " + bytes.size());
    }
    ByteBuffer in = bytes.asReadOnlyByteBuffer();
    return new TransactionId(in.getLong(), in.getLong());
  }

  ByteString toByteString() {
    byte[] bytes = new byte[LENGTH];
    ByteBuffer.wrap(bytes).putLong(high).putLong(low);
    return ByteString.copyFrom(bytes);
  }
}
