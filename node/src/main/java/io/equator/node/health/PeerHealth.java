package io.equator.node.health;

import io.equator.partitioner.NodeId;
import io.equator.proto.HealthRequest;
import io.equator.proto.HealthServiceGrpc;
import io.equator.proto.NodeHealth;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the peers of a node last said of their machines. Threads: any. */
final class PeerHealth {
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(1);

  /** An answer that is older says nothing any more. */
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(5);

  private record Said(NodeHealth health, long nanos) {}

  private final Function<NodeId, @Nullable Channel> channels;
  private final Map<NodeId, Said> said = new ConcurrentHashMap<>();

  PeerHealth(Function<NodeId, @Nullable Channel> channels) {
    this.channels = channels;
  }

  /** Asks all of them, and returns at once. */
  void ask(Collection<NodeId> peers) {
    said.keySet().retainAll(peers);
    for (NodeId peer : peers) {
      Channel channel = channels.apply(peer);
      if (channel != null) {
        HealthServiceGrpc.newStub(channel)
            .withDeadlineAfter(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
            .look(HealthRequest.getDefaultInstance(), new Answer(peer));
      }
    }
  }

  /** What a peer said in the last seconds. */
  Optional<NodeHealth> of(NodeId peer) {
    Said last = said.get(peer);
    return last == null || System.nanoTime() - last.nanos > FRESH_NANOS
        ? Optional.empty()
        : Optional.of(last.health);
  }

  private final class Answer implements StreamObserver<NodeHealth> {
    private final NodeId peer;

    Answer(NodeId peer) {
      this.peer = peer;
    }

    @Override
    public void onNext(NodeHealth health) {
      said.put(peer, new Said(health, System.nanoTime()));
    }

    @Override
    public void onError(Throwable failure) {
      // Silent this time; what it said last grows old.
    }

    @Override
    public void onCompleted() {}
  }
}
