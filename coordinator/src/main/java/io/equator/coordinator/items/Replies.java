package io.equator.coordinator.items;

import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.router.Routed;
import io.equator.model.error.ApiException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * From routed answers to replies, without the wrapping of exceptions that futures do on their own.
 */
public final class Replies {
  private Replies() {}

  /**
   * The reply that {@code toReply} makes of the answer. An {@link ApiException} that it throws is
   * thrown from here when the answer is there already, as with nodes in the same process; otherwise
   * it ends up in the future as it is.
   */
  public static <R> CompletableFuture<ReplyBody> of(
      CompletableFuture<R> answer, Function<? super R, ReplyBody> toReply) {
    if (answer.isDone() && !answer.isCompletedExceptionally()) {
      return CompletableFuture.completedFuture(toReply.apply(answer.join()));
    }
    CompletableFuture<ReplyBody> reply = new CompletableFuture<>();
    var _ =
        answer.whenComplete(
            (value, failure) -> {
              if (failure != null) {
                reply.completeExceptionally(failure);
                return;
              }
              try {
                reply.complete(toReply.apply(value));
              } catch (RuntimeException e) {
                reply.completeExceptionally(e);
              }
            });
    return reply;
  }

  /**
   * The answer of a request of one key.
   *
   * @throws ApiException when the request was refused
   */
  public static <R> R answered(Routed<R> routed) {
    return switch (routed) {
      case Routed.Answer<R>(R value) -> value;
      case Routed.Refused<R>(var error) -> throw new ApiException(error);
      case Routed.Scattered<R>() ->
          throw new IllegalStateException("a request of one key cannot be scattered");
    };
  }
}
