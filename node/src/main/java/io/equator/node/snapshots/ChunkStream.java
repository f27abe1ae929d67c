package io.equator.node.snapshots;

import io.equator.proto.FetchSnapshotRequest;
import io.equator.proto.SnapshotChunk;
import io.equator.proto.SnapshotServiceGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The chunks of one stream, taken by one thread; the sender is a few chunks ahead at most. */
final class ChunkStream
    implements ClientResponseObserver<FetchSnapshotRequest, SnapshotChunk>, AutoCloseable {
  private static final int AHEAD = 8;

  /** One message, or the end with its status. */
  private record Event(@Nullable SnapshotChunk chunk, Status end) {}

  private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private volatile @Nullable ClientCallStreamObserver<FetchSnapshotRequest> call;

  static ChunkStream open(Channel channel, FetchSnapshotRequest request) {
    ChunkStream stream = new ChunkStream();
    SnapshotServiceGrpc.newStub(channel).fetch(request, stream);
    return stream;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<FetchSnapshotRequest> started) {
    call = started;
    started.disableAutoRequestWithInitial(AHEAD);
  }

  @Override
  public void onNext(SnapshotChunk chunk) {
    events.add(new Event(chunk, Status.OK));
  }

  @Override
  public void onError(Throwable cause) {
    events.add(new Event(null, Status.fromThrowable(cause)));
  }

  @Override
  public void onCompleted() {
    events.add(new Event(null, Status.OK));
  }

  /**
   * The next chunk.
   *
   * @return null at the end
   * @throws StatusRuntimeException when the stream broke off, or nothing comes for so long
   */
  @Nullable SnapshotChunk next(Duration within) throws InterruptedException {
    Event event = events.poll(within.toMillis(), TimeUnit.MILLISECONDS);
    if (event == null) {
      throw Status.DEADLINE_EXCEEDED
          .withDescription("nothing came for " + within)
          .asRuntimeException();
    }
    if (event.chunk == null) {
      if (!event.end.isOk()) {
        throw event.end.asRuntimeException();
      }
      return null;
    }
    ClientCallStreamObserver<FetchSnapshotRequest> running = call;
    if (running != null) {
      running.request(1);
    }
    return event.chunk;
  }

  @Override
  public void close() {
    ClientCallStreamObserver<FetchSnapshotRequest> running = call;
    if (running != null) {
      running.cancel("enough", null);
    }
  }
}
