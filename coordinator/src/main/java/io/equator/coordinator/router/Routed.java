package io.equator.coordinator.router;

import io.equator.model.error.ApiError;
import java.util.concurrent.CompletableFuture;

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

  /**
   * Whether a request is known to be refused by now, as one that was not sent at all is at once.
   */
  static <R> boolean isRefused(CompletableFuture<Routed<R>> request) {
    return request.isDone()
        && !request.isCompletedExceptionally()
        && request.join() instanceof Refused<R>;
  }
}
