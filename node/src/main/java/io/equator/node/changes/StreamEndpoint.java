package io.equator.node.changes;

import io.equator.node.core.ChangePosition;
import io.equator.node.core.ChangeReader.Change;
import io.equator.node.core.ChangeReader.Changes;
import io.equator.node.core.Redirects;
import io.equator.node.core.StoreException;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.HostedPartitions;
import io.equator.node.service.Reply;
import io.equator.proto.ChangePlace;
import io.equator.proto.Redirect;
import io.equator.proto.StreamChange;
import io.equator.proto.StreamPage;
import io.equator.proto.StreamReadRequest;
import io.equator.proto.StreamReadResponse;
import io.equator.proto.StreamServiceGrpc;
import io.grpc.stub.StreamObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the change log to those who serve streams. Only the leader answers, so that a reader that
 * has seen the end of the log does not find more before it.
 */
public final class StreamEndpoint extends StreamServiceGrpc.StreamServiceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(StreamEndpoint.class);

  /** Records looked at for one answer, among them those of other streams. */
  private static final int LOOK_MAX = 4_000;

  private final HostedPartitions partitions;

  /** Serves the partitions of a node. */
  public StreamEndpoint(HostedPartitions partitions) {
    this.partitions = partitions;
  }

  @Override
  public void read(StreamReadRequest request, StreamObserver<StreamReadResponse> caller) {
    Reply<StreamReadResponse> reply = new Reply<>(caller);
    HostedPartition partition = partitions.partition(request.getPartition().getPartitionId());
    if (partitions.unfit().isPresent()) {
      reply.send(redirected(Redirect.Reason.UNAVAILABLE, partitions.unfit().get()));
    } else if (partition == null
        || partition.descriptor().epoch() != request.getPartition().getEpoch()) {
      reply.send(redirected(Redirect.Reason.WRONG_PARTITION, "no such partition and epoch here"));
    } else if (!partition.leads()) {
      reply.send(
          StreamReadResponse.newBuilder()
              .setRedirect(Redirects.notLeader(partition.leaderHint()))
              .build());
    } else {
      reply.send(read(partition, request));
    }
  }

  private static StreamReadResponse redirected(Redirect.Reason reason, String detail) {
    return StreamReadResponse.newBuilder().setRedirect(Redirects.of(reason, detail)).build();
  }

  private static StreamReadResponse read(HostedPartition partition, StreamReadRequest request) {
    try {
      return StreamReadResponse.newBuilder().setPage(page(partition, request)).build();
    } catch (StoreException e) {
      LOG.error("partition {} could not be read", partition.machine().partition(), e);
      return redirected(Redirect.Reason.UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  private static StreamPage page(HostedPartition partition, StreamReadRequest request) {
    int table = request.getTableId();
    long end = partition.machine().appliedPosition().index() + 1;
    StreamPage.Builder page =
        StreamPage.newBuilder()
            .setEnd(ChangePlace.newBuilder().setLogIndex(end))
            .setSchemaFloor(partition.machine().schemaFloor(table));
    ChangePosition next =
        new ChangePosition(request.getFrom().getLogIndex(), request.getFrom().getPosition());
    boolean more = false;
    long bytes = 0;
    if (request.getRecordsMax() > 0) {
      Changes changes = partition.changes().read(table, next, LOOK_MAX, request.getBytesMax());
      next = changes.next();
      more = changes.more();
      for (int i = 0; i < changes.changes().size(); i++) {
        Change change = changes.changes().get(i);
        if (change.record().getStreamId() != request.getStreamId()) {
          continue;
        }
        // The reader's last record crosses its limit; here only a first one may.
        if (bytes > 0 && bytes + change.sizeBytes() > request.getBytesMax()) {
          more = true;
          next = change.at();
          break;
        }
        bytes += change.sizeBytes();
        page.addChanges(
            StreamChange.newBuilder().setAt(place(change.at())).setRecord(change.record()));
        if (page.getChangesCount() == request.getRecordsMax()) {
          more |= i + 1 < changes.changes().size();
          next = change.at().next();
          break;
        }
      }
    }
    // Read last: what was trimmed meanwhile is seen to be gone, and a rotation before what was read
    // is seen.
    return page.setNext(place(next))
        .setMore(more)
        .setRotations(partition.machine().shardRotations(table))
        .setFloor(partition.machine().changesKept(table).floor())
        .build();
  }

  private static ChangePlace place(ChangePosition at) {
    return ChangePlace.newBuilder().setLogIndex(at.index()).setPosition(at.position()).build();
  }
}
