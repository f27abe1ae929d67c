package io.equator.model.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.expression.legacy.ConditionalOperator;
import io.equator.model.item.ValueProblem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Errors that depend on names and values, and which of several comes first. */
class ResolutionTest {

  static Stream<Arguments> conditions() {
    return Table.cases(
        3,
        """
        a = :v | {:v: 1} | ok
        #a.b = :v AND :v <> #a.#c | {:v: 1, #a: 'x', #c: 'y'} | ok
        size(a) = :v AND contains(:v, a) | {:v: 1} | ok
        a = :v | | An expression attribute value used in expression is not defined; attribute value: :v
        #a = :v | | An expression attribute name used in the document path is not defined; attribute name: #a
        #a = :w | {:v: 1, #b: 'b'} | An expression attribute name used in the document path is not defined; attribute name: #a
        -- a clause is finished before the next one begins
        begins_with(a, :n) AND b = :u | {:n: 1} | Incorrect operand type for operator or function; operator or function: begins_with, operand type: N
        b = :u AND begins_with(a, :n) | {:n: 1} | An expression attribute value used in expression is not defined; attribute value: :u
        -- inside a clause: undefined, count, distinct, types
        begins_with(:u) | {:n: 1} | An expression attribute value used in expression is not defined; attribute value: :u
        begins_with(:n) | {:n: 1} | Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1
        attribute_exists(a, b, :n) | {:n: 1} | Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 3
        size(a, b) = a | | Incorrect number of operands for operator or function; operator or function: size, number of operands: 2
        attribute_exists(:n) | {:n: 1} | Operator or function requires a document path; operator or function: attribute_exists
        attribute_not_exists(size(a)) | | Operator or function requires a document path; operator or function: attribute_not_exists
        a.b[1] <= a.b[1] | | The first operand must be distinct from the remaining operands for this operator or function; operator: <=, first operand: [a, b, [1]]
        #x = a | {#x: 'a'} | The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]
        a IN (b, a) | | The first operand must be distinct from the remaining operands for this operator or function; operator: IN, first operand: [a]
        contains(a, a) | | The first operand must be distinct from the remaining operands for this operator or function; operator: contains, first operand: [a]
        a < :b | {:b: true} | Incorrect operand type for operator or function; operator or function: <, operand type: BOOL
        :b >= a | {:b: true} | Incorrect operand type for operator or function; operator or function: >=, operand type: BOOL
        a > :b | {:b: <<'x'>>} | Incorrect operand type for operator or function; operator or function: >, operand type: SS
        a = :b | {:b: <<'x'>>} | ok
        a BETWEEN :b AND :n | {:b: null, :n: 1} | Incorrect operand type for operator or function; operator or function: BETWEEN, operand type: NULL
        a BETWEEN :s AND :n | {:s: 'a', :n: 1} | The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {S:a}, upper bound operand: AttributeValue: {N:1}
        a BETWEEN :m AND :n | {:m: 2, :n: 1} | The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}
        a BETWEEN :m AND :m | {:m: 2} | ok
        a BETWEEN b AND :m | {:m: 2} | ok
        size(:n) = a | {:n: 1} | Incorrect operand type for operator or function; operator or function: size, operand type: N
        size(size(a)) = :n | {:n: 1} | Incorrect operand type for operator or function; operator or function: size, operand type: N
        begins_with(a, size(b)) | | Incorrect operand type for operator or function; operator or function: begins_with, operand type: N
        attribute_type(a, :n) | {:n: 1} | Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N
        attribute_type(a, b) | | Incorrect operand type for operator or function; operator or function: attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}
        attribute_type(a, :t) | {:t: 'X'} | Invalid attribute type name found; type: X, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}
        attribute_type(a, :t) | {:t: 'NS'} | ok
        """);
  }

  @ParameterizedTest
  @MethodSource("conditions")
  void conditionsAreResolvedOrRefused(String text, String placeholders, String expected) {
    assertThat(Requests.outcome(() -> Requests.condition(text, placeholders)))
        .isEqualTo(expected.equals("ok") ? "ok" : "Invalid ConditionExpression: " + expected);
  }

