package io.equator.model.expression.legacy;

import io.equator.model.error.ApiException;
import io.equator.model.item.AttributeValue;
import io.equator.proto.PathValue;
import io.equator.proto.SetAction;
import io.equator.proto.SetValue;
import io.equator.proto.Update;
import java.util.List;

/** Checks AttributeUpdates and turns them into the message of an update. */
public final class LegacyUpdates {
  private static final String INVALID = "One or more parameter values were invalid: ";

  private LegacyUpdates() {}

  /**
   * Checks the entries.
   *
   * @throws ApiException with DynamoDB's complaint about the first that is wrong
   */
  public static void check(List<LegacyUpdate> updates) {
    for (LegacyUpdate update : updates) {
      AttributeValue value = update.value();
      if (value == null) {
        if (update.action() != LegacyUpdate.Action.DELETE) {
          throw ApiException.validation(
              INVALID + "Only DELETE action is allowed when no attribute value is specified");
        }
        continue;
      }
      boolean set = value.type().isSet();
      boolean allowed =
          switch (update.action()) {
            case PUT -> true;
            case DELETE -> set;
            // ADD of a list appends to it: not documented, observed on the real service.
            case ADD ->
                set || value instanceof AttributeValue.N || value instanceof AttributeValue.L;
          };
      if (!allowed) {
        String action =
            update.action() == LegacyUpdate.Action.ADD ? "ADD action" : "DELETE action with value";
        throw ApiException.validation(
            INVALID + action + " is not supported for the type " + value.typeName());
      }
    }
  }

  /** The update that these entries make. */
  public static Update toUpdate(List<LegacyUpdate> updates) {
    Update.Builder result = Update.newBuilder().setLegacy(true);
    for (LegacyUpdate update : updates) {
      AttributeValue value = update.value();
      if (value == null) {
        result.addRemoves(LegacyConditions.path(update.attribute()));
        continue;
      }
      switch (update.action()) {
        case PUT ->
            result.addSets(
                SetAction.newBuilder()
                    .setPath(LegacyConditions.path(update.attribute()))
                    .setValue(SetValue.newBuilder().setValue(LegacyConditions.encoded(value))));
        case ADD -> result.addAdds(pathValue(update.attribute(), value));
        case DELETE -> result.addDeletes(pathValue(update.attribute(), value));
      }
    }
    return result.build();
  }

  private static PathValue pathValue(String attribute, AttributeValue value) {
    return PathValue.newBuilder()
        .setPath(LegacyConditions.path(attribute))
        .setValue(LegacyConditions.encoded(value))
        .build();
  }
}
