package io.equator.node.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.node.core.Family;
import io.equator.node.core.RowBatch;
import io.equator.node.core.RowCursor;
import io.equator.node.core.Store;
import io.equator.node.core.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The RocksDB shell keeps the promises of the port: order, atomic batches, one state per cursor,
 * flushes, no leaks.
 */
final class RocksStoreTest {
  private static final RocksConfig SMALL = new RocksConfig(8 << 20, 1 << 20, 1 << 20, 1);

  @TempDir private Path directory;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  private static void put(Store store, Family family, String key, String value) {
    try (RowBatch batch = store.newBatch()) {
      batch.put(family, bytes(key), bytes(value));
      store.commit(batch);
    }
  }

  private static void fill(Store store, int rows) {
    try (RowBatch batch = store.newBatch()) {
      for (int i = 0; i < rows; i++) {
        batch.put(Family.ITEMS, number(i), new byte[200]);
      }
      store.commit(batch);
    }
  }

  @Test
  void whatWasFlushedIsThereAfterReopening() {
    try (RocksStore store = RocksStore.open(directory, SMALL)) {
      put(store, Family.ITEMS, "a", "1");
      put(store, Family.META, "a", "2");
    }
    try (RocksStore store = RocksStore.open(directory, SMALL)) {
      assertThat(store.get(Family.ITEMS, bytes("a"))).isEqualTo(bytes("1"));
      assertThat(store.get(Family.META, bytes("a"))).isEqualTo(bytes("2"));
      assertThat(store.get(Family.LOCAL_INDEXES, bytes("a"))).isNull();
    }
  }

  @Test
  void aCopyOfTheFilesHoldsWholeBatchesOfOneMoment() throws IOException {
    Path copy = directory.resolve("copy");
    Path original = directory.resolve("original");
    try (RocksStore store = RocksStore.open(original, SMALL);
        RowBatch batch = store.newBatch()) {
      for (int i = 0; i < 5_000; i++) {
        batch.clear();
        batch.put(Family.ITEMS, number(i), new byte[500]);
        batch.put(Family.META, bytes("position"), number(i));
        store.commit(batch);
        if (i == 1_000) {
          store.flush();
        }
      }
      // As a loss of power would find them: the memory tables are not in the files.
      copyTree(original, copy);
    }
    try (RocksStore store = RocksStore.open(copy, SMALL)) {
      byte[] row = store.get(Family.META, bytes("position"));
      assertThat(row).isNotNull();
      int position = ByteBuffer.wrap(row == null ? new byte[4] : row).getInt();
      assertThat(position).isGreaterThanOrEqualTo(1_000);
      assertThat(store.get(Family.ITEMS, number(position))).isNotNull();
      assertThat(store.get(Family.ITEMS, number(position + 1))).isNull();
    }
  }

  /**
   * Copies the files as they stand at one moment: a flush or compaction in between changes their
   * names or sizes, and the copy is taken again.
   */
  private static void copyTree(Path from, Path to) throws IOException {
    for (int attempt = 0; attempt < 100; attempt++) {
      Files.createDirectories(to);
      for (Path file : files(to)) {
        Files.delete(file);
      }
      Map<String, Long> before = sizes(from);
      try {
        for (String name : before.keySet()) {
          Files.copy(from.resolve(name), to.resolve(name));
        }
      } catch (NoSuchFileException e) {
        continue;
      }
      if (before.equals(sizes(from))) {
        return;
      }
    }
    throw new IOException("the files in " + from + " never stood still");
  }

