package io.equator.coordinator.http;

import io.equator.coordinator.api.ApiReply;

/** What goes back for one request, before it is bytes. */
sealed interface Answer {
  /** The API's answer or error. */
  record Api(ApiReply reply) implements Answer {}

  /**
   * An answer that is no API's.
   *
   * @param status the HTTP status
   * @param headers more header lines, each with its CR LF
   * @param body the body in ASCII, whose length is told
   * @param bodyless whether the body is only talked about, as {@code HEAD} asks
   */
  record Plain(int status, String headers, String body, boolean bodyless) implements Answer {}

  /** Not an answer yet: the client may send the body. */
  record Continue() implements Answer {}

  /** The body of whatever is no call of the API; its checksum is always the same. */
  String UNKNOWN_OPERATION = "<UnknownOperationException/>\n";

  /** The one. */
  Continue CONTINUE = new Continue();

  /** A status and nothing more. */
  static Plain ofStatus(int status) {
    return new Plain(status, "", "", false);
  }

  /** For whatever is no call of the API. */
  static Plain notFound(boolean bodyless) {
    return new Plain(404, "", UNKNOWN_OPERATION, bodyless);
  }
}
