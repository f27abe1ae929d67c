package io.equator.coordinator.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A byte array that grows, and the scalars of JSON written into it. One thread. */
final class JsonBytes {
  private static final int CAPACITY_MIN = 4 << 10;

  /** An array that has grown past this is let go by {@link #reset}. */
  private static final int CAPACITY_KEPT_MAX = 256 << 10;

  /** The greatest array that every JVM can allocate. */
  private static final int CAPACITY_MAX = Integer.MAX_VALUE - 8;

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] BASE64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
          .getBytes(StandardCharsets.US_ASCII);

  /** For each byte: 0 when it stands for itself, 1 for {@code \\u00xx}, else the letter. */
  private static final byte[] ESCAPES = escapes();

  private byte[] bytes = new byte[CAPACITY_MIN];
  private int length;

  private static byte[] escapes() {
    byte[] escapes = new byte[256];
    Arrays.fill(escapes, 0, 0x20, (byte) 1);
    escapes['"'] = '"';
    escapes['\\'] = '\\';
    escapes['\n'] = 'n';
    escapes['\r'] = 'r';
    escapes['\t'] = 't';
    escapes['\b'] = 'b';
    escapes['\f'] = 'f';
    return escapes;
  }

  /** Starts anew. */
  void reset() {
    if (bytes.length > CAPACITY_KEPT_MAX) {
      bytes = new byte[CAPACITY_MIN];
    }
    length = 0;
  }

  /** The array whose first {@link #length} bytes were written. */
  byte[] array() {
    return bytes;
  }

  /** How many bytes were written. */
  int length() {
    return length;
  }

  /** One ASCII character. */
  void put(char c) {
    if (length == bytes.length) {
      grow(1);
    }
    bytes[length++] = (byte) c;
  }

  private void ensure(int count) {
    if (bytes.length - length < count) {
      grow(count);
    }
  }

  private void grow(int count) {
    long needed = (long) length + count;
    if (needed > CAPACITY_MAX) {
      throw new IllegalStateException("an answer of " + needed + " bytes");
    }
    int capacity = (int) Math.min(CAPACITY_MAX, Math.max(needed, 2L * bytes.length));
    bytes = Arrays.copyOf(bytes, capacity);
  }

  /** A string in quotes; made for short ones, mostly names, whose chars are one byte each. */
  void quoted(String value) {
    int count = value.length();
    ensure(count + 2);
    int at = length;
    byte[] to = bytes;
    to[at++] = '"';
    for (int i = 0; i < count; i++) {
      char c = value.charAt(i);
      if (c >= 0x80 || ESCAPES[c] != 0) {
        quotedSlowly(value);
        return;
      }
      to[at++] = (byte) c;
    }
    length = at;
    put('"');
  }

  private void quotedSlowly(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    quoted(utf8, 0, utf8.length);
  }

  /** A string in quotes that is already UTF-8. */
  void quoted(byte[] utf8, int offset, int count) {
    ensure(count + 2);
    bytes[length++] = '"';
    escaped(utf8, offset, count);
    put('"');
  }

  private void escaped(byte[] utf8, int offset, int count) {
    int end = offset + count;
    int start = offset;
    for (int i = offset; i < end; i++) {
      int c = utf8[i] & 0xff;
      byte escape = ESCAPES[c];
      if (escape != 0) {
        copy(utf8, start, i - start);
        escape(c, escape);
        start = i + 1;
      }
    }
    copy(utf8, start, end - start);
  }

  private void copy(byte[] from, int offset, int count) {
    ensure(count);
    System.arraycopy(from, offset, bytes, length, count);
    length += count;
  }

  private void escape(int c, byte letter) {
    ensure(6);
    bytes[length++] = '\\';
    if (letter != 1) {
      bytes[length++] = letter;
      return;
    }
    bytes[length++] = 'u';
    bytes[length++] = '0';
    bytes[length++] = '0';
    bytes[length++] = HEX[c >> 4];
    bytes[length++] = HEX[c & 15];
  }

  /** ASCII as it is. */
  void ascii(String value) {
    int count = value.length();
    ensure(count);
    for (int i = 0; i < count; i++) {
      bytes[length++] = (byte) value.charAt(i);
    }
  }

  /** A whole number. */
  void digits(long value) {
    if (value == Long.MIN_VALUE) {
      ascii("-9223372036854775808");
      return;
    }
    ensure(20);
    long rest = value;
    if (rest < 0) {
      bytes[length++] = '-';
      rest = -rest;
    }
    int at = length + digitCount(rest);
    length = at;
    do {
      bytes[--at] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest != 0);
  }

  private static int digitCount(long value) {
    int count = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      count++;
    }
    return count;
  }

  /** Bytes as base64 in quotes. */
  void base64(byte[] from, int offset, int count) {
    long needed = 2 + (count + 2L) / 3 * 4;
    if (needed > CAPACITY_MAX) {
      throw new IllegalStateException("a blob of " + count + " bytes");
    }
    ensure((int) needed);
    bytes[length++] = '"';
    int end = offset + count;
    int i = offset;
    for (; i + 2 < end; i += 3) {
      quantum((from[i] & 0xff) << 16 | (from[i + 1] & 0xff) << 8 | (from[i + 2] & 0xff), 4);
    }
    if (end - i == 2) {
      quantum((from[i] & 0xff) << 16 | (from[i + 1] & 0xff) << 8, 3);
    } else if (end - i == 1) {
      quantum((from[i] & 0xff) << 16, 2);
    }
    bytes[length++] = '"';
  }

  private void quantum(int bits, int characters) {
    bytes[length++] = BASE64[bits >> 18];
    bytes[length++] = BASE64[bits >> 12 & 63];
    bytes[length++] = characters > 2 ? BASE64[bits >> 6 & 63] : (byte) '=';
    bytes[length++] = characters > 3 ? BASE64[bits & 63] : (byte) '=';
  }
}
