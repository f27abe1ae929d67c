package io.equator.coordinator.api;

/** Takes the one answer to a request. */
@FunctionalInterface
public interface ReplySink {
  /** Called once, on any thread. */
  void reply(ApiReply reply);
}
