package io.equator.model.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.item.EncodedItem;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What projections keep. */
class ProjectionTest {
  private static final String ITEM =
      "{a: 1, b: {x: 1, y: {z: 2, w: 3}, v: [1, {q: 5}]}, l: [0, [1, 2], {k: 1, j: 2}, 3], s: 'x'}";

  static Stream<Arguments> cases() {
    return Table.cases(
        3,
        """
        a | | {a: 1}
        s, a | | {a: 1, s: 'x'}
        nope | | {}
        b.x | | {b: {x: 1}}
        b.x, b.y.z | | {b: {x: 1, y: {z: 2}}}
        b.v[1].q, b.v[0] | | {b: {v: [1, {q: 5}]}}
        l[3], l[0] | | {l: [0, 3]}
        l[1][1], l[2].j | | {l: [[2], {j: 2}]}
        l[9], l[2].nope, l[1].k, a | | {a: 1}
        b.nope, b.y.nope.z | | {}
        b[0], s.x, a[1] | | {}
        l[2].nope, l[3] | | {l: [3]}
        #a | {#a: 'b.x'} | {}
        """);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void projectionsKeepWhatTheyName(String text, String placeholders, String expected) {
    EncodedItem projected =
        CompiledProjection.of(Requests.projection(text, placeholders)).project(Notation.item(ITEM));
    projected.verify();
    assertThat(Notation.show(projected)).isEqualTo(expected);
  }

  @Test
  void attributesToGetAreTopLevelNames() {
    RequestExpressions request =
        Requests.of(RequestKind.GET_ITEM, "").attributesToGet(List.of("a", "b.x"));
    EncodedItem projected =
        CompiledProjection.of(Requests.resolve(request).projection().orElseThrow())
            .project(Notation.item(ITEM));
    assertThat(Notation.show(projected)).isEqualTo("{a: 1}");
    assertThat(
            Requests.outcome(
                () -> Requests.resolve(request.attributesToGet(List.of("a", "b", "a")))))
        .isEqualTo(
            "One or more parameter values were invalid: Duplicate value in attribute name: a");
  }

  @Test
  void manyNamesAreFoundToo() {
    StringBuilder text = new StringBuilder("b.x");
    for (int i = 0; i < 50; i++) {
      text.append(", n").append(i).append(".m");
    }
    EncodedItem item = Notation.item("{b: {x: 1}, n7: {m: 1, o: 2}, n49: {m: 2}, n50: {m: 3}}");
    assertThat(
            Notation.show(
                CompiledProjection.of(Requests.projection(text.toString(), "")).project(item)))
        .isEqualTo("{b: {x: 1}, n7: {m: 1}, n49: {m: 2}}");
  }
}