  static Stream<Arguments> updates() {
    return Table.cases(
        3,
        """
        SET a = :v | | An expression attribute value used in expression is not defined; attribute value: :v
        SET a = :v, b = #b | | An expression attribute name used in the document path is not defined; attribute name: #b
        SET a = :u, a = :n | {:n: 1} | An expression attribute value used in expression is not defined; attribute value: :u
        SET a = :n, a = :m | {:n: 1, :m: 2} | Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]
        SET a = :n REMOVE a.b | {:n: 1} | Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]
        SET a.b[1].c = :n, #x.b[1] = :n | {:n: 1, #x: 'a'} | Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a, b, [1], c], path two: [a, b, [1]]
        REMOVE a[0], a.b | | Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, [0]], path two: [a, b]
        REMOVE a[0], a.b, c, c | | Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [c], path two: [c]
        REMOVE a[0], a[1], b.c, b.d, e | | ok
        ADD a :s, a :s | {:s: 'x'} | Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]
        SET b = :s + :s ADD a :s | {:s: 'x'} | Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND
        ADD a :l | {:l: []} | Incorrect operand type for operator or function; operator: ADD, operand type: LIST, typeSet: ALLOWED_FOR_ADD_OPERAND
        DELETE a :n | {:n: 1} | Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND
        ADD a :n, b :s DELETE c :s | {:n: 1, :s: <<'x'>>} | ok
        SET a = b + :s | {:s: 'x'} | Incorrect operand type for operator or function; operator or function: +, operand type: S
        SET a = :s - b | {:s: 'x'} | Incorrect operand type for operator or function; operator or function: -, operand type: S
        SET a = list_append(a, :s) | {:s: 'x'} | Incorrect operand type for operator or function; operator or function: list_append, operand type: S
        SET a = if_not_exists(a) | | Incorrect number of operands for operator or function; operator or function: if_not_exists, number of operands: 1
        SET a = if_not_exists(:s, :s) | {:s: 'x'} | Operator or function requires a document path; operator or function: if_not_exists
        SET a = if_not_exists(a, :s) + :n | {:s: 'x', :n: 1} | ok
        """);
  }

  @ParameterizedTest
  @MethodSource("updates")
  void updatesAreResolvedOrRefused(String text, String placeholders, String expected) {
    assertThat(Requests.outcome(() -> Requests.update(text, placeholders)))
        .isEqualTo(expected.equals("ok") ? "ok" : "Invalid UpdateExpression: " + expected);
  }

  static Stream<Arguments> projections() {
    return Table.cases(
        3,
        """
        #a, b | {#a: 'a.b'} | ok
        #a, status2, #b | {#a: 'a'} | An expression attribute name used in the document path is not defined; attribute name: #b
        a, a.b | | Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]
        a.b, a[1] | | Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, [1]]
        """);
  }

  @ParameterizedTest
  @MethodSource("projections")
  void projectionsAreResolvedOrRefused(String text, String placeholders, String expected) {
    assertThat(Requests.outcome(() -> Requests.projection(text, placeholders)))
        .isEqualTo(expected.equals("ok") ? "ok" : "Invalid ProjectionExpression: " + expected);
  }

  @Test
  void pathsHaveThirtyTwoElementsAtMost() {
    assertThat(Requests.outcome(() -> Requests.projection("a" + ".b".repeat(31), "")))
        .isEqualTo("ok");
    assertThat(Requests.outcome(() -> Requests.projection("a" + ".b".repeat(32), "")))
        .isEqualTo(
            "Invalid ProjectionExpression: The document path has too many nesting levels; nesting"
                + " levels: 33");
  }

  @Test
  void anInListHasAHundredOperandsAtMost() {
    String hundred = "a IN (b" + ", :v".repeat(99) + ")";
    assertThat(Requests.outcome(() -> Requests.condition(hundred, "{:v: 1}"))).isEqualTo("ok");
    String more = "a IN (b" + ", :v".repeat(100) + ")";
    assertThat(Requests.outcome(() -> Requests.condition(more, "{:v: 1}")))
        .isEqualTo(
            "Invalid ConditionExpression: The IN operator is provided with too many operands;"
                + " number of operands: 101");
  }

