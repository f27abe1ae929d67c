package io.equator.coordinator.batch;

import io.equator.coordinator.router.Routed;
import io.equator.coordinator.router.Router;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Sends each group of a batch and waits for all of them. A group that was split apart while it was
 * under way is grouped again, by the map that showed the split.
 *
 * @param <E> an entry
 * @param <R> the results of a group
 */
abstract class GroupCalls<E extends Groups.Placed, R> {
  final Router router;
  private final AtomicInteger underWay = new AtomicInteger(1);
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  GroupCalls(Router router) {
    this.router = router;
  }

  /** Sends a group of one partition. */
  abstract CompletableFuture<Routed<R>> send(List<E> group);

  /**
   * Takes a group's results, or its refusal. Groups may be answered on several threads; this is
   * called by one at a time.
   */
  abstract void take(List<E> group, Routed<R> answer);

  /** Completes when every entry has its answer. */
  final CompletableFuture<Void> run(List<E> entries) {
    start(Groups.of(router.catalog(), entries));
    finished();
    return done;
  }

  private void start(Collection<List<E>> groups) {
    underWay.addAndGet(groups.size());
    for (List<E> group : groups) {
      var _ = send(group).whenComplete((answer, failure) -> answered(group, answer, failure));
    }
  }

  private void answered(List<E> group, @Nullable Routed<R> answer, @Nullable Throwable failure) {
    try {
      if (answer == null) {
        done.completeExceptionally(
            failure == null ? new IllegalStateException("no answer") : failure);
      } else if (answer instanceof Routed.Scattered<R>) {
        start(Groups.of(router.catalog(), group));
      } else {
        synchronized (this) {
          take(group, answer);
        }
      }
    } catch (RuntimeException e) {
      done.completeExceptionally(e);
    }
    finished();
  }

  private void finished() {
    if (underWay.decrementAndGet() == 0) {
      done.complete(null);
    }
  }
}
