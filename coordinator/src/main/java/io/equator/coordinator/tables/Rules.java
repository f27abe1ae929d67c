package io.equator.coordinator.tables;

import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;

/** Errors that several operations on tables share, with DynamoDB's texts. */
final class Rules {
  /** How most complaints about the meaning of a request begin. */
  static final String INVALID = "One or more parameter values were invalid: ";

  private Rules() {}

  /** The request cannot mean what it says. */
  static ApiException invalid(String what) {
    return ApiException.validation(INVALID + what);
  }

  /** No such table, as the control plane says it. */
  static ApiException tableNotFound(String table) {
    return ApiException.of(
        ErrorCode.RESOURCE_NOT_FOUND,
        "Requested resource not found: Table: " + table + " not found");
  }

  /**
   * The table is not in a state to be changed.
   *
   * @param doing what is done to it, for example {@code updated}
   */
  static ApiException tableInUse(String table, String doing) {
    return ApiException.of(
        ErrorCode.RESOURCE_IN_USE,
        "Attempt to change a resource which is still in use: Table is being "
            + doing
            + ": "
            + table);
  }

  /** A quota of the account is used up. */
  static ApiException limitExceeded(String what) {
    return ApiException.of(ErrorCode.LIMIT_EXCEEDED, "Subscriber limit exceeded: " + what);
  }

  /** The catalog could not be reached, or gave no answer in time. */
  static ApiException internal() {
    return ApiException.of(ErrorCode.INTERNAL_SERVER_ERROR, "Internal server error");
  }
}
