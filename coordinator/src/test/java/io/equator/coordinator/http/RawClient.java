package io.equator.coordinator.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A socket that sends any bytes and reads answers; each wait has an end. */
final class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 10_000;

  private final Socket socket;
  private final InputStream in;

  /** One answer. */
  static final class Response {
    private final int status;
    private final Map<String, String> headers;
    private final byte[] body;

    Response(int status, Map<String, String> headers, byte[] body) {
      this.status = status;
      this.headers = headers;
      this.body = body;
    }

    int status() {
      return status;
    }

    Map<String, String> headers() {
      return headers;
    }

    byte[] body() {
      return body;
    }

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    @Nullable String header(String name) {
      return headers.get(name.toLowerCase(Locale.ROOT));
    }
  }

  RawClient(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  static RawClient connect(InetSocketAddress address) throws IOException {
    return new RawClient(new Socket(InetAddress.getLoopbackAddress(), address.getPort()));
  }

  void send(String latin1) throws IOException {
    send(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Reads one answer; interim ones count as well. */
  Response read() throws IOException {
    return read(false);
  }

  /** Reads one answer, whose body is left out although its length is told, as for HEAD. */
  Response readHead() throws IOException {
    return read(true);
  }

  private Response read(boolean headOnly) throws IOException {
    String statusLine = line();
    if (!statusLine.startsWith("HTTP/1.1 ")) {
      throw new IOException("no answer: " + statusLine);
    }
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(": ");
      String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
      if (headers.put(name, line.substring(colon + 2)) != null) {
        throw new IOException("twice: " + line);
      }
    }
    int status = Integer.parseInt(statusLine.substring(9, 12));
    String length = headers.get("content-length");
    byte[] body =
        new byte[status == 100 || headOnly ? 0 : Integer.parseInt(String.valueOf(length))];
    if (in.readNBytes(body, 0, body.length) < body.length) {
      throw new EOFException();
    }
    return new Response(status, headers, body);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection ended after " + line);
      }
      line.write(b);
    }
    String text = line.toString(StandardCharsets.ISO_8859_1);
    if (!text.endsWith("\r")) {
      throw new IOException("a line without CR: " + text);
    }
    return text.substring(0, text.length() - 1);
  }

  /** Whether the server ends the connection now, with nothing more before that. */
  boolean atEnd() throws IOException {
    return in.read() < 0;
  }

  /** Reads one short answer whatever it says; tells how many bytes it had. */
  int readAvailable() throws IOException {
    byte[] buffer = new byte[64 << 10];
    int length = 0;
    int body = -1;
    while (body < 0 || length < body) {
      int count = in.read(buffer, length, buffer.length - length);
      if (count < 0) {
        throw new EOFException();
      }
      length += count;
      String text = new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      int at = text.toLowerCase(Locale.ROOT).indexOf("content-length: ");
      if (end >= 0 && at >= 0) {
        int digits = at + "content-length: ".length();
        body = end + 4 + Integer.parseInt(text.substring(digits, text.indexOf('\r', digits)));
      }
    }
    return length;
  }

  /** Reads so many bytes. */
  void skip(int count) throws IOException {
    in.skipNBytes(count);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
