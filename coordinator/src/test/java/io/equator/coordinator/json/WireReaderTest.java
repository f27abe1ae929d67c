package io.equator.coordinator.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.ValueLayer;
import io.equator.model.item.ValueProblem;
import io.equator.model.number.DynamoNumber;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The reader's types, and the service's texts when they are wrong. */
class WireReaderTest {
  private static <T extends @Nullable Object> T read(String json, RequestReader<T> reader) {
    byte[] bytes = ("  " + json).getBytes(StandardCharsets.UTF_8);
    return WireReader.read(bytes, 2, bytes.length - 2, reader);
  }

  private static ApiError errorOf(String json, RequestReader<?> reader) {
    ApiException thrown = catchThrowableOfType(ApiException.class, () -> read(json, reader));
    return thrown.error();
  }

  /** Reads one member of the given type from a body with this value. */
  private static @Nullable Object value(String type, String json) {
    return read("{\"m\":" + json + "}", in -> in.nextMember() ? valueOf(type, in) : null);
  }

  private static Object valueOf(String type, WireReader in) {
    return switch (type) {
      case "String" -> in.string();
      case "Integer" -> in.integer();
      case "Long" -> in.longValue();
      case "Double" -> in.doubleValue();
      case "Boolean" -> in.bool();
      case "Blob" -> in.blob();
      case "List" -> in.stringList();
      case "Names" -> in.stringMap();
      case "Map" -> in.attributeMap();
      case "Value" -> in.attributeValue();
      case "ParameterizedList" -> {
        in.beginParameterizedList();
        yield "";
      }
      case "Struct" -> {
        in.beginStruct("KeySchemaElement");
        yield "";
      }
      case "Structs" -> {
        in.beginList();
        while (in.nextElement()) {
          in.beginStruct("KeySchemaElement");
          while (in.nextMember()) {
            in.skip();
          }
        }
        yield "";
      }
      default -> throw new IllegalArgumentException(type);
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          String  | 5            | NUMBER_VALUE cannot be converted to String
          String  | 5.5          | DECIMAL_VALUE cannot be converted to String
          String  | true         | TRUE_VALUE cannot be converted to String
          String  | false        | FALSE_VALUE cannot be converted to String
          String  | []           | Unrecognized collection type class java.lang.String
          String  | {}           | Start of structure or map found where not expected
          Integer | "5"          | STRING_VALUE cannot be converted to Integer
          Long    | "5"          | STRING_VALUE cannot be converted to Long
          Double  | "5"          | STRING_VALUE cannot be converted to Double
          Integer | true         | TRUE_VALUE cannot be converted to Integer
          Long    | false        | FALSE_VALUE cannot be converted to Long
          Integer | [1]          | Unrecognized collection type class java.lang.Integer
          Long    | {}           | Start of structure or map found where not expected
          Boolean | 1            | NUMBER_VALUE cannot be converted to Boolean
          Boolean | 1.5          | DECIMAL_VALUE cannot be converted to Boolean
          Boolean | "maybe"      | Unexpected token received from parser
          Boolean | []           | Unrecognized collection type class java.lang.Boolean
          Boolean | {}           | Start of structure or map found where not expected
          Blob    | 5            | only base-64-encoded strings are convertible to bytes
          Blob    | true         | only base-64-encoded strings are convertible to bytes
          Blob    | []           | Unrecognized collection type class java.nio.ByteBuffer
          Blob    | {}           | Start of structure or map found where not expected
          Blob    | "abc"        | Base64 encoded length is expected a multiple of 4 bytes but found: 3
          Blob    | "YR=="       | Invalid last non-pad Base64 character dectected
          Blob    | "YWJ="       | Invalid last non-pad Base64 character dectected
          Blob    | "a=b="       | Invalid last non-pad Base64 character dectected
          Blob    | "a-b_"       | Invalid last non-pad Base64 character dectected
          Blob    | "===="       | Invalid last non-pad Base64 character dectected
          Blob    | "ééé="       | Invalid last non-pad Base64 character dectected
          List    | 5            | Unexpected field type
          List    | "a"          | Unexpected field type
          List    | true         | Unexpected field type
          List    | {}           | Start of structure or map found where not expected
          List    | [1]          | NUMBER_VALUE cannot be converted to String
          Struct  | 5            | Unexpected field type
          Struct  | "a"          | Unexpected field type
          Struct  | []           | Unrecognized collection type class com.amazonaws.dynamodb.v20120810.KeySchemaElement
          Structs | [1]          | Unexpected value type in payload
          Structs | [[]]         | Unrecognized collection type class com.amazonaws.dynamodb.v20120810.KeySchemaElement
          Map     | 5            | Unexpected field type
          Map     | []           | Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>
          Map     | {"a":1}      | Unexpected value type in payload
          Map     | {"a":"b"}    | Unexpected value type in payload
          Map     | {"a":[]}     | Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue
          Map     | {"a":{"S":1}}       | NUMBER_VALUE cannot be converted to String
          Map     | {"a":{"N":1}}       | NUMBER_VALUE cannot be converted to String
          Map     | {"a":{"N":1.5}}     | DECIMAL_VALUE cannot be converted to String
          Map     | {"a":{"BOOL":"x"}}  | Unexpected token received from parser
          Map     | {"a":{"NULL":1}}    | NUMBER_VALUE cannot be converted to Boolean
          Map     | {"a":{"SS":"x"}}    | Unexpected field type
          Map     | {"a":{"NS":[1]}}    | NUMBER_VALUE cannot be converted to String
          Map     | {"a":{"BS":["a"]}}  | Base64 encoded length is expected a multiple of 4 bytes but found: 1
          Map     | {"a":{"L":{}}}      | Start of structure or map found where not expected
          Map     | {"a":{"L":[1]}}     | Unexpected value type in payload
          Map     | {"a":{"M":[]}}      | Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>
          Map     | {"a":{"M":{"b":1}}} | Unexpected value type in payload
          Value   | 1            | Unexpected field type
          Value   | []           | Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue
          Names   | []           | Unrecognized collection type java.util.Map<java.lang.String, java.lang.String>
          Names   | {"a":1}      | NUMBER_VALUE cannot be converted to String
          """)
  void saysWhichTypeIsWrong(String type, String json, String message) {
    ApiError error = errorOf("{\"m\":" + json + "}", in -> value(in, type));

    assertThat(error.code()).isEqualTo(ErrorCode.SERIALIZATION);
    assertThat(error.message()).isEqualTo(message);
  }

  private static Object value(WireReader in, String type) {
    assertThat(in.nextMember()).isTrue();
    return valueOf(type, in);
  }

  @Test
  void stumblesOverScalarsInNestedListsAsTheServiceDoes() {
    ApiError error = errorOf("{\"m\":5}", in -> value(in, "ParameterizedList"));

    assertThat(error.message())
        .startsWith(
            "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to"
                + " class java.lang.Class (");
  }

  @ParameterizedTest
  @CsvSource({
    "Integer,  5,        5",
    "Integer,  5.9,      5",
    "Integer, -5.1,     -6",
    "Integer,  1e3,      1000",
    "Integer,  3000000000, 2147483647",
    "Integer, -3000000000, -2147483648",
    "Integer,  1e400,    2147483647",
    "Long,     3000000000, 3000000000",
    "Long,     99999999999999999999, 9223372036854775807",
    "Long,    -99999999999999999999, -9223372036854775808",
    "Double,   0.5,      0.5",
    "Double,   7,        7.0",
  })
  void cutsNumbersToTheirType(String type, String json, String expected) {
    assertThat(value(type, json)).hasToString(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "true, true",
    "false, false",
    "\"TRUE\", true",
    "\"yes\", true",
    "\"1\", true",
    "\"False\", false",
    "\"NO\", false",
    "\"0\", false"
  })
  void acceptsSomeStringsAsBooleans(String json, boolean expected) {
    assertThat(value("Boolean", json)).isEqualTo(expected);
  }

  @Test
  void decodesBlobs() {
    for (String text : List.of("", "a", "ab", "abc", "abcd", "\u0000\u00ff")) {
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      String base64 = Base64.getEncoder().encodeToString(bytes);
      assertThat(value("Blob", "\"" + base64 + "\"")).isEqualTo(bytes);
    }
  }

  @Test
  void hidesNullsAndSkipsWhatIsNotRead() {
    List<String> seen = new ArrayList<>();
    read(
        """
        {"a":null,"b":{"deep":[1,{"x":null}]},"c":[null,"x",null],"d":{"k":null,"l":"v"},"e":1}
        """,
        in -> {
          while (in.nextMember()) {
            switch (in.member()) {
              case "c" -> seen.add("c" + in.stringList());
              case "d" -> seen.add("d" + in.stringMap());
              default -> seen.add(in.member());
            }
          }
          return seen;
        });

    assertThat(seen).containsExactly("b", "c[x]", "d{l=v}", "e");
  }

  @Test
  void showsTheLastOfTwoEqualMembersLast() {
    String last =
        read(
            "{\"a\":\"1\",\"a\":\"2\"}",
            in -> {
              String value = "";
              while (in.nextMember()) {
                value = in.string();
              }
              return value;
            });

    assertThat(last).isEqualTo("2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":01}",
        "{'a':1}",
        "{a:1}",
        "{} {}",
        "{}x",
        "{\"a\":1}}",
        "[]",
        "\"a\"",
        "5",
        "null",
        "{\"a\":\"\u0001\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":tru}",
        "{\"a\":NaN}",
        "{/* no */}",
        "{\"a\":[1}",
      })
  void saysNothingAboutWhatIsNoJsonObject(String json) {
    ApiError error = errorOf(json, WireReaderTest::skipAll);

    assertThat(error).isEqualTo(new ApiError(ErrorCode.SERIALIZATION, null));
  }

  private static String skipAll(WireReader in) {
    while (in.nextMember()) {
      in.skip();
    }
    return "";
  }

  @Test
  void refusesBytesThatAreNoUtf8() {
    byte[] body = {'{', '"', (byte) 0xff, '"', ':', '1', '}'};
    ApiException thrown =
        catchThrowableOfType(
            ApiException.class,
            () -> WireReader.read(body, 0, body.length, WireReaderTest::skipAll));

    assertThat(thrown.error().message()).isNull();
    assertThat(WireReader.isJson(body, 0, body.length)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"m\":5,", "{\"m\":5}]", "{\"m\":5,\"x\":[}", "{\"m\":[5}"})
  void prefersBrokenJsonToAWrongType(String json) {
    assertThat(errorOf(json, in -> value(in, "String")).message()).isNull();
  }

  @Test
  void tellsJsonFromWhatIsNone() {
    for (String json : List.of("{}", "[]", "5", " \"x\" ", "null", "{\"a\":[{}]}")) {
      assertThat(isJson(json)).as(json).isTrue();
    }
    for (String json : List.of("", " ", "{", "{}{}", "5 5", "x", "[1,]")) {
      assertThat(isJson(json)).as(json).isFalse();
    }
  }

  private static boolean isJson(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return WireReader.isJson(bytes, 0, bytes.length);
  }

  @Test
  void readsNestingUpToItsLimitAndNoFurther() {
    int levels = WireReader.NESTING_DEPTH_MAX / 2 - 2;
    WireItem deep = (WireItem) value("Map", nested(levels));
    assertThat(Objects.requireNonNull(deep).problem()).isEqualTo(new ValueProblem.NestingTooDeep());

    ApiError error = errorOf("{\"m\":" + nested(levels + 3) + "}", in -> value(in, "Map"));
    assertThat(error).isEqualTo(new ApiError(ErrorCode.SERIALIZATION, null));
  }

  private static String nested(int levels) {
    return "{\"a\":" + "{\"L\":[".repeat(levels) + "]}".repeat(levels) + "}";
  }

  @Test
  void readsItems() {
    WireItem read =
        (WireItem)
            value(
                "Map",
                """
                {"s":{"S":"é\\u00e9\\n"},"n":{"N":"1.50"},"b":{"B":"YQ=="},"t":{"BOOL":true},
                "z":{"NULL":true},"ss":{"SS":["b","a"]},"ns":{"NS":["2","1"]},"bs":{"BS":["YQ=="]},
                "l":{"L":[{"S":"x"},{"L":[]}]},"m":{"M":{"k":{"N":"7","S":null}}},"e":{"X":1,"S":""}}
                """);
    Map<String, AttributeValue> item = Objects.requireNonNull(read).item().toMap();

    assertThat(read.problem()).isNull();
    assertThat(item.keySet())
        .containsExactly("s", "n", "b", "t", "z", "ss", "ns", "bs", "l", "m", "e");
    assertThat(item).containsEntry("s", new AttributeValue.S("éé\n"));
    assertThat(item).containsEntry("e", new AttributeValue.S(""));
    assertThat(item).containsEntry("n", new AttributeValue.N(DynamoNumber.parse("1.5")));
    assertThat(item.get("l"))
        .isEqualTo(
            new AttributeValue.L(
                List.of(new AttributeValue.S("x"), new AttributeValue.L(List.of()))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"x":{"S":"ok"},"y":{}}                | y | Supplied AttributeValue is empty, must contain exactly one of the supported datatypes
          {"y":null,"x":{"S":"ok"}}              | y | Supplied AttributeValue is empty, must contain exactly one of the supported datatypes
          {"y":{"L":[{"S":"a"},null]}}           | y | Supplied AttributeValue is empty, must contain exactly one of the supported datatypes
          {"y":{"S":"a","N":"1"}}                | y | Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes
          {"y":{"M":{"k":{"NULL":false}}}}       | y | One or more parameter values were invalid: Null attribute value types must have the value of true
          {"y":{"SS":[]},"z":{"N":"abc"}}        | y | One or more parameter values were invalid: An string set  may not be empty
          {"a":{"N":"abc"},"y":{"SS":[]}}        | a | The parameter cannot be converted to a numeric value: abc
          """)
  void keepsWhatIsWrongWithAValueForLater(String json, String name, String message) {
    WireItem read = (WireItem) Objects.requireNonNull(value("Map", json));

    assertThat(read.problemName()).isEqualTo(name);
    assertThat(Objects.requireNonNull(read.problem()).message(ValueLayer.CURRENT))
        .isEqualTo(message);
  }

  @Test
  void checksTypesBehindAProblem() {
    ApiError error =
        errorOf("{\"m\":{\"a\":{\"N\":\"abc\"},\"b\":{\"S\":1}}}", in -> value(in, "Map"));

    assertThat(error.message()).isEqualTo("NUMBER_VALUE cannot be converted to String");
  }
}
