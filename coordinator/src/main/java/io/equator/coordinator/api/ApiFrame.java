package io.equator.coordinator.api;

import io.equator.coordinator.api.RequestObserver.Answered;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireWriter;
import io.equator.coordinator.trace.CurrentRequest;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leads each request through the checks in DynamoDB's order, to its operation, and its answer back.
 *
 * <p>The order: the body is JSON; the target is known; the request is signed; there is a body; then
 * the operation's own (types, constraints, the rest). A body is read only once when all is well:
 * when an earlier check complains, the body is looked at for that answer alone, since "this is no
 * JSON" comes first.
 *
 * <p>It holds a bounded number of requests at a time; what is beyond is told to come back.
 */
public final class ApiFrame {
  private static final Logger LOG = LoggerFactory.getLogger(ApiFrame.class);

  private static final ApiError NOT_JSON = new ApiError(ErrorCode.SERIALIZATION, null);
  private static final ApiError UNKNOWN = new ApiError(ErrorCode.UNKNOWN_OPERATION, null);
  private static final ApiError INTERNAL =
      new ApiError(ErrorCode.INTERNAL_SERVER_ERROR, "Internal server error");
  private static final ApiError OVERLOADED =
      new ApiError(
          ErrorCode.SERVICE_UNAVAILABLE,
          "Service is temporarily overloaded, please try again later.");

  private final OperationTable operations;
  private final RequestAuthenticator authenticator;
  private final RequestObserver observer;
  private final int inFlightMax;
  private final AtomicInteger inFlight = new AtomicInteger();

  /**
   * Serves these operations.
   *
   * @param inFlightMax how many requests may be unanswered at a time
   */
  public ApiFrame(
      OperationTable operations,
      RequestAuthenticator authenticator,
      RequestObserver observer,
      int inFlightMax) {
    this.operations = operations;
    this.authenticator = authenticator;
    this.observer = observer;
    this.inFlightMax = inFlightMax;
  }

  /**
   * Takes one request; the body may be reused when this returns, the answer may come later.
   *
   * @param target the {@code X-Amz-Target} header, empty when there is none
   */
  public void handle(
      String target,
      RequestHead head,
      byte[] body,
      int offset,
      int length,
      RequestId requestId,
      ReplySink sink) {
    long start = System.nanoTime();
    Operation operation = operations.find(target);
    if (operation == null) {
      ApiError error = unlessNotJson(UNKNOWN, body, offset, length);
      refuse(RequestObserver.UNKNOWN_OPERATION, error, start, requestId, sink);
      return;
    }
    RequestAuthenticator.Outcome outcome = authenticator.authenticate(head, body, offset, length);
    switch (outcome) {
      case RequestAuthenticator.Outcome.Refused(ApiError error) ->
          refuse(
              operation.name(), unlessNotJson(error, body, offset, length), start, requestId, sink);
      case RequestAuthenticator.Outcome.Accepted(Caller caller) -> {
        if (length == 0) {
          refuse(operation.name(), NOT_JSON, start, requestId, sink);
          return;
        }
        String host = head.header("host");
        RequestContext context = new RequestContext(requestId, caller, host == null ? "" : host);
        admit(operation, new ApiCall(body, offset, length, context), start, sink);
      }
    }
  }

  /** The answer to a request that came when the server could take no more. */
  public static ApiReply overloaded() {
    return ErrorBody.reply(OVERLOADED);
  }

  /**
   * Writes an answer; one that cannot be written becomes an internal error.
   *
   * @return the status to send
   */
  public static int write(ApiReply reply, RequestId requestId, WireWriter out) {
    out.reset();
    try {
      reply.body().writeTo(out);
      return reply.status();
    } catch (RuntimeException e) {
      ApiReply instead = ErrorBody.reply(errorOf(e, "an answer", requestId));
      out.reset();
      instead.body().writeTo(out);
      return instead.status();
    }
  }

  /** Answers a request that reached no operation. */
  private void refuse(
      String operation, ApiError error, long start, RequestId requestId, ReplySink sink) {
    observer.answered(
        new Answered(operation, null, error.code(), System.nanoTime() - start, requestId));
    sink.reply(ErrorBody.reply(error));
  }

  private void admit(Operation operation, ApiCall call, long start, ReplySink sink) {
    if (inFlight.incrementAndGet() > inFlightMax) {
      answer(operation, call, OVERLOADED, overloaded(), start, sink);
      return;
    }
    CompletableFuture<ReplyBody> future = run(operation, call);
    if (future.state() == CompletableFuture.State.SUCCESS) {
      answer(operation, call, null, ApiReply.ok(future.resultNow()), start, sink);
      return;
    }
    var _ =
        future.whenComplete(
            (body, failure) -> {
              if (failure == null) {
                answer(operation, call, null, ApiReply.ok(body), start, sink);
              } else {
                ApiError error = errorOf(failure, operation.name(), call.context().requestId());
                answer(operation, call, error, ErrorBody.reply(error), start, sink);
              }
            });
  }

  private static CompletableFuture<ReplyBody> run(Operation operation, ApiCall call) {
    try {
      return CurrentRequest.call(call.context().requestId().trace(), () -> operation.run(call));
    } catch (Exception | StackOverflowError e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void answer(
      Operation operation,
      ApiCall call,
      @Nullable ApiError error,
      ApiReply reply,
      long start,
      ReplySink sink) {
    inFlight.decrementAndGet();
    observer.answered(
        new Answered(
            operation.name(),
            call.table(),
            error == null ? null : error.code(),
            System.nanoTime() - start,
            call.context().requestId()));
    sink.reply(reply);
  }

  private static ApiError errorOf(Throwable failure, String what, RequestId requestId) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof ApiException refused) {
      return refused.error();
    }
    LOG.error("{} failed, request {}", what, requestId, cause);
    return INTERNAL;
  }

  private static ApiError unlessNotJson(ApiError error, byte[] body, int offset, int length) {
    return length == 0 || WireReader.isJson(body, offset, length) ? error : NOT_JSON;
  }

  /** How many requests are unanswered now. */
  public int inFlight() {
    return inFlight.get();
  }
}
