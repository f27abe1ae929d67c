package io.equator.server.regions;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A channel to several addresses behind which the same is served. Calls go round among those that
 * are not known to be away; when all are, one of them is tried at once, not when gRPC would do so
 * next, which may be minutes later.
 */
final class AnyOfChannels extends Channel implements AutoCloseable {
  private static final long KEEPALIVE_SECONDS = 10;
  private static final long KEEPALIVE_TIMEOUT_SECONDS = 5;
  private static final long TRIES_APART_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final List<ManagedChannel> channels;
  private final AtomicInteger turn = new AtomicInteger();
  private final AtomicLong triedNanos = new AtomicLong(System.nanoTime() - TRIES_APART_NANOS);

  AnyOfChannels(List<ManagedChannel> channels) {
    this.channels = List.copyOf(channels);
  }

  /** Over the network; {@code addresses} is not empty. */
  static AnyOfChannels to(List<String> addresses, ChannelCredentials credentials) {
    return new AnyOfChannels(
        addresses.stream()
            .map(
                address ->
                    Grpc.newChannelBuilder(address, credentials)
                        .maxInboundMessageSize(NetworkRegions.MESSAGE_BYTES_MAX)
                        .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
                        .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                        .keepAliveWithoutCalls(true)
                        .build())
            .toList());
  }

  @Override
  public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
    return pick().newCall(method, options);
  }

  private ManagedChannel pick() {
    int first = Math.floorMod(turn.getAndIncrement(), channels.size());
    boolean someAway = false;
    ManagedChannel picked = channels.get(first);
    for (int i = 0; i < channels.size(); i++) {
      ManagedChannel channel = channels.get((first + i) % channels.size());
      if (channel.getState(false) != ConnectivityState.TRANSIENT_FAILURE) {
        picked = channel;
        break;
      }
      someAway = true;
    }
    if (someAway) {
      tryAgain();
    }
    return picked;
  }

  private void tryAgain() {
    long now = System.nanoTime();
    long last = triedNanos.get();
    if (now - last >= TRIES_APART_NANOS && triedNanos.compareAndSet(last, now)) {
      channels.forEach(ManagedChannel::resetConnectBackoff);
    }
  }

  @Override
  public String authority() {
    return channels.getFirst().authority();
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
