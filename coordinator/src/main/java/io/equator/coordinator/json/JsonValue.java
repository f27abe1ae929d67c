package io.equator.coordinator.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * JSON as a tree, for the few places that look at JSON whose shape is not known beforehand: event
 * patterns, and what other services answer. Requests are read with {@link WireReader}.
 *
 * <p>When a name stands twice in an object the last one wins.
 */
public sealed interface JsonValue {
  /** Deeper than any item in DynamoDB's JSON, which nests 32 levels of two JSON levels each. */
  int DEPTH_MAX = 100;

  /** {@code {…}}, in the order of the text. */
  record JsonObject(Map<String, JsonValue> members) implements JsonValue {
    /** Copies. */
    public JsonObject {
      members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    /** The member of this name. */
    public Optional<JsonValue> find(String name) {
      return Optional.ofNullable(members.get(name));
    }

    /** The member of this name if it is a string. */
    public Optional<String> text(String name) {
      return members.get(name) instanceof JsonText(String value)
          ? Optional.of(value)
          : Optional.empty();
    }
  }

  /** {@code […]}. */
  record JsonArray(List<JsonValue> elements) implements JsonValue {
    /** Copies. */
    public JsonArray {
      elements = List.copyOf(elements);
    }
  }

  /** A string. */
  record JsonText(String value) implements JsonValue {}

  /** A number; two are the same value when {@link BigDecimal#compareTo} says so. */
  record JsonNumber(BigDecimal value) implements JsonValue {}

  /** True or false. */
  record JsonBool(boolean value) implements JsonValue {}

  /** Null. */
  record JsonNull() implements JsonValue {}

  /** Reads one value with nothing behind it; empty when that is not what stands there. */
  static Optional<JsonValue> parse(byte[] utf8, int offset, int length) {
    try (JsonParser parser = Trees.FACTORY.createParser(utf8, offset, length)) {
      if (parser.nextToken() == null) {
        return Optional.empty();
      }
      JsonValue value = Trees.value(parser);
      return parser.nextToken() == null ? Optional.of(value) : Optional.empty();
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /** The same of a text. */
  static Optional<JsonValue> parse(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return parse(utf8, 0, utf8.length);
  }

  /** Writes the value; numbers keep their value, not their digits. */
  default void writeTo(WireWriter out) {
    switch (this) {
      case JsonObject(Map<String, JsonValue> members) -> {
        out.beginObject();
        members.forEach(
            (name, member) -> {
              out.name(name);
              member.writeTo(out);
            });
        out.endObject();
      }
      case JsonArray(List<JsonValue> elements) -> {
        out.beginArray();
        elements.forEach(element -> element.writeTo(out));
        out.endArray();
      }
      case JsonText(String text) -> out.string(text);
      case JsonNumber(BigDecimal number) -> out.number(number);
      case JsonBool(boolean bool) -> out.bool(bool);
      case JsonNull() -> out.nothing();
    }
  }

  /** The reader. */
  final class Trees {
    private static final JsonFactory FACTORY =
        JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(
                StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
            .build();

    private Trees() {}

    private static JsonValue value(JsonParser parser) throws IOException {
      return switch (parser.currentToken()) {
        case START_OBJECT -> {
          Map<String, JsonValue> members = new LinkedHashMap<>();
          while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            members.put(name, value(parser));
          }
          yield new JsonObject(members);
        }
        case START_ARRAY -> {
          List<JsonValue> elements = new ArrayList<>();
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(value(parser));
          }
          yield new JsonArray(elements);
        }
        case VALUE_STRING -> new JsonText(parser.getText());
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonNumber(parser.getDecimalValue());
        case VALUE_TRUE -> new JsonBool(true);
        case VALUE_FALSE -> new JsonBool(false);
        case VALUE_NULL -> new JsonNull();
        default -> throw new IOException("not a value");
      };
    }
  }
}
