package io.equator.coordinator.http;

import io.equator.coordinator.api.RequestId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection: finds requests in its bytes, queues a place for each answer, and writes the
 * answers in that order.
 *
 * <p>Bytes are copied out of Netty's buffer at once into an array of the event loop, where a
 * request that has come whole (nearly all do) is parsed and run in place. What is incomplete is
 * kept in an array of the connection's own: {@code rest} while the head, {@link BodyCollector}
 * while the body is missing.
 *
 * <p>The stages of its life, which only go down the list:
 *
 * <pre>
 *   open        requests are read while there is room in the queue and the client takes its answers
 *   last        no further request is parsed; closes when the queue is empty
 *   discarding  an error was answered that leaves no way to find the next request: what still comes
 *               is thrown away for a while, because closing at once could destroy the answer
 *   closed
 * </pre>
 *
 * <p>Everything happens on the event loop, except {@link #answered}.
 */
final class Connection {
  private enum Stage {
    OPEN,
    LAST,
    DISCARDING,
    CLOSED
  }

  /** A head is at most this long; a signature with a long session token needs a few KB. */
  static final int HEAD_BYTES_MAX = 32 << 10;

  /** A request whose head is here and whose body is on its way. */
  private record Unfinished(HttpHead head, BodyCollector body) {}

  private static final byte[] NOTHING = new byte[0];
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final HttpServerContext server;
  private final ChannelHandlerContext context;
  private final Channel channel;
  private final LoopState loop;
  private final Queue<Exchange> queue = new ArrayDeque<>(4);
  private Stage stage = Stage.OPEN;

  /** Bytes that wait for more of their head, or for room in the queue. */
  private byte[] rest = NOTHING;

  /** How much of {@link #rest} holds no end of a head. */
  private int restScanned;

  /** The request whose body has not come whole. */
  private @Nullable Unfinished unfinished;

  private boolean reading;
  private boolean consuming;
  private boolean paused;
  private boolean ended;

  /** When bytes last came or went. */
  private long activeNanos = System.nanoTime();

  /** When the request began of which only a part is here. */
  private long partialNanos = System.nanoTime();

  Connection(HttpServerContext server, ChannelHandlerContext context, LoopState loop) {
    this.server = server;
    this.context = context;
    this.channel = context.channel();
    this.loop = loop;
    later(this::checkTime, server.checkIntervalNanos());
  }

  // ---- bytes in

  /** Takes what has come, and leaves the buffer to its owner. */
  void read(ByteBuf buffer) {
    reading = true;
    activeNanos = System.nanoTime();
    server.receivedBytes().add(buffer.readableBytes());
    if (stage != Stage.OPEN) {
      return;
    }
    int kept = rest.length;
    int count = buffer.readableBytes();
    byte[] input = loop.input(kept + count);
    System.arraycopy(rest, 0, input, 0, kept);
    buffer.readBytes(input, kept, count);
    if (kept == 0 && unfinished == null) {
      partialNanos = activeNanos;
    }
    rest = NOTHING;
    consume(input, kept + count);
  }

  /** Nothing more comes for now: sends what was written meanwhile. */
  void readComplete() {
    reading = false;
    context.flush();
  }

  /** Runs what is complete among these bytes, and keeps what is not. */
  private void consume(byte[] bytes, int end) {
    consuming = true;
    try {
      int at = 0;
      while (at < end && stage == Stage.OPEN) {
        if (queue.size() >= server.config().pipelinedMax() || !channel.isWritable()) {
          pause();
          keep(bytes, at, end, 0);
          break;
        }
        int next = unfinished == null ? head(bytes, at, end) : body(unfinished, bytes, at, end);
        if (next < 0) {
          break;
        }
        at = next;
      }
    } finally {
      consuming = false;
    }
    drain();
  }

  private void keep(byte[] bytes, int start, int end, int scanned) {
    rest = Arrays.copyOfRange(bytes, start, end);
    restScanned = scanned;
  }

  private void pause() {
    if (!paused) {
      paused = true;
      channel.config().setAutoRead(false);
    }
  }

  /**
   * Takes the next request as far as it is there.
   *
   * @return where to go on; negative when there is nothing more to be done with these bytes
   */
  private int head(byte[] bytes, int start, int end) {
    int at = start;
    while (at < end && (bytes[at] == '\r' || bytes[at] == '\n')) {
      at++;
    }
    if (at == end) {
      return at;
    }
    int bodyStart = HttpHead.endOfHead(bytes, at, at + restScanned, end);
    restScanned = 0;
    if (bodyStart == HttpHead.INCOMPLETE) {
      if (end - at > HEAD_BYTES_MAX) {
        return fail(431);
      }
      if (!HttpHead.mayBegin(bytes[at])) {
        return fail(400);
      }
      keep(bytes, at, end, end - at);
      return -1;
    }
    if (bodyStart - at > HEAD_BYTES_MAX) {
      return fail(431);
    }
    HttpHead head = loop.head;
    int complaint = head.parse(bytes, at, bodyStart);
    if (complaint < 0) {
      return fail(-complaint);
    }
    if (head.expectsUnknown()) {
      return fail(417);
    }
    long length = Math.max(0, head.contentLength());
    if (length > server.config().bodyBytesMax()) {
      return fail(413);
    }
    if (!head.chunked() && length <= end - bodyStart) {
      dispatch(head, bytes, bodyStart, (int) length);
      partialNanos = activeNanos;
      return bodyStart + (int) length;
    }
    collect(head, Arrays.copyOfRange(bytes, at, bodyStart), bodyStart == end);
    return bodyStart;
  }

  /** Begins to gather a body that has not come whole. */
  private void collect(HttpHead head, byte[] copy, boolean nothingCame) {
    HttpHead own = new HttpHead();
    own.parse(copy, 0, copy.length);
    BodyCollector body =
        head.chunked()
            ? BodyCollector.ofChunks(server.bodyBudget(), server.config().bodyBytesMax())
            : BodyCollector.ofLength(
                head.contentLength(), server.bodyBudget(), server.config().bodyBytesMax());
    unfinished = new Unfinished(own, body);
    if (nothingCame && head.expectsContinue()) {
      queue.add(new Exchange(this, nextId(), false, Answer.CONTINUE));
    }
  }

  private int body(Unfinished request, byte[] bytes, int start, int end) {
    BodyCollector body = request.body();
    int next = body.accept(bytes, start, end);
    switch (body.state()) {
      case INCOMPLETE -> {}
      case COMPLETE -> {
        unfinished = null;
        try {
          dispatch(request.head(), body.body(), 0, body.length());
        } finally {
          body.release();
        }
        partialNanos = activeNanos;
      }
      case TOO_LARGE -> {
        return fail(413);
      }
      case BROKEN -> {
        return fail(400);
      }
      case OVER_BUDGET -> {
        return fail(503);
      }
    }
    return next;
  }

  private RequestId nextId() {
    return RequestId.random(loop.random);
  }

  private void dispatch(HttpHead head, byte[] body, int offset, int length) {
    Exchange exchange = new Exchange(this, nextId(), head);
    if (exchange.lastOfConnection()) {
      stage = Stage.LAST;
    }
    queue.add(exchange);
    server.dispatch(head, body, offset, length, exchange);
  }

  /** Answers with this status, after what is already in the queue, and parses no more. */
  private int fail(int status) {
    forgetUnfinished();
    stage = Stage.DISCARDING;
    rest = NOTHING;
    activeNanos = System.nanoTime();
    Answer answer = status == 503 ? server.overloaded() : Answer.ofStatus(status);
    queue.add(new Exchange(this, nextId(), true, answer));
    drain();
    return -1;
  }

  // ---- answers out

  /** An exchange has its answer; on any thread. */
  void answered() {
    if (context.executor().inEventLoop()) {
      drain();
    } else {
      try {
        context.executor().execute(this::drain);
      } catch (RejectedExecutionException _) {
        // The server is closed and so is the connection: nobody waits for this answer any more.
      }
    }
  }

  /** Writes the answers that are ready, up to the first that is not. */
  private void drain() {
    if (stage == Stage.CLOSED) {
      queue.clear();
      return;
    }
    boolean wrote = false;
    for (Exchange next = queue.peek(); next != null; next = queue.peek()) {
      Answer answer = next.answer();
      if (answer == null) {
        break;
      }
      queue.remove();
      boolean last = next.lastOfConnection() || (stage != Stage.OPEN && queue.isEmpty());
      ByteBuf encoded = loop.encoder.encode(answer, next, last, context.alloc());
      server.sentBytes().add(encoded.readableBytes());
      var _ = context.write(encoded, context.voidPromise());
      wrote = true;
    }
    if (wrote && !reading) {
      context.flush();
    }
    if (stage == Stage.OPEN) {
      resume();
    } else if (queue.isEmpty() && !consuming) {
      end();
    }
  }

  /** Goes on with what was kept while there was no room. */
  private void resume() {
    if (!paused
        || consuming
        || queue.size() >= server.config().pipelinedMax()
        || !channel.isWritable()) {
      return;
    }
    paused = false;
    byte[] bytes = rest;
    rest = NOTHING;
    consume(bytes, bytes.length);
    if (!paused) {
      channel.config().setAutoRead(true);
    }
  }

  /** The client has taken answers, or is slow in taking them. */
  void writabilityChanged() {
    activeNanos = System.nanoTime();
    if (stage == Stage.OPEN) {
      resume();
    }
  }

  // ---- the end

  /** The last answer is written: closes once it is out. */
  private void end() {
    if (ended) {
      return;
    }
    ended = true;
    if (stage != Stage.DISCARDING) {
      context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      return;
    }
    if (channel instanceof DuplexChannel duplex && !server.secure()) {
      // The client sees the end now; itself or the timer closes.
      context
          .writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener(
              _ -> {
                var _ = duplex.shutdownOutput();
              });
    }
    if (paused) {
      paused = false;
      channel.config().setAutoRead(true);
    }
    lingerFrom(System.nanoTime());
  }

  /** Closes when the client is silent for a while, or has gone on sending for too long. */
  private void lingerFrom(long start) {
    later(
        () -> {
          long now = System.nanoTime();
          if (now - activeNanos >= LINGER_NANOS || now - start > server.requestNanosMax()) {
            close();
          } else {
            lingerFrom(start);
          }
        },
        LINGER_NANOS);
  }

  private void close() {
    var _ = context.close();
  }

  /** Turns a new connection away. */
  void refuse() {
    fail(503);
  }

  /** Takes no more requests; closes when those in progress are answered. */
  void finish() {
    if (stage == Stage.OPEN) {
      stage = Stage.LAST;
      forgetUnfinished();
      rest = NOTHING;
      drain();
    }
  }

  /** The client sends nothing more, but may wait for answers. */
  void inputEnded() {
    if (stage == Stage.DISCARDING && ended) {
      close();
    } else {
      finish();
    }
  }

  /** The connection is gone; answers that still come are dropped. */
  void closed() {
    stage = Stage.CLOSED;
    queue.clear();
    rest = NOTHING;
    forgetUnfinished();
  }

  private void forgetUnfinished() {
    if (unfinished != null) {
      unfinished.body().release();
      unfinished = null;
    }
  }

  // ---- time

  private void checkTime() {
    if (stage == Stage.CLOSED || (stage == Stage.DISCARDING && ended)) {
      return;
    }
    long now = System.nanoTime();
    boolean partial = unfinished != null || (rest.length > 0 && !paused);
    if (partial && now - partialNanos > server.requestNanosMax()) {
      fail(408);
    } else if (!channel.isWritable() && now - activeNanos > server.requestNanosMax()) {
      close();
    } else if (queue.isEmpty() && !partial && now - activeNanos > server.idleNanosMax()) {
      close();
    }
    later(this::checkTime, server.checkIntervalNanos());
  }

  private void later(Runnable task, long nanos) {
    var _ = context.executor().schedule(task, nanos, TimeUnit.NANOSECONDS);
  }
}
