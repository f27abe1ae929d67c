package io.equator.node.core;

import io.equator.proto.SealPartition;
import io.equator.proto.SealedPartition;

/** Breaks what a partition knows of splits, for simulations that must find it. */
public final class SplitFaults {
  private SplitFaults() {}

  /** It forgets that it is sealed. */
  public static void unseal(PartitionMachine machine) {
    machine.splits().sealed = null;
  }

  /** The store looks as if the parent were sealed, while its machine does not know. */
  public static void pretendHandover(
      Store store, long parent, long heir, SealPartition seal, boolean pretend) {
    try (RowBatch batch = store.newBatch()) {
      if (pretend) {
        batch.put(
            Family.META,
            SplitRows.key(SplitRows.SEALED, parent),
            SplitRows.row(SealedPartition.newBuilder().addAllHeirs(seal.getHeirsList()).build()));
        batch.put(
            Family.META,
            SplitRows.key(SplitRows.HANDOVER, heir),
            new SplitRows.Handover(parent, 0).row());
      } else {
        batch.delete(Family.META, SplitRows.key(SplitRows.SEALED, parent));
      }
      store.commit(batch);
    }
  }

  /** An heir loses the requests of before. */
  public static void forgetRequests(Store store, long heir) {
    forget(store, MetaRows.REMEMBERED, heir);
  }

  /** An heir loses the times of deletions. */
  public static void forgetDeletions(Store store, long heir) {
    forget(store, TransactionRows.DELETIONS, heir);
  }

  /** An heir loses the transactions that are over. */
  public static void forgetFinished(Store store, long heir) {
    forget(store, TransactionRows.FINISHED, heir);
  }

  /** An heir loses the schema floors. */
  public static void forgetFloors(Store store, long heir) {
    forget(store, MetaRows.SCHEMA_FLOOR, heir);
  }

  private static void forget(Store store, byte kind, long partition) {
    byte[] prefix = MetaRows.prefix(kind, partition);
    try (RowBatch batch = store.newBatch();
        RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        batch.delete(Family.META, cursor.key());
      }
      store.commit(batch);
    }
  }

  /** Throws away every row of a table under some tokens, as if nobody had inherited it. */
  public static void deleteItems(Store store, int table, long firstToken, long lastToken) {
    ForgottenPartition.delete(
        store,
        new RowRange(
            Family.ITEMS,
            StoreKeys.firstOfToken(table, 0, firstToken),
            StoreKeys.afterToken(table, 0, lastToken)));
  }
}
