package io.equator.node.service;

import io.equator.proto.RequestTrace;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one answer to one call, from whatever thread. It never throws: the thread that applies the
 * log must not suffer from a caller that has gone, or from what a caller in this process does with
 * its answer.
 */
public final class Reply<T> {
  private static final Logger LOG = LoggerFactory.getLogger(Reply.class);

  private final StreamObserver<T> caller;
  private final CallObserver observer;
  private final String method;
  private final long partition;
  private final RequestTrace request;
  private final boolean observed;
  private final long startNanos;

  /** The answer to this caller. */
  public Reply(StreamObserver<T> caller) {
    this(caller, CallObserver.NONE, "", 0, RequestTrace.getDefaultInstance());
  }

  /** The same, of which the observer is told. */
  Reply(
      StreamObserver<T> caller,
      CallObserver observer,
      String method,
      long partition,
      RequestTrace request) {
    this.caller = caller;
    this.observer = observer;
    this.method = method;
    this.partition = partition;
    this.request = request;
    this.observed = !CallObserver.NONE.equals(observer);
    this.startNanos = observed ? System.nanoTime() : 0;
    if (caller instanceof ServerCallStreamObserver<T> call) {
      // With a handler, answering a call that was cancelled is not an error.
      call.setOnCancelHandler(() -> {});
    }
  }

  /** Sends it; once. */
  public void send(T answer) {
    try {
      if (observed) {
        observer.answered(method, partition, request, System.nanoTime() - startNanos);
      }
      caller.onNext(answer);
      caller.onCompleted();
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.CANCELLED) {
        LOG.warn("an answer could not be sent", e);
      }
    } catch (RuntimeException e) {
      LOG.warn("an answer could not be sent", e);
    }
  }
}
