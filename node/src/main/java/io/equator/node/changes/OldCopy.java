package io.equator.node.changes;

import io.equator.node.service.HostedPartition;
import io.equator.replication.catalog.CatalogFollower;
import java.util.HashMap;
import java.util.Map;

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

  private final CatalogFollower catalog;
  private final Map<Long, Term> terms = new HashMap<>();

  /** Judges this node's copy. */
  public OldCopy(CatalogFollower catalog) {
    this.catalog = catalog;
  }

  @Override
  public long neededFrom(HostedPartition partition, int table) {
    long number = partition.log().leadership().term();
    long id = partition.machine().partition();
    Term term = terms.get(id);
    if (term == null || term.number != number) {
      term = new Term(number, System.nanoTime());
      terms.put(id, term);
    }
    return catalog.coversAllBefore(term.seenNanos) ? NOTHING : 0;
  }
}
