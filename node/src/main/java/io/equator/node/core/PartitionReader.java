package io.equator.node.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.equator.model.expression.CompiledProjection;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.StoredValue;
import io.equator.proto.Expiry;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResult;
import io.equator.proto.GetResults;
import io.equator.proto.ItemGet;
import io.equator.proto.ReadPageRequest;
import io.equator.proto.StoredVersion;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import io.equator.replication.catalog.VersionAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads of one partition from its applied state. Whether that state is new enough is the caller's
 * question.
 *
 * <p>Threads: any. Reads go to the store on the calling thread.
 */
public final class PartitionReader {
  private final Store store;
  private final MetaRows.Descriptor partition;
  private final LongAdder rowsRead = new LongAdder();

  /** A reader of the partition {@code partition} in {@code store}. */
  public PartitionReader(Store store, MetaRows.Descriptor partition) {
    this.store = store;
    this.partition = partition;
  }

  /**
   * Reads items by their keys, all from one applied state.
   *
   * @throws StoreException when a row cannot be read
   */
  public GetResults get(GetRequest request) {
    return get(request, _ -> VersionAttributes.NONE);
  }

  /**
   * Reads items by their keys, all from one applied state.
   *
   * @param versions what the items of a table show of their versions
   * @throws StoreException when a row cannot be read
   */
  public GetResults get(GetRequest request, IntFunction<VersionAttributes> versions) {
    rowsRead.add(request.getGetsCount());
    if (request.getGetsCount() == 1) {
      return GetResults.newBuilder().addResults(get(store, request.getGets(0), versions)).build();
    }
    try (Store.FixedView state = store.snapshot()) {
      GetResults.Builder results = GetResults.newBuilder();
      for (int i = 0; i < request.getGetsCount(); i++) {
        results.addResults(get(state, request.getGets(i), versions));
      }
      return results.build();
    }
  }

  /**
   * Which versions stand under some keys of one table.
   *
   * @param forgotten up to when tombstones of the table may be gone; asked after the rows were
   *     read, so that a tombstone which is gone from them counts as one that may be
   * @throws StoreException when a row cannot be read
   */
  public GetResults versions(GetRequest request, LongSupplier forgotten) {
    List<StoredVersion.Builder> versions = new ArrayList<>(request.getGetsCount());
    try (Store.FixedView state = store.snapshot()) {
      for (ItemGet get : request.getGetsList()) {
        versions.add(version(state, get));
      }
    }
    long upTo = forgotten.getAsLong();
    GetResults.Builder results = GetResults.newBuilder();
    for (StoredVersion.Builder version : versions) {
      results.addResults(GetResult.newBuilder().setVersion(version.setForgotten(upTo)));
    }
    return results.build();
  }

  private static StoredVersion.Builder version(StoreView state, ItemGet get) {
    byte[] key = StoreKeys.item(get.getTable().getTableId(), get.getKey());
    byte[] item = state.get(Family.ITEMS, key);
    if (item != null) {
      return version(StoredValue.read(item));
    }
    byte[] tombstone = state.get(Family.TOMBSTONES, key);
    return tombstone == null
        ? StoredVersion.newBuilder().setKind(StoredVersion.Kind.NOTHING)
        : version(Tombstones.value(tombstone));
  }

  /** What there is to say of a stored value. */
  public static StoredVersion.Builder version(StoredValue value) {
    return StoredVersion.newBuilder()
        .setKind(value.isTombstone() ? StoredVersion.Kind.TOMBSTONE : StoredVersion.Kind.ITEM)
        .setTimestamp(value.timestamp())
        .setRegion(value.originRegion())
        .setChecksum(value.checksum())
        .setLength(value.length());
  }

  /** Items looked up and rows evaluated for requests since the start. */
  public long rowsRead() {
    return rowsRead.sum();
  }

  private static GetResult get(
      StoreView state, ItemGet get, IntFunction<VersionAttributes> versions) {
    byte[] value =
        state.get(Family.ITEMS, StoreKeys.item(get.getTable().getTableId(), get.getKey()));
    return value == null
        ? GetResult.getDefaultInstance()
        : result(StoredValue.read(value), get, versions);
  }

  /** What is answered for an item: what it shows of its version costs nothing. */
  static GetResult result(
      StoredValue stored, ItemGet get, IntFunction<VersionAttributes> versions) {
    EncodedItem whole = versions.apply(get.getTable().getTableId()).shown(stored);
    EncodedItem shown =
        get.hasProjection() ? CompiledProjection.of(get.getProjection()).project(whole) : whole;
    return GetResult.newBuilder()
        .setItem(shown.toByteString())
        .setSize(stored.item().sizeBytes())
        .build();
  }

