package io.equator.node.core;

import io.equator.model.item.StoredValue;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResult;
import io.equator.proto.ItemGet;
import io.equator.proto.LockRow;
import io.equator.proto.TransactReadResult;
import io.equator.proto.TransactReadResults;
import io.equator.replication.catalog.VersionAttributes;
import java.util.function.IntFunction;

/**
 * Reads for transactions: items with their versions and locks, all from one applied state.
 *
 * <p>Two reads of an item that give the same version and no lock have found the same item, and
 * nobody changed it in between: versions of a key only grow, also over deletions.
 *
 * <p>Threads: any.
 */
public final class TransactionReader {
  private final Store store;
  private final long partition;
  private final IntFunction<VersionAttributes> versions;

  /** A reader of a partition in {@code store}, of tables whose items show no versions. */
  public TransactionReader(Store store, long partition) {
    this(store, partition, _ -> VersionAttributes.NONE);
  }

  /**
   * A reader of a partition in {@code store}.
   *
   * @param versions what the items of a table show of their versions
   */
  public TransactionReader(Store store, long partition, IntFunction<VersionAttributes> versions) {
    this.store = store;
    this.partition = partition;
    this.versions = versions;
  }

  /**
   * Reads.
   *
   * @throws StoreException when a row cannot be read
   */
  public TransactReadResults read(GetRequest request) {
    try (Store.FixedView state = store.snapshot()) {
      TransactReadResults.Builder results = TransactReadResults.newBuilder();
      for (int i = 0; i < request.getGetsCount(); i++) {
        results.addResults(read(state, request.getGets(i)));
      }
      return results.build();
    }
  }

  private TransactReadResult read(StoreView state, ItemGet get) {
    byte[] row = StoreKeys.item(get.getTable().getTableId(), get.getKey());
    TransactReadResult.Builder result = TransactReadResult.newBuilder();
    byte[] lock = state.get(Family.LOCKS, row);
    if (lock != null) {
      LockRow locked = TransactionRows.lock(lock);
      result
          .setLocked(locked.hasEffect())
          .setTransactionId(locked.getTransactionId())
          .setLedgerKey(locked.getLedgerKey());
    }
    byte[] value = state.get(Family.ITEMS, row);
    if (value == null) {
      byte[] deletions =
          state.get(
              Family.META, TransactionRows.deletionsKey(partition, TransactionRows.bucket(row)));
      return result
          .setVersion(deletions == null ? 0 : TransactionRows.deletions(deletions))
          .setResult(GetResult.getDefaultInstance())
          .build();
    }
    StoredValue stored = StoredValue.read(value);
    return result
        .setVersion(stored.timestamp())
        .setResult(PartitionReader.result(stored, get, versions))
        .build();
  }
}
