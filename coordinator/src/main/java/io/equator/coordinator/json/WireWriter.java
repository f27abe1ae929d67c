package io.equator.coordinator.json;

import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ItemCursor;
import io.equator.model.item.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;

/**
 * Writes one JSON answer into a byte array that grows as needed and is used again for the next
 * answer.
 *
 * <p>Commas are its own business; that names and values alternate is the caller's. No whitespace is
 * written. Only what JSON asks for is escaped; everything else stays UTF-8.
 *
 * <p>One thread. The bytes belong to the writer: whoever wants to keep them past the next {@link
 * #reset()} copies them.
 */
public final class WireWriter {
  private static final int CAPACITY_MIN = 4 << 10;

  /** An array that has grown past this is let go by {@link #reset()}. */
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
  private boolean comma;
  private final ItemCursor cursor = new ItemCursor();

  /** An empty writer. */
  public WireWriter() {}

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

  // ---- the bytes

  /** Starts anew. */
  public void reset() {
    if (bytes.length > CAPACITY_KEPT_MAX) {
      bytes = new byte[CAPACITY_MIN];
    }
    length = 0;
    comma = false;
  }

  /** The array whose first {@link #length()} bytes are the answer. */
  public byte[] array() {
    return bytes;
  }

  /** How many bytes were written. */
  public int length() {
    return length;
  }

  /** The text that was written. */
  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  // ---- structure

  /** Opens an object, also as the value after a name or as an element. */
  public void beginObject() {
    separate();
    put('{');
    comma = false;
  }

  /** Opens an object that is a member. */
  public void beginObject(String name) {
    name(name);
    put('{');
    comma = false;
  }

  /** Closes an object. */
  public void endObject() {
    put('}');
    comma = true;
  }

  /** Opens an array. */
  public void beginArray() {
    separate();
    put('[');
    comma = false;
  }

  /** Opens an array that is a member. */
  public void beginArray(String name) {
    name(name);
    put('[');
    comma = false;
  }

  /** Closes an array. */
  public void endArray() {
    put(']');
    comma = true;
  }

  /** Starts a member; its value must follow. */
  public void name(String name) {
    separate();
    quoted(name);
    put(':');
    comma = false;
  }

  // ---- values

  /** A string. */
  public void string(String value) {
    separate();
    quoted(value);
    comma = true;
  }

  /** A string that is already UTF-8. */
  public void string(byte[] utf8, int offset, int count) {
    separate();
    ensure(count + 2);
    bytes[length++] = '"';
    escaped(utf8, offset, count);
    put('"');
    comma = true;
  }

  /** A whole number. */
  public void number(long value) {
    separate();
    digits(value);
    comma = true;
  }

  /** A fractional number; a whole one is written with one digit after the point. */
  public void number(double value) {
    separate();
    long whole = (long) value;
    if (whole == value && Math.abs(whole) < 1_000_000_000_000L) {
      digits(whole);
      put('.');
      put('0');
    } else {
      ascii(Double.toString(value));
    }
    comma = true;
  }

  /** True or false. */
  public void bool(boolean value) {
    separate();
    ascii(value ? "true" : "false");
    comma = true;
  }

  /** Bytes, as a string in base64. */
  public void blob(byte[] value, int offset, int count) {
    separate();
    base64(value, offset, count);
    comma = true;
  }

  /** An instant: seconds since the epoch, with milliseconds when there are any. */
  public void timestamp(long epochMillis) {
    separate();
    digits(Math.floorDiv(epochMillis, 1000L));
    int millis = Math.floorMod(epochMillis, 1000);
    if (millis != 0) {
      ensure(4);
      bytes[length++] = '.';
      bytes[length++] = (byte) ('0' + millis / 100);
      bytes[length++] = (byte) ('0' + millis / 10 % 10);
      bytes[length++] = (byte) ('0' + millis % 10);
    }
    comma = true;
  }

  /** An item, as a map of attribute values. */
  public void item(EncodedItem item) {
    cursor.reset(item);
    separate();
    attributes();
  }

  /** One attribute value, {@code {"S":"text"}} and the like. */
  public void attributeValue(EncodedValue value) {
    cursor.reset(value);
    separate();
    cursor.next();
    attribute();
    comma = true;
  }

  private void attributes() {
    put('{');
    comma = false;
    while (cursor.next()) {
      string(cursor.array(), cursor.nameOffset(), cursor.nameLength());
      put(':');
      attribute();
      comma = true;
    }
    endObject();
  }

  private void attribute() {
    ValueType type = cursor.type();
    put('{');
    quoted(type.name());
    put(':');
    comma = false;
    switch (type) {
      case S, N, B -> scalar(type);
      case BOOL -> bool(cursor.bool());
      case NULL -> bool(true);
      case SS, NS, BS, L -> elements(type);
      case M -> {
        cursor.enter();
        attributes();
        cursor.leave();
      }
    }
    put('}');
  }

  private void scalar(ValueType type) {
    if (type == ValueType.B) {
      blob(cursor.array(), cursor.payloadOffset(), cursor.payloadLength());
    } else {
      string(cursor.array(), cursor.payloadOffset(), cursor.payloadLength());
    }
  }

  private void elements(ValueType type) {
    put('[');
    comma = false;
    cursor.enter();
    while (cursor.next()) {
      if (type == ValueType.L) {
        separate();
        attribute();
        comma = true;
      } else {
        scalar(cursor.type());
      }
    }
    cursor.leave();
    endArray();
  }

  // ---- members

  /** A member that is an item. */
  public void field(String name, EncodedItem item) {
    name(name);
    item(item);
  }

  /** A member that is a string. */
  public void field(String name, String value) {
    name(name);
    string(value);
  }

  /** A member that is a whole number. */
  public void field(String name, long value) {
    name(name);
    number(value);
  }

  /** A member that is a fractional number. */
  public void field(String name, double value) {
    name(name);
    number(value);
  }

  /** A member that is true or false. */
  public void field(String name, boolean value) {
    name(name);
    bool(value);
  }

  /** A member that is an instant, given in milliseconds since the epoch. */
  public void timestampField(String name, long epochMillis) {
    name(name);
    timestamp(epochMillis);
  }

  /** A member that is a list of strings. */
  public void field(String name, Collection<String> values) {
    beginArray(name);
    for (String value : values) {
      string(value);
    }
    endArray();
  }

  /** A member that is a map of strings. */
  public void field(String name, Map<String, String> values) {
    beginObject(name);
    for (Map.Entry<String, String> entry : values.entrySet()) {
      field(entry.getKey(), entry.getValue());
    }
    endObject();
  }

  // ---- bytes

  private void separate() {
    if (comma) {
      put(',');
    }
  }

  private void put(char c) {
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

  /** Short strings, mostly names: each char that is plain ASCII is one byte. */
  private void quoted(String value) {
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
    put('"');
    escaped(utf8, 0, utf8.length);
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

  private void ascii(String value) {
    int count = value.length();
    ensure(count);
    for (int i = 0; i < count; i++) {
      bytes[length++] = (byte) value.charAt(i);
    }
  }

  private void digits(long value) {
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

  private void base64(byte[] from, int offset, int count) {
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
