package io.equator.node.core;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * A store in a map, for tests: batches are atomic, cursors and snapshots see one state, and a crash
 * takes everything since the last flush.
 */
public final class TreeStore implements Store {
  private Map<Family, NavigableMap<byte[], byte[]>> rows = empty();
  private Map<Family, NavigableMap<byte[], byte[]>> durable = empty();

  /** Not on a disk either: a crash takes them. */
  private final Map<Path, NavigableMap<byte[], byte[]>> files = new HashMap<>();

  private @Nullable String failure;
  private @Nullable Runnable beforeGet;

  /** An empty store. */
  public TreeStore() {}

  private static Map<Family, NavigableMap<byte[], byte[]>> empty() {
    Map<Family, NavigableMap<byte[], byte[]>> families = new EnumMap<>(Family.class);
    for (Family family : Family.values()) {
      families.put(family, new ConcurrentSkipListMap<>(Arrays::compareUnsigned));
    }
    return families;
  }

  private static Map<Family, NavigableMap<byte[], byte[]>> copy(
      Map<Family, NavigableMap<byte[], byte[]>> from) {
    Map<Family, NavigableMap<byte[], byte[]>> to = empty();
    from.forEach((family, map) -> family(to, family).putAll(map));
    return to;
  }

  private static NavigableMap<byte[], byte[]> family(
      Map<Family, NavigableMap<byte[], byte[]>> families, Family family) {
    return Invariant.present(families.get(family), "every family is there");
  }

  /** What a restart after a loss of power finds. */
  public synchronized TreeStore afterPowerLoss() {
    TreeStore found = new TreeStore();
    found.rows = copy(durable);
    found.durable = copy(durable);
    return found;
  }

  /** From now on every commit fails. */
  void breakDown(String reason) {
    failure = reason;
  }

  /** Something happens while somebody looks: once, before the next {@link #get}. */
  void beforeNextGet(Runnable event) {
    beforeGet = event;
  }

  /** All rows of a family, for comparisons. */
  public synchronized NavigableMap<byte[], byte[]> all(Family family) {
    return new TreeMap<>(family(rows, family));
  }

  @Override
  public synchronized byte @Nullable [] get(Family family, byte[] key) {
    Runnable event = beforeGet;
    if (event != null) {
      beforeGet = null;
      event.run();
    }
    return family(rows, family).get(key);
  }

  @Override
  public synchronized RowCursor cursor(Family family, byte[] lower, byte[] upper) {
    return new TreeCursor(new TreeMap<>(family(rows, family).subMap(lower, true, upper, false)));
  }

  @Override
  public RowBatch newBatch() {
    return new TreeBatch();
  }

  @Override
  public synchronized void commit(RowBatch batch) {
    if (failure != null) {
      throw new StoreException(failure);
    }
    for (Runnable change : ((TreeBatch) batch).changes) {
      change.run();
    }
  }

  @Override
  public synchronized FixedView snapshot() {
    TreeStore fixed = new TreeStore();
    fixed.rows = copy(rows);
    return new FixedView() {
      @Override
      public byte @Nullable [] get(Family family, byte[] key) {
        return fixed.get(family, key);
      }

      @Override
      public RowCursor cursor(Family family, byte[] lower, byte[] upper) {
        return fixed.cursor(family, lower, upper);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void dropFiles(Family family, byte[] lower, byte[] upper) {
    // Files are not kept apart: every row is left to be deleted.
  }

  @Override
  public RowFile newFile(Family family, Path path) {
    NavigableMap<byte[], byte[]> file = new TreeMap<>(Arrays::compareUnsigned);
    files.put(path, file);
    return new RowFile() {
      @Override
      public void put(byte[] key, byte[] value) {
        file.put(key.clone(), value.clone());
      }

      @Override
      public void finish() {}

      @Override
      public void close() {}
    };
  }

  @Override
  public synchronized void ingest(Family family, List<Path> paths) {
    for (Path path : paths) {
      NavigableMap<byte[], byte[]> file =
          Invariant.present(files.remove(path), "the file was written here");
      family(rows, family).putAll(file);
      family(durable, family).putAll(file);
    }
  }

  @Override
  public synchronized void flush() {
    durable = copy(rows);
  }

  @Override
  public Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public void close() {}

  private final class TreeBatch implements RowBatch {
    private final List<Runnable> changes = new ArrayList<>();

    @Override
    public void put(Family family, byte[] key, byte[] value) {
      byte[] ownKey = key.clone();
      byte[] ownValue = value.clone();
      changes.add(() -> family(rows, family).put(ownKey, ownValue));
    }

    @Override
    public void delete(Family family, byte[] key) {
      byte[] ownKey = key.clone();
      changes.add(() -> family(rows, family).remove(ownKey));
    }

    @Override
    public void clear() {
      changes.clear();
    }

    @Override
    public void close() {}
  }

  private static final class TreeCursor implements RowCursor {
    private final NavigableMap<byte[], byte[]> range;
    private Map.@Nullable Entry<byte[], byte[]> at;

    TreeCursor(NavigableMap<byte[], byte[]> range) {
      this.range = range;
    }

    private Map.Entry<byte[], byte[]> row() {
      return Invariant.present(at, "the cursor stands on no row");
    }

    @Override
    public void first() {
      at = range.firstEntry();
    }

    @Override
    public void last() {
      at = range.lastEntry();
    }

    @Override
    public void atOrAfter(byte[] key) {
      at = range.ceilingEntry(key);
    }

    @Override
    public void atOrBefore(byte[] key) {
      at = range.floorEntry(key);
    }

    @Override
    public void next() {
      at = range.higherEntry(row().getKey());
    }

    @Override
    public void previous() {
      at = range.lowerEntry(row().getKey());
    }

    @Override
    public boolean valid() {
      return at != null;
    }

    @Override
    public byte[] key() {
      return row().getKey().clone();
    }

    @Override
    public byte[] value() {
      return row().getValue().clone();
    }

    @Override
    public void close() {}
  }
}
