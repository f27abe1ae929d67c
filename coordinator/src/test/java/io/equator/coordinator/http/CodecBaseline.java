package io.equator.coordinator.http;

import io.equator.coordinator.api.ApiFrame;
import io.equator.coordinator.api.ApiReply;
import io.equator.coordinator.api.RequestHead;
import io.equator.coordinator.api.RequestId;
import io.equator.coordinator.json.WireWriter;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The same API behind Netty's own HTTP codec and aggregator: what {@link Connection} is measured
 * against. It answers nothing but complete, well-formed requests.
 */
final class CodecBaseline implements AutoCloseable {
  private final EventLoopGroup loops = Transport.choose(true).eventLoops(2);
  private final Channel listener;

  CodecBaseline(ApiFrame frame) throws InterruptedException {
    listener =
        new ServerBootstrap()
            .group(loops)
            .channel(Transport.choose(true).serverChannel())
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(new HttpServerCodec())
                        .addLast(new HttpObjectAggregator(16 << 20))
                        .addLast(new Handler(frame));
                  }
                })
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  @Override
  public void close() {
    var _ = loops.shutdownGracefully();
  }

  private record Head(FullHttpRequest request) implements RequestHead {
    @Override
    public @Nullable String header(String name) {
      return request.headers().get(name);
    }

    @Override
    public String methodName() {
      return request.method().name();
    }

    @Override
    public String path() {
      return request.uri();
    }

    @Override
    public String query() {
      return "";
    }
  }

  private static final class Handler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private final ApiFrame frame;
    private final WireWriter writer = new WireWriter();
    private final HttpDate date = new HttpDate();
    private final SplittableRandom random = new SplittableRandom();

    Handler(ApiFrame frame) {
      this.frame = frame;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      byte[] body = ByteBufUtil.getBytes(request.content());
      RequestId id = RequestId.random(random);
      frame.handle(
          request.headers().get("x-amz-target"),
          new Head(request),
          body,
          0,
          body.length,
          id,
          reply -> answer(context, reply, id));
    }

    private void answer(ChannelHandlerContext context, ApiReply reply, RequestId id) {
      int status = ApiFrame.write(reply, id, writer);
      byte[] body = Arrays.copyOf(writer.array(), writer.length());
      CRC32 crc = new CRC32();
      crc.update(body);
      FullHttpResponse response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              HttpResponseStatus.valueOf(status),
              Unpooled.wrappedBuffer(body));
      response
          .headers()
          .set("Server", "Server")
          .set("Date", new String(date.now(), StandardCharsets.US_ASCII))
          .set("x-amzn-RequestId", id.toString())
          .set("Content-Type", Encoder.AMAZON_JSON)
          .set("x-amz-crc32", Long.toString(crc.getValue()))
          .set("Content-Length", body.length);
      var _ = context.write(response, context.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }
  }
}
