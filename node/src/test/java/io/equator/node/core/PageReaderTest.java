package io.equator.node.core;

import static io.equator.node.core.TestTables.exists;
import static io.equator.node.core.TestTables.item;
import static io.equator.node.core.TestTables.put;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.model.item.EncodedItem;
import io.equator.model.key.KeyCodec;
import io.equator.proto.ItemKey;
import io.equator.proto.KeyRange;
import io.equator.proto.Page;
import io.equator.proto.Projection;
import io.equator.proto.ReadPageRequest;
import io.equator.proto.TokenRange;
import io.equator.proto.WriteRequest;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Pages against a naive list: order, bounds, limits, filters, and walking page by page. */
final class PageReaderTest {
  private static final TableView TABLE = TestTables.view(TestTables.indexed(7));

  private final TreeStore store = new TreeStore();
  private final PartitionMachine machine =
      new PartitionMachine(1, TestTables.EVERYTHING, store, new StoreFlusher(store));
  private final PartitionWriter writer =
      new PartitionWriter(
          new ScriptedLog(machine).automatic(),
          machine,
          store,
          new HybridClock(),
          1,
          () -> 1_000,
          WriteLimits.defaults());
  private final PartitionReader reader = new PartitionReader(store, TestTables.EVERYTHING);

  private void write(String pk, long sk, Object... more) {
    writer.write(
        WriteRequest.newBuilder().addWrites(put(TABLE, pk, sk, more)).build(),
        List.of(TABLE),
        _ -> {});
  }

  private static KeyRange.Builder range(String pk) {
    ItemKey key = TestTables.key(pk, 0);
    return KeyRange.newBuilder().setToken(key.getToken()).setPartitionKey(key.getPartitionKey());
  }

  private static ByteString sort(long value) {
    return ByteString.copyFrom(KeyCodec.encode(TestTables.value(value)));
  }

  private Page read(ReadPageRequest.Builder request, @Nullable IndexView index, int step) {
    try (PageReader page = reader.page(TABLE, index, request.build())) {
      while (!page.advance(step)) {
        // Paused; goes on.
      }
      return page.page();
    }
  }

  private Page read(ReadPageRequest.Builder request) {
    return read(request, null, 1000);
  }

  private static List<Long> sortKeys(Page page) {
    List<Long> keys = new ArrayList<>();
    for (ByteString item : page.getItemsList()) {
      keys.add(TestTables.sortKey(EncodedItem.wrap(item)));
    }
    return keys;
  }

  @Test
  void aQueryReadsItsCollectionInOrderAndNoOther() {
    write("a", 2);
    write("a", -1);
    write("a", 10);
    write("b", 5);
    Page page = read(ReadPageRequest.newBuilder().setQuery(range("a")));
    assertThat(sortKeys(page)).containsExactly(-1L, 2L, 10L);
    assertThat(page.hasLastEvaluatedKey()).isFalse();
    assertThat(page.getCount()).isEqualTo(3);
    assertThat(page.getScannedCount()).isEqualTo(3);
    Page backward = read(ReadPageRequest.newBuilder().setQuery(range("a")).setBackward(true));
    assertThat(sortKeys(backward)).containsExactly(10L, 2L, -1L);
  }

  @Test
  void boundsOfTheSortKeyHold() {
    for (long i = 0; i < 10; i++) {
      write("a", i);
    }
    KeyRange.Builder range = range("a").setLowerInclusive(sort(3)).setUpperExclusive(sort(7));
    assertThat(sortKeys(read(ReadPageRequest.newBuilder().setQuery(range))))
        .containsExactly(3L, 4L, 5L, 6L);
    KeyRange.Builder none = range("a").setLowerInclusive(sort(7)).setUpperExclusive(sort(3));
    assertThat(read(ReadPageRequest.newBuilder().setQuery(none)))
        .isEqualTo(Page.getDefaultInstance());
  }

  @Test
  void aPageThatEndsAtItsLimitHasALastKeyEvenWhenNothingFollows() {
    write("a", 1);
    write("a", 2);
    Page page = read(ReadPageRequest.newBuilder().setQuery(range("a")).setLimit(2));
    assertThat(EncodedItem.wrap(page.getLastEvaluatedKey()).contentEquals(item("a", 2))).isTrue();
    Page whole = read(ReadPageRequest.newBuilder().setQuery(range("a")).setLimit(3));
    assertThat(whole.hasLastEvaluatedKey()).isFalse();
  }

  @Test
  void theItemThatCrossesTheByteLimitIsTheLast() {
    for (long i = 0; i < 5; i++) {
      write("a", i, "x", "y".repeat(1000));
    }
    int size = item("a", 1, "x", "y".repeat(1000)).sizeBytes();
    Page page = read(ReadPageRequest.newBuilder().setQuery(range("a")).setByteLimit(2 * size + 1));
    assertThat(sortKeys(page)).containsExactly(0L, 1L, 2L);
    assertThat(page.getEvaluatedBytes()).isGreaterThan(2L * size);
    assertThat(page.hasLastEvaluatedKey()).isTrue();
  }

