package io.equator.coordinator.items;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireValue;
import io.equator.model.expression.legacy.LegacyUpdate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code AttributeUpdates} as sent. */
final class AttributeUpdatesMember {
  /** One update as sent. */
  private static final class Entry {
    @Nullable String action;
    @Nullable WireValue value;
  }

  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private AttributeUpdatesMember() {}

  static AttributeUpdatesMember read(WireReader in) {
    AttributeUpdatesMember member = new AttributeUpdatesMember();
    in.beginMap("AttributeValueUpdate");
    while (in.nextEntry()) {
      Entry entry = new Entry();
      member.entries.put(in.key(), entry);
      in.beginStruct("AttributeValueUpdate");
      while (in.nextMember()) {
        switch (in.member()) {
          case "Value" -> entry.value = in.attributeValue();
          case "Action" -> entry.action = in.string();
          default -> in.skip();
        }
      }
    }
    return member;
  }

  void check(Constraints constraints) {
    for (Map.Entry<String, Entry> entry : entries.entrySet()) {
      constraints.enterEntry("attributeUpdates", entry.getKey());
      constraints.enumValue("action", entry.getValue().action, RequestEnums.ATTRIBUTE_ACTION);
      constraints.leave();
    }
  }

  /** The updates, whose members have been checked; throws when a value is wrong. */
  List<LegacyUpdate> updates(ValueWording wording) {
    List<LegacyUpdate> updates = new ArrayList<>(entries.size());
    for (Map.Entry<String, Entry> entry : entries.entrySet()) {
      Entry sent = entry.getValue();
      WireValue value = sent.value;
      updates.add(
          new LegacyUpdate(
              entry.getKey(),
              sent.action == null
                  ? LegacyUpdate.Action.PUT
                  : LegacyUpdate.Action.valueOf(sent.action),
              value == null ? null : LegacyConditionsMember.decoded(value, wording)));
    }
    return updates;
  }
}
