package io.equator.coordinator.catalog;

import io.equator.proto.CatalogEvent;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Hands catalog events to one watching stream, in order, at the stream's own pace.
 *
 * <p>The log's thread only queues; an executor sends. With the in-process transport a send runs the
 * watcher's listeners, and those must neither hold up the log nor run while the catalog's monitor
 * is held.
 *
 * <p>The queue is bounded: a watcher that is {@value #QUEUED_EVENTS_MAX} events behind is cut off,
 * and starts again with a full copy.
 *
 * <p>This object's monitor guards the queue and the flags, and is never held while something is
 * sent; {@code sending} makes sure that one thread at a time sends.
 */
final class CatalogWatcher {
  static final int QUEUED_EVENTS_MAX = 1024;

  private final ServerCallStreamObserver<CatalogEvent> stream;
  private final Executor sender;
  private final ArrayDeque<CatalogEvent> queue = new ArrayDeque<>();
  private boolean sending;
  private boolean overrun;
  private boolean ended;

  CatalogWatcher(ServerCallStreamObserver<CatalogEvent> stream, Executor sender) {
    this.stream = stream;
    this.sender = sender;
  }

  /** Adds an event; called in revision order. */
  synchronized void offer(CatalogEvent event) {
    if (ended || overrun) {
      return;
    }
    if (queue.size() >= QUEUED_EVENTS_MAX) {
      overrun = true;
      queue.clear();
    } else {
      queue.add(event);
    }
    wake();
  }

  /** Sends what is queued if the stream can take it; called when it has become ready. */
  synchronized void wake() {
    if (!sending && !ended) {
      sending = true;
      sender.execute(this::send);
    }
  }

  /** The watch is over: nothing more is sent. */
  synchronized void end() {
    ended = true;
    queue.clear();
  }

  private void send() {
    CatalogEvent event = next();
    while (event != null) {
      stream.onNext(event);
      event = next();
    }
  }

  /** The next event to send, or null when this run is over. */
  private synchronized @Nullable CatalogEvent next() {
    if (overrun && !ended) {
      ended = true;
      stream.onError(
          Status.RESOURCE_EXHAUSTED
              .withDescription("the watcher is too far behind: watch again")
              .asRuntimeException());
    }
    CatalogEvent event = ended || !stream.isReady() ? null : queue.poll();
    sending = event != null;
    return event;
  }
}
