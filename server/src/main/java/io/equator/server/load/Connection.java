package io.equator.server.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One keep-alive connection with at most one request on the wire, and the operation that it is busy
 * with. Answers must carry {@code Content-Length}. One thread only.
 */
final class Connection implements AutoCloseable {

  private static final int ANSWER_BYTES_MAX = 32 * 1024 * 1024;
  private static final byte[] CONTENT_LENGTH =
      "content-length:".getBytes(StandardCharsets.US_ASCII);

  private final SocketChannel channel;
  private final ByteBuffer out;

  /** What has arrived of the answer: {@code answer[0 .. arrived)}. */
  private byte[] answer = new byte[16 * 1024];

  private int arrived;

  /** Bytes up to and with the empty line; 0 while it has not arrived. */
  private int headLength;

  private int bodyLength;
  private int status;

  /** What the connection is busy with; null when idle. */
  @Nullable Operation operation;

  /** Index of the request on the wire among the operation's steps. */
  int step;

  /** The record that the operation is about. */
  long record;

  /** When the operation was due (fixed rate) or begun, by {@link System#nanoTime}. */
  long dueNanos;

  /** Failed attempts of the operation, where failed ones are tried again. */
  int attempts;

  private Connection(SocketChannel channel, int requestBytesMax) {
    this.channel = channel;
    this.out = ByteBuffer.allocateDirect(requestBytesMax);
  }

  /** Connects, then switches to non-blocking. */
  static Connection open(InetSocketAddress address, int requestBytesMax) throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.connect(address);
      channel.configureBlocking(false);
      return new Connection(channel, requestBytesMax);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  SocketChannel channel() {
    return channel;
  }

  /** Empty, to be filled with the next request. */
  ByteBuffer requestBuffer() {
    arrived = 0;
    headLength = 0;
    return out.clear();
  }

  /** Begins to send what was put into the buffer; whether all of it has left. */
  boolean send() throws IOException {
    out.flip();
    return sendRest();
  }

  boolean sendRest() throws IOException {
    channel.write(out);
    return !out.hasRemaining();
  }

  /** Takes in what has arrived; whether the answer is complete. */
  boolean receive() throws IOException {
    int count = channel.read(ByteBuffer.wrap(answer, arrived, answer.length - arrived));
    if (count < 0) {
      throw new EOFException("the server closed the connection");
    }
    arrived += count;
    if (headLength == 0 && !parseHead()) {
      return false;
    }
    return arrived >= headLength + bodyLength;
  }

  int status() {
    return status;
  }

  int bodyLength() {
    return bodyLength;
  }

  /** The body, or as much of it as {@code bytesMax}. */
  String body(int bytesMax) {
    return new String(answer, headLength, Math.min(bodyLength, bytesMax), StandardCharsets.UTF_8);
  }

  /** Whether the body's first or last bytes hold {@code text}. */
  boolean bodyBeginsOrEndsAround(String text) {
    int window = 64;
    int end = headLength + bodyLength;
    String first =
        new String(answer, headLength, Math.min(bodyLength, window), StandardCharsets.UTF_8);
    int from = Math.max(headLength, end - window);
    return first.contains(text)
        || new String(answer, from, end - from, StandardCharsets.UTF_8).contains(text);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private boolean parseHead() throws IOException {
    int end = endOfHead();
    if (end < 0) {
      if (arrived == answer.length) {
        throw new IOException("the answer's headers are longer than " + arrived + " bytes");
      }
      return false;
    }
    // "HTTP/1.1 200 OK"
    status = digits(9, 12);
    bodyLength = contentLength(end);
    headLength = end;
    if (headLength + bodyLength > answer.length) {
      answer = Arrays.copyOf(answer, headLength + bodyLength);
    }
    return true;
  }

  private int endOfHead() {
    for (int i = 3; i < arrived; i++) {
      if (answer[i] == '\n' && answer[i - 1] == '\r' && answer[i - 2] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  private int contentLength(int end) throws IOException {
    for (int i = 0; i < end - CONTENT_LENGTH.length; i++) {
      if (answer[i] == '\n' && isContentLength(i + 1)) {
        int from = i + 1 + CONTENT_LENGTH.length;
        while (answer[from] == ' ') {
          from++;
        }
        int to = from;
        while (answer[to] >= '0' && answer[to] <= '9') {
          to++;
        }
        int length = digits(from, to);
        if (length > ANSWER_BYTES_MAX) {
          throw new IOException("an answer of " + length + " bytes");
        }
        return length;
      }
    }
    throw new IOException("an answer without Content-Length");
  }

  private boolean isContentLength(int at) {
    for (int i = 0; i < CONTENT_LENGTH.length; i++) {
      // Setting this bit makes a letter lower-case and leaves '-' and ':' as they are.
      if ((answer[at + i] | 0x20) != CONTENT_LENGTH[i]) {
        return false;
      }
    }
    return true;
  }

  private int digits(int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      value = value * 10 + (answer[i] - '0');
    }
    return value;
  }
}
