package io.equator.coordinator.json;

import com.fasterxml.jackson.core.JsonToken;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;

/**
 * What the API says about a value of the wrong type: the words of its Java front end, whose class
 * names and token names show in them.
 */
final class TypeErrors {
  private TypeErrors() {}

  /** A value that is none of the numbers. */
  static ApiException notANumber(String type, JsonToken found) {
    return found == JsonToken.VALUE_STRING
        ? wrong("STRING_VALUE cannot be converted to " + type)
        : notA(type, found);
  }

  /** A value that is no scalar of this type of {@code java.lang}. */
  static ApiException notA(String type, JsonToken found) {
    return switch (found) {
      case START_ARRAY -> wrong("Unrecognized collection type class java.lang." + type);
      case START_OBJECT -> structureNotExpected();
      case VALUE_NUMBER_INT -> wrong("NUMBER_VALUE cannot be converted to " + type);
      case VALUE_NUMBER_FLOAT -> wrong("DECIMAL_VALUE cannot be converted to " + type);
      case VALUE_TRUE -> wrong("TRUE_VALUE cannot be converted to " + type);
      case VALUE_FALSE -> wrong("FALSE_VALUE cannot be converted to " + type);
      default -> wrong("Unexpected token received from parser");
    };
  }

  /**
   * A value that is no structure.
   *
   * @param element whether it stands in a list or map, where scalars get other words
   */
  static ApiException notAStructure(String javaType, JsonToken found, boolean element) {
    if (found == JsonToken.START_ARRAY) {
      return wrong("Unrecognized collection type class " + javaType);
    }
    return wrong(element ? "Unexpected value type in payload" : "Unexpected field type");
  }

  /** A value that is no list. */
  static ApiException notAList(JsonToken found) {
    return found == JsonToken.START_OBJECT
        ? structureNotExpected()
        : wrong("Unexpected field type");
  }

  /** A scalar in the place of a list that is itself a map's value. */
  static ApiException notAParameterizedList() {
    return wrong(
        "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to"
            + " class java.lang.Class (sun.reflect.generics.reflectiveObjects"
            + ".ParameterizedTypeImpl and java.lang.Class are in module java.base of loader"
            + " 'bootstrap')");
  }

  /** A value that is no map of strings to values of this type. */
  static ApiException notAMap(String valueType, JsonToken found) {
    return found == JsonToken.START_ARRAY
        ? wrong("Unrecognized collection type java.util.Map<java.lang.String, " + valueType + ">")
        : wrong("Unexpected field type");
  }

  /** A value that is no blob. */
  static ApiException notABlob(JsonToken found) {
    return switch (found) {
      case START_ARRAY -> wrong("Unrecognized collection type class java.nio.ByteBuffer");
      case START_OBJECT -> structureNotExpected();
      default -> wrong("only base-64-encoded strings are convertible to bytes");
    };
  }

  private static ApiException structureNotExpected() {
    return wrong("Start of structure or map found where not expected");
  }

  /** A {@code SerializationException} with this text. */
  static ApiException wrong(String message) {
    return ApiException.of(ErrorCode.SERIALIZATION, message);
  }

  /** A {@code SerializationException} without a text: the bytes are no JSON. */
  static ApiException malformed() {
    return ApiException.of(ErrorCode.SERIALIZATION, null);
  }
}
