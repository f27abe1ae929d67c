package io.equator.coordinator.api;

import io.equator.model.error.ErrorCode;
import org.jspecify.annotations.Nullable;

/** Sees each answered request; for metrics and the log of slow requests. */
@FunctionalInterface
public interface RequestObserver {
  /** Sees nothing. */
  RequestObserver NONE = _ -> {};

  /** The operation of a request whose target names none that is known. */
  String UNKNOWN_OPERATION = "_unknown";

  /** Called once per request, on any thread, just before its answer is written. Must be short. */
  void answered(Answered request);

  /**
   * A request and how it ended.
   *
   * @param operation its name, or {@link #UNKNOWN_OPERATION}
   * @param table as the request names it, see {@link AboutTable}; null when it names none, or when
   *     it was refused before its body was read
   * @param error null when it went well
   * @param nanos from the last byte of the request to the answer
   * @param id as the client sees it
   */
  record Answered(
      String operation,
      @Nullable String table,
      @Nullable ErrorCode error,
      long nanos,
      RequestId id) {}
}
