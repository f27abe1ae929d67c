package io.equator.model.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.key.KeyAttribute;
import io.equator.proto.Condition;
import io.equator.proto.ScalarType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What expressions may not do to key attributes. */
class KeyChecksTest {
  private static final KeyAttribute PK = new KeyAttribute("pk", ScalarType.S);
  private static final KeyAttribute IK = new KeyAttribute("ik", ScalarType.S);

  @Test
  void pathsCannotGoIntoKeys() {
    assertThat(scalars("attribute_exists(pk) AND a.pk = :v AND size(b.c) > :v")).isEqualTo("ok");
    assertThat(scalars("NOT size(pk.a) > :v"))
        .isEqualTo(
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not"
                + " allowed: Key: pk");
    assertThat(scalars("a IN (:v, ik[0])"))
        .isEqualTo(
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not"
                + " allowed: IndexKey: ik");
  }

  private static String scalars(String text) {
    Condition condition = Requests.condition(text, text.contains(":v") ? "{:v: 1}" : "");
    return Requests.outcome(
        () -> {
          KeyChecks.checkScalars(ExpressionPaths.of(condition), List.of(PK), List.of(IK));
          return condition;
        });
  }

  @Test
  void theFilterOfAQueryCannotLookAtKeys() {
    Condition condition =
        Requests.condition("a = :v OR NOT begins_with(pk, :w)", "{:v: 1, :w: 'x'}");
    assertThat(filter(condition, false))
        .isEqualTo(
            "Filter Expression can only contain non-primary key attributes: Primary key attribute:"
                + " pk");
    assertThat(filter(condition, true))
        .isEqualTo(
            "QueryFilter can only contain non-primary key attributes: Primary key attribute: pk");
    assertThat(filter(Requests.condition("a.pk = :v", "{:v: 1}"), false)).isEqualTo("ok");
  }

  private static String filter(Condition condition, boolean legacy) {
    return Requests.outcome(
        () -> {
          KeyChecks.checkFilter(condition, legacy, List.of(PK));
          return condition;
        });
  }
}
