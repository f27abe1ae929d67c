package io.equator.node.snapshots;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.equator.node.core.Store;
import io.equator.node.core.StoreException;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.HostedPartitions;
import io.equator.node.snapshots.OutgoingSnapshot.MadeFile;
import io.equator.proto.FetchSnapshotRequest;
import io.equator.proto.SnapshotChunk;
import io.equator.proto.SnapshotEnd;
import io.equator.proto.SnapshotServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the states of this node's partitions to nodes that ask for them, at the receiver's pace and
 * not faster than the node's bound.
 *
 * <p>A stream that breaks off leaves its {@link OutgoingSnapshot} behind for a while, so that the
 * receiver can go on where it was. That keeps old versions of rows in the store, so there are few
 * of them and not for long.
 *
 * <p>Threads: a stream has one of its own, which reads the store. The monitor guards what is kept.
 */
public final class SnapshotEndpoint extends SnapshotServiceGrpc.SnapshotServiceImplBase
    implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotEndpoint.class);
  private static final int CHUNK_BYTES = 256 << 10;

  /** A receiver that takes nothing for so long is given up. */
  private static final Duration READY_WITHIN = Duration.ofSeconds(60);

  private final HostedPartitions partitions;
  private final Store store;
  private final Path directory;
  private final SnapshotLimits limits;
  private final ByteThrottle throttle;
  private final Semaphore sending;
  private final ExecutorService senders;
  private final SecureRandom random = new SecureRandom();

  /** Those that broke off, the oldest first. */
  private final Map<ByteString, Kept> kept = new LinkedHashMap<>();

  private volatile boolean closed;

  private record Kept(OutgoingSnapshot snapshot, long untilNanos) {}

  /**
   * @param directory for files on their way; what is left of a former process in it is deleted
   */
  public SnapshotEndpoint(
      HostedPartitions partitions, Store store, Path directory, SnapshotLimits limits) {
    this.partitions = partitions;
    this.store = store;
    this.directory = directory;
    this.limits = limits;
    this.throttle = new ByteThrottle(limits.bytesPerSecond(), System::nanoTime);
    this.sending = new Semaphore(limits.sendingMax());
    // Platform threads: reading the store holds a carrier.
    this.senders =
        Executors.newThreadPerTaskExecutor(
            Thread.ofPlatform().daemon().name("snapshot-out-", 0).factory());
    Directories.deleteQuietly(directory);
  }

  @Override
  public void fetch(FetchSnapshotRequest request, StreamObserver<SnapshotChunk> answer) {
    Pace pace = new Pace((ServerCallStreamObserver<SnapshotChunk>) answer);
    if (closed || !sending.tryAcquire()) {
      answer.onError(
          Status.RESOURCE_EXHAUSTED
              .withDescription("too many states are being sent from here")
              .asRuntimeException());
      return;
    }
    try {
      senders.execute(
          () -> {
            try {
              serve(request, pace);
            } finally {
              sending.release();
            }
          });
    } catch (RejectedExecutionException e) {
      sending.release();
      answer.onError(Status.UNAVAILABLE.withDescription("closing").asRuntimeException());
    }
  }

  private void serve(FetchSnapshotRequest request, Pace pace) {
    OutgoingSnapshot snapshot = null;
    boolean goesOn = false;
    try {
      snapshot = request.getSnapshotId().isEmpty() ? begin(request) : goOn(request);
      LOG.info("sending {} from file {}", snapshot, request.getFileNumber());
      send(snapshot, request, pace);
    } catch (StatusRuntimeException e) {
      goesOn = true;
      pace.fail(e);
    } catch (CancellationException e) {
      goesOn = true;
      LOG.info("the receiver of {} has gone", snapshot);
    } catch (InterruptedException e) {
      pace.fail(Status.UNAVAILABLE.withDescription("closing").asRuntimeException());
    } catch (IOException | RuntimeException e) {
      LOG.error("sending {} failed", snapshot, e);
      pace.fail(Status.INTERNAL.withDescription(String.valueOf(e)).asRuntimeException());
    } finally {
      if (snapshot != null) {
        end(snapshot, goesOn);
      }
    }
  }

  private OutgoingSnapshot begin(FetchSnapshotRequest request) {
    long id = request.getPartition().getPartitionId();
    HostedPartition partition = partitions.partition(id);
    if (partition == null || partition.descriptor().epoch() != request.getPartition().getEpoch()) {
      throw Status.FAILED_PRECONDITION
          .withDescription("partition " + id + " is not here")
          .asRuntimeException();
    }
    byte[] name = new byte[16];
    random.nextBytes(name);
    OutgoingSnapshot snapshot;
    try {
      snapshot =
          new OutgoingSnapshot(
              store,
              partition.machine(),
              ByteString.copyFrom(name),
              directory.resolve(HexFormat.of().formatHex(name)),
              limits.fileBytes());
    } catch (StoreException e) {
      throw Status.FAILED_PRECONDITION.withDescription(e.getMessage()).asRuntimeException();
    }
    if (snapshot.header().getIndex() < request.getAtLeastIndex()) {
      long index = snapshot.header().getIndex();
      snapshot.close();
      throw Status.FAILED_PRECONDITION
          .withDescription("partition " + id + " is here at " + index)
          .asRuntimeException();
    }
    return snapshot;
  }

  private OutgoingSnapshot goOn(FetchSnapshotRequest request) {
    Kept found;
    synchronized (this) {
      found = kept.remove(request.getSnapshotId());
    }
    if (found == null) {
      throw Status.NOT_FOUND
          .withDescription("that state is not kept here any more")
          .asRuntimeException();
    }
    if (!found.snapshot.reaches(request.getFileNumber())) {
      found.snapshot.close();
      throw Status.NOT_FOUND
          .withDescription("file " + request.getFileNumber() + " is not kept here any more")
          .asRuntimeException();
    }
    return found.snapshot;
  }

  private void send(OutgoingSnapshot snapshot, FetchSnapshotRequest request, Pace pace)
      throws IOException, InterruptedException {
    pace.send(SnapshotChunk.newBuilder().setHeader(snapshot.header()).build());
    int number = request.getFileNumber();
    long offset = request.getOffset();
    MadeFile file = snapshot.file(number);
    while (file != null) {
      send(file.path(), offset, pace);
      pace.send(SnapshotChunk.newBuilder().setFile(file.file()).build());
      offset = 0;
      number++;
      file = snapshot.file(number);
    }
    pace.send(SnapshotChunk.newBuilder().setEnd(SnapshotEnd.newBuilder().setFiles(number)).build());
    pace.complete();
  }

  private void send(Path path, long offset, Pace pace) throws IOException, InterruptedException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.position(offset);
      while (true) {
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
        int read = channel.read(buffer);
        if (read < 0) {
          return;
        }
        throttle.pass(read);
        pace.send(
            SnapshotChunk.newBuilder()
                .setData(UnsafeByteOperations.unsafeWrap(buffer.flip()))
                .build());
      }
    }
  }

  private void end(OutgoingSnapshot snapshot, boolean goesOn) {
    OutgoingSnapshot oldest = null;
    synchronized (this) {
      if (!goesOn || closed) {
        oldest = snapshot;
      } else {
        kept.put(
            snapshot.header().getSnapshotId(),
            new Kept(snapshot, System.nanoTime() + limits.keptFor().toNanos()));
        if (kept.size() > limits.sendingMax()) {
          Iterator<Kept> first = kept.values().iterator();
          oldest = first.next().snapshot;
          first.remove();
        }
      }
    }
    if (oldest != null) {
      oldest.close();
    }
  }

  /** Lets go of those that broke off too long ago. */
  public void expire() {
    long now = System.nanoTime();
    while (true) {
      Kept expired;
      synchronized (this) {
        Iterator<Kept> first = kept.values().iterator();
        if (!first.hasNext()) {
          return;
        }
        expired = first.next();
        if (expired.untilNanos - now > 0) {
          return;
        }
        first.remove();
      }
      expired.snapshot.close();
    }
  }

  /** How many broke off and are kept, for tests. */
  synchronized int keptCount() {
    return kept.size();
  }

  /** Ends all streams and waits for their threads. Idempotent. */
  @Override
  public void close() {
    closed = true;
    senders.shutdownNow();
    try {
      while (!senders.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("a state is still being sent");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      kept.values().forEach(one -> one.snapshot.close());
      kept.clear();
    }
  }

  /** A stream to a receiver, at its pace: sending waits until it can take more. */
  private static final class Pace {
    private final ServerCallStreamObserver<SnapshotChunk> stream;

    Pace(ServerCallStreamObserver<SnapshotChunk> stream) {
      this.stream = stream;
      stream.setOnReadyHandler(this::wake);
      stream.setOnCancelHandler(this::wake);
    }

    private synchronized void wake() {
      notifyAll();
    }

    void send(SnapshotChunk chunk) throws InterruptedException {
      long deadline = System.nanoTime() + READY_WITHIN.toNanos();
      synchronized (this) {
        while (!stream.isReady() && !stream.isCancelled()) {
          long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
          if (left <= 0) {
            throw Status.DEADLINE_EXCEEDED
                .withDescription("nothing was taken for " + READY_WITHIN)
                .asRuntimeException();
          }
          wait(left);
        }
      }
      if (stream.isCancelled()) {
        throw new CancellationException();
      }
      stream.onNext(chunk);
    }

    void complete() {
      stream.onCompleted();
    }

    void fail(StatusRuntimeException e) {
      if (!stream.isCancelled()) {
        try {
          stream.onError(e);
        } catch (IllegalStateException ended) {
          LOG.debug("the stream had ended", ended);
        }
      }
    }
  }
}
