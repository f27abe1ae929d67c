package io.equator.model.partiql;

import io.equator.model.error.ApiException;

/** The complaints about statements, in DynamoDB's words where they are known. */
public final class StatementErrors {
  /** A key is missing in the condition of an UPDATE or DELETE. */
  public static final String NO_KEY =
      "Where clause does not contain a mandatory equality on all key attributes";

  static final String AFTER_EXPRESSION = "Unexpected token after expression";
  static final String TERM = "Unexpected term";
  static final String KEYWORD = "Unexpected keyword";
  static final String DOT_COMPONENT = "Invalid path dot component";

  private static final String NOT_WELL_FORMED =
      "Statement wasn't well formed, can't be processed: ";

  private StatementErrors() {}

  /** A statement that cannot be read. */
  static ApiException notWellFormed(String what) {
    return ApiException.validation(NOT_WELL_FORMED + what);
  }

  static ApiException unrecognized(String function, Position at) {
    return ApiException.validation("Unrecognized function: " + function + " " + at);
  }

  static ApiException aliasing() {
    return ApiException.validation("Aliasing is not supported");
  }
}
