package io.equator.coordinator.http;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/** The way to the kernel: epoll on Linux when its library is there, else what the JDK has. */
enum Transport {
  EPOLL(EpollServerSocketChannel.class),
  NIO(NioServerSocketChannel.class);

  private final Class<? extends ServerChannel> serverChannel;

  Transport(Class<? extends ServerChannel> serverChannel) {
    this.serverChannel = serverChannel;
  }

  /** The best there is. */
  static Transport choose(boolean nativeAllowed) {
    return nativeAllowed && Epoll.isAvailable() ? EPOLL : NIO;
  }

  Class<? extends ServerChannel> serverChannel() {
    return serverChannel;
  }

  EventLoopGroup eventLoops(int count) {
    IoHandlerFactory factory =
        switch (this) {
          case EPOLL -> EpollIoHandler.newFactory();
          case NIO -> NioIoHandler.newFactory();
        };
    return new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory("http"), factory);
  }
}
