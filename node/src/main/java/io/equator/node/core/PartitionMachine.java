package io.equator.node.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import io.equator.node.core.MetaRows.Applied;
import io.equator.node.core.MetaRows.Counters;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.proto.DropIndex;
import io.equator.proto.DropTable;
import io.equator.proto.Effect;
import io.equator.proto.ExpiryWalk;
import io.equator.proto.IndexRowEffect;
import io.equator.proto.ItemEffect;
import io.equator.proto.PartitionEntry;
import io.equator.proto.PartitionOrigin;
import io.equator.proto.RequireSchema;
import io.equator.proto.SealedPartition;
import io.equator.proto.ShardRotations;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.LogMachine;
import io.equator.replication.log.LogPosition;
import java.io.IOException;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Applies the entries of one partition's log.
 *
 * <p><b>One entry, one batch</b>: items, index rows, counters, sizes of item collections,
 * remembered requests and the applied position change together or not at all, so a restart finds
 * them at one position and the log goes on from there.
 *
 * <p><b>Applying cannot refuse</b> and looks at no clock. What is in doubt changes nothing, by
 * guards that look at the log only:
 *
 * <table>
 * <caption>Guards</caption>
 * <tr><th>guard</th><th>the entry changes nothing when</th><th>prevents</th></tr>
 * <tr><td>term</td><td>it stands in another term than it was decided in</td>
 *     <td>a leader that lost and regained its role appends what it read before</td></tr>
 * <tr><td>epoch</td><td>it was decided for another epoch</td>
 *     <td>a write to a partition that has been split or moved on</td></tr>
 * <tr><td>split</td><td>the partition has been sealed, or is not active yet ({@link SplitState})</td>
 *     <td>two partitions write under one token</td></tr>
 * <tr><td>order</td><td>an entry with a greater sequence of its term is applied</td>
 *     <td>an entry whose fate was unknown comes after decisions that did not see it</td></tr>
 * <tr><td>schema</td><td>a write in it was decided with a schema older than the table's floor</td>
 *     <td>a change that a new reader of the change log needs leaves no record</td></tr>
 * </table>
 *
 * <p>An exception here means that the state cannot be trusted; it goes to the log, which stops the
 * replica.
 *
 * <p>Threads: the log calls {@link #apply} and {@link #advance} one at a time; a flush may come
 * from another thread. The monitor guards the batch, the counters' changes and the position;
 * readers of the position and the counters see values that were committed.
 */
public final class PartitionMachine implements LogMachine, AutoCloseable {
  /** Told of changes of leadership, on the log's thread. */
  public interface LeadershipListener extends Consumer<Leadership> {}

  /** Told which table's change log has grown, on the log's thread: must be short. */
  public interface ChangeListener extends IntConsumer {}

  /** Told, on the log's thread, that a digest of the state is to be taken: must be short. */
  public interface DigestListener {
    /**
     * Takes it.
     *
     * @param state as it is with the entry that asks; the receiver closes it
     */
    void take(long digestId, FixedState state);
  }

  private final long partition;
  private final Descriptor descriptor;
  private final Store store;
  private final RowBatch batch;
  private final RequestMemory memory;
  private final TransactionState transactions;
  private final StoreFlusher flusher;
  private final TableCounters counters;
  private final CollectionSizes collections;
  private final SchemaFloors floors;
  private final ChangeLog changes;
  private final ShardBounds shardBounds;
  private final GlobalIndexes globalIndexes;
  private final Expiries expiries;
  private final Tombstones tombstones;
  private final ClosedTimestamps closedTimestamps;
  private final SplitState splits;
  private volatile LeadershipListener listener = _ -> {};
  private volatile ChangeListener changeListener = _ -> {};
  private volatile DigestListener digestListener = (_, state) -> state.view().close();
  private volatile Applied applied;
  private volatile LogPosition durable;
  private volatile long leaderMillis;

  /** Where it was activated, if that was since it was opened. */
  private volatile long activatedIndex = -1;

  private boolean closed;

  /**
   * @param descriptor what the partition is, as the store says
   * @param flusher makes the node's store durable; has this machine from now on
   */
  public PartitionMachine(
      long partition, Descriptor descriptor, Store store, StoreFlusher flusher) {
    this(partition, descriptor, store, flusher, position(MetaRows.applied(store, partition)));
  }

  private PartitionMachine(
      long partition,
      Descriptor descriptor,
      Store store,
      StoreFlusher flusher,
      LogPosition durable) {
    this.partition = partition;
    this.descriptor = descriptor;
    this.store = store;
    this.flusher = flusher;
    this.applied = MetaRows.applied(store, partition);
    this.durable = durable;
    this.memory = new RequestMemory(partition, store);
    this.transactions = new TransactionState(partition, descriptor, store);
    this.counters = new TableCounters(partition, descriptor, store);
    this.collections = new CollectionSizes(store);
    this.floors = new SchemaFloors(partition, store);
    this.changes = new ChangeLog(partition, store);
    this.shardBounds = new ShardBounds(partition, store);
    this.globalIndexes = new GlobalIndexes(partition, store, counters);
    this.expiries = new Expiries(partition, store);
    this.tombstones = new Tombstones(partition, store);
    this.closedTimestamps = new ClosedTimestamps(partition, store);
    this.splits = new SplitState(partition, descriptor, store);
    this.batch = store.newBatch();
    flusher.add(this);
  }

  /**
   * The machine that goes on after {@link EntryOutcome#ACTIVATED}, with everything that is kept in
   * memory read anew from the store. This one is closed.
   */
  public synchronized PartitionMachine anew() {
    LogPosition known = durable;
    close();
    PartitionMachine next = new PartitionMachine(partition, descriptor, store, flusher, known);
    next.activatedIndex = applied.index();
    next.leaderMillis = leaderMillis;
    return next;
  }

  /** Whom to tell of changes of leadership; set once, before the log starts. */
  public void onLeadership(LeadershipListener told) {
    this.listener = told;
  }

  /** Whom to tell of captured changes; set once, before the log starts. */
  public void onChanges(ChangeListener told) {
    this.changeListener = told;
  }

  /** Whom to tell of digests to be taken; set once. */
  public void onDigest(DigestListener told) {
    this.digestListener = told;
  }

  /** The partition's id. */
  public long partition() {
    return partition;
  }

  /** What the partition is. */
  public Descriptor descriptor() {
    return descriptor;
  }

  /** The position applied. */
  public LogPosition appliedPosition() {
    return position(applied);
  }

  /** The greatest leader time that was applied; leaders never go back behind it. */
  long leaderMillis() {
    return leaderMillis;
  }

  /** The sequence of the last applied entry that was decided in {@code term}; 0: none was. */
  long lastSequence(long term) {
    Applied now = applied;
    return now.decidedTerm() == term ? now.sequence() : 0;
  }

  /** How the partition was sealed; null while it owns its tokens. */
  public @Nullable SealedPartition sealed() {
    return splits.sealed();
  }

  /** Whether its seal, if it has one, and its activation survive a loss of power, here. */
  public boolean isSplitDurable() {
    SealedPartition sealed = splits.sealed();
    long index = durable.index();
    return index >= activatedIndex && (sealed == null || index >= sealed.getIndex());
  }

  /** Where the partition comes from, if it was made by a split. */
  public @Nullable PartitionOrigin origin() {
    return splits.origin();
  }

  /** It was opened for a split and owns nothing yet. */
  public boolean waits() {
    return splits.waits();
  }

  /** Requests first sent before this may have been applied and forgotten; 0 as a rule. */
  long rememberedFromMillis() {
    PartitionOrigin origin = splits.origin();
    return origin == null ? 0 : origin.getRememberedFromMillis();
  }

  /** Whether the parent's rows wait in this store for this partition. */
  public boolean hasParentsRows() {
    return SplitRows.handover(store, partition);
  }

  /** True while the counters are estimates, because a split has made the partition. */
  public boolean isCounting() {
    return counters.isCounting();
  }

  SplitState splits() {
    return splits;
  }

  RequestMemory memory() {
    return memory;
  }

  TransactionState transactions() {
    return transactions;
  }

  /** Items and bytes of a table (index 0) or local index here. */
  public Counters counters(int table, int index) {
    return counters.get(table, index);
  }

  /** Items and bytes of all tables here. */
  public Counters itemTotals() {
    return counters.totals(true);
  }

  /** Rows and bytes of all indexes here, local and global. */
  public Counters indexTotals() {
    return counters.totals(false);
  }

  /** Bytes of all records that the change log keeps here. */
  public long changeBytesKept() {
    long bytes = 0;
    for (int table : changes.tables()) {
      bytes += changes.kept(table).bytes();
    }
    return bytes;
  }

  /** Items that transactions hold. */
  public int locksHeld() {
    return splits.sealed() == null ? transactions.lockCount : 0;
  }

  /** The tables that have rows here, or had since they were created. */
  public Set<Integer> tables() {
    return counters.tables();
  }

  /** What is kept of a table's changes here. */
  public ChangeLog.Kept changesKept(int table) {
    return changes.kept(table);
  }

  /** Bytes of a table's change records that were added since the replica was opened. */
  public long changeBytesAppended(int table) {
    return changes.appendedBytes(table);
  }

  /** Where the shards of a table's streams end here. */
  public ShardRotations shardRotations(int table) {
    return shardBounds.get(table);
  }

  /** The tables of whose changes something is or was kept here. */
  public Set<Integer> tablesWithChanges() {
    return changes.tables();
  }

  /** Up to where a source partition's changes are in a global index here. */
  public ChangePosition indexCursor(int table, int index, long source) {
    return globalIndexes.cursors().get(new IndexCursors.Lane(table, index, source));
  }

  /** How far a global index has been built from here; null when that has not begun. */
  public IndexBuilds.@Nullable Build indexBuild(int table, int index) {
    return globalIndexes.builds().get(table, index);
  }

  /** How far the walk for a table's expiries is; null when it has not begun. */
  public @Nullable ExpiryWalk expiryWalk(int table) {
    return expiries.walk(table);
  }

  /** The indexes of a table, local and global, that have rows here; 0 for its items. */
  public Set<Integer> indexes(int table) {
    return counters.indexes(table);
  }

  /** The oldest schema version with which a write of a table may be decided; 0 when any may. */
  public long schemaFloor(int table) {
    return floors.get(table);
  }

  /** Up to when the changes that this region makes to a table are all in the log. */
  public ClosedTimestamps.Closed closed(int table) {
    return closedTimestamps.get(table);
  }

  /** Up to when tombstones of a table may be gone; 0 when all are there. */
  public long tombstonesDroppedUpTo(int table) {
    return tombstones.droppedUpTo(table);
  }

  /**
   * The activation of a partition waits until this node's own replica of the parent has been
   * sealed.
   */
  @Override
  public synchronized boolean mayApply(long term, long index, ByteString bytes) {
    return !splits.waits()
        || index <= applied.index()
        || !activates(term, parse(bytes))
        || hasParentsRows();
  }

  private boolean activates(long term, PartitionEntry entry) {
    return guard(term, entry) == EntryOutcome.APPLIED
        && entry.getEffectsList().stream().anyMatch(Effect::hasActivatePartition);
  }

  @Override
  public synchronized Object apply(long term, long index, ByteString bytes) {
    if (index <= applied.index()) {
      return EntryOutcome.REPLAYED;
    }
    PartitionEntry entry = parse(bytes);
    EntryOutcome outcome = guard(term, entry);
    boolean sealed = splits.sealed() != null;
    Applied next =
        outcome == EntryOutcome.APPLIED
            ? new Applied(term, index, term, entry.getSequence())
            : new Applied(term, index, applied.decidedTerm(), applied.sequence());
    batch.clear();
    counters.clear();
    collections.clear();
    floors.clear();
    changes.clear();
    shardBounds.clear();
    globalIndexes.clear();
    expiries.clear();
    tombstones.clear();
    closedTimestamps.clear();
    transactions.begin();
    splits.clear();
    if (outcome == EntryOutcome.APPLIED) {
      EntryScope scope = new EntryScope(batch, index, entry.getLeaderMillis());
      count(entry);
      for (int i = 0; i < entry.getEffectsCount(); i++) {
        add(entry.getEffects(i), scope);
      }
      counters.write(batch);
      collections.write(batch);
      changes.write(batch);
      if (!sealed) {
        // What a sealed partition remembers stays as it is: its heirs copy it.
        transactions.complete(entry.getLeaderMillis(), batch);
        memory.prepare(entry, index, batch);
      }
    }
    batch.put(Family.META, MetaRows.appliedKey(partition), MetaRows.applied(next));
    store.commit(batch);
    publish(next, entry);
    changes.tell(changeListener);
    if (outcome == EntryOutcome.APPLIED) {
      takeDigests(entry);
    }
    flusher.applied(bytes.size());
    return splits.isActivating() ? EntryOutcome.ACTIVATED : outcome;
  }

  private void count(PartitionEntry entry) {
    if (counters.isCounting()) {
      for (int i = 0; i < entry.getEffectsCount(); i++) {
        if (entry.getEffects(i).hasCountStep()) {
          counters.step(entry.getEffects(i).getCountStep());
        }
      }
    }
  }

  private void takeDigests(PartitionEntry entry) {
    for (int i = 0; i < entry.getEffectsCount(); i++) {
      if (entry.getEffects(i).hasTakeDigest()) {
        digestListener.take(
            entry.getEffects(i).getTakeDigest().getDigestId(),
            new FixedState(applied, store.snapshot()));
      }
    }
  }

  private static PartitionEntry parse(ByteString bytes) {
    try {
      CodedInputStream in = bytes.newCodedInput();
      in.enableAliasing(true);
      return PartitionEntry.parseFrom(in);
    } catch (IOException e) {
      throw new StoreException("an entry of the log cannot be read", e);
    }
  }

  private EntryOutcome guard(long term, PartitionEntry entry) {
    if (entry.getDecidedTerm() != term) {
      return EntryOutcome.STALE_TERM;
    }
    if (entry.getEpoch() != descriptor.epoch()) {
      return EntryOutcome.WRONG_EPOCH;
    }
    EntryOutcome refusal = splits.refusal(entry);
    if (refusal != null) {
      return refusal;
    }
    if (applied.decidedTerm() == term && entry.getSequence() <= applied.sequence()) {
      return EntryOutcome.OUT_OF_ORDER;
    }
    for (int i = 0; i < entry.getEffectsCount(); i++) {
      if (any(entry.getEffects(i), this::isOutdated)) {
        return EntryOutcome.STALE_SCHEMA;
      }
      if (any(entry.getEffects(i), closedTimestamps::forbids)) {
        return EntryOutcome.CLOSED_TIMESTAMP;
      }
    }
    return EntryOutcome.APPLIED;
  }

  /** A transaction that holds its locks already is finished in any case; see {@link #require}. */
  private static boolean any(Effect effect, Predicate<ItemEffect> wrong) {
    return switch (effect.getKindCase()) {
      case ITEM -> wrong.test(effect.getItem());
      case TRANSACT_WRITE -> effect.getTransactWrite().getEffectsList().stream().anyMatch(wrong);
      case LOCK_ITEMS ->
          effect.getLockItems().getLocksList().stream()
              .anyMatch(lock -> lock.hasEffect() && wrong.test(lock.getEffect()));
      default -> false;
    };
  }

  private boolean isOutdated(ItemEffect effect) {
    return effect.getSchemaVersion() != 0
        && effect.getSchemaVersion() < floors.get(effect.getTableId());
  }

  private void add(Effect effect, EntryScope scope) {
    switch (effect.getKindCase()) {
      case ITEM -> add(effect.getItem(), scope);
      case DROP_TABLE -> drop(effect.getDropTable());
      case REQUIRE_SCHEMA -> require(effect.getRequireSchema());
      case TRIM_CHANGES -> changes.trim(effect.getTrimChanges(), scope);
      case ROTATE_SHARDS -> shardBounds.rotate(effect.getRotateShards(), scope);
      case BARRIER, TAKE_DIGEST -> {}
      case APPLY_INDEX -> globalIndexes.apply(effect.getApplyIndex(), batch);
      case INDEX_BUILD_STEP -> globalIndexes.builds().step(effect.getIndexBuildStep(), scope);
      case DROP_INDEX -> drop(effect.getDropIndex());
      case EXPIRY_STEP -> expiries.step(effect.getExpiryStep(), batch);
      case LOCK_ITEMS -> transactions.lock(effect.getLockItems(), batch);
      case FINISH_TRANSACTION ->
          transactions.finish(
              effect.getFinishTransaction(), scope.millis(), batch, item -> add(item, scope));
      case TRANSACT_WRITE ->
          transactions.write(
              effect.getTransactWrite(), scope.millis(), batch, item -> add(item, scope));
      case CLOSE_TIMESTAMP ->
          closedTimestamps.close(effect.getCloseTimestamp(), transactions, scope);
      case DROP_TOMBSTONES -> tombstones.drop(effect.getDropTombstones(), batch);
      case SEAL_PARTITION -> splits.seal(effect.getSealPartition(), scope);
      case ACTIVATE_PARTITION -> splits.activate(effect.getActivatePartition(), scope);
      case COUNT_STEP -> {}
      case KIND_NOT_SET ->
          throw new StoreException(
              "an entry holds an effect that this version does not know; it was written by a newer"
                  + " one");
    }
  }

  private void add(ItemEffect effect, EntryScope scope) {
    int table = effect.getTableId();
    byte[] key = StoreKeys.row(table, 0, effect.getKey());
    byte[] value = effect.hasValue() ? effect.getValue().toByteArray() : null;
    if (value == null) {
      batch.delete(Family.ITEMS, key);
      transactions.deleted(key, effect.getTimestamp());
    } else {
      batch.put(Family.ITEMS, key, value);
    }
    tombstones.add(effect, key, batch);
    counters.count(Family.ITEMS, key, table, 0, effect.getItemCountDelta(), effect.getSizeDelta());
    long collectionDelta = effect.getSizeDelta();
    for (int i = 0; i < effect.getIndexRowsCount(); i++) {
      IndexRowEffect row = effect.getIndexRows(i);
      byte[] rowKey = StoreKeys.row(table, row.getIndexId(), row.getKey());
      if (row.getValueIsItem()) {
        if (value == null) {
          throw new StoreException("an index row takes the value of an item that is deleted");
        }
        batch.put(Family.LOCAL_INDEXES, rowKey, value);
      } else if (row.hasValue()) {
        batch.put(Family.LOCAL_INDEXES, rowKey, row.getValue().toByteArray());
      } else {
        batch.delete(Family.LOCAL_INDEXES, rowKey);
      }
      counters.count(
          Family.LOCAL_INDEXES,
          rowKey,
          table,
          row.getIndexId(),
          row.getItemCountDelta(),
          row.getSizeDelta());
      collectionDelta += row.getSizeDelta();
    }
    if (effect.getCollectionKeyLength() > 0) {
      collections.grow(
          table, effect.getKey().substring(0, effect.getCollectionKeyLength()), collectionDelta);
    }
    if (effect.hasOldExpiry() || effect.hasNewExpiry()) {
      expiries.add(effect, batch);
    }
    if (effect.hasCapture()) {
      changes.add(effect, scope);
    }
  }

  /**
   * Raises a table's schema floor, unless a transaction holds items for a change that was decided
   * with an older schema: whoever asked finds the floor where it was, and asks again.
   */
  private void require(RequireSchema effect) {
    if (!transactions.locksOlderSchema(effect.getTableId(), effect.getSchemaVersion())) {
      floors.raise(effect, batch);
    }
  }

  /**
   * Forgets a table: its counters go, and its rows in this partition's token range are marked for
   * {@link DroppedRows}. Nobody can read them any more, since table ids are not reused.
   */
  private void drop(DropTable effect) {
    int table = effect.getTableId();
    floors.drop(table, batch);
    closedTimestamps.drop(table, batch);
    tombstones.dropTable(table, batch);
    globalIndexes.dropTable(table, batch);
    mark(table, counters.drop(table, batch));
  }

  private void drop(DropIndex effect) {
    globalIndexes.drop(effect, batch);
    mark(effect.getTableId(), counters.drop(effect.getTableId(), effect.getIndexId(), batch));
  }

  private void mark(int table, byte[] indexes) {
    if (indexes.length > 0) {
      batch.put(
          Family.META,
          MetaRows.droppedKey(table, descriptor.firstToken(), descriptor.lastToken()),
          MetaRows.dropped(indexes));
    }
  }

  private void publish(Applied next, PartitionEntry entry) {
    counters.publish();
    floors.publish();
    changes.publish();
    shardBounds.publish();
    globalIndexes.publish();
    expiries.publish();
    closedTimestamps.publish();
    tombstones.publish();
    splits.publish();
    leaderMillis = Math.max(leaderMillis, entry.getLeaderMillis());
    memory.committed();
    transactions.publish();
    applied = next;
  }

  @Override
  public synchronized void advance(long term, long index) {
    if (index > applied.index()) {
      applied = new Applied(term, index, applied.decidedTerm(), applied.sequence());
    }
  }

  @Override
  public LogPosition durablePosition() {
    return durable;
  }

  @Override
  public LogPosition flush() {
    if (durable.index() < applied.index()) {
      flusher.flush();
    }
    return durable;
  }

  /**
   * Writes down the position when entries of the log's own have moved it since the last batch.
   *
   * @return what the store will hold after a flush that begins now
   */
  synchronized LogPosition prepareFlush() {
    Applied now = applied;
    if (!closed && now.index() >= 0) {
      batch.clear();
      batch.put(Family.META, MetaRows.appliedKey(partition), MetaRows.applied(now));
      store.commit(batch);
    }
    return position(now);
  }

  /**
   * A fixed state of the store in which this partition stands at exactly the position that comes
   * with it.
   *
   * @throws StoreException when the machine is closed
   */
  public synchronized FixedState fix() {
    if (closed) {
      throw new StoreException("partition " + partition + " is closed");
    }
    prepareFlush();
    return new FixedState(applied, store.snapshot());
  }

  /**
   * A state of this partition.
   *
   * @param position where it stands in the log
   * @param view the whole store at that moment; the receiver closes it
   */
  public record FixedState(Applied position, Store.FixedView view) {}

  /** The store has been flushed since {@link #prepareFlush} gave this position. */
  synchronized void flushed(LogPosition position) {
    if (position.index() > durable.index()) {
      durable = position;
    }
  }

  @Override
  public void leadershipChanged(Leadership leadership) {
    listener.accept(leadership);
  }

  /** Frees the batch; the log must have stopped. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      flusher.remove(this);
      batch.close();
    }
  }

  private static LogPosition position(Applied applied) {
    return new LogPosition(applied.term(), applied.index());
  }
}
