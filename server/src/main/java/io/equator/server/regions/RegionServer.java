package io.equator.server.regions;

import io.equator.proto.RegionDescriptor;
import io.equator.server.Refusal;
import io.equator.server.config.ServeConfig.Regions;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The door for other regions: a port of its own, because what other regions may call is little, and
 * nobody in the cluster needs it. Calls block on virtual threads.
 */
public final class RegionServer implements AutoCloseable {
  /** Clients of ours send one each 10 s; anything more often than this is not ours. */
  private static final long PINGS_NOT_BELOW_SECONDS = 5;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Server server;

  /**
   * Listens.
   *
   * @param regions as the catalog has them now
   * @param services what they may call
   * @throws Refusal when the port is taken
   */
  public RegionServer(
      Regions at,
      RegionSecurity security,
      Supplier<Collection<RegionDescriptor>> regions,
      List<BindableService> services)
      throws IOException {
    RegionTrust trust = new RegionTrust(regions);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(at.host(), at.port()), security.server(trust))
            .executor(threads)
            .maxInboundMessageSize(NetworkRegions.MESSAGE_BYTES_MAX)
            .permitKeepAliveTime(PINGS_NOT_BELOW_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true);
    services.forEach(builder::addService);
    if (security.certificates().isPresent()) {
      builder.intercept(new RegionCallerCheck(trust));
    }
    try {
      server = builder.build().start();
    } catch (IOException e) {
      threads.shutdownNow();
      throw new Refusal(
          "regions.port "
              + at.port()
              + " at "
              + at.host()
              + " cannot be listened at ("
              + (e.getCause() == null ? e : e.getCause()).getMessage()
              + ").",
          e);
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
    threads.shutdownNow();
  }
}
