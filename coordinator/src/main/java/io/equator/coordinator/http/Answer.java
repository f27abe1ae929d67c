package io.equator.coordinator.http;

import io.equator.coordinator.api.ApiReply;
import java.nio.charset.StandardCharsets;

/** What goes back for one request, before it is bytes. */
sealed interface Answer {
  /** The API's answer or error. */
  record Api(ApiReply reply) implements Answer {}

  /**
   * An answer that is no API's.
   *
   * @param status the HTTP status
   * @param headers more header lines, each with its CR LF
   * @param body the body, whose length is told
   * @param bodyless whether the body is only talked about, as {@code HEAD} asks
   */
  record Plain(int status, String headers, byte[] body, boolean bodyless) implements Answer {}

  /** Not an answer yet: the client may send the body. */
  record Continue() implements Answer {}

  /** The body of whatever is no call of the API; its checksum is always the same. */
  byte[] UNKNOWN_OPERATION = "<UnknownOperationException/>\n".getBytes(StandardCharsets.US_ASCII);

  /** The one. */
  Continue CONTINUE = new Continue();

  /** A status and nothing more. */
  static Plain ofStatus(int status) {
    return new Plain(status, "", new byte[0], false);
  }

  /** For whatever is no call of the API. */
  static Plain notFound(boolean bodyless) {
    return new Plain(404, "", UNKNOWN_OPERATION, bodyless);
  }
}
