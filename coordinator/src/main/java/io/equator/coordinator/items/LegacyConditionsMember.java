package io.equator.coordinator.items;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireValue;
import io.equator.model.expression.legacy.LegacyCondition;
import io.equator.model.expression.legacy.LegacyOperator;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ValueProblem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A map of {@code Condition} structures as sent: KeyConditions, QueryFilter or ScanFilter. */
public final class LegacyConditionsMember {
  /** One condition as sent. */
  private static final class Entry {
    @Nullable String operator;
    List<WireValue> values = List.of();
  }

  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private LegacyConditionsMember() {}

  /** Reads the map. */
  public static LegacyConditionsMember read(WireReader in) {
    LegacyConditionsMember member = new LegacyConditionsMember();
    in.beginMap("Condition");
    while (in.nextEntry()) {
      Entry entry = new Entry();
      member.entries.put(in.key(), entry);
      in.beginStruct("Condition");
      while (in.nextMember()) {
        switch (in.member()) {
          case "ComparisonOperator" -> entry.operator = in.string();
          case "AttributeValueList" -> entry.values = values(in);
          default -> in.skip();
        }
      }
    }
    return member;
  }

  /** Reads an AttributeValueList. */
  static List<WireValue> values(WireReader in) {
    List<WireValue> values = new ArrayList<>();
    in.beginList();
    while (in.nextElement()) {
      values.add(in.attributeValue());
    }
    return values;
  }

  /** Checks the members of each condition. */
  public void check(Constraints constraints, String member) {
    for (Map.Entry<String, Entry> entry : entries.entrySet()) {
      constraints.enterEntry(member, entry.getKey());
      String operator = entry.getValue().operator;
      if (constraints.notNull("comparisonOperator", operator)) {
        constraints.enumValue("comparisonOperator", operator, RequestEnums.COMPARISON_OPERATOR);
      }
      constraints.leave();
    }
  }

  /** The conditions, whose members have been checked; throws when a value is wrong. */
  public List<LegacyCondition> conditions(ValueWording wording) {
    List<LegacyCondition> conditions = new ArrayList<>(entries.size());
    for (Map.Entry<String, Entry> entry : entries.entrySet()) {
      conditions.add(
          new LegacyCondition(
              entry.getKey(),
              operator(entry.getValue().operator),
              decoded(entry.getValue().values, wording)));
    }
    return conditions;
  }

  static LegacyOperator operator(@Nullable String checked) {
    return LegacyOperator.of(checked == null ? "" : checked).orElseThrow();
  }

  static List<AttributeValue> decoded(List<WireValue> values, ValueWording wording) {
    List<AttributeValue> decoded = new ArrayList<>(values.size());
    for (WireValue value : values) {
      decoded.add(decoded(value, wording));
    }
    return decoded;
  }

  static AttributeValue decoded(WireValue read, ValueWording wording) {
    EncodedValue value = read.value();
    ValueProblem problem = read.problem();
    if (value == null) {
      throw wording.refusal(problem == null ? new ValueProblem.NoType() : problem);
    }
    return value.decode();
  }
}