  /**
   * An item as stored.
   *
   * @param suffix token, partition key and sort key
   * @param value a {@code StoredValue}
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
  public record StoredItem(ByteString suffix, byte[] value) {}

  /**
   * Some items of a table in this partition, in the order of the store, from one applied state.
   *
   * @param after the suffix of an item to go on behind; empty to begin
   * @param itemsMax at most so many
   * @param bytesMax the item that crosses it is the last one
   * @throws StoreException when a row cannot be read
   */
  public List<StoredItem> items(int table, ByteString after, int itemsMax, long bytesMax) {
    return rows(Family.ITEMS, table, 0, after, itemsMax, bytesMax);
  }

  /** The same of tombstones: as rows, see {@link Tombstones}. */
  public List<StoredItem> tombstones(int table, ByteString after, int rowsMax) {
    return rows(Family.TOMBSTONES, table, 0, after, rowsMax, Long.MAX_VALUE);
  }

  /** The same of rows of a global index. */
  public List<StoredItem> indexRows(
      int table, int index, ByteString after, int rowsMax, long bytesMax) {
    return rows(Family.GLOBAL_INDEXES, table, index, after, rowsMax, bytesMax);
  }

  /** An item as stored, by its suffix; null when there is none. */
  public byte @Nullable [] item(int table, ByteString suffix) {
    return store.get(Family.ITEMS, StoreKeys.row(table, 0, suffix));
  }

  /** A row of a global index as stored, by its suffix; null when there is none. */
  public byte @Nullable [] indexRow(int table, int index, ByteString suffix) {
    return store.get(Family.GLOBAL_INDEXES, StoreKeys.row(table, index, suffix));
  }

  private List<StoredItem> rows(
      Family family, int table, int index, ByteString after, int itemsMax, long bytesMax) {
    byte[] lower =
        after.isEmpty()
            ? StoreKeys.firstOfToken(table, index, partition.firstToken())
            : StoreKeys.row(table, index, after.concat(ByteString.copyFrom(new byte[1])));
    byte[] upper = StoreKeys.afterToken(table, index, partition.lastToken());
    List<StoredItem> items = new ArrayList<>();
    long bytes = 0;
    try (RowCursor cursor = store.cursor(family, lower, upper)) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        if (items.size() >= itemsMax || bytes >= bytesMax) {
          break;
        }
        byte[] key = cursor.key();
        byte[] value = cursor.value();
        items.add(
            new StoredItem(
                UnsafeByteOperations.unsafeWrap(
                    key, StoreKeys.PREFIX, key.length - StoreKeys.PREFIX),
                value));
        bytes += value.length;
      }
    }
    return items;
  }

  /** What stands under a key of a table in several regions: an item, a tombstone, or nothing. */
  public @Nullable StoredValue stored(int table, ByteString suffix) {
    byte[] key = StoreKeys.row(table, 0, suffix);
    byte[] item = store.get(Family.ITEMS, key);
    if (item != null) {
      return StoredValue.read(item);
    }
    byte[] tombstone = store.get(Family.TOMBSTONES, key);
    return tombstone == null ? null : Tombstones.value(tombstone);
  }

  /** The tables of which items expire in this partition, as far as is known. */
  public List<Integer> tablesWithExpiries(long partitionId) {
    return Expiries.tables(store, partitionId);
  }

  /** When items of a table expire, from one second to another (inclusive), the oldest first. */
  public List<Expiry> expiries(long partitionId, int table, long from, long to, int rowsMax) {
    return Expiries.rows(store, partitionId, table, from, to, rowsMax);
  }

  /**
   * Begins one page, all of it from one applied state; the caller closes it.
   *
   * @param index the local index to read, or null for the table itself
   * @throws StoreException when a row cannot be read
   */
  public PageReader page(TableView table, @Nullable IndexView index, ReadPageRequest request) {
    return page(table, index, request, VersionAttributes.NONE);
  }

  /**
   * The same.
   *
   * @param versions what the table's items show of their versions; rows of indexes show nothing
   */
  public PageReader page(
      TableView table,
      @Nullable IndexView index,
      ReadPageRequest request,
      VersionAttributes versions) {
    return PageReader.open(store, partition, table, index, request, versions, rowsRead);
  }
}
