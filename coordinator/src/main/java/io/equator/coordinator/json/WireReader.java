package io.equator.coordinator.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import io.equator.model.error.ApiException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A forward reader over one request body, in the terms of the API: structures with members, lists,
 * maps, and scalars that are checked against their modelled type.
 *
 * <pre>{@code
 * while (in.nextMember()) {
 *   switch (in.member()) {
 *     case "TableName" -> table = in.string();
 *     case "Limit" -> limit = in.integer();
 *     case "Tags" -> {
 *       in.beginList();
 *       while (in.nextElement()) {
 *         in.beginStruct("Tag");
 *         while (in.nextMember()) { ... }
 *       }
 *     }
 *     default -> in.skip();
 *   }
 * }
 * }</pre>
 *
 * <p>Rules that the callers need not think of:
 *
 * <ul>
 *   <li>a member, element or map entry whose value is {@code null} is absent: it is never shown;
 *   <li>a value that was not read when the next member is asked for is skipped;
 *   <li>a value of another type than asked for ends the reading with a {@code
 *       SerializationException} that has DynamoDB's text (the type names in these texts are those
 *       of its Java front end);
 *   <li>when a member stands twice in a structure it is shown twice, so that the last one wins.
 * </ul>
 *
 * <p>One thread; not reusable; use {@link #read}.
 */
public final class WireReader {
  /**
   * How deep a body may nest before it counts as broken. An item may nest 32 levels of two JSON
   * levels each, and too deep items must still be parsed to be refused in their own words.
   */
  static final int NESTING_DEPTH_MAX = 1000;

  /** The greatest body, of which one name or number may be all. */
  private static final int TOKEN_LENGTH_MAX = 16 << 20;

  private static final String SHAPES = "com.amazonaws.dynamodb.v20120810.";

  /** One for all: it is safe for use by many threads, and shares the names it has seen. */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(NESTING_DEPTH_MAX)
                  .maxNameLength(TOKEN_LENGTH_MAX)
                  .maxStringLength(TOKEN_LENGTH_MAX)
                  .build())
          .build();

  private final JsonParser parser;
  private String name = "";

  /** The current value has been shown to the caller and not been read. */
  private boolean pending;

  /** The current value is an element or a map's value, not a member: other texts apply. */
  private boolean element;

  private WireReader(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * Reads a whole body: one JSON object, with nothing behind it.
   *
   * @throws ApiException with {@code SerializationException}: without a message when the bytes are
   *     no JSON object, also when something else is wrong before the place where they are broken
   */
  public static <T extends @Nullable Object> T read(
      byte[] body, int offset, int length, RequestReader<T> reader) {
    try (JsonParser parser = FACTORY.createParser(body, offset, length)) {
      WireReader in = new WireReader(parser);
      if (in.advance() != JsonToken.START_OBJECT) {
        throw TypeErrors.malformed();
      }
      try {
        T request = reader.read(in);
        in.drain();
        return request;
      } catch (ApiException e) {
        if (e.error().message() != null) {
          in.drain();
        }
        throw e;
      }
    } catch (IOException e) {
      throw TypeErrors.malformed();
    }
  }

  /** Whether these bytes are one JSON value, whatever it is, with nothing behind it. */
  public static boolean isJson(byte[] body, int offset, int length) {
    try (JsonParser parser = FACTORY.createParser(body, offset, length)) {
      WireReader in = new WireReader(parser);
      if (in.advance() == null) {
        return false;
      }
      in.drain();
      return true;
    } catch (ApiException | IOException _) {
      return false;
    }
  }

  // ---- structures

  /**
   * Enters a structure.
   *
   * @param shape its name in the service model, for example {@code KeySchemaElement}
   */
  public void beginStruct(String shape) {
    JsonToken token = token();
    if (token != JsonToken.START_OBJECT) {
      throw TypeErrors.notAStructure(SHAPES + shape, token, element);
    }
    pending = false;
  }

  /** Goes to the next member that is present; false leaves the structure. */
  public boolean nextMember() {
    while (nextNamed()) {
      if (!isNull()) {
        element = false;
        return true;
      }
    }
    return false;
  }

  /** The name of the member that {@link #nextMember()} has found. */
  public String member() {
    return name;
  }

  /** Leaves the current value unread. */
  public void skip() {
    if (pending) {
      pending = false;
      skipChildren();
    }
  }

  // ---- lists

  /** Enters a list. */
  public void beginList() {
    JsonToken token = token();
    if (token != JsonToken.START_ARRAY) {
      throw TypeErrors.notAList(token);
    }
    pending = false;
  }

  /**
   * Enters a list that is itself the value of a map, where DynamoDB's front end stumbles over a
   * scalar in its own way.
   */
  public void beginParameterizedList() {
    JsonToken token = token();
    if (token != JsonToken.START_ARRAY && token != JsonToken.START_OBJECT) {
      throw TypeErrors.notAParameterizedList();
    }
    beginList();
  }

  /** Goes to the next element that is present; false leaves the list. */
  public boolean nextElement() {
    while (nextElementOrNull()) {
      if (!isNull()) {
        return true;
      }
    }
    return false;
  }

  /** Goes to the next element, also to a null; false leaves the list. */
  boolean nextElementOrNull() {
    skip();
    if (advance() == JsonToken.END_ARRAY) {
      return false;
    }
    pending = true;
    element = true;
    return true;
  }

  /** A list of strings. */
  public List<String> stringList() {
    beginList();
    List<String> list = new ArrayList<>();
    while (nextElement()) {
      list.add(string());
    }
    return list;
  }

  // ---- maps

  /**
   * Enters a map.
   *
   * @param valueType its values' shape in the service model, for example {@code AttributeValue}, or
   *     a whole Java type, for example {@code java.lang.String}
   */
  public void beginMap(String valueType) {
    JsonToken token = token();
    if (token != JsonToken.START_OBJECT) {
      throw TypeErrors.notAMap(valueType.indexOf('.') < 0 ? SHAPES + valueType : valueType, token);
    }
    pending = false;
  }

  /** Goes to the next entry whose value is present; false leaves the map. */
  public boolean nextEntry() {
    while (nextEntryOrNull()) {
      if (!isNull()) {
        return true;
      }
    }
    return false;
  }

  /** Goes to the next entry, also to one whose value is null; false leaves the map. */
  boolean nextEntryOrNull() {
    boolean found = nextNamed();
    element = true;
    return found;
  }

  /** The key of the entry that {@link #nextEntry()} has found. */
  public String key() {
    return name;
  }

  /** A map of strings, in the order of the body. */
  public Map<String, String> stringMap() {
    beginMap("java.lang.String");
    Map<String, String> map = new LinkedHashMap<>();
    while (nextEntry()) {
      String key = name;
      map.put(key, string());
    }
    return map;
  }

  // ---- scalars

  /** A string. */
  public String string() {
    JsonToken token = token();
    if (token != JsonToken.VALUE_STRING) {
      throw TypeErrors.notA("String", token);
    }
    pending = false;
    return text();
  }

  /** An {@code Integer}: a fraction is cut off downwards, what is out of range is clamped. */
  public int integer() {
    long value = whole("Integer");
    return Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /** A {@code Long}: a fraction is cut off downwards, what is out of range is clamped. */
  public long longValue() {
    return whole("Long");
  }

  /** A {@code Double}. */
  public double doubleValue() {
    return decimal("Double");
  }

  /** A timestamp: seconds since the epoch, with a fraction. */
  public double timestamp() {
    return decimal("Date");
  }

  /** A {@code Boolean}; some strings are accepted in its place, as DynamoDB does. */
  public boolean bool() {
    JsonToken token = token();
    pending = false;
    if (token == JsonToken.VALUE_TRUE) {
      return true;
    }
    if (token == JsonToken.VALUE_FALSE) {
      return false;
    }
    if (token != JsonToken.VALUE_STRING) {
      throw TypeErrors.notA("Boolean", token);
    }
    String text = text();
    if (text.equalsIgnoreCase("true") || text.equals("1") || text.equalsIgnoreCase("yes")) {
      return true;
    }
    if (text.equalsIgnoreCase("false") || text.equals("0") || text.equalsIgnoreCase("no")) {
      return false;
    }
    throw TypeErrors.wrong("Unexpected token received from parser");
  }

  /** A blob: a string in strict base64. */
  public byte[] blob() {
    JsonToken token = token();
    if (token != JsonToken.VALUE_STRING) {
      throw TypeErrors.notABlob(token);
    }
    pending = false;
    return Base64Text.decode(text());
  }

  // ---- attribute values

  /** A map of attribute values: an item, a key, the values of an expression. */
  public WireItem attributeMap() {
    return new AttributeReader(this).item();
  }

  /** One attribute value. */
  public WireValue attributeValue() {
    return new AttributeReader(this).single();
  }

  // ---- tokens

  private boolean nextNamed() {
    skip();
    if (advance() != JsonToken.FIELD_NAME) {
      return false;
    }
    name = currentName();
    advance();
    pending = true;
    return true;
  }

  /** Whether the current value is null. */
  boolean isNull() {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  private JsonToken token() {
    JsonToken token = parser.currentToken();
    if (token == null) {
      throw TypeErrors.malformed();
    }
    return token;
  }

  private @Nullable JsonToken advance() {
    try {
      return parser.nextToken();
    } catch (IOException e) {
      throw TypeErrors.malformed();
    }
  }

  private String currentName() {
    try {
      return parser.currentName();
    } catch (IOException e) {
      throw TypeErrors.malformed();
    }
  }

  private String text() {
    try {
      return parser.getText();
    } catch (IOException e) {
      throw TypeErrors.malformed();
    }
  }

  private void skipChildren() {
    try {
      parser.skipChildren();
    } catch (IOException e) {
      throw TypeErrors.malformed();
    }
  }

  private long whole(String type) {
    JsonToken token = token();
    pending = false;
    try {
      if (token == JsonToken.VALUE_NUMBER_INT) {
        return parser.getLongValue();
      }
      if (token == JsonToken.VALUE_NUMBER_FLOAT) {
        return (long) Math.floor(parser.getDoubleValue());
      }
    } catch (InputCoercionException e) {
      return negative() ? Long.MIN_VALUE : Long.MAX_VALUE;
    } catch (IOException e) {
      throw TypeErrors.malformed();
    }
    throw TypeErrors.notANumber(type, token);
  }

  private boolean negative() {
    return text().startsWith("-");
  }

  private double decimal(String type) {
    JsonToken token = token();
    pending = false;
    if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
      throw TypeErrors.notANumber(type, token);
    }
    try {
      return parser.getDoubleValue();
    } catch (IOException e) {
      throw TypeErrors.malformed();
    }
  }

  /** Reads what is left, to see that it is JSON and that nothing stands behind it. */
  private void drain() {
    while (!parser.getParsingContext().inRoot()) {
      advance();
    }
    if (advance() != null) {
      throw TypeErrors.malformed();
    }
  }
}
