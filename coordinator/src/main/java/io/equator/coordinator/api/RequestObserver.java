package io.equator.coordinator.api;

/** Sees each answered request; for metrics and traces. */
@FunctionalInterface
public interface RequestObserver {
  /** Sees nothing. */
  RequestObserver NONE = (operation, status, nanos) -> {};

  /**
   * Called once per request to a known operation, on any thread.
   *
   * @param operation its name
   * @param status the HTTP status of the answer
   * @param nanos from the last byte of the request to the answer
   */
  void answered(String operation, int status, long nanos);
}
