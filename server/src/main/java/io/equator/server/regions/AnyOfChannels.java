package io.equator.server.regions;

import io.equator.server.roles.PromptChannel;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A channel to several addresses behind which the same is served. Calls go round among those that
 * are not known to be away; those that are, are tried again on the way.
 */
final class AnyOfChannels extends Channel implements AutoCloseable {
  private static final long KEEPALIVE_SECONDS = 10;
  private static final long KEEPALIVE_TIMEOUT_SECONDS = 5;
  private static final Duration TRIES_APART = Duration.ofSeconds(1);

  private final List<PromptChannel> channels;
  private final AtomicInteger turn = new AtomicInteger();

  private AnyOfChannels(List<PromptChannel> channels) {
    this.channels = List.copyOf(channels);
  }

  /** Over the network; {@code addresses} is not empty. */
  static AnyOfChannels to(List<String> addresses, ChannelCredentials credentials) {
    return new AnyOfChannels(
        addresses.stream()
            .map(address -> new PromptChannel(network(address, credentials), TRIES_APART))
            .toList());
  }

  private static ManagedChannel network(String address, ChannelCredentials credentials) {
    return Grpc.newChannelBuilder(address, credentials)
        .maxInboundMessageSize(NetworkRegions.MESSAGE_BYTES_MAX)
        .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .keepAliveWithoutCalls(true)
        .build();
  }

  @Override
  public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
    return pick().newCall(method, options);
  }

  private PromptChannel pick() {
    int first = Math.floorMod(turn.getAndIncrement(), channels.size());
    for (int i = 0; i < channels.size(); i++) {
      PromptChannel channel = channels.get((first + i) % channels.size());
      if (!channel.isAway()) {
        return channel;
      }
      channel.tryAgain();
    }
    return channels.get(first);
  }

  @Override
  public String authority() {
    return channels.getFirst().authority();
  }

  @Override
  public void close() {
    channels.forEach(PromptChannel::close);
  }
}
