package io.equator.replication.ratis;

import io.equator.partitioner.NodeId;
import io.equator.replication.log.LogMachine;
import io.equator.replication.log.LogPosition;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.server.protocol.TermIndex;
import org.jspecify.annotations.Nullable;

/**
 * The installation of a state from elsewhere, between Ratis's questions and the machine's work.
 *
 * <pre>
 *   idle ──the leader notifies──▶ working ──the machine has it──▶ told ──pause, reinitialize──▶ idle
 *                                    │ nothing to be had ─────────────────────────────────────▶ idle
 *                                    │ the leader changes: Ratis is told of a failure, the machine goes on
 *                                    ▼
 *                                   idle ──the next leader notifies──▶ working, on the same work or its result
 * </pre>
 *
 * <p>Why a change of leader ends it for Ratis: Ratis 3.3.0 remembers from where on the first leader
 * has its log, and fails an assertion at every notification of another leader whose log begins
 * earlier; it would neither take the result nor entries any more.
 *
 * <p>The monitor guards the state.
 */
final class Installation {

  /** Ratis asks every half election timeout; it takes the result up with its next question. */
  private static final Duration TAKEN_UP_WITHIN = Duration.ofSeconds(60);

  /** What the group's machine does when this goes wrong. */
  interface Failure {
    void failed(String doing, Throwable cause);
  }

  private final LogMachine machine;
  private final Failure failure;

  private @Nullable CompletableFuture<TermIndex> told;
  private long asked;

  Installation(LogMachine machine, Failure failure) {
    this.machine = machine;
    this.failure = failure;
  }

  /** Begins, or joins what the machine does already; Ratis asks once at a time. */
  CompletableFuture<TermIndex> begin(long atLeastIndex, List<NodeId> sources) {
    CompletableFuture<TermIndex> answer = new CompletableFuture<>();
    long number;
    synchronized (this) {
      told = answer;
      number = ++asked;
    }
    var _ =
        machine
            .install(atLeastIndex, sources)
            .whenComplete(
                (position, cause) -> {
                  if (cause == null) {
                    end(number, answer, position);
                  } else {
                    failure.failed("installing a state from elsewhere", cause);
                    answer.completeExceptionally(cause);
                  }
                });
    return answer;
  }

  @SuppressWarnings("NullAway") // Ratis's word for "no snapshot is to be had now" is null.
  private void end(
      long number, CompletableFuture<TermIndex> answer, Optional<LogPosition> position) {
    if (position.isEmpty()) {
      answer.complete(null);
    } else if (answer.complete(TermIndex.valueOf(position.get().term(), position.get().index()))) {
      watch(number);
    }
  }

  /** Ratis takes the result up soon, or never: then the replica has to be opened anew. */
  private void watch(long number) {
    CompletableFuture.delayedExecutor(TAKEN_UP_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        .execute(
            () -> {
              if (isWaiting(number)) {
                failure.failed(
                    "taking up an installed state",
                    new IllegalStateException("not taken up within " + TAKEN_UP_WITHIN));
              }
            });
  }

  private synchronized boolean isWaiting(long number) {
    return told != null && asked == number;
  }

  /** The leader is another one, or not known. */
  void leaderChanged() {
    CompletableFuture<TermIndex> open;
    synchronized (this) {
      open = told;
    }
    if (open != null) {
      // Without effect when it is complete; then Ratis has the result already.
      open.completeExceptionally(
          new IllegalStateException("the leader changed; the installation goes on"));
    }
  }

  /** Ratis takes up the installed state now. */
  synchronized void takenUp() {
    told = null;
  }
}
