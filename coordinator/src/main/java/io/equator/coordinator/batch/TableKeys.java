package io.equator.coordinator.batch;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.TextPattern;
import io.equator.coordinator.items.MemberChecks;
import io.equator.model.error.ApiException;
import java.util.Collection;
import java.util.function.Supplier;

/** Checks of RequestItems as a map from tables. */
final class TableKeys {
  private static final int NAME_LENGTH_MIN = 3;
  private static final int NAME_LENGTH_MAX = 255;

  private TableKeys() {}

  /** There must be a table, once the map is known to be there. */
  static void checkNotEmpty(Collection<String> tables, String operation) {
    if (tables.isEmpty()) {
      throw ApiException.validation("The requestItems parameter is required for " + operation);
    }
  }

  /** Each table is named by a name or an ARN. */
  static void checkNames(
      Constraints constraints, Collection<String> tables, Supplier<?> printedRequestItems) {
    for (String table : tables) {
      if (!MemberChecks.isArn(table)
          && (table.length() < NAME_LENGTH_MIN
              || table.length() > NAME_LENGTH_MAX
              || !TextPattern.NAME.matches(table))) {
        constraints.fail(
            "requestItems",
            printedRequestItems.get(),
            "Map keys must satisfy constraint: [Member must have length less than or equal to 255,"
                + " Member must have length greater than or equal to 3, Member must satisfy regular"
                + " expression pattern: [a-zA-Z0-9_.-]+]");
        return;
      }
    }
  }
}
