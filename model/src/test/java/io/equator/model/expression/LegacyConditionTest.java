package io.equator.model.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.expression.legacy.ConditionalOperator;
import io.equator.model.expression.legacy.LegacyCondition;
import io.equator.model.expression.legacy.LegacyExpectation;
import io.equator.model.expression.legacy.LegacyOperator;
import io.equator.model.item.AttributeValue;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Expected, QueryFilter and ScanFilter: what they say about items, and how they are refused. */
class LegacyConditionTest {
  private static final String ITEM =
      "{n: 5, s: 'hello', b: b'0102', ss: <<'a', 'b'>>, l: [1, 'x'], t: true, z: null}";
  private static final String INVALID = "One or more parameter values were invalid: ";

  static Stream<Arguments> filters() {
    return Table.cases(
        2,
        """
        n EQ 5 | true
        n EQ '5' | false
        n NE 6 | true
        ss EQ <<'b', 'a'>> | true
        l EQ [1, 'x'] | true
        no NE 6 | true
        no EQ 6 | false
        n LT 6 | true
        n LE 5 | true
        n GT 5 | false
        n GE 5 | true
        s GT 'he' | true
        s GT 1 | false
        no LT 1 | false
        n NOT_NULL | true
        z NOT_NULL | true
        no NULL | true
        s CONTAINS 'ell' | true
        ss CONTAINS 'a' | true
        l CONTAINS 1 | true
        n CONTAINS 5 | false
        s NOT_CONTAINS 'dog' | true
        s NOT_CONTAINS 1 | true
        s NOT_CONTAINS 'ell' | false
        no NOT_CONTAINS 'dog' | false
        no CONTAINS 'dog' | false
        s BEGINS_WITH 'he' | true
        n BEGINS_WITH '5' | false
        n IN 1, 5 | true
        ss IN 'a' | false
        n BETWEEN 5, 6 | true
        n BETWEEN 6, 7 | false
        -- errors
        n EQ | Invalid number of argument(s) for the EQ ComparisonOperator
        n NULL 1 | Invalid number of argument(s) for the NULL ComparisonOperator
        n BETWEEN 1 | Invalid number of argument(s) for the BETWEEN ComparisonOperator
        n IN | Invalid number of argument(s) for the IN ComparisonOperator
        n IN 1, 'x' | AttributeValues inside AttributeValueList must be of same type
        n LE <<'x'>> | ComparisonOperator LE is not valid for SS AttributeValue type
        n IN [1] | ComparisonOperator IN is not valid for L AttributeValue type
        n BEGINS_WITH 1 | ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type
        n CONTAINS [1] | ComparisonOperator CONTAINS is not valid for L AttributeValue type
        """);
  }

  @ParameterizedTest
  @MethodSource("filters")
  void filtersHoldOrAreRefused(String filter, String expected) {
    RequestExpressions request =
        Requests.of(RequestKind.SCAN, "").legacyFilter(List.of(condition(filter)));
    String refusal = Requests.outcome(() -> Requests.resolve(request));
    if (!refusal.equals("ok")) {
      assertThat(refusal).isEqualTo(INVALID + expected);
      return;
    }
    ResolvedExpressions resolved = request.resolve();
    assertThat(resolved.filterIsLegacy()).isTrue();
    assertThat(CompiledCondition.of(resolved.filter().orElseThrow()).test(Notation.item(ITEM)))
        .isEqualTo(Boolean.parseBoolean(expected));
  }

  private static LegacyCondition condition(String text) {
    String[] words = text.split(" ", 3);
    List<AttributeValue> values = new ArrayList<>();
    if (words.length == 3) {
      values = ((AttributeValue.L) Notation.value("[" + words[2] + "]")).values();
    }
    return new LegacyCondition(words[0], LegacyOperator.valueOf(words[1]), values);
  }

  @Test
  void aRangeUpsideDownIsRefusedWithoutThePrefix() {
    RequestExpressions request =
        Requests.of(RequestKind.SCAN, "").legacyFilter(List.of(condition("n BETWEEN 2, 1")));
    assertThat(Requests.outcome(() -> Requests.resolve(request)))
        .isEqualTo(
            "The BETWEEN condition was provided a range where the lower bound is greater than the"
                + " upper bound");
  }

