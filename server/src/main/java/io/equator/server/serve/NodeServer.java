package io.equator.server.serve;

import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.server.Refusal;
import io.equator.server.config.ServeConfig.Internal;
import io.equator.server.identity.NodeSecurity;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.util.MutableHandlerRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The door for other nodes, and for this process itself: the same services over the network and
 * without a socket. Services may be added while it runs, because a node may become a member of the
 * catalog at any time.
 *
 * <p>Handlers run on a pool of platform threads: they read from RocksDB, which would hold the event
 * loops.
 */
final class NodeServer implements AutoCloseable {
  private static final int THREADS = Math.max(8, 4 * Runtime.getRuntime().availableProcessors());

  /** Clients of ours send one each 10 s; anything more often than this is not ours. */
  private static final long PINGS_NOT_BELOW_SECONDS = 5;

  private final MutableHandlerRegistry services = new MutableHandlerRegistry();
  private final ExecutorService threads;
  private final Server network;
  private final Server inProcess;

  /**
   * Listens.
   *
   * @throws Refusal when the port is taken
   */
  NodeServer(
      Internal internal, NodeSecurity security, Supplier<CatalogSnapshot> catalog, String selfName)
      throws IOException {
    threads =
        Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().name("service-", 1).daemon().factory());
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(internal.host(), internal.port()), security.server())
            .permitKeepAliveTime(PINGS_NOT_BELOW_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true);
    if (security.certificates().isPresent()) {
      builder.intercept(new PeerCheck(catalog));
    }
    try {
      network = serving(builder.executor(threads)).build().start();
    } catch (IOException e) {
      threads.shutdownNow();
      throw new Refusal(
          "internal.port "
              + internal.port()
              + " at "
              + internal.host()
              + " cannot be listened at ("
              + (e.getCause() == null ? e : e.getCause()).getMessage()
              + ").",
          e);
    }
    inProcess = serving(InProcessServerBuilder.forName(selfName).directExecutor()).build().start();
  }

  private <B extends ServerBuilder<B>> B serving(B builder) {
    return builder
        .fallbackHandlerRegistry(services)
        .maxInboundMessageSize(NodeChannels.MESSAGE_BYTES_MAX);
  }

  void add(BindableService service) {
    services.addService(service);
  }

  @Override
  public void close() {
    network.shutdownNow();
    inProcess.shutdownNow();
    threads.shutdownNow();
  }
}
