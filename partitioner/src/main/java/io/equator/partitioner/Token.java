package io.equator.partitioner;

/**
 * A place on a ring: an unsigned 64-bit number in a {@code long}.
 *
 * <p>Hot paths pass the bare {@code long}; whoever compares two must do so unsigned.
 */
public record Token(long bits) implements Comparable<Token> {
  /** The first token of every ring. */
  public static final Token MIN = new Token(0);

  /** The last token of every ring. */
  public static final Token MAX = new Token(-1L);

  @Override
  public int compareTo(Token other) {
    return Long.compareUnsigned(bits, other.bits);
  }

  /** Sixteen hexadecimal digits. */
  @Override
  public String toString() {
    String digits = Long.toHexString(bits);
    return "0".repeat(16 - digits.length()) + digits;
  }
}
