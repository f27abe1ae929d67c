package io.equator.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.model.error.ApiException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The complaints, to the letter. */
class ConstraintsTest {
  private static String messageOf(Consumer<Constraints> checks) {
    Constraints constraints = new Constraints();
    checks.accept(constraints);
    try {
      constraints.throwIfAny();
      return "";
    } catch (ApiException e) {
      return String.valueOf(e.error().message());
    }
  }

  @Test
  void complainsAboutEachRule() {
    EnumValues metrics = EnumValues.of("SIZE", "NONE");

    assertThat(messageOf(c -> c.notNull("tableName", null)))
        .isEqualTo(
            "1 validation error detected: Value null at 'tableName' failed to satisfy constraint:"
                + " Member must not be null");
    assertThat(messageOf(c -> c.length("tableName", "", 1, 255)))
        .isEqualTo(
            "1 validation error detected: Value '' at 'tableName' failed to satisfy constraint:"
                + " Member must have length greater than or equal to 1");
    assertThat(messageOf(c -> c.length("keys", List.of("a", "b"), 0, 1)))
        .isEqualTo(
            "1 validation error detected: Value '[a, b]' at 'keys' failed to satisfy constraint:"
                + " Member must have length less than or equal to 1");
    assertThat(messageOf(c -> c.length("names", Map.of("k", "v"), 2, 9)))
        .isEqualTo(
            "1 validation error detected: Value '{k=v}' at 'names' failed to satisfy constraint:"
                + " Member must have length greater than or equal to 2");
    assertThat(messageOf(c -> c.range("limit", 0, 1, 100)))
        .isEqualTo(
            "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint:"
                + " Member must have value greater than or equal to 1");
    assertThat(messageOf(c -> c.range("segment", 1_000_000, 0, 999_999)))
        .isEqualTo(
            "1 validation error detected: Value '1000000' at 'segment' failed to satisfy"
                + " constraint: Member must have value less than or equal to 999999");
    assertThat(messageOf(c -> c.pattern("tableName", "bad table!@#", TextPattern.NAME)))
        .isEqualTo(
            "1 validation error detected: Value 'bad table!@#' at 'tableName' failed to satisfy"
                + " constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
    assertThat(messageOf(c -> c.enumValue("returnItemCollectionMetrics", "ALL", metrics)))
        .isEqualTo(
            "1 validation error detected: Value 'ALL' at 'returnItemCollectionMetrics' failed to"
                + " satisfy constraint: Member must satisfy enum value set: [SIZE, NONE]");
    assertThat(messageOf(c -> c.failWithoutValue("Limit", "Member must have value greater than")))
        .isEqualTo(
            "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member"
                + " must have value greater than");
  }

  @Test
  void passesWhatIsAbsentOrRight() {
    assertThat(
            messageOf(
                c -> {
                  assertThat(c.length("a", (String) null, 1, 2)).isTrue();
                  assertThat(c.length("a", "ab", 1, 2)).isTrue();
                  assertThat(c.range("a", (Integer) null, 1, 2)).isTrue();
                  assertThat(c.range("a", 2L, 1, 2)).isTrue();
                  assertThat(c.pattern("a", null, TextPattern.NAME)).isTrue();
                  assertThat(c.pattern("a", "a-Z.0_9", TextPattern.NAME)).isTrue();
                  assertThat(c.enumValue("a", null, EnumValues.of("X"))).isTrue();
                  assertThat(c.enumValue("a", "X", EnumValues.of("X"))).isTrue();
                  assertThat(c.notNull("a", "")).isTrue();
                  assertThat(c.failed()).isFalse();
                }))
        .isEmpty();
  }

  @Test
  void namesThePlace() {
    assertThat(
            messageOf(
                c -> {
                  c.enterElement("globalSecondaryIndexes", 0);
                  c.enterElement("keySchema", 1);
                  c.notNull("attributeName", null);
                  c.leave();
                  c.enterStruct("projection");
                  c.notNull("projectionType", null);
                  c.leave();
                  c.leave();
                  c.enterEntry("requestItems", "t");
                  c.notNull("keys", null);
                  c.leave();
                  c.notNull("tableName", null);
                }))
        .isEqualTo(
            "4 validation errors detected: "
                + "Value null at 'globalSecondaryIndexes.1.member.keySchema.2.member"
                + ".attributeName' failed to satisfy constraint: Member must not be null; "
                + "Value null at 'globalSecondaryIndexes.1.member.projection.projectionType' failed"
                + " to satisfy constraint: Member must not be null; "
                + "Value null at 'requestItems.t.member.keys' failed to satisfy constraint: Member"
                + " must not be null; "
                + "Value null at 'tableName' failed to satisfy constraint: Member must not be"
                + " null");
  }

  @Test
  void tellsAtMostTen() {
    String message =
        messageOf(
            c -> {
              for (int i = 0; i < 12; i++) {
                c.notNull("m" + i, null);
              }
            });

    assertThat(message).startsWith("10 validation errors detected: ").contains("'m9'");
    assertThat(message).doesNotContain("'m10'");
  }

  @Test
  void throwsAValidationException() {
    Constraints constraints = new Constraints();
    constraints.notNull("key", null);

    assertThatThrownBy(constraints::throwIfAny)
        .isInstanceOf(ApiException.class)
        .hasMessageStartingWith("1 validation error detected: ");
  }
}
