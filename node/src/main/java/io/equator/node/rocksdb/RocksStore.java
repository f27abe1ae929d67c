package io.equator.node.rocksdb;

import io.equator.node.core.Family;
import io.equator.node.core.RowBatch;
import io.equator.node.core.RowCursor;
import io.equator.node.core.RowFile;
import io.equator.node.core.Store;
import io.equator.node.core.StoreDamagedException;
import io.equator.node.core.StoreException;
import io.equator.node.rocksdb.StoreStatistics.FamilyStatistics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.BackgroundErrorReason;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.DataBlockIndexType;
import org.rocksdb.Env;
import org.rocksdb.FlushOptions;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.MutableDBOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;
import org.rocksdb.SstFileManager;
import org.rocksdb.Status;
import org.rocksdb.WriteOptions;
import org.rocksdb.WriteStallCondition;
import org.rocksdb.WriteStallInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One RocksDB with the families of {@link Family}, its own log off.
 *
 * <p>Why without the log: every batch is an entry of a Raft log that is already durable, and holds
 * the position of that entry. After a crash each partition is found at the position of the last
 * flush, and the Raft log replays the rest. That needs flushes that are atomic over the families
 * ({@code atomic_flush}), or items and positions could come from two moments.
 *
 * <p>Options: level compaction with dynamic levels, LZ4 and ZSTD at the bottom where most bytes
 * are, a bloom filter for absent keys, a hash index inside blocks for point reads, indexes and
 * filters charged to the cache so that memory is bounded, a cache of single rows for hot items. The
 * row cache rules out range deletions, which would slow down reads anyway: see {@code DroppedRows}.
 *
 * <p>Threads: any. Native objects are guarded by a {@link Gate}; a background error closes nothing
 * by itself, it is reported by {@link #failure()}.
 *
 * <p>Want of space is no such failure: what is applied stays in memory, nothing more is taken, and
 * RocksDB looks every few seconds whether there is space again and then goes on ({@link
 * #missesSpace()}; the {@code SstFileManager} is what makes it look). Binding 11.8.1 cannot tell of
 * errors of flushes without a log (it does not know their reasons), so those are learnt of from the
 * next commit or flush.
 */
public final class RocksStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(RocksStore.class);
  private static final Family[] FAMILIES = Family.values();

  private final Gate gate = new Gate();
  private final Deque<AutoCloseable> owned = new ArrayDeque<>();
  private final RocksDB database;
  private final ColumnFamilyHandle[] families = new ColumnFamilyHandle[FAMILIES.length];
  private final List<ColumnFamilyHandle> everyFamily;
  private final ReadOptions pointReads;
  private final WriteOptions writes;
  private final FlushOptions flushes;
  private final Options files;
  private final boolean readOnly;
  private final Cache blockCache;
  private final long blockCacheBytesMax;
  private final @Nullable Cache rowCache;
  private final AtomicLong stalls = new AtomicLong();
  private volatile @Nullable String failure;
  private volatile boolean missesSpace;

  private RocksStore(Path directory, RocksConfig config, boolean readOnly) throws RocksDBException {
    this.readOnly = readOnly;
    NativeLibrary.load();
    try {
      Cache cache = own(new LRUCache(config.blockCacheBytes()));
      this.blockCache = cache;
      this.blockCacheBytesMax = config.blockCacheBytes();
      BloomFilter bloom = own(new BloomFilter(10, false));
      DBOptions options = own(databaseOptions(config));
      this.rowCache = config.rowCacheBytes() > 0 ? own(new LRUCache(config.rowCacheBytes())) : null;
      if (rowCache != null) {
        options.setRowCache(rowCache);
      }
      if (!readOnly) {
        options.setSstFileManager(own(new SstFileManager(Env.getDefault())));
      }
      if (readOnly) {
        // Its log file would be written into the folder that is only looked at.
        options.setLogger(own(new Silence()));
      }
      options.setListeners(List.of(own(new FailureListener())));
      List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
      descriptors.add(
          new ColumnFamilyDescriptor(
              RocksDB.DEFAULT_COLUMN_FAMILY, own(familyOptions(config, cache, bloom))));
      List<Family> present = readOnly ? present(directory) : List.of(FAMILIES);
      for (Family family : present) {
        descriptors.add(
            new ColumnFamilyDescriptor(
                family.storedName().getBytes(StandardCharsets.UTF_8),
                own(familyOptions(config, cache, bloom))));
      }
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      this.database =
          own(
              readOnly
                  ? RocksDB.openReadOnly(options, directory.toString(), descriptors, handles)
                  : RocksDB.open(options, directory.toString(), descriptors, handles));
      for (ColumnFamilyHandle handle : handles) {
        own(handle);
      }
      for (Family family : FAMILIES) {
        // A family that is younger than a store which is only looked at: the default one is empty.
        families[family.number()] = handles.get(present.indexOf(family) + 1);
      }
      this.everyFamily = List.copyOf(handles);
      this.pointReads = own(new ReadOptions());
      this.writes = own(new WriteOptions().setDisableWAL(true));
      this.files = own(new Options(options, own(familyOptions(config, cache, bloom))));
      this.flushes = own(new FlushOptions().setWaitForFlush(true).setAllowWriteStall(true));
    } catch (RocksDBException | RuntimeException e) {
      closeOwned();
      throw e;
    }
  }

  /** The families that a store has. */
  private static List<Family> present(Path directory) throws RocksDBException {
    List<String> names = new ArrayList<>();
    try (Options any = new Options()) {
      for (byte[] name : RocksDB.listColumnFamilies(any, directory.toString())) {
        names.add(new String(name, StandardCharsets.UTF_8));
      }
    }
    return Stream.of(FAMILIES).filter(family -> names.contains(family.storedName())).toList();
  }

  /**
   * Opens the store in {@code directory}, making it when it is not there.
   *
   * @throws StoreException when it cannot be opened
   */
  public static RocksStore open(Path directory, RocksConfig config) {
    try {
      Files.createDirectories(directory);
      return new RocksStore(directory, config, false);
    } catch (java.io.IOException | RocksDBException e) {
      throw new StoreException("cannot open the store in " + directory + ": " + e.getMessage(), e);
    }
  }

  /**
   * Opens the store in {@code directory} to be looked at: nothing in it is changed.
   *
   * @throws StoreException when there is none or it cannot be opened
   */
  public static RocksStore openReadOnly(Path directory, RocksConfig config) {
    if (!Files.exists(directory.resolve("CURRENT"))) {
      throw new StoreException("there is no store in " + directory);
    }
    try {
      return new RocksStore(directory, config, true);
    } catch (RocksDBException e) {
      throw new StoreException("cannot open the store in " + directory + ": " + e.getMessage(), e);
    }
  }

  private static DBOptions databaseOptions(RocksConfig config) {
    return new DBOptions()
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setAtomicFlush(true)
        .setParanoidChecks(true)
        .setMaxBackgroundJobs(config.backgroundJobs())
        .setBytesPerSync(1 << 20)
        .setMaxOpenFiles(-1)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setKeepLogFileNum(4)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0);
  }

  private static ColumnFamilyOptions familyOptions(
      RocksConfig config, Cache cache, BloomFilter bloom) {
    BlockBasedTableConfig table =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setBlockSize(8 << 10)
            .setFilterPolicy(bloom)
            .setWholeKeyFiltering(true)
            .setIndexType(IndexType.kBinarySearch)
            .setDataBlockIndexType(DataBlockIndexType.kDataBlockBinaryAndHash)
            .setDataBlockHashTableUtilRatio(0.75)
            .setCacheIndexAndFilterBlocks(true)
            .setPinL0FilterAndIndexBlocksInCache(true);
    return new ColumnFamilyOptions()
        .setWriteBufferSize(config.writeBufferBytes())
        .setMaxWriteBufferNumber(4)
        .setLevelCompactionDynamicLevelBytes(true)
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setBottommostCompressionType(CompressionType.ZSTD_COMPRESSION)
        .setForceConsistencyChecks(true)
        .setTableFormatConfig(table);
  }

  private <T extends AutoCloseable> T own(T resource) {
    owned.push(resource);
    return resource;
  }

  ColumnFamilyHandle handle(Family family) {
    return families[family.number()];
  }

  @Override
  public byte @Nullable [] get(Family family, byte[] key) {
    return get(pointReads, family, key);
  }

  private byte @Nullable [] get(ReadOptions options, Family family, byte[] key) {
    gate.enter();
    try {
      return database.get(handle(family), options, key);
    } catch (RocksDBException e) {
      throw unreadable("cannot read from " + family.storedName(), e);
    } finally {
      gate.leave();
    }
  }

  /** What a failed read is told as. */
  static StoreException unreadable(String what, RocksDBException failure) {
    Status status = failure.getStatus();
    return status != null && status.getCode() == Status.Code.Corruption
        ? new StoreDamagedException(what, failure)
        : new StoreException(what, failure);
  }

  @Override
  public RowCursor cursor(Family family, byte[] lowerInclusive, byte[] upperExclusive) {
    return cursor(null, family, lowerInclusive, upperExclusive);
  }

  private RowCursor cursor(
      @Nullable Snapshot snapshot, Family family, byte[] lowerInclusive, byte[] upperExclusive) {
    gate.enter();
    try {
      return new RocksCursor(
          database, handle(family), snapshot, lowerInclusive, upperExclusive, gate);
    } catch (RuntimeException e) {
      gate.leave();
      throw e;
    }
  }

  @Override
  public RowBatch newBatch() {
    return new RocksBatch(this);
  }

  @Override
  public void commit(RowBatch batch) {
    gate.enter();
    try {
      database.write(writes, ((RocksBatch) batch).nativeBatch());
    } catch (RocksDBException e) {
      if (isNoSpace(e.getStatus())) {
        missSpace();
      } else {
        fail("a batch could not be written: " + e.getMessage());
      }
      throw new StoreException("cannot write a batch", e);
    } finally {
      gate.leave();
    }
  }

  @Override
  public void dropFiles(Family family, byte[] lowerInclusive, byte[] upperExclusive) {
    gate.enter();
    try {
      database.deleteFilesInRanges(handle(family), List.of(lowerInclusive, upperExclusive), false);
    } catch (RocksDBException e) {
      throw new StoreException("cannot drop files of " + family.storedName(), e);
    } finally {
      gate.leave();
    }
  }

  @Override
  public RowFile newFile(Family family, Path path) {
    gate.enter();
    RocksFile file;
    try {
      file = new RocksFile(path, files, gate);
    } catch (RuntimeException e) {
      gate.leave();
      throw e;
    }
    try {
      file.open();
      return file;
    } catch (RocksDBException e) {
      file.close();
      throw new StoreException("cannot make " + path, e);
    }
  }

  /**
   * Before it takes files in, RocksDB flushes rows in memory that lie between their keys; with
   * atomic flushes that makes everything durable that was committed.
   */
  @Override
  public void ingest(Family family, List<Path> paths) {
    gate.enter();
    try (IngestExternalFileOptions options =
        new IngestExternalFileOptions().setMoveFiles(true).setAllowBlockingFlush(true)) {
      database.ingestExternalFile(
          handle(family), paths.stream().map(Path::toString).toList(), options);
    } catch (RocksDBException e) {
      throw new StoreException("cannot take in files of " + family.storedName(), e);
    } finally {
      gate.leave();
    }
  }

  @Override
  public Store.FixedView snapshot() {
    gate.enter();
    return new FixedState(database.getSnapshot());
  }

  @Override
  public void flush() {
    gate.enter();
    try {
      database.flush(flushes, everyFamily);
      missesSpace = false;
    } catch (RocksDBException e) {
      if (isNoSpace(e.getStatus())) {
        missSpace();
      } else {
        fail("a flush failed: " + e.getMessage());
      }
      throw new StoreException("cannot flush", e);
    } finally {
      gate.leave();
    }
  }

  @Override
  public Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  /** Whether something could not be written for want of space, and nothing could since. */
  public boolean missesSpace() {
    return missesSpace;
  }

  private void missSpace() {
    if (!missesSpace) {
      missesSpace = true;
      LOG.error("the store has no space to write to; it takes nothing more until there is some");
    }
  }

  private static boolean isNoSpace(@Nullable Status status) {
    return status != null && status.getSubCode() == Status.SubCode.NoSpace;
  }

  /**
   * Figures of this moment.
   *
   * @param unflushedBytes what the flusher says
   * @throws StoreException when the store is closed
   */
  public StoreStatistics statistics(long unflushedBytes) {
    gate.enter();
    try {
      Map<String, FamilyStatistics> byName = new TreeMap<>();
      for (Family family : FAMILIES) {
        byName.put(family.storedName(), statistics(handle(family)));
      }
      return new StoreStatistics(
          byName,
          blockCache.getUsage(),
          blockCacheBytesMax,
          rowCache == null ? 0 : rowCache.getUsage(),
          database.getLongProperty("rocksdb.num-running-flushes"),
          database.getLongProperty("rocksdb.num-running-compactions"),
          database.getLongProperty("rocksdb.is-write-stopped") != 0,
          database.getLongProperty("rocksdb.actual-delayed-write-rate"),
          stalls.get(),
          unflushedBytes);
    } catch (RocksDBException e) {
      throw new StoreException("cannot read the store's figures", e);
    } finally {
      gate.leave();
    }
  }

  private FamilyStatistics statistics(ColumnFamilyHandle family) throws RocksDBException {
    return new FamilyStatistics(
        database.getLongProperty(family, "rocksdb.cur-size-all-mem-tables"),
        database.getLongProperty(family, "rocksdb.live-sst-files-size"),
        database.getLongProperty(family, "rocksdb.estimate-num-keys"),
        database.getLongProperty(family, "rocksdb.estimate-pending-compaction-bytes"));
  }

  /** How many calls, cursors and snapshots are inside now; for tests. */
  long inside() {
    return gate.inside();
  }

  /** From now on the store is not to be led from, for a reason that was found elsewhere. */
  public void condemn(String reason) {
    fail(reason);
  }

  private void fail(String reason) {
    if (failure == null) {
      failure = reason;
      LOG.error("the store must not be led from any more: {}", reason);
    }
  }

  /**
   * Flushes, unless opened to be looked at, and frees everything. Waits for open cursors and
   * snapshots.
   */
  @Override
  public void close() {
    if (!gate.shut()) {
      return;
    }
    try {
      if (!readOnly && failure == null) {
        database.flush(flushes, everyFamily);
      }
    } catch (RocksDBException e) {
      LOG.error("the last flush failed; the Raft log replays what it missed", e);
    } finally {
      closeOwned();
    }
  }

  /** Frees everything and flushes nothing: the files stay as a crash would leave them. */
  public void abandon() {
    if (!gate.shut()) {
      return;
    }
    try {
      database.setDBOptions(MutableDBOptions.builder().setAvoidFlushDuringShutdown(true).build());
    } catch (RocksDBException e) {
      throw new StoreException("the store cannot be closed without a flush", e);
    } finally {
      closeOwned();
    }
  }

  private void closeOwned() {
    for (AutoCloseable resource : owned) {
      try {
        resource.close();
      } catch (Exception e) {
        LOG.warn("could not free {}", resource.getClass().getSimpleName(), e);
      }
    }
    owned.clear();
  }

  private final class FixedState implements Store.FixedView {
    private final Snapshot snapshot;
    private final ReadOptions options;

    FixedState(Snapshot snapshot) {
      this.snapshot = snapshot;
      this.options = new ReadOptions().setSnapshot(snapshot);
    }

    @Override
    public byte @Nullable [] get(Family family, byte[] key) {
      return RocksStore.this.get(options, family, key);
    }

    @Override
    public RowCursor cursor(Family family, byte[] lowerInclusive, byte[] upperExclusive) {
      return RocksStore.this.cursor(snapshot, family, lowerInclusive, upperExclusive);
    }

    @Override
    public void close() {
      options.close();
      database.releaseSnapshot(snapshot);
      snapshot.close();
      gate.leave();
    }
  }

  private static final class Silence extends org.rocksdb.Logger {
    Silence() {
      super(InfoLogLevel.HEADER_LEVEL);
    }

    @Override
    protected void log(InfoLogLevel level, String message) {}
  }

  private final class FailureListener extends AbstractEventListener {
    FailureListener() {
      super(
          EnabledEventCallback.ON_BACKGROUND_ERROR,
          EnabledEventCallback.ON_ERROR_RECOVERY_COMPLETED,
          EnabledEventCallback.ON_STALL_CONDITIONS_CHANGED);
    }

    @Override
    public void onStallConditionsChanged(WriteStallInfo change) {
      if (change.getCurrentCondition() != WriteStallCondition.NORMAL) {
        stalls.incrementAndGet();
      }
    }

    @Override
    public void onBackgroundError(BackgroundErrorReason reason, Status status) {
      if (isNoSpace(status)) {
        missSpace();
        return;
      }
      fail("background error in " + reason + ": " + status.getCodeString());
    }

    @Override
    public void onErrorRecoveryCompleted(Status old) {
      if (missesSpace) {
        missesSpace = false;
        LOG.warn("the store has space to write to again");
      }
    }
  }
}