  private static Map<String, Long> sizes(Path directory) throws IOException {
    Map<String, Long> sizes = new TreeMap<>();
    for (Path file : files(directory)) {
      String name = file.getFileName().toString();
      if (!name.equals("LOCK") && !name.startsWith("LOG")) {
        sizes.put(name, Files.size(file));
      }
    }
    return sizes;
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  @Test
  void randomBatchesAgreeWithAMap() {
    long seed = 42;
    Random random = new Random(seed);
    NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
    try (RocksStore store = RocksStore.open(directory, SMALL);
        RowBatch batch = store.newBatch()) {
      for (int round = 0; round < 300; round++) {
        batch.clear();
        for (int i = 0; i < 1 + random.nextInt(10); i++) {
          change(random, batch, model);
        }
        store.commit(batch);
        if (random.nextInt(20) == 0) {
          store.flush();
        }
        check(store, model, key(random), key(random), seed + "/" + round);
      }
    }
  }

  private static void change(Random random, RowBatch batch, NavigableMap<byte[], byte[]> model) {
    byte[] key = key(random);
    switch (random.nextInt(5)) {
      case 0 -> {
        batch.delete(Family.ITEMS, key);
        model.remove(key);
      }
      default -> {
        byte[] value = new byte[random.nextInt(2000)];
        random.nextBytes(value);
        batch.put(Family.ITEMS, key, value);
        model.put(key, value);
      }
    }
  }

  private static byte[] key(Random random) {
    byte[] key = new byte[1 + random.nextInt(3)];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (random.nextInt(6) * 50);
    }
    return key;
  }

