package io.equator.coordinator.api;

import java.util.concurrent.CompletableFuture;

/**
 * One operation of the API, found by the {@code X-Amz-Target} header.
 *
 * <p>{@link #run} is called on a thread that serves many connections: it reads the body first
 * ({@link ApiCall#parse}), and never blocks. What is wrong with the request is told by an {@link
 * io.equator.model.error.ApiException}, thrown or inside the future, whichever is simpler.
 */
public interface Operation {
  /** The prefix of the main API's targets. */
  String DYNAMODB = "DynamoDB_20120810.";

  /** The prefix of the Streams API's targets. */
  String STREAMS = "DynamoDBStreams_20120810.";

  /** The name in the service model, for example {@code PutItem}. */
  String name();

  /** What the {@code X-Amz-Target} header says. */
  default String target() {
    return DYNAMODB + name();
  }

  /** Runs one request; the future may be complete already, and may complete on any thread. */
  CompletableFuture<ReplyBody> run(ApiCall call);
}