  @Test
  void theFilterComesAfterTheLimitAndTheProjectionAfterTheFilter() {
    write("a", 1, "x", "1");
    write("a", 2);
    write("a", 3, "x", "3", "z", "3");
    ReadPageRequest.Builder request =
        ReadPageRequest.newBuilder().setQuery(range("a")).setFilter(exists("x"));
    Page limited = read(request.clone().setLimit(2));
    assertThat(limited.getScannedCount()).isEqualTo(2);
    assertThat(limited.getCount()).isEqualTo(1);
    Page projected =
        read(request.clone().setProjection(Projection.newBuilder().addPaths(TestTables.path("z"))));
    assertThat(projected.getCount()).isEqualTo(2);
    assertThat(EncodedItem.wrap(projected.getItems(0)).isEmpty()).isTrue();
    assertThat(EncodedItem.wrap(projected.getItems(1)).attributeCount()).isEqualTo(1);
    Page counted = read(request.clone().setCountOnly(true));
    assertThat(counted.getCount()).isEqualTo(2);
    assertThat(counted.getItemsList()).isEmpty();
  }

  @Test
  void anIndexIsReadInItsOwnOrderAndFetchesWhatItLacks() {
    write("a", 1, "rank", 30L, "big", "b".repeat(5000));
    write("a", 2, "rank", 10L);
    write("a", 3, "rank", 20L);
    write("a", 4);
    IndexView byRank = TABLE.index("byRank").orElseThrow();
    ReadPageRequest.Builder request =
        ReadPageRequest.newBuilder().setQuery(range("a")).setIndexId(byRank.id());
    Page rows = read(request, byRank, 1000);
    assertThat(sortKeys(rows)).containsExactly(2L, 3L, 1L);
    assertThat(EncodedItem.wrap(rows.getItems(2)).contains("big")).isFalse();
    Page items = read(request.clone().setFetchTableItems(true), byRank, 1000);
    assertThat(EncodedItem.wrap(items.getItems(2)).contains("big")).isTrue();
    assertThat(items.getFetchedBytesRounded()).isEqualTo(4096 + 4096 + 8192);
    assertThat(items.getEvaluatedBytes()).isEqualTo(rows.getEvaluatedBytes());
    Page first = read(request.clone().setLimit(1), byRank, 1000);
    assertThat(
            EncodedItem.wrap(first.getLastEvaluatedKey()).contentEquals(item("a", 2, "rank", 10L)))
        .isTrue();
  }

  @Test
  void walkingPageByPageSeesEveryItemOnce() {
    long seed = 20261125;
    Random random = new Random(seed);
    record Key(String pk, long sk) {}
    List<Key> model = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      Key key = new Key("p" + random.nextInt(12), random.nextInt(1000) - 500);
      if (!model.contains(key)) {
        model.add(key);
        write(key.pk(), key.sk(), "n", (long) i);
      }
    }
    model.sort(
        Comparator.comparing((Key key) -> TestTables.token(key.pk()), Long::compareUnsigned)
            .thenComparingLong(Key::sk));
    for (boolean backward : new boolean[] {false, true}) {
      List<Key> seen = new ArrayList<>();
      ReadPageRequest.Builder request =
          ReadPageRequest.newBuilder()
              .setScan(TokenRange.newBuilder().setFirst(0).setLast(-1L))
              .setBackward(backward);
      while (true) {
        Page page = read(request.setLimit(1 + random.nextInt(20)), null, 1 + random.nextInt(9));
        for (ByteString bytes : page.getItemsList()) {
          EncodedItem item = EncodedItem.wrap(bytes);
          seen.add(new Key(TestTables.partitionKey(item), TestTables.sortKey(item)));
        }
        if (!page.hasLastEvaluatedKey()) {
          break;
        }
        EncodedItem last = EncodedItem.wrap(page.getLastEvaluatedKey());
        ItemKey key = TestTables.key(TestTables.partitionKey(last), TestTables.sortKey(last));
        request.setExclusiveStart(ByteString.copyFrom(StoreKeys.suffix(key)));
      }
      assertThat(seen)
          .as("seed %d, backward %s", seed, backward)
          .isEqualTo(backward ? model.reversed() : model);
    }
  }

  @Test
  void aStartKeyNeedNotExistAndMayLieOutsideOfTheRange() {
    for (long i = 0; i < 10; i += 2) {
      write("a", i);
    }
    ReadPageRequest.Builder request =
        ReadPageRequest.newBuilder()
            .setQuery(range("a").setLowerInclusive(sort(2)).setUpperExclusive(sort(7)));
    record Case(long start, boolean backward, List<Long> expected) {}
    for (Case at :
        List.of(
            new Case(-5, false, List.of(2L, 4L, 6L)),
            new Case(3, false, List.of(4L, 6L)),
            new Case(4, false, List.of(6L)),
            new Case(9, false, List.of()),
            new Case(9, true, List.of(6L, 4L, 2L)),
            new Case(4, true, List.of(2L)),
            new Case(3, true, List.of(2L)),
            new Case(-5, true, List.of()))) {
      Page page =
          read(
              request
                  .clone()
                  .setBackward(at.backward())
                  .setExclusiveStart(
                      ByteString.copyFrom(StoreKeys.suffix(TestTables.key("a", at.start())))));
      assertThat(sortKeys(page)).as(at.toString()).isEqualTo(at.expected());
    }
  }

  @Test
  void aScanKeepsToItsTokens() {
    for (int i = 0; i < 50; i++) {
      write("p" + i, 1);
    }
    int total = 0;
    long[] cuts = {0, 1L << 62, 1L << 63, -(1L << 62), 0};
    for (int i = 0; i < 4; i++) {
      Page page =
          read(
              ReadPageRequest.newBuilder()
                  .setScan(TokenRange.newBuilder().setFirst(cuts[i]).setLast(cuts[i + 1] - 1)));
      total += page.getCount();
    }
    assertThat(total).isEqualTo(50);
  }
}
