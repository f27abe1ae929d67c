package io.equator.coordinator.tables;

import io.equator.model.error.ApiException;
import org.jspecify.annotations.Nullable;

/**
 * The parameter {@code TableName}: a table's name, or since 2024 its ARN.
 *
 * <p>The control plane complains about this parameter alone, before it looks at any other, and
 * about its absence in words of its own.
 */
final class TableNameParameter {
  private static final String TABLE = ":table/";

  private TableNameParameter() {}

  /** Checks the parameter as it was sent. */
  static void checkRequired(@Nullable String tableName, int lengthMin) {
    if (tableName == null) {
      throw ApiException.validation(
          "The parameter 'TableName' is required but was not present in the request");
    }
    ShapeConstraints constraints = new ShapeConstraints();
    constraints.tableName(tableName, lengthMin);
    constraints.throwIfAny();
  }

  /**
   * The name of the table that is meant.
   *
   * @param parameter what {@link #checkRequired} has passed
   */
  static String resolve(@Nullable String parameter, Arns arns) {
    if (parameter == null) {
      throw new IllegalArgumentException("checkRequired comes first");
    }
    if (!parameter.startsWith("arn:")) {
      return parameter;
    }
    String prefix = arns.tablePrefix();
    if (parameter.startsWith(prefix) && isName(parameter, prefix.length())) {
      return parameter.substring(prefix.length());
    }
    // A well-formed ARN of another account or region names a table that is not here.
    int table = parameter.indexOf(TABLE);
    if (parameter.startsWith("arn:aws:dynamodb:")
        && table > 0
        && isName(parameter, table + TABLE.length())) {
      throw Rules.tableNotFound(parameter.substring(table + TABLE.length()));
    }
    throw ApiException.validation("Invalid TableArn: " + parameter);
  }

  private static boolean isName(String arn, int from) {
    return from < arn.length() && arn.indexOf('/', from) < 0;
  }
}
