package io.equator.node.regions;

import java.util.concurrent.atomic.LongAdder;

/** What comparing a table with a region has found so far. Any thread. */
final class ComparisonFigures {
  private final LongAdder compared = new LongAdder();
  private final LongAdder different = new LongAdder();
  private final LongAdder merged = new LongAdder();
  private final LongAdder corrupt = new LongAdder();

  void compared(long keys) {
    compared.add(keys);
  }

  void different(long keys) {
    different.add(keys);
  }

  void merged(long keys) {
    merged.add(keys);
  }

  void corrupt(long keys) {
    corrupt.add(keys);
  }

  ComparisonTotals totals(int table, String region) {
    return new ComparisonTotals(
        table, region, compared.sum(), different.sum(), merged.sum(), corrupt.sum());
  }
}
