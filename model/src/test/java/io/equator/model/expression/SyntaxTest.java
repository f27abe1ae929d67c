package io.equator.model.expression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What can be said about a text without names and values. */
class SyntaxTest {

  static Stream<Arguments> conditions() {
    return Table.cases(
        2,
        """
        a = :v | ok
        (a = :v) | ok
        (a) = (:v) | ok
        a=:v and b<>:v Or not c<=:v | ok
        NOT a = :v AND NOT NOT b = :v | ok
        (a = :v AND (b = :v)) | ok
        (NOT (a = :v)) | ok
        a BETWEEN :l AND :h AND b = :v | ok
        a in (:x, :y , #z) | ok
        size(a.b[0].#c) > size (:v) | ok
        attribute_exists(a) | ok
        _a = :v | ok
        -- syntax
        a | Syntax error; token: "<EOF>", near: "a"
        a = | Syntax error; token: "<EOF>", near: "="
        = :v | Syntax error; token: "=", near: "= :v"
        !!! INVALID !!! | Syntax error; token: "!", near: "!!"
        attribute_not_exists( | Syntax error; token: "<EOF>", near: "("
        a = :v b | Syntax error; token: "b", near: ":v b"
        a = :v) | Syntax error; token: ")", near: ":v)"
        (a = :v | Syntax error; token: "<EOF>", near: ":v"
        a = :v AND | Syntax error; token: "<EOF>", near: "AND"
        a AND b = :v | Syntax error; token: "AND", near: "a AND b"
        (a) AND b = :v | Syntax error; token: "AND", near: ") AND b"
        a = 2019 AND b = :v | Syntax error; token: "2019", near: "= 2019 AND"
        user-id = :v | Syntax error; token: "-", near: "user-id"
        a[ = :v | Syntax error; token: "=", near: "[ = :v"
        a[007] = :v | Syntax error; token: "0", near: "007"
        a.and = :v | Syntax error; token: "and", near: ".and ="
        a = : | Syntax error; token: ":", near: "= :"
        # = :v | Syntax error; token: "#", near: "# ="
        a = :v = :w | Syntax error; token: "=", near: ":v = :w"
        (a = :v) = :w | Syntax error; token: "=", near: ") = :w"
        a IN () | Syntax error; token: ")", near: "()"
        a BETWEEN :l OR :h | Syntax error; token: "OR", near: ":l OR :h"
        f() | Syntax error; token: ")", near: "()"
        -- what follows the syntax, in its order
        ((a = :v)) | The expression has redundant parentheses;
        ((a)) = :v | The expression has redundant parentheses;
        f(((a))) | The expression has redundant parentheses;
        ((foo(a))) AND size(a) AND status = :v | The expression has redundant parentheses;
        foo(a) AND size(a) AND status = :v | Invalid function name; function: foo
        Size(a) > :v | Invalid function name; function: Size
        size(a) AND status = :v | The function is not allowed to be used this way in an expression; function: size
        size(a) | The function is not allowed to be used this way in an expression; function: size
        contains(a, :v) = :v | The function is not allowed to be used this way in an expression; function: contains
        size(contains(a, :v)) = :v | The function is not allowed to be used this way in an expression; function: contains
        if_not_exists(a, :v) = :v | The function is not allowed in a condition expression; function: if_not_exists
        status = :v | Attribute name is a reserved keyword; reserved keyword: status
        a.Name = :v | Attribute name is a reserved keyword; reserved keyword: Name
        a[2147483648] = :v | List index is not within the allowable range; index: [2147483648]
        """);
  }

  @ParameterizedTest
  @MethodSource("conditions")
  void conditionsAreReadOrRefused(String text, String expected) {
    for (ExpressionKind kind :
        new ExpressionKind[] {ExpressionKind.CONDITION, ExpressionKind.FILTER}) {
      assertThat(outcome(kind, text)).isEqualTo(prefixed(kind, expected));
    }
    assertThat(outcome(ExpressionKind.KEY_CONDITION, text))
        .isEqualTo(prefixed(ExpressionKind.KEY_CONDITION, expected));
  }

