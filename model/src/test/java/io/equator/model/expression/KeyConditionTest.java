package io.equator.model.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.expression.legacy.LegacyCondition;
import io.equator.model.expression.legacy.LegacyOperator;
import io.equator.model.item.AttributeValue;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyCodec;
import io.equator.model.key.KeySchema;
import io.equator.proto.ScalarType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which conditions a query of a key may ask, and which range of keys they mean. */
class KeyConditionTest {
  private static final KeyAttribute PK = new KeyAttribute("pk", ScalarType.S);
  private static final KeyAttribute SK = new KeyAttribute("sk", ScalarType.N);
  private static final KeySchema BOTH = KeySchema.of(PK, SK);
  private static final KeySchema HASH_ONLY = KeySchema.of(PK);

  static Stream<Arguments> conditions() {
    return Table.cases(
        3,
        """
        pk = :p | {:p: 'q'} | ok
        (pk = :p) | {:p: 'q'} | ok
        (#pk = :p AND (sk = :n)) | {:p: 'q', :n: 1, #pk: 'pk'} | ok
        sk > :n AND pk = :p | {:p: 'q', :n: 1} | ok
        :n <= sk AND :p = pk | {:p: 'q', :n: 1} | ok
        pk = :p AND sk BETWEEN :n AND :m | {:p: 'q', :n: 1, :m: 2} | ok
        sk = :n | {:n: 1} | Query condition missed key schema element: pk
        extra = :n | {:n: 1} | Query condition missed key schema element: pk
        pk = :p AND extra = :n | {:p: 'q', :n: 1} | Query condition missed key schema element: sk
        pk > :p | {:p: 'q'} | Query key condition not supported
        begins_with(pk, :p) | {:p: 'q'} | Query key condition not supported
        pk = :p AND sk > :n AND extra = :n | {:p: 'q', :n: 1} | The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)
        pk = :p AND sk > :n AND sk < :m | {:p: 'q', :n: 1, :m: 2} | Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key
        pk = :n | {:n: 1} | One or more parameter values were invalid: Condition parameter type does not match schema type
        pk = :p AND begins_with(sk, :p) | {:p: 'q'} | One or more parameter values were invalid: Condition parameter type does not match schema type
        pk = :p AND sk = :b | {:p: 'q', :b: true} | One or more parameter values were invalid: Condition parameter type does not match schema type
        pk = :p AND begins_with(sk, :n) | {:p: 'q', :n: 1} | Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: begins_with, operand type: N
        pk = :p AND :b >= sk | {:p: 'q', :b: true} | Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: >=, operand type: BOOL
        pk = :missing AND begins_with(sk, :n) | {:n: 1} | Invalid KeyConditionExpression: An expression attribute value used in expression is not defined; attribute value: :missing
        begins_with(sk, :n) AND pk = :missing | {:n: 1} | Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: begins_with, operand type: N
        pk = :p OR sk = :n | {:p: 'q', :n: 1} | Invalid operator used in KeyConditionExpression: OR
        NOT pk = :p | {:p: 'q'} | Invalid operator used in KeyConditionExpression: NOT
        NOT NOT pk = :p | {:p: 'q'} | Invalid operator used in KeyConditionExpression: NOT
        pk IN (:p) | {:p: 'q'} | Invalid operator used in KeyConditionExpression: IN
        pk <> :p | {:p: 'q'} | Invalid operator used in KeyConditionExpression: <>
        attribute_exists(pk) | | Invalid operator used in KeyConditionExpression: attribute_exists
        contains(pk, :p) | {:p: 'q'} | Invalid operator used in KeyConditionExpression: contains
        size(pk) = :n | {:n: 1} | Invalid KeyConditionExpression: KeyConditionExpressions cannot contain nested operations
        pk = :p AND sk.a = :n | {:p: 'q', :n: 1} | Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes
        pk = sk | | Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition
        :p = :n | {:p: 'q', :n: 1} | Invalid condition in KeyConditionExpression: No key attribute specified
        pk = :p AND :n BETWEEN sk AND :n | {:p: 'q', :n: 1} | Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first operand
        pk = :p AND begins_with(:p, sk) | {:p: 'q'} | Invalid condition in KeyConditionExpression: begins_with operator must have the key attribute as its first operand
        pk = :e | {:e: ''} | One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk
        """);
  }

