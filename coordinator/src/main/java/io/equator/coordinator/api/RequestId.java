package io.equator.coordinator.api;

import io.equator.proto.RequestTrace;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/**
 * The name of one request, as in the {@code x-amzn-RequestId} header: 52 characters A-Z and 0-9,
 * the last four of them {@code AAJG}, as DynamoDB's are.
 *
 * <p>It is 240 random bits in four words; the text is made when somebody wants it.
 */
public record RequestId(long first, long second, long third, long fourth) {
  /** How many characters it has. */
  public static final int LENGTH = 52;

  private static final byte[] ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SUFFIX = "AAJG".getBytes(StandardCharsets.US_ASCII);
  private static final int CHARACTERS_PER_WORD = 12;

  /** A new id. */
  public static RequestId random(RandomGenerator random) {
    return new RequestId(
        random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }

  /** The id that a call to a node carries. */
  public static RequestId of(RequestTrace trace) {
    return new RequestId(trace.getFirst(), trace.getSecond(), trace.getThird(), trace.getFourth());
  }

  /** What calls to nodes carry. */
  RequestTrace trace() {
    return RequestTrace.newBuilder()
        .setFirst(first)
        .setSecond(second)
        .setThird(third)
        .setFourth(fourth)
        .build();
  }

  /** Writes the text at {@code offset}. */
  public void writeTo(byte[] to, int offset) {
    word(first, to, offset);
    word(second, to, offset + CHARACTERS_PER_WORD);
    word(third, to, offset + 2 * CHARACTERS_PER_WORD);
    word(fourth, to, offset + 3 * CHARACTERS_PER_WORD);
    System.arraycopy(SUFFIX, 0, to, offset + 4 * CHARACTERS_PER_WORD, SUFFIX.length);
  }

  private static void word(long bits, byte[] to, int offset) {
    long rest = bits;
    for (int i = 0; i < CHARACTERS_PER_WORD; i++) {
      to[offset + i] = ALPHABET[(int) rest & 31];
      rest >>>= 5;
    }
  }

  @Override
  public String toString() {
    byte[] text = new byte[LENGTH];
    writeTo(text, 0);
    return new String(text, StandardCharsets.US_ASCII);
  }
}
