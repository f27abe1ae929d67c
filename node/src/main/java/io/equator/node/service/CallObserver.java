package io.equator.node.service;

import io.equator.proto.RequestTrace;

/** Sees each answered call of a node; for metrics and the log of slow calls. */
@FunctionalInterface
public interface CallObserver {
  /** Sees nothing. */
  CallObserver NONE = (_, _, _, _) -> {};

  /**
   * Called once per call, on any thread, just before its answer is sent. Must be short.
   *
   * @param method its name in the service, {@code Get} for example
   * @param partition that was asked
   * @param request the client's request that the call is part of; the default message when none
   * @param nanos from its arrival to its answer
   */
  void answered(String method, long partition, RequestTrace request, long nanos);
}
