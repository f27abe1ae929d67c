package io.equator.partitioner;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Turns an encoded partition key into a token: SipHash-2-4 with a 64-bit result (Aumasson and
 * Bernstein, 2012), keyed by the ring's seed.
 *
 * <p>Keyed, so that nobody outside can choose keys that all land in one partition. The seed is part
 * of the ring's metadata and never changes: another seed is another ring.
 */
public final class TokenHash {
  /** The number by which the ring's metadata names this algorithm. */
  public static final int ALGORITHM_SIPHASH_2_4 = 1;

  /** Length of the seed, bytes. */
  public static final int SEED_LENGTH = 16;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final long key0;
  private final long key1;

  /** The hash under this seed of {@link #SEED_LENGTH} bytes. */
  public TokenHash(byte[] seed) {
    if (seed.length != SEED_LENGTH) {
      throw new IllegalArgumentException(
          "a token hash's seed has " + SEED_LENGTH + " bytes, not " + seed.length);
    }
    this.key0 = (long) LONG.get(seed, 0);
    this.key1 = (long) LONG.get(seed, 8);
  }

  /** The token of these bytes. */
  public long token(byte[] bytes) {
    return token(bytes, 0, bytes.length);
  }

  /** The token of a slice. */
  public long token(byte[] bytes, int offset, int length) {
    long v0 = key0 ^ 0x736f6d6570736575L;
    long v1 = key1 ^ 0x646f72616e646f6dL;
    long v2 = key0 ^ 0x6c7967656e657261L;
    long v3 = key1 ^ 0x7465646279746573L;
    int whole = offset + (length & ~7);
    long last = (long) length << 56;
    for (int i = offset + length - 1; i >= whole; i--) {
      last |= (bytes[i] & 0xFFL) << (8 * (i - whole));
    }
    // One compression per word (the last word holds the rest and the length), then finalization:
    // two rounds and four.
    for (int at = offset; at <= whole; at += 8) {
      long word = at < whole ? (long) LONG.get(bytes, at) : last;
      v3 ^= word;
      for (int round = 0; round < 2; round++) {
        v0 += v1;
        v2 += v3;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 = Long.rotateLeft(v2, 32);
      }
      v0 ^= word;
    }
    v2 ^= 0xFF;
    for (int round = 0; round < 4; round++) {
      v0 += v1;
      v2 += v3;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 = Long.rotateLeft(v2, 32);
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }
}
