package io.equator.coordinator.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where Netty meets a {@link Connection}: passes its events on, and frees the buffers it brings.
 */
final class ConnectionHandler extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);

  private final HttpServerContext server;
  private @Nullable Connection connection;

  ConnectionHandler(HttpServerContext server) {
    this.server = server;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    connection = server.open(context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (connection != null) {
      server.closed(connection);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf buffer = (ByteBuf) message;
    try {
      if (connection != null) {
        connection.read(buffer);
      }
    } finally {
      buffer.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (connection != null) {
      connection.readComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (connection != null) {
      connection.writabilityChanged();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent && connection != null) {
      connection.inputEnded();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException)) {
      LOG.debug("closing the connection from {}", context.channel().remoteAddress(), cause);
    }
    var _ = context.close();
  }

  /** Takes no more requests; closes when those in progress are answered. */
  void finish() {
    if (connection != null) {
      connection.finish();
    }
  }
}
