package io.equator.coordinator.http;

import io.equator.coordinator.api.ApiReply;
import io.equator.coordinator.api.ReplySink;
import io.equator.coordinator.api.RequestId;
import org.jspecify.annotations.Nullable;

/** One request of a connection and the place for its answer, in the connection's queue. */
final class Exchange implements ReplySink {
  private final Connection connection;
  private final RequestId requestId;
  private final boolean lastOfConnection;
  private final boolean sayKeepAlive;
  private final boolean amazonJson;
  private final boolean crossOrigin;

  /**
   * Set by whichever thread has the answer; volatile, because the loop may look before it is told.
   */
  private volatile @Nullable Answer answer;

  Exchange(Connection connection, RequestId requestId, HttpHead head) {
    this.connection = connection;
    this.requestId = requestId;
    this.lastOfConnection = !head.keepAlive();
    this.sayKeepAlive = head.http10() && head.keepAlive();
    this.amazonJson = head.isMediaType("content-type", Encoder.AMAZON_JSON);
    this.crossOrigin = head.has("origin");
  }

  /** For a request that could not be parsed, or an interim answer. */
  Exchange(Connection connection, RequestId requestId, boolean lastOfConnection, Answer answer) {
    this.connection = connection;
    this.requestId = requestId;
    this.lastOfConnection = lastOfConnection;
    this.sayKeepAlive = false;
    this.amazonJson = true;
    this.crossOrigin = false;
    this.answer = answer;
  }

  @Override
  public void reply(ApiReply reply) {
    answer(new Answer.Api(reply));
  }

  void answer(Answer given) {
    answer = given;
    connection.answered();
  }

  @Nullable Answer answer() {
    return answer;
  }

  RequestId requestId() {
    return requestId;
  }

  /** Whether the connection ends with this answer. */
  boolean lastOfConnection() {
    return lastOfConnection;
  }

  /** Whether an old client must be told that the connection stays. */
  boolean sayKeepAlive() {
    return sayKeepAlive;
  }

  /** Whether the request's content type was Amazon's own; the answer's is the same. */
  boolean amazonJson() {
    return amazonJson;
  }

  /** Whether a browser must be told that it may read the answer. */
  boolean crossOrigin() {
    return crossOrigin;
  }
}
