package io.equator.coordinator.api;

import org.jspecify.annotations.Nullable;

/** The start line and headers of one HTTP request, readable until the request's call returns. */
public interface RequestHead {
  /**
   * The value of a header, without blanks at its ends; null when it is not there.
   *
   * @param name in lower case
   */
  @Nullable String header(String name);

  /** The method, in upper case; some name for one that is not served. */
  String methodName();

  /** The target up to its question mark, as sent. */
  String path();

  /** What stands behind the question mark of the request's target; empty when there is none. */
  String query();
}