  static Stream<Arguments> updates() {
    return Table.cases(
        2,
        """
        SET a = :v | ok
        set a = :v, b.c[1] = #d remove e add f :v delete g :v | ok
        SET a = b + :v, c = (d - :v), e = (f) + (:v) | ok
        SET a = if_not_exists(a, list_append(:v, if_not_exists(b, :v))) | ok
        INVALID SYNTAX HERE | Syntax error; token: "INVALID", near: "INVALID SYNTAX"
        SET | Syntax error; token: "<EOF>", near: "SET"
        SET a | Syntax error; token: "<EOF>", near: "a"
        SET a = :v, | Syntax error; token: "<EOF>", near: ","
        SET a = :v + :w + :x | Syntax error; token: "+", near: ":w + :x"
        SET a = (:v + :w) + :x | Syntax error; token: "+", near: ") + :x"
        SET a = list_append(:v + :w, b) | Syntax error; token: "+", near: ":v + :w"
        SET add = :v | Syntax error; token: "add", near: "SET add ="
        ADD a b | Syntax error; token: "b", near: "a b"
        REMOVE a b | Syntax error; token: "b", near: "a b"
        SET a = :v FOO | Syntax error; token: "FOO", near: ":v FOO"
        SET a = ((b)) | The expression has redundant parentheses;
        SET a = ((b + :v)) | The expression has redundant parentheses;
        SET status = foo(a) SET b = :v | Attribute name is a reserved keyword; reserved keyword: status
        SET a = foo(a) SET b = :v | Invalid function name; function: foo
        SET a = size(a) SET b = :v | The function is not allowed in an update expression; function: size
        SET a = :v SET b = :v | The "SET" section can only be used once in an update expression;
        REMOVE a ADD c :v remove b | The "REMOVE" section can only be used once in an update expression;
        """);
  }

  @ParameterizedTest
  @MethodSource("updates")
  void updatesAreReadOrRefused(String text, String expected) {
    assertThat(outcome(ExpressionKind.UPDATE, text))
        .isEqualTo(prefixed(ExpressionKind.UPDATE, expected));
  }

  static Stream<Arguments> projections() {
    return Table.cases(
        2,
        """
        a | ok
        a, b.c , #d[0][1].e | ok
        !!! INVALID !!! | Syntax error; token: "!", near: "!!"
        a, | Syntax error; token: "<EOF>", near: ","
        a b | Syntax error; token: "b", near: "a b"
        :v | Syntax error; token: ":v", near: ":v"
        [0] | Syntax error; token: "[", near: "[0"
        a..b | Syntax error; token: ".", near: "..b"
        a, status | Attribute name is a reserved keyword; reserved keyword: status
        """);
  }

  @ParameterizedTest
  @MethodSource("projections")
  void projectionsAreReadOrRefused(String text, String expected) {
    assertThat(outcome(ExpressionKind.PROJECTION, text))
        .isEqualTo(prefixed(ExpressionKind.PROJECTION, expected));
  }

  @Test
  void theTextIsLimitedInBytesAsSent() {
    for (ExpressionKind kind : ExpressionKind.values()) {
      assertThat(outcome(kind, ""))
          .isEqualTo(kind.errorPrefix() + "The expression can not be empty;");
      String name = kind == ExpressionKind.UPDATE ? "REMOVE a" : "a";
      String padded = name + " ".repeat(4096 - name.length());
      assertThat(outcome(kind, padded)).doesNotContain("size");
      assertThat(outcome(kind, padded + " "))
          .isEqualTo(
              kind.errorPrefix()
                  + "Expression size has exceeded the maximum allowed size; expression size: 4097");
      assertThat(outcome(kind, "é".repeat(2049))).endsWith("expression size: 4098");
    }
  }

  @Test
  void threeHundredOperatorsAreTheMost() {
    String three = "a=:v" + " OR a=:v".repeat(149);
    assertThat(outcome(ExpressionKind.FILTER, three)).isEqualTo("ok");
    assertThat(outcome(ExpressionKind.FILTER, "NOT " + three)).isEqualTo("ok");
    assertThat(outcome(ExpressionKind.FILTER, "NOT NOT " + three))
        .isEqualTo(
            "Invalid FilterExpression: The expression contains too many operators; operator count:"
                + " 301");
  }

  @Test
  void deepNestingNeitherOverflowsNorHangs() {
    int most = 2047;
    assertThat(outcome(ExpressionKind.CONDITION, "(".repeat(most) + "a" + ")".repeat(most)))
        .contains("redundant");
    assertThat(outcome(ExpressionKind.CONDITION, "(".repeat(4096))).isNotEqualTo("ok");
    assertThat(outcome(ExpressionKind.UPDATE, "SET a=" + "(".repeat(4000))).isNotEqualTo("ok");
    assertThat(outcome(ExpressionKind.CONDITION, "size(".repeat(800))).isNotEqualTo("ok");
    String calls = "list_append(a,".repeat(270);
    assertThat(outcome(ExpressionKind.UPDATE, "SET a=" + calls + "a" + ")".repeat(270)))
        .isEqualTo("ok");
    String clauses = "(a=:v OR (a=:v AND ".repeat(74);
    assertThat(outcome(ExpressionKind.FILTER, clauses + "a=:v" + ")".repeat(148))).isEqualTo("ok");
  }

  private static String prefixed(ExpressionKind kind, String expected) {
    return expected.equals("ok") ? expected : kind.errorPrefix() + expected;
  }

  private static String outcome(ExpressionKind kind, String text) {
    return Requests.outcome(() -> ParsedExpression.parse(kind, text));
  }
}
