package io.equator.node.core;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One holder at a time for each key, the others queued in the order in which they came; nobody
 * blocks.
 *
 * <p>A latch is held from before the decision reads its key until the decision's effect is applied.
 * Who releases it gets the next holder back and must carry on with it, or the key stays shut for
 * ever.
 *
 * <p>The table holds only keys with a holder, so it is bounded by the writes that the partition
 * admits. It is striped: each stripe's monitor guards its map, is held for a map operation, and is
 * never held together with another lock.
 *
 * @param <W> who waits
 */
final class Latches<W> {
  private static final int STRIPES = 32;

  private final Stripe<W>[] stripes;

  @SuppressWarnings({"unchecked", "rawtypes"}) // Arrays of generics cannot be made otherwise.
  Latches() {
    stripes = new Stripe[STRIPES];
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe<>();
    }
  }

  private static final class Stripe<W> {
    private final Map<RowKey, Latch<W>> held = new HashMap<>();
  }

  /** A key with a holder, and who waits behind it. */
  private static final class Latch<W> {
    /** Made when somebody waits: most keys never have a queue. */
    private @Nullable ArrayDeque<W> waiting;
  }

  /** True when {@code writer} holds the latch now; false when it waits for its turn. */
  boolean acquire(RowKey key, W writer) {
    Stripe<W> stripe = stripe(key);
    synchronized (stripe) {
      Latch<W> latch = stripe.held.get(key);
      if (latch == null) {
        stripe.held.put(key, new Latch<>());
        return true;
      }
      ArrayDeque<W> waiting = latch.waiting;
      if (waiting == null) {
        waiting = new ArrayDeque<>(4);
        latch.waiting = waiting;
      }
      waiting.add(writer);
      return false;
    }
  }

  /**
   * The first of those that wait behind a held latch, if {@code wanted} takes it; it waits no more,
   * and the latch stays held, now for both.
   */
  @Nullable W join(RowKey key, Predicate<W> wanted) {
    Stripe<W> stripe = stripe(key);
    synchronized (stripe) {
      Latch<W> latch = Invariant.present(stripe.held.get(key), "a latch is joined that is free");
      ArrayDeque<W> waiting = latch.waiting;
      W first = waiting == null ? null : waiting.peek();
      if (waiting == null || first == null || !wanted.test(first)) {
        return null;
      }
      waiting.remove();
      return first;
    }
  }

  /** Gives the latch up; the next holder, which was waiting, or null. */
  @Nullable W release(RowKey key) {
    Stripe<W> stripe = stripe(key);
    synchronized (stripe) {
      Latch<W> latch =
          Invariant.present(stripe.held.get(key), "a latch is released that nobody holds");
      W next = latch.waiting == null ? null : latch.waiting.poll();
      if (next == null) {
        stripe.held.remove(key);
      }
      return next;
    }
  }

  /** How many keys have a holder. */
  int size() {
    int size = 0;
    for (Stripe<W> stripe : stripes) {
      synchronized (stripe) {
        size += stripe.held.size();
      }
    }
    return size;
  }

  private Stripe<W> stripe(RowKey key) {
    return stripes[key.hashCode() & (STRIPES - 1)];
  }
}
