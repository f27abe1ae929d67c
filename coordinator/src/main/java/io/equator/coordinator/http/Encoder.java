package io.equator.coordinator.http;

import io.equator.coordinator.api.ApiFrame;
import io.equator.coordinator.api.ApiReply;
import io.equator.coordinator.api.RequestId;
import io.equator.coordinator.json.WireWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * Turns answers into bytes: the body first, since its length and checksum stand in the head, then
 * the head from parts that are bytes already.
 *
 * <p>One per event loop; each answer is one buffer, so that it is one write to the socket.
 */
final class Encoder {
  /** The content type of the protocol, and of answers to requests that came in it. */
  static final String AMAZON_JSON = "application/x-amz-json-1.0";

  /** The other content type that is understood. */
  static final String JSON = "application/json";

  private static final byte[] CONTINUE = ascii("HTTP/1.1 100 Continue\r\n\r\n");
  private static final byte[] OK = ascii("HTTP/1.1 200 OK\r\n");
  private static final byte[] BAD_REQUEST = ascii("HTTP/1.1 400 Bad Request\r\n");
  private static final byte[] SERVER = ascii("Server: Server\r\nDate: ");
  private static final byte[] REQUEST_ID = ascii("\r\nx-amzn-RequestId: ");
  private static final byte[] TYPE_AMAZON_JSON = ascii("\r\nContent-Type: " + AMAZON_JSON);
  private static final byte[] TYPE_JSON = ascii("\r\nContent-Type: " + JSON);
  private static final byte[] ERROR_TYPE = ascii("\r\nx-amzn-ErrorType: ");
  private static final byte[] CRC = ascii("\r\nx-amz-crc32: ");
  private static final byte[] LENGTH = ascii("\r\nContent-Length: ");
  private static final byte[] ANY_ORIGIN = ascii("\r\nAccess-Control-Allow-Origin: *");
  private static final byte[] CLOSE = ascii("\r\nConnection: close");
  private static final byte[] KEEP_ALIVE = ascii("\r\nConnection: keep-alive");
  private static final byte[] LINE_END = ascii("\r\n");

  /** All that a head can take, but for a plain answer's own headers. */
  private static final int HEAD_LENGTH_MAX = 512;

  private final WireWriter writer = new WireWriter();
  private final HttpDate date = new HttpDate();
  private final CRC32 crc = new CRC32();
  private byte[] head = new byte[HEAD_LENGTH_MAX];
  private int length;

  /** An encoder of its own thread. */
  Encoder() {}

  /**
   * The bytes of an answer, owned by the caller.
   *
   * @param close whether the connection ends with it
   */
  ByteBuf encode(Answer answer, Exchange exchange, boolean close, ByteBufAllocator allocator) {
    return switch (answer) {
      case Answer.Api(ApiReply reply) -> api(reply, exchange, close, allocator);
      case Answer.Plain plain -> plain(plain, exchange, close, allocator);
      case Answer.Continue() -> allocator.directBuffer(CONTINUE.length).writeBytes(CONTINUE);
    };
  }

  private ByteBuf api(
      ApiReply reply, Exchange exchange, boolean close, ByteBufAllocator allocator) {
    int status = ApiFrame.write(reply, exchange.requestId(), writer);
    start(status, exchange, close);
    append(exchange.amazonJson() ? TYPE_AMAZON_JSON : TYPE_JSON);
    if (!reply.errorType().isEmpty()) {
      append(ERROR_TYPE);
      append(ascii(reply.errorType()));
    }
    checksum(writer.array(), writer.length());
    end(writer.length());
    ByteBuf out = allocator.directBuffer(length + writer.length());
    out.writeBytes(head, 0, length);
    out.writeBytes(writer.array(), 0, writer.length());
    writer.reset();
    return out;
  }

  private ByteBuf plain(
      Answer.Plain plain, Exchange exchange, boolean close, ByteBufAllocator allocator) {
    byte[] body = ascii(plain.body());
    start(plain.status(), exchange, close);
    if (body.length > 0) {
      checksum(body, body.length);
    }
    byte[] headers = ascii(plain.headers());
    if (headers.length > 0) {
      append(LINE_END);
      ensure(headers.length);
      append(headers);
      length -= LINE_END.length;
    }
    end(body.length);
    ByteBuf out = allocator.directBuffer(length + body.length);
    out.writeBytes(head, 0, length);
    if (!plain.bodyless()) {
      out.writeBytes(body);
    }
    return out;
  }

  private void start(int status, Exchange exchange, boolean close) {
    length = 0;
    append(statusLine(status));
    append(SERVER);
    append(date.now());
    append(REQUEST_ID);
    exchange.requestId().writeTo(head, length);
    length += RequestId.LENGTH;
    if (exchange.crossOrigin()) {
      append(ANY_ORIGIN);
    }
    if (close) {
      append(CLOSE);
    } else if (exchange.sayKeepAlive()) {
      append(KEEP_ALIVE);
    }
  }

  private void checksum(byte[] body, int count) {
    crc.reset();
    crc.update(body, 0, count);
    append(CRC);
    append(crc.getValue());
  }

  private void end(int bodyLength) {
    append(LENGTH);
    append(bodyLength);
    append(LINE_END);
    append(LINE_END);
  }

  private void ensure(int more) {
    if (head.length < length + more + HEAD_LENGTH_MAX) {
      head = Arrays.copyOf(head, length + more + HEAD_LENGTH_MAX);
    }
  }

  private void append(byte[] part) {
    System.arraycopy(part, 0, head, length, part.length);
    length += part.length;
  }

  private void append(long number) {
    int digits = 1;
    for (long rest = number; rest >= 10; rest /= 10) {
      digits++;
    }
    long rest = number;
    for (int at = length + digits - 1; at >= length; at--) {
      head[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += digits;
  }

  private static byte[] statusLine(int status) {
    return switch (status) {
      case 200 -> OK;
      case 400 -> BAD_REQUEST;
      default -> ascii("HTTP/1.1 " + status + " " + reason(status) + "\r\n");
    };
  }

  private static String reason(int status) {
    return switch (status) {
      case 202 -> "Accepted";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 408 -> "Request Timeout";
      case 409 -> "Conflict";
      case 429 -> "Too Many Requests";
      case 413 -> "Request Entity Too Large";
      case 417 -> "Expectation Failed";
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 501 -> "Not Implemented";
      case 503 -> "Service Unavailable";
      case 505 -> "HTTP Version Not Supported";
      default -> "Status";
    };
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