  @Test
  void conditionsAreJoinedByAndUnlessTheRequestSaysOr() {
    List<LegacyCondition> conditions = List.of(condition("n EQ 5"), condition("s EQ 'no'"));
    RequestExpressions request =
        Requests.of(RequestKind.QUERY, "")
            .keyConditions(List.of(condition("pk EQ 'p'")))
            .legacyFilter(conditions);
    assertThat(filterHolds(request)).isFalse();
    assertThat(filterHolds(request.conditionalOperator(ConditionalOperator.OR))).isTrue();
    assertThat(
            Requests.outcome(
                () -> Requests.resolve(request.legacyFilter(List.of(condition("n EQ 5"))))))
        .isEqualTo(
            "ConditionalOperator can only be used when Filter or Expected has two or more"
                + " elements");
    assertThat(Requests.outcome(() -> Requests.resolve(request.legacyFilter(null))))
        .isEqualTo("ConditionalOperator cannot be used without Filter or Expected");
  }

  private static boolean filterHolds(RequestExpressions request) {
    return CompiledCondition.of(Requests.resolve(request).filter().orElseThrow())
        .test(Notation.item(ITEM));
  }

  @Test
  void expectedComparesOrAsksForExistence() {
    AttributeValue five = Notation.value("5");
    assertThat(expected(new LegacyExpectation("n", five, null, null, null))).isEqualTo("true");
    assertThat(expected(new LegacyExpectation("n", five, true, null, null))).isEqualTo("true");
    assertThat(expected(new LegacyExpectation("s", five, true, null, null))).isEqualTo("false");
    assertThat(expected(new LegacyExpectation("n", null, false, null, null))).isEqualTo("false");
    assertThat(expected(new LegacyExpectation("no", null, false, null, null))).isEqualTo("true");
    assertThat(expected(new LegacyExpectation("n", five, null, LegacyOperator.GE, null)))
        .isEqualTo("true");
    assertThat(expected(new LegacyExpectation("n", null, null, LegacyOperator.GE, List.of(five))))
        .isEqualTo("true");
    assertThat(expected(new LegacyExpectation("n", null, null, LegacyOperator.NULL, null)))
        .isEqualTo("false");
  }

  @Test
  void expectedThatContradictsItselfIsRefused() {
    AttributeValue five = Notation.value("5");
    List<AttributeValue> list = List.of(five);
    assertThat(expected(new LegacyExpectation("a", five, null, null, list)))
        .isEqualTo(
            INVALID + "Value and AttributeValueList cannot be used together for Attribute: a");
    assertThat(expected(new LegacyExpectation("a", five, true, LegacyOperator.EQ, null)))
        .isEqualTo(
            INVALID + "Exists and ComparisonOperator cannot be used together for Attribute: a");
    assertThat(expected(new LegacyExpectation("a", null, null, LegacyOperator.LT, null)))
        .isEqualTo(
            INVALID
                + "Value or AttributeValueList must be used with ComparisonOperator: LT for"
                + " Attribute: a");
    assertThat(expected(new LegacyExpectation("a", null, null, null, list)))
        .isEqualTo(
            INVALID
                + "AttributeValueList can only be used with a ComparisonOperator for Attribute: a");
    assertThat(expected(new LegacyExpectation("a", null, null, null, null)))
        .isEqualTo(INVALID + "Value must be provided when Exists is null for Attribute: a");
    assertThat(expected(new LegacyExpectation("a", null, true, null, null)))
        .isEqualTo(INVALID + "Value must be provided when Exists is true for Attribute: a");
    assertThat(expected(new LegacyExpectation("a", five, false, null, null)))
        .isEqualTo(INVALID + "Value cannot be used when Exists is false for Attribute: a");
    assertThat(expected(new LegacyExpectation("a", five, null, LegacyOperator.BETWEEN, null)))
        .isEqualTo(INVALID + "Invalid number of argument(s) for the BETWEEN ComparisonOperator");
  }

  private static String expected(LegacyExpectation expectation) {
    RequestExpressions request =
        Requests.of(RequestKind.PUT_ITEM, "").expected(List.of(expectation));
    String refusal = Requests.outcome(() -> Requests.resolve(request));
    return refusal.equals("ok")
        ? String.valueOf(
            CompiledCondition.of(request.resolve().condition().orElseThrow())
                .test(Notation.item(ITEM)))
        : refusal;
  }
}
