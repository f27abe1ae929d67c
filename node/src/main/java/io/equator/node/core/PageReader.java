package io.equator.node.core;

import com.google.protobuf.ByteString;
import io.equator.model.expression.CompiledCondition;
import io.equator.model.expression.CompiledProjection;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.StoredValue;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyCodec;
import io.equator.model.key.KeySchema;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.proto.KeyRange;
import io.equator.proto.Page;
import io.equator.proto.ReadPageRequest;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import io.equator.replication.catalog.VersionAttributes;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Reads one page of a Query or Scan: the rows of one range of one partition, from one state of the
 * store.
 *
 * <p>A page ends at the end of the range, after {@code limit} rows, or with the row that brings the
 * bytes evaluated to {@code byte_limit}; the last two give a last evaluated key even when nothing
 * follows, as DynamoDB does. The filter comes after both.
 *
 * <p>The reading can pause ({@link #advance}): a page of many rows need not hold the thread on
 * which a short one is answered. Used by one thread at a time.
 *
 * <p>When rows of an index fetch their items, the items' bytes count for the end of the page too,
 * or a page of small rows could answer with gigabytes.
 */
public final class PageReader implements AutoCloseable {
  private final TableView table;
  private final VersionAttributes versions;
  private final @Nullable IndexView index;
  private final ReadPageRequest request;
  private final Family family;
  private final byte[] lower;
  private final byte[] upper;
  private final @Nullable CompiledCondition filter;
  private final @Nullable CompiledProjection projection;
  private final Page.Builder page = Page.newBuilder();
  private final LongAdder rowsRead;
  private Store.@Nullable FixedView fixed;
  private @Nullable RowCursor cursor;
  private int scanned;
  private int passed;
  private long rowBytes;
  private long fetchedBytes;
  private long fetchedRounded;

  private PageReader(
      Descriptor partition,
      TableView table,
      @Nullable IndexView index,
      ReadPageRequest request,
      VersionAttributes versions,
      LongAdder rowsRead) {
    this.versions = versions;
    this.rowsRead = rowsRead;
    this.table = table;
    this.index = index;
    this.request = request;
    this.family =
        index == null ? Family.ITEMS : index.local() ? Family.LOCAL_INDEXES : Family.GLOBAL_INDEXES;
    int number = index == null ? 0 : index.id();
    if (request.hasQuery()) {
      KeyRange range = request.getQuery();
      byte[] collection = collection(number, range);
      this.lower = concat(collection, range.getLowerInclusive());
      this.upper =
          range.getUpperExclusive().isEmpty()
              ? StoreKeys.successor(collection)
              : concat(collection, range.getUpperExclusive());
    } else {
      long first = unsignedMax(request.getScan().getFirst(), partition.firstToken());
      long last = unsignedMin(request.getScan().getLast(), partition.lastToken());
      this.lower = StoreKeys.firstOfToken(table.id(), number, first);
      this.upper = StoreKeys.afterToken(table.id(), number, last);
    }
    this.filter = request.hasFilter() ? CompiledCondition.of(request.getFilter()) : null;
    this.projection =
        request.hasProjection() ? CompiledProjection.of(request.getProjection()) : null;
  }

  /**
   * Begins a page.
   *
   * @param index the local index to read, or null for the table itself
   * @param versions what the table's items show of their versions
   * @param rowsRead where the rows of complete pages are counted
   */
  static PageReader open(
      Store store,
      Descriptor partition,
      TableView table,
      @Nullable IndexView index,
      ReadPageRequest request,
      VersionAttributes versions,
      LongAdder rowsRead) {
    PageReader reader = new PageReader(partition, table, index, request, versions, rowsRead);
    if (Arrays.compareUnsigned(reader.lower, reader.upper) < 0) {
      try {
        reader.begin(store);
      } catch (RuntimeException e) {
        reader.close();
        throw e;
      }
    }
    return reader;
  }

  private void begin(Store store) {
    StoreView state = store;
    if (index != null && request.getFetchTableItems()) {
      fixed = store.snapshot();
      state = fixed;
    }
    cursor = state.cursor(family, lower, upper);
    position(cursor);
  }

  /**
   * Reads on, at most {@code rowsMax} rows.
   *
   * @return true when the page is complete
   */
  public boolean advance(int rowsMax) {
    RowCursor rows = cursor;
    if (rows == null) {
      return true;
    }
    for (int i = 0; i < rowsMax; i++) {
      if (!rows.valid() || evaluate(rows)) {
        return true;
      }
      if (request.getBackward()) {
        rows.previous();
      } else {
        rows.next();
      }
    }
    return false;
  }

  /** Takes the row under the cursor; true when the page ends with it. */
  private boolean evaluate(RowCursor rows) {
    StoredValue stored = StoredValue.read(rows.value());
    EncodedItem row = stored.item();
    EncodedItem item = row;
    scanned++;
    rowBytes += row.sizeBytes();
    if (fixed != null) {
      StoredValue fetched = fetch(fixed, rows.key(), row);
      long size = fetched.item().sizeBytes();
      fetchedBytes += size;
      fetchedRounded += (size + 4095L) & -4096L;
      item = versions.shown(fetched);
    } else if (index == null) {
      item = versions.shown(stored);
    }
    if (filter == null || filter.test(item)) {
      passed++;
      if (!request.getCountOnly()) {
        page.addItems((projection == null ? item : projection.project(item)).toByteString());
      }
    }
    long byteLimit = Integer.toUnsignedLong(request.getByteLimit());
    if (scanned != request.getLimit() && (byteLimit == 0 || rowBytes + fetchedBytes < byteLimit)) {
      return false;
    }
    page.setLastEvaluatedKey(keyOf(row));
    return true;
  }

  /** The page, after {@link #advance} has completed it. */
  public Page page() {
    rowsRead.add(scanned);
    return page.setScannedCount(scanned)
        .setCount(passed)
        .setEvaluatedBytes(rowBytes)
        .setFetchedBytesRounded(fetchedRounded)
        .build();
  }

  @Override
  public void close() {
    if (cursor != null) {
      cursor.close();
    }
    if (fixed != null) {
      fixed.close();
    }
  }

  private void position(RowCursor cursor) {
    boolean backward = request.getBackward();
    if (request.getExclusiveStart().isEmpty()) {
      if (backward) {
        cursor.last();
      } else {
        cursor.first();
      }
      return;
    }
    byte[] start =
        StoreKeys.row(table.id(), index == null ? 0 : index.id(), request.getExclusiveStart());
    if (backward) {
      if (Arrays.compareUnsigned(start, upper) >= 0) {
        cursor.last();
        return;
      }
      cursor.atOrBefore(start);
      if (cursor.valid() && Arrays.equals(cursor.key(), start)) {
        cursor.previous();
      }
    } else {
      if (Arrays.compareUnsigned(start, lower) < 0) {
        cursor.first();
        return;
      }
      cursor.atOrAfter(start);
      if (cursor.valid() && Arrays.equals(cursor.key(), start)) {
        cursor.next();
      }
    }
  }

  /** The table's item of an index row, from the same state. */
  private StoredValue fetch(StoreView state, byte[] rowKey, EncodedItem row) {
    KeySchema schema = table.keySchema();
    ByteArrayOutputStream suffix = new ByteArrayOutputStream();
    suffix.write(rowKey, StoreKeys.PREFIX, StoreKeys.TOKEN);
    suffix.writeBytes(KeyCodec.encode(keyValue(row, schema.partition())));
    if (schema.sort().isPresent()) {
      suffix.writeBytes(KeyCodec.encode(keyValue(row, schema.sort().get())));
    }
    byte[] value = state.get(Family.ITEMS, StoreKeys.row(table.id(), 0, suffix.toByteArray()));
    if (value == null) {
      throw new StoreException(
          "a row of index " + (index == null ? "" : index.name()) + " has no item in its table");
    }
    return StoredValue.read(value);
  }

  private static EncodedValue keyValue(EncodedItem row, KeyAttribute key) {
    EncodedValue value = row.find(key.utf8());
    if (value == null) {
      throw new StoreException("a stored row lacks its key attribute " + key.name());
    }
    return value;
  }

  /** The key attributes of the table and of the index. */
  private ByteString keyOf(EncodedItem row) {
    Set<String> names = new HashSet<>();
    KeySchema schema = table.keySchema();
    names.add(schema.partition().name());
    schema.sort().ifPresent(sort -> names.add(sort.name()));
    if (index != null) {
      for (KeyAttribute partition : index.partitionKey()) {
        names.add(partition.name());
      }
      for (KeyAttribute sort : index.sortKey()) {
        names.add(sort.name());
      }
    }
    return row.project(names).toByteString();
  }

  private byte[] collection(int number, KeyRange range) {
    byte[] key =
        Arrays.copyOf(
            StoreKeys.firstOfToken(table.id(), number, range.getToken()),
            StoreKeys.PREFIX + StoreKeys.TOKEN + range.getPartitionKey().size());
    range.getPartitionKey().copyTo(key, StoreKeys.PREFIX + StoreKeys.TOKEN);
    return key;
  }

  private static byte[] concat(byte[] prefix, ByteString rest) {
    byte[] whole = Arrays.copyOf(prefix, prefix.length + rest.size());
    rest.copyTo(whole, prefix.length);
    return whole;
  }

  private static long unsignedMax(long a, long b) {
    return Long.compareUnsigned(a, b) >= 0 ? a : b;
  }

  private static long unsignedMin(long a, long b) {
    return Long.compareUnsigned(a, b) <= 0 ? a : b;
  }
}
