package io.equator.coordinator.items;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireValue;
import io.equator.model.expression.legacy.LegacyExpectation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code Expected} as sent. */
final class ExpectedMember {
  /** One expectation as sent. */
  private static final class Entry {
    @Nullable WireValue value;
    @Nullable Boolean exists;
    @Nullable String operator;
    @Nullable List<WireValue> values;
  }

  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private ExpectedMember() {}

  static ExpectedMember read(WireReader in) {
    ExpectedMember member = new ExpectedMember();
    in.beginMap("ExpectedAttributeValue");
    while (in.nextEntry()) {
      Entry entry = new Entry();
      member.entries.put(in.key(), entry);
      in.beginStruct("ExpectedAttributeValue");
      while (in.nextMember()) {
        switch (in.member()) {
          case "Value" -> entry.value = in.attributeValue();
          case "Exists" -> entry.exists = in.bool();
          case "ComparisonOperator" -> entry.operator = in.string();
          case "AttributeValueList" -> entry.values = LegacyConditionsMember.values(in);
          default -> in.skip();
        }
      }
    }
    return member;
  }

  void check(Constraints constraints) {
    for (Map.Entry<String, Entry> entry : entries.entrySet()) {
      constraints.enterEntry("expected", entry.getKey());
      constraints.enumValue(
          "comparisonOperator", entry.getValue().operator, RequestEnums.COMPARISON_OPERATOR);
      constraints.leave();
    }
  }

  /** The expectations, whose members have been checked; throws when a value is wrong. */
  List<LegacyExpectation> expectations(ValueWording wording) {
    List<LegacyExpectation> expectations = new ArrayList<>(entries.size());
    for (Map.Entry<String, Entry> entry : entries.entrySet()) {
      Entry sent = entry.getValue();
      WireValue value = sent.value;
      List<WireValue> values = sent.values;
      expectations.add(
          new LegacyExpectation(
              entry.getKey(),
              value == null ? null : LegacyConditionsMember.decoded(value, wording),
              sent.exists,
              sent.operator == null ? null : LegacyConditionsMember.operator(sent.operator),
              values == null ? null : LegacyConditionsMember.decoded(values, wording)));
    }
    return expectations;
  }
}
