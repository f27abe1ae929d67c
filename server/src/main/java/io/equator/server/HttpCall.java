package io.equator.server;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * One DynamoDB request over a plain socket: what the program asks an endpoint about itself with.
 *
 * <p>The JDK's HTTP client would cost a tenth of a second of class loading in a process whose start
 * is measured; this needs a few lines, because the question is ours and the answer is short. It
 * reads answers with {@code Content-Length} only and closes the connection after one exchange.
 */
public final class HttpCall {

  private static final int ANSWER_BYTES_MAX = 16 * 1024 * 1024;

  /** The answer's status and body. */
  public record Answer(int status, String body) {}

  private static final String TARGET_PREFIX = "DynamoDB_20120810.";

  private final Supplier<Socket> sockets;
  private final InetSocketAddress address;
  private final RequestSigner signer;
  private final Duration timeout;

  /** Calls {@code address} in plain text, or over TLS when {@code sockets} makes such sockets. */
  public HttpCall(
      Supplier<Socket> sockets, InetSocketAddress address, RequestSigner signer, Duration timeout) {
    this.sockets = sockets;
    this.address = address;
    this.signer = signer;
    this.timeout = timeout;
  }

  /** Sends one operation of the main API, {@code ListTables} for example, with a JSON body. */
  public Answer post(String operation, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    try (Socket socket = sockets.get()) {
      socket.setSoTimeout(Math.toIntExact(timeout.toMillis()));
      socket.setTcpNoDelay(true);
      socket.connect(address, Math.toIntExact(timeout.toMillis()));
      socket.getOutputStream().write(request(operation, body));
      socket.getOutputStream().flush();
      return read(new BufferedInputStream(socket.getInputStream()));
    }
  }

  private byte[] request(String operation, byte[] body) {
    String host = address.getHostString() + ":" + address.getPort();
    String target = TARGET_PREFIX + operation;
    byte[] signature = signer.headers(host, target, body);
    String head =
        "POST / HTTP/1.1\r\nHost: "
            + host
            + "\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: "
            + target
            + "\r\nConnection: close\r\nContent-Length: "
            + body.length
            + "\r\n";
    return ByteBuffer.allocate(head.length() + signature.length + 2 + body.length)
        .put(head.getBytes(StandardCharsets.US_ASCII))
        .put(signature)
        .put((byte) '\r')
        .put((byte) '\n')
        .put(body)
        .array();
  }

  private static Answer read(InputStream in) throws IOException {
    String statusLine = line(in);
    if (!statusLine.startsWith("HTTP/1.1 ") || statusLine.length() < 12) {
      throw new IOException("not an HTTP/1.1 answer: " + statusLine);
    }
    int status = Integer.parseInt(statusLine.substring(9, 12));
    int length = -1;
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(header.substring("content-length:".length()).strip());
      }
    }
    if (length < 0 || length > ANSWER_BYTES_MAX) {
      throw new IOException("an answer without a usable Content-Length, status " + status);
    }
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new IOException("the answer ended after " + body.length + " of " + length + " bytes");
    }
    return new Answer(status, new String(body, StandardCharsets.UTF_8));
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder(64);
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the connection was closed in the middle of an answer");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }
}
