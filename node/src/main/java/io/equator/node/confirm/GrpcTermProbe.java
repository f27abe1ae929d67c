package io.equator.node.confirm;

import io.equator.partitioner.NodeId;
import io.equator.proto.ConfirmTermsRequest;
import io.equator.proto.ConfirmTermsResponse;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.TermProbe;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Asks over the node's service: one call for all groups that two nodes share. */
public final class GrpcTermProbe implements TermProbe {
  private final Function<NodeId, @Nullable NodeServiceStub> stubs;
  private final Duration limit;

  /**
   * @param stubs the other nodes' services; null for a node that is not known
   * @param limit how long one question may take, about an election timeout
   */
  public GrpcTermProbe(Function<NodeId, @Nullable NodeServiceStub> stubs, Duration limit) {
    this.stubs = stubs;
    this.limit = limit;
  }

  @Override
  public CompletableFuture<long[]> terms(NodeId node, List<GroupId> groups) {
    NodeServiceStub stub = stubs.apply(node);
    if (stub == null) {
      return CompletableFuture.failedFuture(new IllegalStateException("no way to ask " + node));
    }
    ConfirmTermsRequest.Builder request = ConfirmTermsRequest.newBuilder();
    for (GroupId group : groups) {
      request.addPartitionIds(group.number());
    }
    Answer answer = new Answer(groups.size());
    stub.withDeadlineAfter(limit.toNanos(), TimeUnit.NANOSECONDS)
        .confirmTerms(request.build(), answer);
    return answer.terms;
  }

  private static final class Answer implements StreamObserver<ConfirmTermsResponse> {
    private final CompletableFuture<long[]> terms = new CompletableFuture<>();
    private final int expected;

    Answer(int expected) {
      this.expected = expected;
    }

    @Override
    public void onNext(ConfirmTermsResponse response) {
      if (response.getTermsCount() != expected) {
        terms.completeExceptionally(
            new IllegalStateException(
                "asked for " + expected + " terms, told " + response.getTermsCount()));
        return;
      }
      long[] told = new long[expected];
      for (int i = 0; i < expected; i++) {
        told[i] = response.getTerms(i);
      }
      terms.complete(told);
    }

    @Override
    public void onError(Throwable failure) {
      terms.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      terms.completeExceptionally(new IllegalStateException("no answer"));
    }
  }
}