  private static void check(
      Store store, NavigableMap<byte[], byte[]> model, byte[] a, byte[] b, String where) {
    byte[] low = Arrays.compareUnsigned(a, b) <= 0 ? a : b;
    byte[] high = Arrays.compareUnsigned(a, b) <= 0 ? b : a;
    assertThat(store.get(Family.ITEMS, a)).as(where).isEqualTo(model.get(a));
    NavigableMap<byte[], byte[]> range = model.subMap(low, true, high, false);
    List<byte[]> forward = new ArrayList<>();
    List<byte[]> backward = new ArrayList<>();
    try (RowCursor cursor = store.cursor(Family.ITEMS, low, high)) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        forward.add(cursor.key());
        assertThat(cursor.value()).as(where).isEqualTo(range.get(cursor.key()));
      }
      for (cursor.last(); cursor.valid(); cursor.previous()) {
        backward.add(cursor.key());
      }
      byte[] middle = {100};
      cursor.atOrAfter(middle);
      assertThat(keyAt(cursor)).as(where).isEqualTo(keyOf(range.ceilingEntry(middle)));
      cursor.atOrBefore(middle);
      assertThat(keyAt(cursor)).as(where).isEqualTo(keyOf(range.floorEntry(middle)));
    }
    assertThat(forward).as(where).containsExactlyElementsOf(range.keySet());
    assertThat(backward).as(where).containsExactlyElementsOf(range.descendingKeySet());
  }

  private static byte @Nullable [] keyAt(RowCursor cursor) {
    return cursor.valid() ? cursor.key() : null;
  }

  private static byte @Nullable [] keyOf(Map.@Nullable Entry<byte[], byte[]> entry) {
    return entry == null ? null : entry.getKey();
  }

  @Test
  void droppingFilesTakesNothingOutsideOfTheRange() {
    try (RocksStore store = RocksStore.open(directory, SMALL)) {
      fill(store, 1_000);
      store.flush();
      store.dropFiles(Family.ITEMS, number(10), number(20));
      assertThat(store.get(Family.ITEMS, number(5))).isNotNull();
      assertThat(store.get(Family.ITEMS, number(20))).isNotNull();
    }
  }

  @Test
  void cursorsAndSnapshotsSeeOneState() {
    try (RocksStore store = RocksStore.open(directory, SMALL)) {
      put(store, Family.ITEMS, "a", "1");
      try (RowCursor cursor = store.cursor(Family.ITEMS, bytes("a"), bytes("z"));
          Store.FixedView fixed = store.snapshot()) {
        put(store, Family.ITEMS, "b", "2");
        cursor.first();
        cursor.next();
        assertThat(cursor.valid()).isFalse();
        assertThat(fixed.get(Family.ITEMS, bytes("b"))).isNull();
        try (RowCursor inFixed = fixed.cursor(Family.ITEMS, bytes("b"), bytes("z"))) {
          inFixed.first();
          assertThat(inFixed.valid()).isFalse();
        }
      }
      assertThat(store.get(Family.ITEMS, bytes("b"))).isEqualTo(bytes("2"));
    }
  }

  @Test
  void aClosedStoreRefusesInsteadOfCrashing() {
    RocksStore store = RocksStore.open(directory, SMALL);
    store.close();
    store.close();
    assertThatThrownBy(() -> store.get(Family.ITEMS, bytes("a")))
        .isInstanceOf(StoreException.class)
        .hasMessage("the store is closed");
    assertThatThrownBy(() -> store.cursor(Family.ITEMS, bytes("a"), bytes("b")))
        .isInstanceOf(StoreException.class);
    assertThatThrownBy(store::flush).isInstanceOf(StoreException.class);
    assertThatThrownBy(store::snapshot).isInstanceOf(StoreException.class);
  }

  @Test
  void aDamagedFileIsNoticedByTheReader() throws IOException {
    try (RocksStore store = RocksStore.open(directory, SMALL)) {
      fill(store, 1_000);
    }
    for (Path file : files(directory)) {
      byte[] content = Files.readAllBytes(file);
      if (file.getFileName().toString().endsWith(".sst") && content.length > 2_000) {
        for (int i = 100; i < 400; i++) {
          content[i] ^= 0x55;
        }
        Files.write(file, content);
      }
    }
    assertThatThrownBy(this::readAll).isInstanceOf(StoreException.class);
  }

  private void readAll() {
    try (RocksStore store = RocksStore.open(directory, SMALL);
        RowCursor cursor = store.cursor(Family.ITEMS, number(0), number(1_000))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        assertThat(cursor.value()).hasSize(200);
      }
    }
  }

  @Test
  void lookingAtAStoreDoesNotChangeIt() {
    try (RocksStore store = RocksStore.open(directory, SMALL)) {
      put(store, Family.ITEMS, "a", "1");
      store.flush();
      put(store, Family.ITEMS, "b", "2");
      // Another process may look while this one runs; it sees the last flush.
      try (RocksStore look = RocksStore.openReadOnly(directory, SMALL)) {
        assertThat(look.get(Family.ITEMS, bytes("a"))).isEqualTo(bytes("1"));
        assertThat(look.get(Family.ITEMS, bytes("b"))).isNull();
      }
    }
    assertThatThrownBy(() -> RocksStore.openReadOnly(directory.resolve("none"), SMALL))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("there is no store in");
  }

  @Test
  void nothingNativeIsLeftBehindByManyReads() throws IOException {
    try (RocksStore store = RocksStore.open(directory, SMALL)) {
      fill(store, 1_000);
      store.flush();
      reads(store, 20_000);
      long before = residentBytes();
      reads(store, 300_000);
      assertThat(store.inside()).isZero();
      // A hundred thousand leaked iterators with their options would take more than 300 MB; what
      // grows a little is the part of the Java heap that is in use.
      assertThat(residentBytes() - before).isLessThan(128L << 20);
    }
  }

  private static void reads(Store store, int count) {
    for (int i = 0; i < count; i++) {
      byte[] key = number(i % 1_000);
      assertThat(store.get(Family.ITEMS, key) != null).isTrue();
      if (i % 3 == 0) {
        try (RowCursor cursor = store.cursor(Family.ITEMS, key, number(i % 1_000 + 2))) {
          cursor.first();
          assertThat(cursor.valid()).isTrue();
        }
      }
      if (i % 5 == 0) {
        try (Store.FixedView fixed = store.snapshot();
            RowBatch batch = store.newBatch()) {
          batch.delete(Family.ITEMS, number(5_000));
          assertThat(fixed.get(Family.ITEMS, number(5_000))).isNull();
        }
      }
    }
  }

  private static long residentBytes() throws IOException {
    Path statm = Path.of("/proc/self/statm");
    if (!Files.exists(statm)) {
      return 0;
    }
    String[] pages = Files.readString(statm).split(" ", -1);
    return Long.parseLong(pages[1]) * 4096;
  }
}
