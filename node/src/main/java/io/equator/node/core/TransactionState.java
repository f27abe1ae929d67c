package io.equator.node.core;

import com.google.protobuf.ByteString;
import io.equator.model.item.StoredValue;
import io.equator.node.core.TransactionRows.FinishedKey;
import io.equator.proto.FinishTransaction;
import io.equator.proto.FinishedTransaction;
import io.equator.proto.IndexRowEffect;
import io.equator.proto.ItemEffect;
import io.equator.proto.ItemLock;
import io.equator.proto.LockItems;
import io.equator.proto.LockRow;
import io.equator.proto.TransactWrite;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a partition knows of transactions, as applied: which items they hold, how they ended, and
 * when keys were last deleted.
 *
 * <p><b>Locks.</b> A locked item has a row beside it that holds the item's future. Until the
 * transaction is finished nobody else changes the item, so what was decided at the prepare is still
 * right at the commit, and committing takes no decision.
 *
 * <p><b>The finished table</b> makes it harmless that messages come late, twice or in the wrong
 * order (facts of the 2023 paper's protocol, and the two failures that a draft RFC of a clone
 * documents): a prepare of a finished transaction locks nothing, also when a cancel was all that
 * came before it. Rows are kept for {@link #KEPT_MILLIS} of leader time, more than twice as long as
 * a prepare is taken; transactions of one partition that have a row in the ledger for {@link
 * #KEPT_LONG_MILLIS}, because this table alone knows how they ended.
 *
 * <p><b>Deletions.</b> The timestamps of a key never go down, also when it is deleted and made
 * again: a new item's is greater than that of every deletion in its bucket of keys. So a version
 * names a state of a key for ever, and readers may compare versions.
 *
 * <p>Threads: the methods that change something are called by the applying thread, between them
 * nothing is visible until {@link #publish}, which comes after the batch is committed: who sees an
 * item unlocked also sees what the transaction wrote. Everything else may be called by any thread.
 */
final class TransactionState {
  /** How long an outcome is remembered, in leader time. */
  static final long KEPT_MILLIS = 60_000;

  /** The same, where the ledger asks here for it: longer than a token is good for. */
  static final long KEPT_LONG_MILLIS = 900_000;

  /** A prepare is taken for this long after its transaction began. */
  static final long PREPARE_AGE_MAX_MILLIS = 20_000;

  /**
   * Outcomes kept long at most; more push out the oldest that are older than the others are kept.
   */
  private static final int KEPT_LONG_MAX = 200_000;

  /** Outcomes dropped by one entry at most, so that an entry after a pause stays short. */
  private static final int DROPPED_MAX = 64;

  /**
   * An item that a transaction holds.
   *
   * @param writes whether it is about to be written
   * @param schemaVersion with which that write was decided
   * @param timestamp that it will have at least
   * @param outcome what the prepare was answered, a Written
   */
  record Held(
      TransactionId transaction,
      ByteString ledgerKey,
      long millis,
      boolean writes,
      long schemaVersion,
      long timestamp,
      ByteString outcome) {
    static Held of(LockRow row) {
      return new Held(
          TransactionId.of(row.getTransactionId()),
          copy(row.getLedgerKey()),
          row.getMillis(),
          row.hasEffect(),
          row.getEffect().getSchemaVersion(),
          row.getEffect().getTimestamp(),
          copy(row.getOutcome()));
    }
  }

  /**
   * A transaction that is over: what is remembered in memory, of what stands in a row.
   *
   * @param told whether the row has answers, too
   */
  record Ended(FinishedKey key, boolean committed, boolean told) {
    static Ended of(FinishedKey key, FinishedTransaction end) {
      return new Ended(key, end.getCommitted(), end.getOutcomesCount() > 0);
    }
  }

  private final long partition;
  private final Store store;

  /** Package-private, as are the next: simulations lose them on purpose. */
  final Map<RowKey, Held> locks = new ConcurrentHashMap<>();

  final Map<TransactionId, List<RowKey>> keysOf = new ConcurrentHashMap<>();
  final Map<TransactionId, Ended> finished = new ConcurrentHashMap<>();
  private final ArrayDeque<FinishedKey> keptShort = new ArrayDeque<>();
  private final ArrayDeque<FinishedKey> keptLong = new ArrayDeque<>();
  private final AtomicLongArray deletions = new AtomicLongArray(TransactionRows.BUCKETS);
  volatile int lockCount;

  // What the entry that is being applied has changed; a null lock is a removed one.
  private final Map<RowKey, @Nullable LockRow> changedLocks = new LinkedHashMap<>();
  private final Map<FinishedKey, FinishedTransaction> newlyFinished = new LinkedHashMap<>();
  private final Map<Integer, Long> changedDeletions = new TreeMap<>();
  private final List<FinishedKey> dropped = new ArrayList<>();

  TransactionState(long partition, MetaRows.Descriptor descriptor, Store store) {
    this.partition = partition;
    this.store = store;
    loadLocks(descriptor);
    byte[] prefix = TransactionRows.prefix(TransactionRows.FINISHED, partition);
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        FinishedKey key = FinishedKey.of(cursor.key());
        (key.keptLong() ? keptLong : keptShort).add(key);
        finished.put(key.id(), Ended.of(key, TransactionRows.finished(cursor.value())));
      }
    }
    prefix = TransactionRows.prefix(TransactionRows.DELETIONS, partition);
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        deletions.set(
            TransactionRows.bucketOf(cursor.key()), TransactionRows.deletions(cursor.value()));
      }
    }
  }

  /**
   * All locks of the node are looked at: there are few, and they lie by table, not by partition.
   * Those under the tokens of a sealed partition are its heirs'.
   */
  private void loadLocks(MetaRows.Descriptor descriptor) {
    if (SplitRows.sealed(store, partition) != null) {
      return;
    }
    byte[] end = new byte[17];
    Arrays.fill(end, (byte) 0xff);
    try (RowCursor cursor = store.cursor(Family.LOCKS, new byte[] {0}, end)) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        RowKey key = new RowKey(cursor.key());
        if (descriptor.holds(StoreKeys.token(key.bytes()))) {
          add(key, Held.of(TransactionRows.lock(cursor.value())));
        }
      }
    }
    lockCount = locks.size();
  }

  // ---- what anybody may ask
  // -----------------------------------------------------------------------

  /** Whether any item is locked: one volatile read. */
  boolean anyLocked() {
    return lockCount > 0;
  }

  /** Who holds an item; null when nobody does. */
  @Nullable Held holder(RowKey key) {
    return lockCount == 0 ? null : locks.get(key);
  }

  /** What a transaction holds. */
  List<RowKey> keysOf(TransactionId id) {
    List<RowKey> keys = keysOf.get(id);
    return keys == null ? List.of() : keys;
  }

  /** How a transaction ended here, if that is remembered; null when not. */
  @Nullable FinishedTransaction finished(TransactionId id) {
    Ended end = finished.get(id);
    if (end == null) {
      return null;
    }
    byte[] row = end.told() ? store.get(Family.META, end.key().in(partition)) : null;
    return row == null
        ? FinishedTransaction.newBuilder().setCommitted(end.committed()).build()
        : TransactionRows.finished(row);
  }

  /** The timestamp above which a new item under this key must be. */
  long deletedBefore(byte[] row) {
    return deletions.get(TransactionRows.bucket(row));
  }

  /** Shows one item of each transaction that was prepared at or before this time. */
  void olderThan(long millis, LockVisitor visitor) {
    for (Map.Entry<TransactionId, List<RowKey>> held : keysOf.entrySet()) {
      for (RowKey key : held.getValue()) {
        Held lock = locks.get(key);
        if (lock != null && lock.millis() <= millis) {
          visitor.visit(key.bytes(), lock);
          break;
        }
      }
    }
  }

  /** Takes locks. */
  interface LockVisitor {
    /** {@code row} is the item's key in {@link Family#ITEMS}. */
    void visit(byte[] row, Held lock);
  }

  /** Whether an item of the table is about to be written as an older schema has it. */
  boolean locksOlderSchema(int table, long schemaVersion) {
    for (Map.Entry<RowKey, @Nullable LockRow> changed : changedLocks.entrySet()) {
      LockRow lock = changed.getValue();
      if (lock != null
          && lock.hasEffect()
          && lock.getEffect().getTableId() == table
          && lock.getEffect().getSchemaVersion() < schemaVersion) {
        return true;
      }
    }
    for (Map.Entry<RowKey, Held> lock : locks.entrySet()) {
      if (StoreKeys.table(lock.getKey().bytes()) == table
          && lock.getValue().writes()
          && lock.getValue().schemaVersion() < schemaVersion) {
        return true;
      }
    }
    return false;
  }

  /** The least timestamp that a write of the table will have which a transaction holds; 0: none. */
  long oldestHeld(int table) {
    long oldest = 0;
    for (Map.Entry<RowKey, Held> held : locks.entrySet()) {
      if (held.getValue().writes()
          && StoreKeys.table(held.getKey().bytes()) == table
          && !changedLocks.containsKey(held.getKey())) {
        oldest = older(oldest, held.getValue().timestamp());
      }
    }
    for (LockRow lock : changedLocks.values()) {
      if (lock != null && lock.hasEffect() && lock.getEffect().getTableId() == table) {
        oldest = older(oldest, lock.getEffect().getTimestamp());
      }
    }
    return oldest;
  }

  private static long older(long oldest, long timestamp) {
    return oldest == 0 || Long.compareUnsigned(timestamp, oldest) < 0 ? timestamp : oldest;
  }

  // ---- applying
  // -----------------------------------------------------------------------------------

  /** An entry begins. */
  void begin() {
    changedLocks.clear();
    newlyFinished.clear();
    changedDeletions.clear();
    dropped.clear();
  }

  /** Locks items for a transaction, unless it is over. */
  void lock(LockItems effect, RowBatch batch) {
    TransactionId id = TransactionId.of(effect.getTransactionId());
    if (isOver(id)) {
      return;
    }
    for (ItemLock lock : effect.getLocksList()) {
      byte[] row = StoreKeys.row(lock.getTableId(), 0, lock.getKey());
      RowKey key = new RowKey(row);
      TransactionId holder = holderNow(key);
      if (holder != null) {
        if (!holder.equals(id)) {
          throw new StoreException("an item would be locked by two transactions");
        }
        continue;
      }
      LockRow.Builder locked =
          LockRow.newBuilder()
              .setTransactionId(effect.getTransactionId())
              .setLedgerKey(effect.getLedgerKey())
              .setMillis(effect.getMillis())
              .setOutcome(lock.getOutcome());
      if (lock.hasEffect()) {
        locked.setEffect(lock.getEffect());
      }
      LockRow built = locked.build();
      changedLocks.put(key, built);
      batch.put(Family.LOCKS, row, TransactionRows.lock(built));
    }
  }

  /** Ends a transaction: writes what it holds, or not, and gives it up. */
  void finish(
      FinishTransaction effect, long leaderMillis, RowBatch batch, Consumer<ItemEffect> write) {
    TransactionId id = TransactionId.of(effect.getTransactionId());
    if (isOver(id)) {
      return;
    }
    for (RowKey key : keysNow(id)) {
      LockRow lock = lockNow(key);
      if (effect.getCommit() && lock.hasEffect()) {
        write.accept(at(lock.getEffect(), effect.getTimestamp()));
      }
      changedLocks.put(key, null);
      batch.delete(Family.LOCKS, key.bytes());
    }
    remember(
        new FinishedKey(false, leaderMillis, id),
        FinishedTransaction.newBuilder().setCommitted(effect.getCommit()).build(),
        batch);
  }

  /** A whole transaction, unless it is over: it may have been cancelled before it came. */
  void write(TransactWrite effect, long leaderMillis, RowBatch batch, Consumer<ItemEffect> write) {
    TransactionId id = TransactionId.of(effect.getTransactionId());
    if (isOver(id)) {
      return;
    }
    effect.getEffectsList().forEach(write);
    FinishedTransaction.Builder end = FinishedTransaction.newBuilder().setCommitted(true);
    for (ByteString outcome : effect.getOutcomesList()) {
      end.addOutcomes(copy(outcome));
    }
    remember(new FinishedKey(effect.getKeptLong(), leaderMillis, id), end.build(), batch);
  }

  /** An item is deleted, in a transaction or without. */
  void deleted(byte[] row, long timestamp) {
    int bucket = TransactionRows.bucket(row);
    long known = changedDeletions.getOrDefault(bucket, deletions.get(bucket));
    if (Long.compareUnsigned(timestamp, known) > 0) {
      changedDeletions.put(bucket, timestamp);
    }
  }

  /** The entry's effects are all here: adds what they have in common to its batch. */
  void complete(long leaderMillis, RowBatch batch) {
    for (Map.Entry<Integer, Long> changed : changedDeletions.entrySet()) {
      batch.put(
          Family.META,
          TransactionRows.deletionsKey(partition, changed.getKey()),
          TransactionRows.deletions(changed.getValue()));
    }
    drop(keptShort, leaderMillis - KEPT_MILLIS, batch);
    boolean tooMany = keptLong.size() > KEPT_LONG_MAX;
    drop(keptLong, leaderMillis - (tooMany ? KEPT_MILLIS : KEPT_LONG_MILLIS), batch);
  }

  private void drop(ArrayDeque<FinishedKey> kept, long before, RowBatch batch) {
    for (int i = 0; i < DROPPED_MAX; i++) {
      FinishedKey oldest = kept.peek();
      if (oldest == null || oldest.millis() >= before) {
        return;
      }
      kept.remove();
      dropped.add(oldest);
      batch.delete(Family.META, oldest.in(partition));
    }
  }

  /** The batch is in the store. */
  void publish() {
    if (!changedLocks.isEmpty()) {
      for (Map.Entry<RowKey, @Nullable LockRow> changed : changedLocks.entrySet()) {
        LockRow lock = changed.getValue();
        if (lock == null) {
          remove(changed.getKey());
        } else {
          add(changed.getKey(), Held.of(lock));
        }
      }
      lockCount = locks.size();
    }
    for (Map.Entry<FinishedKey, FinishedTransaction> end : newlyFinished.entrySet()) {
      FinishedKey key = end.getKey();
      (key.keptLong() ? keptLong : keptShort).add(key);
      finished.put(key.id(), Ended.of(key, end.getValue()));
    }
    for (Map.Entry<Integer, Long> changed : changedDeletions.entrySet()) {
      deletions.set(changed.getKey(), changed.getValue());
    }
    for (FinishedKey old : dropped) {
      finished.remove(old.id());
    }
  }

  private void remember(FinishedKey key, FinishedTransaction end, RowBatch batch) {
    newlyFinished.put(key, end);
    batch.put(Family.META, key.in(partition), TransactionRows.finished(end));
  }

  private void add(RowKey key, Held lock) {
    locks.put(key, lock);
    keysOf.compute(
        lock.transaction(),
        (_, before) -> {
          List<RowKey> keys = new ArrayList<>(before == null ? List.of() : before);
          keys.add(key);
          return List.copyOf(keys);
        });
  }

  private void remove(RowKey key) {
    Held lock = locks.remove(key);
    if (lock != null) {
      keysOf.computeIfPresent(
          lock.transaction(),
          (_, before) -> {
            List<RowKey> keys = new ArrayList<>(before);
            keys.remove(key);
            return keys.isEmpty() ? null : List.copyOf(keys);
          });
    }
  }

  private boolean isOver(TransactionId id) {
    if (finished.containsKey(id)) {
      return true;
    }
    for (FinishedKey recent : newlyFinished.keySet()) {
      if (recent.id().equals(id)) {
        return true;
      }
    }
    return false;
  }

  private @Nullable TransactionId holderNow(RowKey key) {
    if (changedLocks.containsKey(key)) {
      LockRow changed = changedLocks.get(key);
      return changed == null ? null : TransactionId.of(changed.getTransactionId());
    }
    Held held = locks.get(key);
    return held == null ? null : held.transaction();
  }

  private LockRow lockNow(RowKey key) {
    LockRow changed = changedLocks.get(key);
    if (changed != null) {
      return changed;
    }
    byte[] row = store.get(Family.LOCKS, key.bytes());
    return TransactionRows.lock(Invariant.present(row, "a lock is known that is not in the store"));
  }

  /** In the order of the keys, the same on every replica: it shows in the change log. */
  private List<RowKey> keysNow(TransactionId id) {
    List<RowKey> keys = new ArrayList<>();
    for (RowKey key : keysOf(id)) {
      if (!changedLocks.containsKey(key)) {
        keys.add(key);
      }
    }
    for (Map.Entry<RowKey, @Nullable LockRow> changed : changedLocks.entrySet()) {
      LockRow lock = changed.getValue();
      if (lock != null && TransactionId.of(lock.getTransactionId()).equals(id)) {
        keys.add(changed.getKey());
      }
    }
    keys.sort((one, other) -> Arrays.compareUnsigned(one.bytes(), other.bytes()));
    return keys;
  }

  /** The same change with another timestamp. */
  static ItemEffect at(ItemEffect effect, long timestamp) {
    if (effect.getTimestamp() == timestamp) {
      return effect;
    }
    ItemEffect.Builder moved = effect.toBuilder().setTimestamp(timestamp);
    if (effect.hasValue()) {
      moved.setValue(at(effect.getValue(), timestamp));
    }
    if (effect.hasTombstone()) {
      StoredValue tombstone = StoredValue.read(effect.getTombstone());
      moved
          .setTombstone(StoredValue.tombstone(timestamp, tombstone.originRegion()).toByteString())
          .setDeletedAt(timestamp);
    }
    for (int i = 0; i < effect.getIndexRowsCount(); i++) {
      IndexRowEffect row = effect.getIndexRows(i);
      if (row.hasValue()) {
        moved.setIndexRows(i, row.toBuilder().setValue(at(row.getValue(), timestamp)));
      }
    }
    return moved.build();
  }

  private static ByteString at(ByteString value, long timestamp) {
    StoredValue stored = StoredValue.read(value);
    return StoredValue.of(stored.item(), timestamp, stored.originRegion()).toByteString();
  }

  /** An entry's bytes must not be held by a few of them. */
  private static ByteString copy(ByteString bytes) {
    return ByteString.copyFrom(bytes.toByteArray());
  }
}
