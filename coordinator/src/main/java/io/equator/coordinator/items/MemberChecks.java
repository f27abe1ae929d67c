package io.equator.coordinator.items;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.TextPattern;
import org.jspecify.annotations.Nullable;

/** Constraints of members that many item operations have. */
public final class MemberChecks {
  /**
   * What every table-addressing parameter of the data plane allows: shorter names than CreateTable
   * does.
   */
  private static final int TABLE_NAME_LENGTH_MAX = 255;

  private static final int TABLE_ARN_LENGTH_MAX = 1024;
  private static final int INDEX_NAME_LENGTH_MIN = 3;

  private MemberChecks() {}

  /** Checks TableName, which is told alone, before anything else. */
  public static void tableName(@Nullable String name) {
    if (name != null && isName(name)) {
      return;
    }
    Constraints constraints = new Constraints();
    if (constraints.notNull("tableName", name) && name != null && !isArn(name)) {
      constraints.length("tableName", name, 1, TABLE_NAME_LENGTH_MAX);
      if (!name.isEmpty()) {
        constraints.pattern("tableName", name, TextPattern.NAME);
      }
    }
    constraints.throwIfAny();
  }

  private static boolean isName(String name) {
    return name.length() <= TABLE_NAME_LENGTH_MAX && TextPattern.NAME.matches(name);
  }

  /** Whether a table is named by ARN and not by name. */
  public static boolean isArn(String name) {
    return name.startsWith("arn:") && name.length() <= TABLE_ARN_LENGTH_MAX;
  }

  /** Checks IndexName. */
  public static void indexName(Constraints constraints, @Nullable String name) {
    constraints.length("indexName", name, INDEX_NAME_LENGTH_MIN, TABLE_NAME_LENGTH_MAX);
    constraints.pattern("indexName", name, TextPattern.NAME);
  }
}
