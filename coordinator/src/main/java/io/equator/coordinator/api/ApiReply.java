package io.equator.coordinator.api;

/**
 * What goes back for one request.
 *
 * @param status the HTTP status
 * @param body the JSON object
 */
public record ApiReply(int status, ReplyBody body) {
  /** An answer of an operation that went well. */
  public static ApiReply ok(ReplyBody body) {
    return new ApiReply(200, body);
  }
}