  @ParameterizedTest
  @MethodSource("conditions")
  void conditionsAreBoundOrRefused(String text, String placeholders, String expected) {
    assertThat(Requests.outcome(() -> Requests.keyCondition(text, placeholders).bind(BOTH)))
        .isEqualTo(expected);
  }

  @Test
  void aTableWithoutSortKeyTakesOneCondition() {
    assertThat(
            Requests.outcome(
                () ->
                    Requests.keyCondition("pk = :p AND sk = :n", "{:p: 'q', :n: 1}")
                        .bind(HASH_ONLY)))
        .isEqualTo("Query key condition not supported");
  }

  @Test
  void aPartitionKeyHas2048BytesAtMost() {
    assertThat(
            Requests.outcome(
                () ->
                    Requests.keyCondition("pk = :p", "{:p: '" + "x".repeat(2048) + "'}")
                        .bind(BOTH)))
        .isEqualTo("ok");
    assertThat(
            Requests.outcome(
                () ->
                    Requests.keyCondition("pk = :p", "{:p: '" + "x".repeat(2049) + "'}")
                        .bind(BOTH)))
        .isEqualTo(
            "One or more parameter values were invalid: Size of hashkey has exceeded the maximum"
                + " size limit of2048 bytes");
  }

  @Test
  void aQueryNeedsAKeyCondition() {
    assertThat(Requests.outcome(() -> Requests.resolve(Requests.of(RequestKind.QUERY, ""))))
        .isEqualTo(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the"
                + " request.");
  }

  @Test
  void keyConditionsTakeIndexableOperatorsOnly() {
    List<LegacyCondition> conditions =
        List.of(
            new LegacyCondition("pk", LegacyOperator.EQ, List.of(Notation.value("'q'"))),
            new LegacyCondition("sk", LegacyOperator.NE, List.of(Notation.value("1"))));
    assertThat(
            Requests.outcome(
                () ->
                    Requests.resolve(Requests.of(RequestKind.QUERY, "").keyConditions(conditions))
                        .keyCondition()
                        .orElseThrow()
                        .bind(BOTH)))
        .isEqualTo("Attempted conditional constraint is not an indexable operation");
    assertThat(
            Requests.outcome(
                () ->
                    Requests.resolve(Requests.of(RequestKind.QUERY, "").keyConditions(List.of()))))
        .isEqualTo("Conditions can be of length 1 or 2 only");
  }

  static Stream<Arguments> multipleAttributes() {
    return Table.cases(
        2,
        """
        g = :s AND h = :s | ok
        h = :s AND b = :s AND g = :s AND a = :s | ok
        g = :s AND h = :s AND a = :s AND b > :s | ok
        g = :s AND h = :s AND a = :s AND b = :s AND begins_with(c, :s) | ok
        g = :s | HASH key attributes h must have equality conditions specified in the query
        g = :s AND h > :s | HASH key attributes h must have equality conditions specified in the query
        g = :s AND h = :s AND b = :s | RANGE key attributes a must have equality conditions specified in the query because a condition is present on key attribute b
        g = :s AND h = :s AND a > :s AND b = :s | RANGE key attributes a must have equality conditions specified in the query because a condition is present on key attribute b
        g = :s AND h = :s AND x = :s | Query condition missed key schema element: a
        """);
  }

