package io.equator.coordinator.api;

/**
 * What goes back for one request.
 *
 * @param status the HTTP status
 * @param body the JSON object
 * @param errorType the value of the {@code x-amzn-ErrorType} header, which REST services tell their
 *     errors by; empty for none
 */
public record ApiReply(int status, ReplyBody body, String errorType) {
  /** An answer without that header. */
  public ApiReply(int status, ReplyBody body) {
    this(status, body, "");
  }

  /** An answer of an operation that went well. */
  public static ApiReply ok(ReplyBody body) {
    return new ApiReply(200, body);
  }
}