  @Test
  void expressionsAreCheckedInDynamoDbsOrderAndUnusedPlaceholdersLast() {
    RequestExpressions all =
        Requests.of(RequestKind.UPDATE_ITEM, "{:unused: 1, #unused: 'x'}")
            .condition("b = ")
            .update("SET a =");
    assertThat(Requests.outcome(() -> Requests.resolve(all)))
        .startsWith("Invalid UpdateExpression: Syntax error");
    RequestExpressions query =
        Requests.of(RequestKind.QUERY, "{:unused: 1, #unused: 'x'}")
            .projection("c,")
            .filter("b =")
            .keyCondition("a =");
    assertThat(Requests.outcome(() -> Requests.resolve(query)))
        .startsWith("Invalid KeyConditionExpression: Syntax error");
    assertThat(Requests.outcome(() -> Requests.resolve(query.keyCondition("a = b"))))
        .startsWith("Invalid FilterExpression: Syntax error");
    assertThat(Requests.outcome(() -> Requests.resolve(query.filter("attribute_exists(b)"))))
        .startsWith("Invalid ProjectionExpression: Syntax error");
    assertThat(Requests.outcome(() -> Requests.resolve(query.projection("c"))))
        .isEqualTo(
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#unused}");
    assertThat(Requests.outcome(() -> Requests.resolve(query.names(null))))
        .isEqualTo(
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:unused}");
    assertThat(Requests.outcome(() -> Requests.resolve(query.values(null))))
        .isEqualTo(
            "Invalid condition in KeyConditionExpression: Multiple attribute names used in one"
                + " condition");
  }

  @Test
  void legacyAndExpressionParametersCannotBeMixed() {
    String both =
        "Can not use both expression and non-expression parameters in the same request:"
            + " Non-expression parameters: ";
    assertThat(
            refusal(
                Requests.of(RequestKind.UPDATE_ITEM, "{:v: 1}")
                    .update("SET a = :v")
                    .attributeUpdates(List.of())))
        .isEqualTo(both + "{AttributeUpdates} Expression parameters: {UpdateExpression}");
    assertThat(
            refusal(
                Requests.of(RequestKind.PUT_ITEM, "")
                    .condition("attribute_exists(a)")
                    .expected(List.of())))
        .isEqualTo(both + "{Expected} Expression parameters: {ConditionExpression}");
    RequestExpressions query =
        Requests.of(RequestKind.QUERY, "")
            .attributesToGet(List.of("a"))
            .legacyFilter(List.of())
            .conditionalOperator(ConditionalOperator.AND)
            .keyConditions(List.of())
            .projection("a")
            .filter("b")
            .keyCondition("c");
    assertThat(refusal(query))
        .isEqualTo(
            both
                + "{AttributesToGet, QueryFilter, ConditionalOperator, KeyConditions} Expression"
                + " parameters: {ProjectionExpression, FilterExpression, KeyConditionExpression}");
    assertThat(refusal(Requests.of(RequestKind.SCAN, "").legacyFilter(List.of()).projection("a")))
        .isEqualTo(both + "{ScanFilter} Expression parameters: {ProjectionExpression}");
    assertThat(refusal(Requests.of(RequestKind.QUERY, "").keyConditions(List.of()).projection("a")))
        .isEqualTo("ok");
  }

  @Test
  void namesAndValuesNeedAnExpression() {
    assertThat(refusal(Requests.of(RequestKind.GET_ITEM, "{#a: 'a'}")))
        .isEqualTo("ExpressionAttributeNames can only be specified when using expressions");
    String values = "ExpressionAttributeValues can only be specified when using expressions: ";
    assertThat(refusal(Requests.of(RequestKind.PUT_ITEM, "{:v: 1}")))
        .isEqualTo(values + "ConditionExpression is null");
    assertThat(refusal(Requests.of(RequestKind.UPDATE_ITEM, "{:v: 1}")))
        .isEqualTo(values + "UpdateExpression and ConditionExpression are null");
    assertThat(refusal(Requests.of(RequestKind.QUERY, "{:v: 1}").projection("a")))
        .isEqualTo(values + "FilterExpression and KeyConditionExpression are null");
    assertThat(refusal(Requests.of(RequestKind.SCAN, "{:v: 1}")))
        .isEqualTo(values + "FilterExpression is null");
  }

  @Test
  void theMapsOfPlaceholdersAreCheckedBeforeTheExpressions() {
    RequestExpressions request =
        RequestExpressions.of(RequestKind.PUT_ITEM, ParseCache.none()).condition("=");
    assertThat(resolution(request.names(Map.of())))
        .isEqualTo("ExpressionAttributeNames must not be empty");
    assertThat(resolution(request.names(Map.of("a", "a"))))
        .isEqualTo("ExpressionAttributeNames contains invalid key: Syntax error; key: \"a\"");
    assertThat(resolution(request.names(Map.of("#a-b", "a"))))
        .isEqualTo("ExpressionAttributeNames contains invalid key: Syntax error; key: \"#a-b\"");
    assertThat(resolution(request.names(Map.of("#a", ""))))
        .isEqualTo(
            "ExpressionAttributeNames contains invalid value: Empty attribute name for key #a");
    assertThat(resolution(request.names(Map.of("#" + "a".repeat(255), "a"))))
        .endsWith("a key that is too long; size of key: 256");
    request.names(Map.of("#a", "a"));
    assertThat(resolution(request.values(new ExpressionValues())))
        .isEqualTo("ExpressionAttributeValues must not be empty");
    assertThat(resolution(request.values(ExpressionValues.of(Notation.map("{v: 1}")))))
        .isEqualTo("ExpressionAttributeValues contains invalid key: Syntax error; key: \"v\"");
    ExpressionValues bad = new ExpressionValues();
    bad.putProblem(":b", new ValueProblem.NotANumber("abc"));
    assertThat(resolution(request.values(bad)))
        .isEqualTo(
            "ExpressionAttributeValues contains invalid value: The parameter cannot be converted"
                + " to a numeric value: abc for key :b");
    assertThat(resolution(request.valueErrors(ValueErrors.CURRENT_IN_ENVELOPE)))
        .isEqualTo(
            "1 validation error detected: The parameter cannot be converted to a numeric value:"
                + " abc");
    assertThat(resolution(request.values(null))).startsWith("Invalid ConditionExpression: Syntax");
    Map<String, String> large = new LinkedHashMap<>();
    for (int i = 0; i < 40; i++) {
      large.put("#a" + i, "x".repeat(60_000));
    }
    assertThat(resolution(request.names(large))).contains("exceeds max size");
  }

  private static String refusal(RequestExpressions request) {
    return Requests.outcome(
        () -> {
          request.checkParameters();
          return request;
        });
  }

  private static String resolution(RequestExpressions request) {
    return Requests.outcome(request::resolve);
  }
}