  @ParameterizedTest
  @MethodSource("multipleAttributes")
  void anIndexMayHaveSeveralKeyAttributesOfEachSort(String text, String expected) {
    List<KeyAttribute> partition = List.of(attribute("g"), attribute("h"));
    List<KeyAttribute> sort = List.of(attribute("a"), attribute("b"), attribute("c"));
    assertThat(
            Requests.outcome(() -> Requests.keyCondition(text, "{:s: 's'}").bind(partition, sort)))
        .isEqualTo(expected);
  }

  private static KeyAttribute attribute(String name) {
    return new KeyAttribute(name, ScalarType.S);
  }

  @Test
  void theRangeOfKeysHoldsWhatTheConditionMatches() {
    List<String> texts =
        List.of(
            "pk = :p",
            "pk = :p AND sk = :l",
            "pk = :p AND sk < :l",
            "pk = :p AND sk <= :l",
            "pk = :p AND sk > :l",
            "pk = :p AND :l <= sk",
            "pk = :p AND sk BETWEEN :l AND :h");
    for (String text : texts) {
      String placeholders =
          "{:p: 'q'"
              + (text.contains(":l") ? ", :l: 5" : "")
              + (text.contains(":h") ? ", :h: 7" : "")
              + "}";
      checkRange(text, placeholders, BOTH, numbers());
    }
    KeySchema strings = KeySchema.of(PK, attribute("sk"));
    for (String prefix : List.of("a", "ab", "é")) {
      String placeholders = "{:p: 'q', :l: '" + prefix + "'}";
      checkRange("pk = :p AND begins_with(sk, :l)", placeholders, strings, strings());
      checkRange("pk = :p AND sk <= :l", placeholders, strings, strings());
      checkRange("pk = :p AND sk > :l", placeholders, strings, strings());
    }
    KeySchema binaries = KeySchema.of(PK, new KeyAttribute("sk", ScalarType.B));
    for (String prefix : List.of("ff", "00", "ffff", "00ff")) {
      String placeholders = "{:p: 'q', :l: b'" + prefix + "'}";
      checkRange("pk = :p AND begins_with(sk, :l)", placeholders, binaries, binaries());
      checkRange("pk = :p AND sk >= :l", placeholders, binaries, binaries());
      checkRange("pk = :p AND sk < :l", placeholders, binaries, binaries());
    }
  }

  private static void checkRange(
      String text, String placeholders, KeySchema schema, List<AttributeValue> keys) {
    BoundKeyCondition bound = Requests.keyCondition(text, placeholders).bind(schema);
    SortBounds bounds = bound.sortBounds();
    for (AttributeValue key : keys) {
      byte[] encoded = KeyCodec.encode(key);
      boolean inside =
          Arrays.compareUnsigned(encoded, bounds.lowerInclusive()) >= 0
              && (bounds.upperExclusive().length == 0
                  || Arrays.compareUnsigned(encoded, bounds.upperExclusive()) < 0);
      assertThat(inside)
          .as("%s of %s with %s", text, Notation.show(key), placeholders)
          .isEqualTo(bound.matchesSort(List.of(key)));
    }
  }

  private static List<AttributeValue> numbers() {
    List<AttributeValue> values = new ArrayList<>();
    for (String text :
        List.of("-1E+100", "-5", "0", "4.999", "5", "5.001", "6", "7", "7.1", "5E9")) {
      values.add(AttributeValue.N.of(text));
    }
    return values;
  }

  private static List<AttributeValue> strings() {
    return Stream.of("a", "aa", "ab", "abc", "ac", "b", "z", "é", "éa", "ê", "\uE000", "😀")
        .<AttributeValue>map(AttributeValue.S::new)
        .toList();
  }

  private static List<AttributeValue> binaries() {
    return Stream.of(
            "00", "0000", "00ff", "00ff01", "01", "7f", "fe", "ff", "ff00", "ffff", "ffffff")
        .map(hex -> Notation.value("b'" + hex + "'"))
        .toList();
  }
}
