package io.equator.model.partiql;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedValue;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which statements are accepted, and the words for those that are not. */
class StatementTest {
  private static final String NOT_WELL_FORMED =
      "Statement wasn't well formed, can't be processed: ";

  /** Each {@code ?} is the number 1; {@code ~} stands for the words of {@link #NOT_WELL_FORMED}. */
  static Stream<Arguments> statements() {
    return """
    SELECT * FROM t | ok
    select a, b.c, d[0], "e f"."g""h", i['j'] from "my-table" | ok
    SELECT a FROM "t"."index" WHERE a = 1; | ok
    SELECT a -- a comment @ FROM t | ~Unexpected term
    SELECT /* a comment */ a FROM t | ok
    SELECT * FROM t WHERE a = 'it''s' AND b <> 1 AND c != 2 AND d < 3 OR e <= 4 OR f > -5 OR g >= 6.5e-3 | ok
    SELECT * FROM t WHERE NOT (a = 1 OR b = 2) AND NOT NOT c = 3 | ok
    SELECT * FROM t WHERE a BETWEEN 1 AND 2 AND b NOT BETWEEN 3 AND 4 | ok
    SELECT * FROM t WHERE a IN (1, 2) AND b IN [?, 'x'] AND c NOT IN (3) | ok
    SELECT * FROM t WHERE a IS MISSING AND b IS NOT MISSING AND c IS NULL AND d IS NOT NULL | ok
    SELECT * FROM t WHERE begins_with(a, 'x') AND CONTAINS(b, ?) AND attribute_type(c, 'S') AND size(d) > 2 | ok
    SELECT * FROM t WHERE attribute_exists(a.b) AND attribute_not_exists(c) | ok
    SELECT * FROM t WHERE a = [1, {'b': <<'c', 'd'>>}, TRUE, null] | ok
    SELECT * FROM t WHERE a = 1 ORDER BY a DESC, b ASC, c | ok
    INSERT INTO t VALUE {'a': 1, 'b': 'x', 'l': [1, 2], 'm': {}, 's': <<1, ?>>, 'n': NULL} | ok
    UPDATE t SET a = 1 SET b = b + ?, c = c - 2 REMOVE d[0] WHERE k = 1 RETURNING MODIFIED NEW * | ok
    UPDATE t SET a = list_append(a, [1]) SET s = set_add(s, <<1>>) SET u = SET_DELETE(u, <<'x'>>) WHERE k = 1 | ok
    UPDATE t SET "value" = other.path WHERE k = 1 | ok
    DELETE FROM t WHERE k = 1 AND a = 2 RETURNING ALL OLD * | ok
    EXISTS(SELECT * FROM t WHERE k = 1 AND a = 2) | ok
    SELECTT * FROMM "t" | ~Unexpected token after expression
    SELECT * FROM t WHERE a = 1 2 | ~Unexpected token after expression
    SELECT * FROM t; SELECT * FROM u | ~Unexpected token after expression
    SELECT * | ~Unexpected term
    SELECT FROM t | ~Unexpected keyword
    SELECT value FROM t | ~Unexpected keyword
    SELECT a.inner FROM t | ~Invalid path dot component
    SELECT a.1 FROM t | ~Invalid path dot component
    SELECT a[x] FROM t | ~Unexpected term
    SELECT a[99999999999] FROM t | ~Invalid path component
    SELECT COUNT(*) FROM t | Unexpected path component at 1:8:5
    SELECT a AS b FROM t | Aliasing is not supported
    SELECT a b FROM t | Aliasing is not supported
    SELECT * FROM t AS u | Aliasing is not supported
    SELECT * FROM t u WHERE a = 1 | Aliasing is not supported
    SELECT * FROM a.b.c | A path may contain at most 2 components in the FROM clause
    SELECT * FROM t LIMIT 5 | Unsupported clause: LIMIT at 1:17:5
    SELECT * FROM t, u | ~Unexpected token after expression
    SELECT * FROM t WHERE a = 'x | ~
    SELECT * FROM t /* a = 'x' | ~
    SELECT * FROM t WHERE a = `1` | ~
    SELECT * FROM t WHERE a = 1x | ~
    SELECT * FROM t WHERE a = 1e | ~
    SELECT * FROM t WHERE a | ~Unexpected term
    SELECT * FROM t WHERE a = | ~Unexpected term
    SELECT * FROM t WHERE a IN () | ~Unexpected term
    SELECT * FROM t WHERE a = b + 1 | ~Unexpected term
    SELECT * FROM t WHERE a LIKE 'x' | ~Unexpected token after expression
    SELECT * FROM t WHERE exists(a) | Unrecognized function: exists at 1:23:6
    SELECT * FROM t WHERE set_add(a, <<1>>) | Unrecognized function: set_add at 1:23:7
    SELECT * FROM t WHERE attribute_exists() | Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 0
    SELECT * FROM t WHERE attribute_exists('a') | Operator or function requires a document path; operator or function: attribute_exists
    SELECT * FROM t WHERE 1 IS MISSING | Operator or function requires a document path; operator or function: attribute_not_exists
    SELECT * FROM t WHERE begins_with(a, 1) | Incorrect operand type for operator or function; operator or function: begins_with, operand type: N
    SELECT * FROM t WHERE attribute_type(a, 'X') | Invalid attribute type name found; type: X, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}
    SELECT * FROM t WHERE size(a) | The function is not allowed to be used this way in an expression; function: size
    SELECT * FROM t WHERE a = <<>> | Empty bags are not supported
    SELECT * FROM t WHERE a = <<1, 'x'>> | A set must have members of one type, which is string, number or binary, under root
    SELECT * FROM t WHERE a = <<1, 1.0>> | One or more parameter values were invalid: Input collection contains duplicates.
    SELECT * FROM t WHERE a = 1e200 | Number overflow. Attempting to store a number with magnitude larger than supported range under root
    SELECT * FROM t WHERE a = {'x': 1e200} | Number overflow. Attempting to store a number with magnitude larger than supported range under root.x
    SELECT * FROM t WHERE a = [0, 1e200] | Number overflow. Attempting to store a number with magnitude larger than supported range under root[1]
    INSERT INTO t VALUE {'n': 123456789012345678901234567890123456789} | Attempting to store more than 38 significant digits in a Number under root.n
    INSERT INTO t VALUE {'s': set_add(s, <<1>>)} | Unsupported data type: set_add under key root at 1:27:7
    INSERT INTO t VALUE {'a': b} | Unsupported data type: b under key root at 1:27:1
    INSERT INTO t VALUE {'': 1} | One or more parameter values were invalid: Attribute name must not be empty
    INSERT INTO t VALUE {a: 1} | ~Unexpected term
    INSERT INTO t VALUE 1 | ~Unexpected term
    INSERT INTO t VALUE ? | ~Unexpected term
    INSERT INTO t.i VALUE {'a': 1} | This operation is not supported on an index
    INSERT INTO t VALUE {'a': 1} RETURNING ALL OLD * | ~Unexpected token after expression
    UPDATE t WHERE k = 1 | ~Unexpected keyword
    UPDATE t SET a = 1, a.b = 2 WHERE k = 1 | Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]
    UPDATE t SET a = set_add(b, <<1>>) WHERE k = 1 | The first argument to SET_ADD must equal the assignment value at 1:18:7
    UPDATE t SET a = set_add(a, 1) WHERE k = 1 | The second argument to SET_ADD must be a value with type SET at 1:18:7
    UPDATE t SET a = set_delete(a) WHERE k = 1 | SET_DELETE must have exactly two arguments at 1:18:10
    UPDATE t SET a = foo(a) WHERE k = 1 | Unrecognized function: foo at 1:18:3
    UPDATE t SET a = b + 'x' WHERE k = 1 | Incorrect operand type for operator or function; operator or function: +, operand type: S
    DELETE FROM t WHERE k = 1 RETURNING ALL NEW * | Invalid returning clause: RETURNING ALL NEW *. Only RETURNING ALL OLD * is allowed in DELETE statements.
    DELETE FROM t WHERE k = 1 RETURNING SOME OLD * | ~Unexpected keyword
    EXISTS(DELETE FROM t WHERE k = 1) | ~Unexpected keyword
    """
        .lines()
        .map(line -> line.split(" \\| ?", -1))
        .map(parts -> Arguments.of(parts[0], parts[1].replace("~", NOT_WELL_FORMED)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("statements")
  void statementsAreAcceptedOrRefusedInTheseWords(String text, String expected) {
    assertThat(outcome(text)).isEqualTo(expected);
  }

  private static String outcome(String text) {
    try {
      Statement statement = Statement.parse(text);
      EncodedValue one = EncodedValue.of(AttributeValue.N.of("1"));
      Command.of(statement, Collections.nCopies(statement.parameters(), one));
      return "ok";
    } catch (ApiException e) {
      assertThat(e.error().code()).isEqualTo(ErrorCode.VALIDATION);
      return String.valueOf(e.error().message());
    }
  }

  @Test
  void placesCountLines() {
    assertThat(outcome("SELECT *\n  FROM 'a\nb' t")).isEqualTo(NOT_WELL_FORMED + "Unexpected term");
    assertThat(outcome("SELECT * FROM t\n  WHERE foo(a)"))
        .isEqualTo("Unrecognized function: foo at 2:9:3");
    assertThat(outcome("/*\n\n*/ SELECT * FROM \"a\nb\" WHERE foo(a)"))
        .isEqualTo("Unrecognized function: foo at 4:10:3");
  }

  @Test
  void parametersAreCounted() {
    Statement statement = Statement.parse("SELECT * FROM t WHERE a = ? AND b IN [?, ?]");
    assertThat(statement.parameters()).isEqualTo(3);
    try {
      Command.of(statement, List.of());
      throw new AssertionError("accepted");
    } catch (ApiException e) {
      assertThat(e.error().message())
          .isEqualTo("Number of parameters in request and statement don't match.");
    }
  }

  @Test
  void nestingAndOperatorsAreBoundedFromBothSides() {
    String open = "(";
    String close = ")";
    String start = "SELECT * FROM t WHERE ";
    assertThat(outcome(start + open.repeat(63) + "a = 1" + close.repeat(63))).isEqualTo("ok");
    assertThat(outcome(start + open.repeat(64) + "a = 1" + close.repeat(64)))
        .isEqualTo(NOT_WELL_FORMED + "Too many levels of nesting");
    assertThat(outcome(start + "a = 1" + " OR a = 1".repeat(149))).isEqualTo("ok");
    assertThat(outcome(start + "a = 1" + " OR a = 1".repeat(150)))
        .isEqualTo("The expression contains too many operators; operator count: 301");
    assertThat(outcome("INSERT INTO t VALUE {'a': " + "[".repeat(40) + "]".repeat(40) + "}"))
        .startsWith("Nesting Levels have exceeded supported limits");
  }
}
