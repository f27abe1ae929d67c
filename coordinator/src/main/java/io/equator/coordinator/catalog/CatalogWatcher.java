package io.equator.coordinator.catalog;

import io.equator.proto.CatalogEvent;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;

/**
 * Hands catalog events to one watching stream, in order, at the stream's own pace.
 *
 * <p>The queue is bounded: a watcher that is {@value #QUEUED_EVENTS_MAX} events behind is cut off,
 * and starts again with a full copy. Events are sent outside the catalog's monitor only as far as
 * the stream is ready.
 */
final class CatalogWatcher {
  static final int QUEUED_EVENTS_MAX = 1024;

  private final ServerCallStreamObserver<CatalogEvent> stream;
  private final ArrayDeque<CatalogEvent> queue = new ArrayDeque<>();
  private boolean ended;

  CatalogWatcher(ServerCallStreamObserver<CatalogEvent> stream) {
    this.stream = stream;
  }

  /** Adds an event; called in revision order. */
  synchronized void offer(CatalogEvent event) {
    if (ended) {
      return;
    }
    if (queue.size() >= QUEUED_EVENTS_MAX) {
      ended = true;
      queue.clear();
      stream.onError(
          Status.RESOURCE_EXHAUSTED
              .withDescription("the watcher is too far behind: watch again")
              .asRuntimeException());
      return;
    }
    queue.add(event);
    drain();
  }

  /** Sends what the stream is ready to take. */
  synchronized void drain() {
    while (!ended && !stream.isCancelled() && stream.isReady() && !queue.isEmpty()) {
      stream.onNext(queue.remove());
    }
  }
}
