package io.equator.model.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.item.EncodedItem;
import io.equator.proto.Condition;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What conditions say about items. */
class ConditionTest {
  private static final String ITEM =
      """
      {pk: 'p', n: 5, s: 'hello', e: '', b: b'0102ff', t: true, z: null, ss: <<'b', 'a'>>,
       ns: <<1, 2.50>>, bs: <<b'01', b'02'>>, l: [1, 'x', {k: 'v'}, <<'y'>>], m: {k: 'v', d: {x: 1, y: [2]}},
       big: 123456789012345678901234567890, extra: 5.0}\
      """;

  static Stream<Arguments> cases() {
    return Table.cases(
        3,
        """
        -- equality: by type and value, sets without order, maps without order, lists with order
        n = :v | {:v: 5.00} | true
        n = extra | | true
        n = :v | {:v: '5'} | false
        n <> :v | {:v: '5'} | true
        s = :v | {:v: 'hello'} | true
        s <> :v | {:v: 'hello'} | false
        b = :v | {:v: b'0102ff'} | true
        t = :v | {:v: true} | true
        z = :v | {:v: null} | true
        ss = :v | {:v: <<'a', 'b'>>} | true
        ss = :v | {:v: <<'a'>>} | false
        ns = :v | {:v: <<2.5, 1>>} | true
        l = :v | {:v: [1, 'x', {k: 'v'}, <<'y'>>]} | true
        l = :v | {:v: ['x', 1, {k: 'v'}, <<'y'>>]} | false
        m = :v | {:v: {d: {y: [2], x: 1}, k: 'v'}} | true
        m.d = :v | {:v: {y: [2], x: 2}} | false
        -- a missing operand makes everything false but <>
        nope = :v | {:v: 5} | false
        nope <> :v | {:v: 5} | true
        nope <> nor | | true
        nope = nor | | false
        nope < :v | {:v: 5} | false
        NOT nope < :v | {:v: 5} | true
        nope BETWEEN :v AND :v | {:v: 5} | false
        n BETWEEN nope AND :v | {:v: 9} | false
        nope IN (:v, nor) | {:v: 5} | false
        begins_with(nope, :v) | {:v: 'h'} | false
        contains(nope, :v) | {:v: 'h'} | false
        size(nope) > :v | {:v: 0} | false
        size(nope) <> :v | {:v: 0} | true
        -- order: numbers by value, strings and binaries by bytes, extra types not at all
        n < :v | {:v: 10} | true
        n >= :v | {:v: 5} | true
        n > :v | {:v: -1E+3} | true
        big > :v | {:v: 123456789012345678901234567889.5} | true
        s > :v | {:v: 'hellO'} | true
        s < :v | {:v: 'hello!'} | true
        s < :v | {:v: 5} | false
        s >= :v | {:v: 5} | false
        b < :v | {:v: b'0103'} | true
        b > :v | {:v: b'0102fe'} | true
        ss > :v | {:v: 'a'} | false
        m < n | | false
        -- BETWEEN and IN
        n BETWEEN :l AND :h | {:l: 5, :h: 6} | true
        n BETWEEN :l AND :h | {:l: 6, :h: 7} | false
        s BETWEEN :l AND :h | {:l: 'h', :h: 'i'} | true
        :v BETWEEN n AND big | {:v: 6} | true
        n BETWEEN s AND :h | {:h: 6} | false
        n IN (:a, :b) | {:a: 'x', :b: 5} | true
        ss IN (:a) | {:a: <<'b', 'a'>>} | true
        :v IN (n, s) | {:v: 'hello'} | true
        n IN (:a) | {:a: 6} | false
        -- functions
        attribute_exists(z) | | true
        attribute_exists(m.d.y[0]) | | true
        attribute_exists(m.d.y[1]) | | false
        attribute_exists(m[0]) | | false
        attribute_exists(l.k) | | false
        attribute_exists(s.k) | | false
        attribute_not_exists(l[9]) | | true
        attribute_exists(l[2].k) | | true
        attribute_type(z, :t) | {:t: 'NULL'} | true
        attribute_type(l[3], :t) | {:t: 'SS'} | true
        attribute_type(n, :t) | {:t: 'S'} | false
        attribute_type(nope, :t) | {:t: 'S'} | false
        begins_with(s, :v) | {:v: 'hel'} | true
        begins_with(s, :v) | {:v: ''} | true
        begins_with(s, :v) | {:v: 'hello!'} | false
        begins_with(b, :v) | {:v: b'0102'} | true
        begins_with(n, :v) | {:v: '5'} | false
        begins_with(s, :v) | {:v: b'68'} | false
        begins_with(:v, s) | {:v: 'hello world'} | true
        contains(s, :v) | {:v: 'ell'} | true
        contains(s, :v) | {:v: ''} | true
        contains(s, :v) | {:v: 'elL'} | false
        contains(b, :v) | {:v: b'02ff'} | true
        contains(b, :v) | {:v: '02'} | false
        contains(ss, :v) | {:v: 'a'} | true
        contains(ss, :v) | {:v: 'c'} | false
        contains(ns, :v) | {:v: 2.5} | true
        contains(ns, :v) | {:v: '1'} | false
        contains(bs, :v) | {:v: b'02'} | true
        contains(l, :v) | {:v: 'x'} | true
        contains(l, :v) | {:v: {k: 'v'}} | true
        contains(l, :v) | {:v: 'v'} | false
        contains(m, :v) | {:v: 'k'} | false
        contains(n, :v) | {:v: 5} | false
        contains(:v, s) | {:v: 'say hello'} | true
        size(s) = :v | {:v: 5} | true
        size(e) = :v | {:v: 0} | true
        size(b) = :v | {:v: 3} | true
        size(ss) = :v | {:v: 2} | true
        size(l) = :v | {:v: 4} | true
        size(m) = :v | {:v: 2} | true
        size(m.d.y) < size(l) | | true
        size(n) = :v | {:v: 1} | false
        size(t) <> :v | {:v: 1} | true
        size(s) BETWEEN :l AND :h | {:l: 5, :h: 5} | true
        size(s) IN (:l) | {:l: 5} | true
        -- joined
        n = :v AND s = :h OR t = :v | {:v: 5, :h: 'no'} | false
        n = :v OR s = :h AND t = :v | {:v: 5, :h: 'no'} | true
        (n = :v OR s = :h) AND t = :v | {:v: 5, :h: 'no'} | false
        NOT n = :v OR s = :h | {:v: 5, :h: 'hello'} | true
        NOT (n = :v OR s = :h) | {:v: 5, :h: 'hello'} | false
        #a = :v | {:v: 1, #a: 'm.k'} | false
        """);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void conditionsHoldOrNot(String text, String placeholders, boolean expected) {
    Condition condition = Requests.condition(text, placeholders);
    assertThat(CompiledCondition.of(condition).test(Notation.item(ITEM))).isEqualTo(expected);
  }

  @Test
  void aMissingItemIsAnEmptyOne() {
    assertThat(holds("attribute_not_exists(pk)", "")).isTrue();
    assertThat(holds("pk = :v", "{:v: 1}")).isFalse();
    assertThat(holds("pk <> :v", "{:v: 1}")).isTrue();
  }

  private static boolean holds(String text, String placeholders) {
    return CompiledCondition.of(Requests.condition(text, placeholders)).test(EncodedItem.EMPTY);
  }

  @Test
  void theSizeOfAStringIsInUtf16Units() {
    EncodedItem item = Notation.item("{s: 'aé€😀'}");
    Condition five = Requests.condition("size(s) = :v", "{:v: 5}");
    assertThat(CompiledCondition.of(five).test(item)).isTrue();
  }

  @Test
  void stringsAreOrderedByCodePoint() {
    EncodedItem item = Notation.item("{s: '😀'}");
    Condition above = Requests.condition("s > :v", "{:v: '\uFFFD'}");
    assertThat(CompiledCondition.of(above).test(item)).isTrue();
  }

  @Test
  void deepConditionsSurviveTheWire() throws Exception {
    // Ninety levels: OR and AND take turns, so that nothing can be flattened.
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 45; i++) {
      text.append("(n = :v OR (s = :v AND NOT ");
    }
    text.append("n = :v").append(")".repeat(90));
    Condition condition = Requests.condition(text.toString(), "{:v: 5}");
    Condition read = Condition.parseFrom(condition.toByteArray());
    assertThat(read).isEqualTo(condition);
    assertThat(CompiledCondition.of(read).test(Notation.item("{n: 5}"))).isTrue();
    assertThat(ExpressionPaths.of(read)).hasSize(91);
  }
}
