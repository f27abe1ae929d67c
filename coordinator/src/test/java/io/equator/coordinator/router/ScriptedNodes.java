package io.equator.coordinator.router;

import io.equator.partitioner.NodeId;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResponse;
import io.equator.proto.NodeServiceGrpc;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.proto.ReadPageRequest;
import io.equator.proto.ReadPageResponse;
import io.equator.proto.Redirect;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.proto.WriteResults;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Storage nodes that answer from a script, over gRPC's in-process transport, and note who was asked
 * what. A node whose script is at its end answers with empty results.
 */
final class ScriptedNodes implements NodeChannels, AutoCloseable {
  /**
   * One scripted answer: a redirect, or a gRPC failure, or silence until the attempt's deadline.
   */
  sealed interface Step {
    record Redirected(Redirect.Reason reason, String leader) implements Step {}

    record Fails(Status status) implements Step {}

    record Silent() implements Step {}
  }

  private final Map<NodeId, Node> nodes = new LinkedHashMap<>();

  /** Every write received, as "node attempt". */
  final List<String> log = new ArrayList<>();

  final List<WriteRequest> writes = new ArrayList<>();

  ScriptedNodes(String... names) throws IOException {
    for (String name : names) {
      nodes.put(new NodeId(name), new Node(name));
    }
  }

  void script(String node, Step... steps) {
    Node scripted = nodes.get(new NodeId(node));
    if (scripted == null) {
      throw new IllegalArgumentException(node);
    }
    scripted.steps.addAll(List.of(steps));
  }

  @Override
  public @Nullable NodeServiceStub stub(NodeId node) {
    Node known = nodes.get(node);
    return known == null ? null : known.stub;
  }

  @Override
  public void close() {
    for (Node node : nodes.values()) {
      node.channel.shutdownNow();
      node.server.shutdownNow();
    }
  }

  private final class Node extends NodeServiceGrpc.NodeServiceImplBase {
    final String name;
    final Deque<Step> steps = new ArrayDeque<>();
    final Server server;
    final ManagedChannel channel;
    final NodeServiceStub stub;

    Node(String name) throws IOException {
      this.name = name;
      String address = InProcessServerBuilder.generateName();
      server =
          InProcessServerBuilder.forName(address).directExecutor().addService(this).build().start();
      channel = InProcessChannelBuilder.forName(address).directExecutor().build();
      stub = NodeServiceGrpc.newStub(channel);
    }

    @Override
    public void write(WriteRequest request, StreamObserver<WriteResponse> observer) {
      log.add(name + " " + request.getAttempt());
      writes.add(request);
      play(
          observer,
          WriteResponse.newBuilder().setResults(WriteResults.getDefaultInstance()).build(),
          redirect -> WriteResponse.newBuilder().setRedirect(redirect).build());
    }

    @Override
    public void get(GetRequest request, StreamObserver<GetResponse> observer) {
      log.add(name);
      play(
          observer,
          GetResponse.newBuilder()
              .setResults(io.equator.proto.GetResults.getDefaultInstance())
              .build(),
          redirect -> GetResponse.newBuilder().setRedirect(redirect).build());
    }

    @Override
    public void readPage(ReadPageRequest request, StreamObserver<ReadPageResponse> observer) {
      log.add(name);
      play(
          observer,
          ReadPageResponse.newBuilder().setPage(io.equator.proto.Page.getDefaultInstance()).build(),
          redirect -> ReadPageResponse.newBuilder().setRedirect(redirect).build());
    }

    private <A> void play(
        StreamObserver<A> observer,
        A results,
        java.util.function.Function<Redirect, A> redirected) {
      Step step = steps.poll();
      switch (step) {
        case null -> {
          observer.onNext(results);
          observer.onCompleted();
        }
        case Step.Redirected(Redirect.Reason reason, String leader) -> {
          observer.onNext(
              redirected.apply(
                  Redirect.newBuilder().setReason(reason).setLeaderNodeId(leader).build()));
          observer.onCompleted();
        }
        case Step.Fails(Status status) -> observer.onError(status.asRuntimeException());
        case Step.Silent() -> {
          // Never answers: the caller's deadline ends the attempt.
        }
      }
    }
  }
}
