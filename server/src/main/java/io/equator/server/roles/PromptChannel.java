package io.equator.server.roles;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A channel that looks for its server again as soon as somebody calls, however long the server was
 * away. Left alone, gRPC waits longer after each failure, up to two minutes (gRPC's connection
 * backoff protocol): a node that comes back would be away for its peers as long as that.
 *
 * <p>The call that finds the server away still fails at once; one of the next finds it back.
 *
 * <p>Threads: any.
 */
public final class PromptChannel extends Channel implements AutoCloseable {
  private final ManagedChannel channel;
  private final long triesApartNanos;
  private final AtomicLong triedNanos;

  /**
   * @param channel is closed with this
   * @param triesApart how long two tries to connect are apart at least
   */
  public PromptChannel(ManagedChannel channel, Duration triesApart) {
    this.channel = channel;
    this.triesApartNanos = triesApart.toNanos();
    this.triedNanos = new AtomicLong(System.nanoTime() - triesApartNanos);
  }

  /** Whether nothing answered the last try to connect. */
  public boolean isAway() {
    return channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE;
  }

  /** Tries to connect now, unless that was tried a moment ago. */
  public void tryAgain() {
    long now = System.nanoTime();
    long last = triedNanos.get();
    if (now - last >= triesApartNanos && triedNanos.compareAndSet(last, now)) {
      channel.resetConnectBackoff();
    }
  }

  @Override
  public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
    if (isAway()) {
      tryAgain();
    }
    return channel.newCall(method, options);
  }

  @Override
  public String authority() {
    return channel.authority();
  }

  /** Takes no more calls; those that are under way go on. */
  public void shutdown() {
    channel.shutdown();
  }

  /** Ends what is under way, too. */
  @Override
  public void close() {
    channel.shutdownNow();
  }
}
