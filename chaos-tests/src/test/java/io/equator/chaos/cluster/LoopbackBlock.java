package io.equator.chaos.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A block of addresses of the loopback network, {@code 127.X.Y.*}, that no other test of this
 * machine has. Linux takes connections at every one of them without being told to.
 *
 * <p>Addresses instead of ports, because a port that was free a moment ago may be taken, for
 * instance by a connection that a neighbour makes while a node is down.
 */
final class LoopbackBlock implements AutoCloseable {
  private static final int CLAIM_PORT = 6999;
  private static final int TRIES = 50;

  private final String prefix;
  private final ServerSocket claim;

  private LoopbackBlock(String prefix, ServerSocket claim) {
    this.prefix = prefix;
    this.claim = claim;
  }

  /** Takes one, and keeps it until it is closed. */
  static LoopbackBlock claim() throws IOException {
    IOException last = new IOException("not tried");
    for (int i = 0; i < TRIES; i++) {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      String prefix = "127." + random.nextInt(20, 250) + "." + random.nextInt(1, 250) + ".";
      try {
        ServerSocket claim = new ServerSocket();
        claim.bind(new InetSocketAddress(prefix + "1", CLAIM_PORT));
        return new LoopbackBlock(prefix, claim);
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  /** Where a node listens. */
  String listening(int node) {
    return prefix + (10 + node);
  }

  /** Where the others reach it. */
  String door(int node) {
    return prefix + (110 + node);
  }

  @Override
  public void close() throws IOException {
    claim.close();
  }
}
