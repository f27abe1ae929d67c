package io.equator.coordinator.router;

import io.equator.model.error.ApiError;

/** How a routed request ended. */
public sealed interface Routed<R> {

  /** The node's answer. */
  record Answer<R>(R value) implements Routed<R> {}

  /**
   * The API's error to give: the table is gone, the node is overloaded, or nobody answered in time.
   */
  record Refused<R>(ApiError error) implements Routed<R> {}

  /**
   * The keys of this request no longer lie in one partition (it was split): nothing was executed;
   * group them again and send the groups. Only requests of several keys see this.
   */
  record Scattered<R>() implements Routed<R> {}
}
