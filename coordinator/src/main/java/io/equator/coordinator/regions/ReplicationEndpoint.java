package io.equator.coordinator.regions;

import io.equator.proto.ReplicateRequest;
import io.equator.proto.ReplicateResponse;
import io.equator.proto.ReplicationCursorRequest;
import io.equator.proto.ReplicationCursorResponse;
import io.equator.proto.ReplicationServiceGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The inbox as other regions call it. */
public final class ReplicationEndpoint extends ReplicationServiceGrpc.ReplicationServiceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicationEndpoint.class);

  private final Inbox inbox;

  /** Serves an inbox. */
  public ReplicationEndpoint(Inbox inbox) {
    this.inbox = inbox;
  }

  @Override
  public void apply(ReplicateRequest request, StreamObserver<ReplicateResponse> caller) {
    answer(inbox.apply(request), caller);
  }

  @Override
  public void cursor(
      ReplicationCursorRequest request, StreamObserver<ReplicationCursorResponse> caller) {
    answer(inbox.cursor(request), caller);
  }

  private static <T> void answer(CompletableFuture<T> future, StreamObserver<T> caller) {
    var _ =
        future.whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                LOG.error("a call of another region failed", failure);
                caller.onError(Status.INTERNAL.asRuntimeException());
                return;
              }
              try {
                caller.onNext(answer);
                caller.onCompleted();
              } catch (RuntimeException e) {
                LOG.debug("another region does not listen any more", e);
              }
            });
  }
}
