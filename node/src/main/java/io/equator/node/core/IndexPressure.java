package io.equator.node.core;

import io.equator.model.error.ApiError;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import org.jspecify.annotations.Nullable;

/** What a leader knows of global indexes that cannot take more changes at present. */
@FunctionalInterface
public interface IndexPressure {
  /** Every index takes everything. */
  IndexPressure NONE = (_, _, _, _) -> null;

  /**
   * Why a write is throttled that would change this index; null when it is not. Asked for each
   * global index that a write changes: cheap, and must not block.
   *
   * @param partition the one that the item stands in
   * @param exhausted whoever sent the write knows that the index has no write capacity left
   */
  @Nullable ApiError refusal(long partition, TableView table, IndexView index, boolean exhausted);
}
