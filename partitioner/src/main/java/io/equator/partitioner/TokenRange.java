package io.equator.partitioner;

/** A contiguous range of tokens, both ends included (so that the whole ring is a range too). */
public record TokenRange(Token first, Token last) {
  /** Every token. */
  public static final TokenRange ALL = new TokenRange(Token.MIN, Token.MAX);

  /** A range that holds at least one token. */
  public TokenRange {
    if (first.compareTo(last) > 0) {
      throw new IllegalArgumentException("the range " + first + ".." + last + " is empty");
    }
  }

  /** The range between two bare tokens. */
  public static TokenRange of(long first, long last) {
    return new TokenRange(new Token(first), new Token(last));
  }

  /** Whether the token lies in this range. */
  public boolean contains(long token) {
    return Long.compareUnsigned(first.bits(), token) <= 0
        && Long.compareUnsigned(token, last.bits()) <= 0;
  }

  /** Whether every token of the other range lies in this one. */
  public boolean contains(TokenRange other) {
    return contains(other.first.bits()) && contains(other.last.bits());
  }

  /** Whether the two ranges have a token in common. */
  public boolean overlaps(TokenRange other) {
    return first.compareTo(other.last) <= 0 && other.first.compareTo(last) <= 0;
  }

  @Override
  public String toString() {
    return first + ".." + last;
  }
}
