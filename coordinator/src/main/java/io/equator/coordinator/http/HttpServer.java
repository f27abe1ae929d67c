package io.equator.coordinator.http;

import io.equator.coordinator.api.ApiFrame;
import io.equator.coordinator.api.RestService;
import io.equator.coordinator.tls.TlsFiles;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A running HTTP server; from {@link #start} until {@link #close} it answers on its address.
 *
 * <p>Closing takes no new connections, lets requests in progress finish within the configured time,
 * and then cuts what is left.
 */
public final class HttpServer implements AutoCloseable {
  private static final int BACKLOG = 1024;

  /** Answers wait in memory up to the higher mark before a connection is no longer read from. */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(256 << 10, 1 << 20);

  private final HttpServerConfig config;
  private final HttpServerContext context;
  private final EventLoopGroup loops;
  private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Channel listener;

  private HttpServer(
      HttpServerConfig config, ApiFrame frame, RestService rest, ByteBufAllocator allocator)
      throws IOException {
    this.config = config;
    this.context = new HttpServerContext(config, frame, rest);
    SslContext ssl = sslContext(config.tls());
    Transport transport = Transport.choose(config.nativeTransport());
    this.loops = transport.eventLoops(config.eventLoops());
    try {
      this.listener = listen(transport, ssl, allocator);
    } catch (IOException e) {
      var _ = loops.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
      throw e;
    }
  }

  /**
   * Binds and starts.
   *
   * @throws IOException when the port is taken or the certificate cannot be used
   */
  public static HttpServer start(HttpServerConfig config, ApiFrame frame) throws IOException {
    return start(config, frame, RestService.NONE);
  }

  /** The same, with another service at paths of its own. */
  public static HttpServer start(HttpServerConfig config, ApiFrame frame, RestService rest)
      throws IOException {
    return new HttpServer(config, frame, rest, PooledByteBufAllocator.DEFAULT);
  }

  /** The same, with buffers from this allocator. */
  static HttpServer start(HttpServerConfig config, ApiFrame frame, ByteBufAllocator allocator)
      throws IOException {
    return new HttpServer(config, frame, RestService.NONE, allocator);
  }

  private static @Nullable SslContext sslContext(@Nullable TlsFiles files) throws IOException {
    if (files == null) {
      return null;
    }
    try {
      return SslContextBuilder.forServer(files.certificate().toFile(), files.privateKey().toFile())
          .protocols("TLSv1.3", "TLSv1.2")
          .build();
    } catch (IllegalArgumentException e) {
      throw new IOException("cannot use the certificate in " + files.certificate(), e);
    }
  }

  private Channel listen(Transport transport, @Nullable SslContext ssl, ByteBufAllocator allocator)
      throws IOException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(transport.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.ALLOCATOR, allocator)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, ssl == null)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .childHandler(new Initializer(ssl));
    ChannelFuture bound = bootstrap.bind(config.host(), config.port()).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on " + config.host() + ":" + config.port(), bound.cause());
    }
    return bound.channel();
  }

  /** Where it listens; tells the port when a free one was asked for. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /** How many connections there are. */
  public int connectionCount() {
    return context.connections().size();
  }

  /** Bytes that clients have sent, heads included, not counting TLS. */
  public long receivedBytes() {
    return context.receivedBytes().sum();
  }

  /** Bytes that were written to clients, heads included, not counting TLS. */
  public long sentBytes() {
    return context.sentBytes().sum();
  }

  /** Bytes of bodies that have not come whole yet. */
  long bufferedBytes() {
    return context.bodyBudget().taken();
  }

  @Override
  public void close() {
    listener.close().awaitUninterruptibly();
    channels.forEach(
        channel ->
            channel
                .eventLoop()
                .execute(
                    () -> {
                      ConnectionHandler handler = channel.pipeline().get(ConnectionHandler.class);
                      if (handler != null) {
                        handler.finish();
                      }
                    }));
    channels.newCloseFuture().awaitUninterruptibly(config.shutdownTimeout().toMillis());
    channels.close().awaitUninterruptibly(100);
    loops.shutdownGracefully(0, 100, TimeUnit.MILLISECONDS).awaitUninterruptibly(200);
  }

  private final class Initializer extends ChannelInitializer<Channel> {
    private final @Nullable SslContext ssl;

    Initializer(@Nullable SslContext ssl) {
      this.ssl = ssl;
    }

    @Override
    protected void initChannel(Channel channel) {
      channels.add(channel);
      if (ssl != null) {
        channel.pipeline().addLast(ssl.newHandler(channel.alloc()));
      }
      channel.pipeline().addLast(new ConnectionHandler(context));
    }
  }
}
