package io.equator.node.core;

import io.equator.proto.Redirect;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.proto.WriteResult;
import io.equator.proto.WriteResults;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request for writes, until each of them has an outcome.
 *
 * <p>Outcomes come from many threads, one per write. Whoever brings the last one answers. When some
 * writes are made and others are not (the leader changed in between), the answer as a whole is
 * INDETERMINATE: the caller asks again under the same request id, and what was made is recognised.
 */
final class WriteCall {
  /** What the whole call came to, once the last write has its outcome. */
  interface Completion {
    /** Called once. */
    void allSettled(WriteCall call);
  }

  private final WriteRequest request;
  private final Consumer<WriteResponse> answer;
  private final Completion completion;
  private final WriteResult[] results;
  private int open;
  private boolean changed;
  private @Nullable Redirect redirect;
  private long refusedInTerm;

  WriteCall(WriteRequest request, Consumer<WriteResponse> answer, Completion completion) {
    this.request = request;
    this.answer = answer;
    this.completion = completion;
    this.open = request.getWritesCount();
    this.results = new WriteResult[open];
  }

  WriteRequest request() {
    return request;
  }

  /** A write is made, durably. */
  void made(int position, WriteResult result) {
    synchronized (this) {
      results[position] = result;
      changed = true;
      if (--open > 0) {
        return;
      }
    }
    completion.allSettled(this);
  }

  /** A write has changed nothing, because of the state that the leader of {@code term} saw. */
  void refused(int position, WriteResult result, long term) {
    synchronized (this) {
      results[position] = result;
      if (refusedInTerm != 0 && refusedInTerm != term) {
        redirect = Redirects.of(Redirect.Reason.UNAVAILABLE, "the term changed");
      }
      refusedInTerm = term;
      if (--open > 0) {
        return;
      }
    }
    completion.allSettled(this);
  }

  /** A write was not decided here, or its fate is not known. */
  void redirected(Redirect to) {
    synchronized (this) {
      if (redirect == null || to.getReason() == Redirect.Reason.INDETERMINATE) {
        redirect = to;
      }
      if (--open > 0) {
        return;
      }
    }
    completion.allSettled(this);
  }

  /** The term whose leadership must be confirmed before the answer; 0 when none. */
  synchronized long termToConfirm() {
    return redirect == null ? refusedInTerm : 0;
  }

  /** Answers with what the writes came to. */
  void answer() {
    Redirect to;
    synchronized (this) {
      to = redirect;
    }
    if (to != null) {
      answerElsewhere(to);
      return;
    }
    WriteResults.Builder all = WriteResults.newBuilder();
    for (WriteResult result : results) {
      all.addResults(result);
    }
    answer.accept(WriteResponse.newBuilder().setResults(all).build());
  }

  /** Answers that the caller must ask again, here or elsewhere. */
  void answerElsewhere(Redirect to) {
    boolean partly;
    synchronized (this) {
      partly = changed;
    }
    Redirect told =
        partly && to.getReason() != Redirect.Reason.INDETERMINATE
            ? Redirects.of(Redirect.Reason.INDETERMINATE, "made in part: " + to.getReason())
            : to;
    answer.accept(WriteResponse.newBuilder().setRedirect(told).build());
  }
}
