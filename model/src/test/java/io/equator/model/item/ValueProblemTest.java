package io.equator.model.item;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What is wrong with values, in the words of both validators. */
class ValueProblemTest {
  private static final String INVALID = "One or more parameter values were invalid: ";

  @Test
  void numbers() {
    String overflow =
        "Number overflow. Attempting to store a number with magnitude larger than supported range";
    String underflow =
        "Number underflow. Attempting to store a number with magnitude smaller than supported"
            + " range";
    assertTexts(
        e -> e.number("abc"),
        "The parameter cannot be converted to a numeric value: abc",
        "The parameter cannot be converted to a numeric value: abc");
    assertTexts(
        e -> e.number(""),
        "The parameter cannot be converted to a numeric value: ",
        "The parameter cannot be converted to a numeric value");
    assertTexts(e -> e.number("1e126"), overflow, overflow);
    assertTexts(e -> e.number("1e2147483647"), overflow, underflow);
    assertTexts(e -> e.number("1e-131"), underflow, underflow);
    assertTexts(
        e -> e.number("1".repeat(39)),
        "Attempting to store more than 38 significant digits in a Number",
        "Attempting to store more than 38 significant digits in a Number");
  }

  @Test
  void emptySets() {
    assertTexts(
        e -> set(e, ValueType.SS),
        INVALID + "An string set  may not be empty",
        INVALID + "An string set  may not be empty");
    assertTexts(
        e -> set(e, ValueType.NS),
        INVALID + "An number set  may not be empty",
        INVALID + "An number set  may not be empty");
    assertTexts(
        e -> set(e, ValueType.BS),
        INVALID + "Binary sets should not be empty",
        INVALID + "Binary sets should not be empty");
  }

  @Test
  void duplicatesInSets() {
    assertTexts(
        e -> set(e, ValueType.SS, "b", "a", "b"),
        INVALID + "Input collection [\"a\", \"b\", \"b\"] contains duplicates.",
        INVALID + "Input collection [b, a, b] contains duplicates.");
    assertTexts(
        e -> set(e, ValueType.SS, "d", "c", "d", "b", "a", "a"),
        INVALID
            + "Input collection [\"c\", \"d\", \"d\", \"b\", \"a\", \"a\"] contains duplicates.",
        INVALID + "Input collection [d, c, d, b, a, a] contains duplicates.");
    assertTexts(
        e -> set(e, ValueType.BS, "\u00ff", "\u0000", "\u0000"),
        INVALID + "Input collection [\"AA==\",\"/w==\",\"AA==\"]of type BS contains duplicates.",
        INVALID + "Input collection [/w==, AA==, AA==]of type BS contains duplicates.");
    assertTexts(
        e -> set(e, ValueType.NS, "2", "1", "2.0"),
        INVALID + "Input collection contains duplicates.",
        "Input collection contains duplicates");
  }

  @Test
  void theRest() {
    assertTexts(
        e -> e.problem(new ValueProblem.NoType()),
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
    String several =
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the"
            + " supported datatypes";
    assertTexts(e -> e.problem(new ValueProblem.MoreThanOneType()), several, several);
    String notTrue = INVALID + "Null attribute value types must have the value of true";
    assertTexts(e -> e.problem(new ValueProblem.NullNotTrue()), notTrue, notTrue);
  }

  @Test
  void nestingEndsAtThirtyTwoLevels() {
    assertThat(nested(31).problem()).isNull();
    assertThat(nested(31).finishValue().depth()).isEqualTo(32);
    assertThat(nested(32).problem()).isEqualTo(new ValueProblem.NestingTooDeep());
    assertThat(nested(200).problem()).isEqualTo(new ValueProblem.NestingTooDeep());
    assertThat(new ValueProblem.NestingTooDeep().message(ValueLayer.CURRENT))
        .isEqualTo(
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested"
                + " levels beyond supported limit");
    AttributeValue deep = new AttributeValue.Null();
    for (int i = 0; i < 32; i++) {
      deep = new AttributeValue.L(List.of(deep));
    }
    AttributeValue tooDeep = deep;
    assertThatThrownBy(() -> EncodedValue.of(tooDeep)).isInstanceOf(ValueException.class);
  }

  @Test
  void encodedValuesNestAsDeepAsOthers() {
    EncodedValue ten = nested(9).finishValue();
    assertThat(ten.depth()).isEqualTo(10);
    ItemEncoder encoder = new ItemEncoder();
    for (int around : new int[] {22, 23}) {
      encoder.beginValue();
      for (int i = 0; i < around; i++) {
        encoder.beginList();
      }
      encoder.value(ten);
      assertThat(encoder.problem() == null).as("%d + 10", around).isEqualTo(around == 22);
    }
  }

  @Test
  void theFirstProblemStaysAndTheEncoderGoesOnWithTheNextItem() {
    ItemEncoder encoder = new ItemEncoder();
    encoder.begin();
    encoder.name("a");
    encoder.beginList();
    encoder.number("x");
    encoder.number("1e999");
    encoder.endList();
    encoder.name("b");
    encoder.beginSet(ValueType.NS);
    encoder.endSet();
    assertThat(encoder.problem()).isEqualTo(new ValueProblem.NotANumber("x"));
    assertThatThrownBy(encoder::finish).isInstanceOf(IllegalStateException.class);

    encoder.begin();
    encoder.name("a");
    encoder.nul();
    assertThat(encoder.problem()).isNull();
    assertThat(encoder.finish().toMap()).containsOnlyKeys("a");
  }

  @Test
  void attributesOfItemsHaveNamesAndEntriesOfMapsNeedNone() {
    ItemEncoder encoder = new ItemEncoder();
    encoder.begin();
    encoder.name("m");
    encoder.beginMap();
    encoder.name("");
    encoder.nul();
    encoder.endMap();
    assertThat(encoder.problem()).isNull();
    encoder.name("");
    assertThat(encoder.problem()).isEqualTo(new ValueProblem.EmptyName());
  }

  private static ItemEncoder nested(int containers) {
    ItemEncoder encoder = new ItemEncoder();
    encoder.beginValue();
    for (int i = 0; i < containers; i++) {
      encoder.beginMap();
      encoder.name("x");
    }
    encoder.bool(true);
    for (int i = 0; i < containers; i++) {
      encoder.endMap();
    }
    return encoder;
  }

  private static void set(ItemEncoder encoder, ValueType type, String... members) {
    encoder.beginSet(type);
    for (String member : members) {
      switch (type) {
        case NS -> encoder.number(member);
        case BS -> encoder.binary(new byte[] {(byte) member.charAt(0)});
        case SS, S, N, B, BOOL, NULL, L, M -> encoder.string(member);
      }
    }
    encoder.endSet();
  }

  private static void assertTexts(Consumer<ItemEncoder> write, String current, String older) {
    ItemEncoder encoder = new ItemEncoder();
    encoder.beginValue();
    write.accept(encoder);
    ValueProblem problem = encoder.problem();
    assertThat(problem).isNotNull();
    assertThat(problem.message(ValueLayer.CURRENT)).isEqualTo(current);
    assertThat(problem.message(ValueLayer.OLDER)).isEqualTo(older);
  }
}
