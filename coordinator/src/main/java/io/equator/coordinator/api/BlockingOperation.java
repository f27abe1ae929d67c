package io.equator.coordinator.api;

import io.equator.coordinator.json.RequestReader;
import io.equator.coordinator.trace.CurrentRequest;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.proto.RequestTrace;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * An operation that is written as plain blocking code and runs on a virtual thread of its own.
 *
 * <p>The edge's thread only parses. The permits bound how many operations run at a time; one more
 * is refused and not queued.
 *
 * @param <T> the request
 */
public final class BlockingOperation<T> implements Operation {
  private final String prefix;
  private final String name;
  private final RequestReader<T> reader;
  private final Function<T, ReplyBody> body;
  private final Executor threads;
  private final Semaphore permits;
  private final ErrorCode refusal;

  /**
   * Makes the operation.
   *
   * @param prefix of its target, {@link Operation#DYNAMODB} or {@link Operation#STREAMS}
   * @param body may block, and may throw {@link ApiException}
   * @param threads runs each task on a thread of its own
   * @param refusal what is answered when all permits are taken
   */
  public BlockingOperation(
      String prefix,
      String name,
      RequestReader<T> reader,
      Function<T, ReplyBody> body,
      Executor threads,
      Semaphore permits,
      ErrorCode refusal) {
    this.prefix = prefix;
    this.name = name;
    this.reader = reader;
    this.body = body;
    this.threads = threads;
    this.permits = permits;
    this.refusal = refusal;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String target() {
    return prefix + name;
  }

  @Override
  public CompletableFuture<ReplyBody> run(ApiCall call) {
    T request = call.parse(reader);
    if (!permits.tryAcquire()) {
      throw ApiException.of(refusal, "Rate of requests exceeds the allowed throughput.");
    }
    try {
      RequestTrace trace = CurrentRequest.trace();
      return CompletableFuture.supplyAsync(
              () -> CurrentRequest.call(trace, () -> body.apply(request)), threads)
          .whenComplete((_, _) -> permits.release());
    } catch (RuntimeException e) {
      permits.release();
      throw e;
    }
  }
}
