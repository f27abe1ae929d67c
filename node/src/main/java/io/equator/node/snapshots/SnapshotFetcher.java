package io.equator.node.snapshots;

import io.equator.partitioner.NodeId;
import io.equator.proto.FetchSnapshotRequest;
import io.equator.proto.PartitionRef;
import io.equator.proto.SnapshotChunk;
import io.equator.proto.SnapshotHeader;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches the state of a partition from one of several nodes.
 *
 * <p>A stream that breaks off goes on at the same node, where it was, a few times; then the next
 * node is asked, from the beginning: the files of two nodes have nothing to do with each other.
 *
 * <p>Threads: one at a time.
 */
final class SnapshotFetcher {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotFetcher.class);
  private static final Duration CHUNK_WITHIN = Duration.ofSeconds(30);
  private static final int ATTEMPTS = 4;
  private static final long RETRY_MILLIS = 250;

  /** Room that must be left on the disk beyond what has come. */
  private static final long FREE_BYTES_MIN = 256L << 20;

  private final Function<NodeId, @Nullable Channel> channels;
  private final Path directory;
  private @Nullable IncomingSnapshot incoming;

  /**
   * @param channels to the nodes; null for one that is not known
   * @param directory where states of this partition arrive
   */
  SnapshotFetcher(Function<NodeId, @Nullable Channel> channels, Path directory) {
    this.channels = channels;
    this.directory = directory;
  }

  /**
   * Fetches a state that holds the entry at {@code atLeastIndex}, or a later one.
   *
   * @param sources in the order in which they are asked
   * @return a whole state, checked and on disk; empty when nobody gave one
   * @throws IOException when it cannot be written here
   */
  Optional<IncomingSnapshot> fetch(PartitionRef partition, long atLeastIndex, List<NodeId> sources)
      throws IOException, InterruptedException {
    try {
      for (NodeId source : sources) {
        Channel channel = channels.apply(source);
        if (channel != null && fetch(partition, atLeastIndex, source, channel)) {
          IncomingSnapshot whole = incoming;
          incoming = null;
          return Optional.ofNullable(whole);
        }
      }
      return Optional.empty();
    } finally {
      forget();
    }
  }

  private boolean fetch(PartitionRef partition, long atLeastIndex, NodeId source, Channel channel)
      throws IOException, InterruptedException {
    forget();
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      FetchSnapshotRequest.Builder request =
          FetchSnapshotRequest.newBuilder().setPartition(partition).setAtLeastIndex(atLeastIndex);
      IncomingSnapshot partial = incoming;
      if (partial != null) {
        request
            .setSnapshotId(partial.header().getSnapshotId())
            .setFileNumber(partial.nextFile())
            .setOffset(partial.offset());
      }
      try (ChunkStream stream = ChunkStream.open(channel, request.build())) {
        receive(stream, partition, atLeastIndex);
        return true;
      } catch (StatusRuntimeException e) {
        LOG.info(
            "the state of partition {} from {} broke off: {}",
            partition.getPartitionId(),
            source,
            e.getMessage());
        Status.Code code = e.getStatus().getCode();
        if (code == Status.Code.NOT_FOUND) {
          forget();
        } else if (code == Status.Code.FAILED_PRECONDITION
            || code == Status.Code.RESOURCE_EXHAUSTED
            || code == Status.Code.UNIMPLEMENTED) {
          return false;
        }
      } catch (DamagedException e) {
        LOG.warn("the state of partition {} from {}", partition.getPartitionId(), source, e);
        forget();
      }
      TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS * attempt);
    }
    return false;
  }

  private void receive(ChunkStream stream, PartitionRef partition, long atLeastIndex)
      throws IOException, InterruptedException {
    while (true) {
      SnapshotChunk chunk = stream.next(CHUNK_WITHIN);
      if (chunk == null) {
        throw new DamagedException("it ended before its end");
      }
      if (chunk.hasHeader()) {
        begin(chunk.getHeader(), partition, atLeastIndex);
        continue;
      }
      IncomingSnapshot to = incoming;
      if (to == null) {
        throw new DamagedException("it began without a header");
      }
      switch (chunk.getKindCase()) {
        case DATA -> to.add(chunk.getData());
        case FILE -> {
          to.end(chunk.getFile());
          requireRoom();
        }
        case END -> {
          to.end(chunk.getEnd());
          return;
        }
        case HEADER, KIND_NOT_SET -> throw new DamagedException("it holds something unknown");
      }
    }
  }

  private void begin(SnapshotHeader header, PartitionRef partition, long atLeastIndex)
      throws IOException {
    if (header.getPartitionId() != partition.getPartitionId()
        || header.getEpoch() != partition.getEpoch()
        || header.getIndex() < atLeastIndex) {
      throw new DamagedException("it is not the one that was asked for: " + header);
    }
    IncomingSnapshot partial = incoming;
    if (partial == null) {
      Files.createDirectories(directory);
      requireRoom();
      incoming = IncomingSnapshot.begin(directory, header);
    } else if (!partial.header().equals(header)) {
      throw new DamagedException("it goes on as another one");
    }
  }

  private void requireRoom() throws IOException {
    long free = Files.getFileStore(directory).getUsableSpace();
    if (free < FREE_BYTES_MIN) {
      throw new IOException(
          "only " + free + " bytes are free in " + directory + ", a state cannot be fetched");
    }
  }

  private void forget() {
    IncomingSnapshot partial = incoming;
    incoming = null;
    if (partial != null) {
      partial.delete();
    }
  }

  /** What came is not what was sent. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1;

    DamagedException(String message) {
      super(message);
    }
  }
}
