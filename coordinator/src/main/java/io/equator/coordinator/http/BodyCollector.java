package io.equator.coordinator.http;

import java.util.Arrays;

/**
 * Gathers the body of one request that has not come in one piece, by its length or in chunks.
 *
 * <p>The array grows with what has arrived, not with what was announced: a client that promises 16
 * MB and sends nothing costs nothing. What the array takes comes out of a {@link BodyBudget}, and
 * goes back with {@link #release}.
 */
final class BodyCollector {
  /** How it stands. */
  enum State {
    /** More bytes are wanted. */
    INCOMPLETE,
    COMPLETE,
    TOO_LARGE,
    /** The chunks are not framed as they must be. */
    BROKEN,
    /** The server holds all the bodies that it can. */
    OVER_BUDGET
  }

  /** Which part of a chunked body comes next. */
  private enum Part {
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_START,
    TRAILER,
    TRAILER_LF,
    END_LF
  }

  private static final int CAPACITY_MIN = 16 << 10;
  private static final int SIZE_DIGITS_MAX = 8;

  /** What chunk extensions and trailers may take, all together; they are read and forgotten. */
  private static final int EXTRAS_MAX = 16 << 10;

  private final BodyBudget budget;
  private final int bodyBytesMax;
  private final boolean chunked;
  private byte[] body = new byte[0];
  private int length;
  private State state = State.INCOMPLETE;

  /** Of the body, or of the current chunk. */
  private long remaining;

  private Part part = Part.SIZE;
  private int sizeDigits;
  private int extras;

  private BodyCollector(BodyBudget budget, int bodyBytesMax, boolean chunked, long remaining) {
    this.budget = budget;
    this.bodyBytesMax = bodyBytesMax;
    this.chunked = chunked;
    this.remaining = remaining;
  }

  /** For a body of a known length, which is within the limit. */
  static BodyCollector ofLength(long length, BodyBudget budget, int bodyBytesMax) {
    return new BodyCollector(budget, bodyBytesMax, false, length);
  }

  /** For a body in chunks. */
  static BodyCollector ofChunks(BodyBudget budget, int bodyBytesMax) {
    return new BodyCollector(budget, bodyBytesMax, true, 0);
  }

  State state() {
    return state;
  }

  /** The array whose first {@link #length} bytes are the body. */
  byte[] body() {
    return body;
  }

  int length() {
    return length;
  }

  /** Gives back what it has taken; the body is no longer there. */
  void release() {
    budget.giveBack(body.length);
    body = new byte[0];
    length = 0;
  }

  /**
   * Takes bytes until the body is complete or they are used up.
   *
   * @return where the bytes begin that belong to the next request
   */
  int accept(byte[] bytes, int start, int end) {
    int at = start;
    while (state == State.INCOMPLETE && at < end) {
      at = chunked && part != Part.DATA ? frame(bytes[at], at) : data(bytes, at, end);
    }
    return at;
  }

  private int data(byte[] bytes, int start, int end) {
    int count = (int) Math.min(remaining, end - start);
    if (!reserve(count)) {
      state = State.OVER_BUDGET;
      return start;
    }
    System.arraycopy(bytes, start, body, length, count);
    length += count;
    remaining -= count;
    if (remaining == 0) {
      if (chunked) {
        part = Part.DATA_CR;
      } else {
        state = State.COMPLETE;
      }
    }
    return start + count;
  }

  private boolean reserve(int count) {
    if (body.length - length >= count) {
      return true;
    }
    int capacity = Math.clamp(2L * body.length, CAPACITY_MIN, bodyBytesMax);
    capacity = Math.max(capacity, length + count);
    if (!budget.take(capacity - body.length)) {
      return false;
    }
    body = Arrays.copyOf(body, capacity);
    return true;
  }

  private int frame(byte b, int at) {
    switch (part) {
      case SIZE -> size(b);
      case EXTENSION -> extension(b);
      case SIZE_LF -> {
        expect(b, '\n', remaining == 0 ? Part.TRAILER_START : Part.DATA);
        if (length + remaining > bodyBytesMax) {
          state = State.TOO_LARGE;
        }
      }
      case DATA_CR -> expect(b, '\r', Part.DATA_LF);
      case DATA_LF -> {
        expect(b, '\n', Part.SIZE);
        sizeDigits = 0;
      }
      case TRAILER_START -> {
        part = b == '\r' ? Part.END_LF : Part.TRAILER;
        countExtra();
      }
      case TRAILER -> {
        if (b == '\r') {
          part = Part.TRAILER_LF;
        }
        countExtra();
      }
      case TRAILER_LF -> expect(b, '\n', Part.TRAILER_START);
      case END_LF -> {
        expect(b, '\n', Part.END_LF);
        if (state == State.INCOMPLETE) {
          state = State.COMPLETE;
        }
      }
      case DATA -> throw new IllegalStateException("data is not framing");
    }
    return at + 1;
  }

  private void size(byte b) {
    int digit = b < 0 ? -1 : Character.digit(b, 16);
    if (digit >= 0 && sizeDigits < SIZE_DIGITS_MAX) {
      remaining = sizeDigits == 0 ? digit : 16 * remaining + digit;
      sizeDigits++;
    } else if (sizeDigits > 0 && b == '\r') {
      part = Part.SIZE_LF;
    } else if (sizeDigits > 0 && (b == ';' || b == ' ' || b == '\t')) {
      part = Part.EXTENSION;
    } else {
      state = State.BROKEN;
    }
  }

  private void extension(byte b) {
    if (b == '\r') {
      part = Part.SIZE_LF;
    } else if (b == '\n') {
      state = State.BROKEN;
    }
    countExtra();
  }

  private void expect(byte b, char wanted, Part next) {
    if (b == wanted) {
      part = next;
    } else {
      state = State.BROKEN;
    }
  }

  private void countExtra() {
    if (++extras > EXTRAS_MAX) {
      state = State.BROKEN;
    }
  }
}
