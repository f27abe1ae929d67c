package io.equator.coordinator.json;

import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ItemCursor;
import io.equator.model.item.ValueType;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
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
  private final JsonBytes out = new JsonBytes();
  private boolean comma;
  private final ItemCursor cursor = new ItemCursor();

  /** An empty writer. */
  public WireWriter() {}

  // ---- the bytes

  /** Starts anew. */
  public void reset() {
    out.reset();
    comma = false;
  }

  /** The array whose first {@link #length()} bytes are the answer. */
  public byte[] array() {
    return out.array();
  }

  /** How many bytes were written. */
  public int length() {
    return out.length();
  }

  /** The text that was written. */
  @Override
  public String toString() {
    return new String(out.array(), 0, out.length(), StandardCharsets.UTF_8);
  }

  // ---- structure

  /** Opens an object, also as the value after a name or as an element. */
  public void beginObject() {
    separate();
    out.put('{');
    comma = false;
  }

  /** Opens an object that is a member. */
  public void beginObject(String name) {
    name(name);
    out.put('{');
    comma = false;
  }

  /** Closes an object. */
  public void endObject() {
    out.put('}');
    comma = true;
  }

  /** Opens an array. */
  public void beginArray() {
    separate();
    out.put('[');
    comma = false;
  }

  /** Opens an array that is a member. */
  public void beginArray(String name) {
    name(name);
    out.put('[');
    comma = false;
  }

  /** Closes an array. */
  public void endArray() {
    out.put(']');
    comma = true;
  }

  /** Starts a member; its value must follow. */
  public void name(String name) {
    separate();
    out.quoted(name);
    out.put(':');
    comma = false;
  }

  // ---- values

  /** A string. */
  public void string(String value) {
    separate();
    out.quoted(value);
    comma = true;
  }

  /** A string that is already UTF-8. */
  public void string(byte[] utf8, int offset, int count) {
    separate();
    out.quoted(utf8, offset, count);
    comma = true;
  }

  /** A whole number. */
  public void number(long value) {
    separate();
    out.digits(value);
    comma = true;
  }

  /** A fractional number; a whole one is written with one digit after the point. */
  public void number(double value) {
    separate();
    long whole = (long) value;
    if (whole == value && Math.abs(whole) < 1_000_000_000_000L) {
      out.digits(whole);
      out.put('.');
      out.put('0');
    } else {
      out.ascii(Double.toString(value));
    }
    comma = true;
  }

  /** A number of any size. */
  public void number(BigDecimal value) {
    separate();
    out.ascii(value.toString());
    comma = true;
  }

  /** Null. */
  public void nothing() {
    separate();
    out.ascii("null");
    comma = true;
  }

  /** True or false. */
  public void bool(boolean value) {
    separate();
    out.ascii(value ? "true" : "false");
    comma = true;
  }

  /** Bytes, as a string in base64. */
  public void blob(byte[] value, int offset, int count) {
    separate();
    out.base64(value, offset, count);
    comma = true;
  }

  /** An instant: seconds since the epoch, with milliseconds when there are any. */
  public void timestamp(long epochMillis) {
    separate();
    out.digits(Math.floorDiv(epochMillis, 1000L));
    int millis = Math.floorMod(epochMillis, 1000);
    if (millis != 0) {
      out.put('.');
      out.put((char) ('0' + millis / 100));
      out.put((char) ('0' + millis / 10 % 10));
      out.put((char) ('0' + millis % 10));
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
    out.put('{');
    comma = false;
    while (cursor.next()) {
      string(cursor.array(), cursor.nameOffset(), cursor.nameLength());
      out.put(':');
      attribute();
      comma = true;
    }
    endObject();
  }

  private void attribute() {
    ValueType type = cursor.type();
    out.put('{');
    out.quoted(type.name());
    out.put(':');
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
    out.put('}');
  }

  private void scalar(ValueType type) {
    if (type == ValueType.B) {
      blob(cursor.array(), cursor.payloadOffset(), cursor.payloadLength());
    } else {
      string(cursor.array(), cursor.payloadOffset(), cursor.payloadLength());
    }
  }

  private void elements(ValueType type) {
    out.put('[');
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
      out.put(',');
    }
  }
}
