package io.equator.node.changes;

import io.equator.node.service.HostedPartition;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;

/**
 * Keeps all changes while this node's copy of the catalog may be older than what decided them.
 *
 * <p>A copy that does not know a stream or an index yet looks like one of which nobody reads the
 * table. A node that starts can have such a copy, and can lead with it; the records that it then
 * let go were those of readers that it had not heard of. All records before a term were decided
 * with what the catalog held when the term began, those of the term by this node itself: so a copy
 * that covers the beginning of the term is new enough.
 *
 * <p>Used by one thread.
 */
public final class OldCopy implements ChangeNeed {
  private record Term(long number, long seenNanos) {}

  private final LongPredicate coversAllBefore;
  private final LongSupplier nanos;
  private final Map<Long, Term> terms = new HashMap<>();

  /**
   * @param coversAllBefore whether this node's copy of the catalog holds all that the catalog held
   *     at a moment
   * @param nanos the moment
   */
  public OldCopy(LongPredicate coversAllBefore, LongSupplier nanos) {
    this.coversAllBefore = coversAllBefore;
    this.nanos = nanos;
  }

  @Override
  public long neededFrom(HostedPartition partition, int table) {
    long number = partition.log().leadership().term();
    long id = partition.machine().partition();
    Term term = terms.get(id);
    if (term == null || term.number != number) {
      term = new Term(number, nanos.getAsLong());
      terms.put(id, term);
    }
    return coversAllBefore.test(term.seenNanos) ? NOTHING : 0;
  }
}
