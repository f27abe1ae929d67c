package io.equator.coordinator.fake;

import com.google.protobuf.ByteString;
import io.equator.model.expression.CompiledCondition;
import io.equator.model.expression.CompiledProjection;
import io.equator.model.expression.CompiledUpdate;
import io.equator.model.expression.UpdateResult;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyCodec;
import io.equator.model.key.StorageKey;
import io.equator.partitioner.PartitionId;
import io.equator.proto.ApiErrorMessage;
import io.equator.proto.ConditionFailed;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResponse;
import io.equator.proto.GetResult;
import io.equator.proto.GetResults;
import io.equator.proto.IndexChange;
import io.equator.proto.ItemGet;
import io.equator.proto.ItemKey;
import io.equator.proto.ItemWrite;
import io.equator.proto.KeyRange;
import io.equator.proto.NodeServiceGrpc;
import io.equator.proto.Page;
import io.equator.proto.ReadPageRequest;
import io.equator.proto.ReadPageResponse;
import io.equator.proto.Redirect;
import io.equator.proto.TokenRange;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.proto.WriteResult;
import io.equator.proto.WriteResults;
import io.equator.proto.Written;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A storage node that keeps everything in a sorted map: as obvious as can be, no log, no replicas.
 * It answers as {@code node.proto} says, so that what the operations send is really understood.
 */
public final class MemoryNode extends NodeServiceGrpc.NodeServiceImplBase {
  private static final byte[] NOTHING = {};
  private static final int REQUESTS_KEPT_MAX = 1000;

  private final Supplier<CatalogSnapshot> catalog;
  private final NavigableMap<byte[], EncodedItem> rows = new TreeMap<>(Arrays::compareUnsigned);

  /** Answers for every partition in here, by number, in place of what was asked. */
  private final Set<Long> overloaded = new HashSet<>();

  private @Nullable Runnable before;

  /** Every request received, in order. */
  private final List<Object> requests = new ArrayList<>();

  /** A node that knows the catalog's tables. */
  public MemoryNode(Supplier<CatalogSnapshot> catalog) {
    this.catalog = catalog;
  }

  /** Lets a partition refuse everything. */
  public void overload(long partition) {
    overloaded.add(partition);
  }

  /** Runs once, before the next request is looked at. */
  public void before(Runnable action) {
    before = action;
  }

  /** Forgets all rows and requests, and no partition is overloaded any more. */
  public void clear() {
    rows.clear();
    requests.clear();
    overloaded.clear();
  }

  /** The first requests received since the last {@link #clear}. */
  public List<Object> requests() {
    return requests;
  }

  private TableView table(int id) {
    return catalog.get().table(id).orElseThrow();
  }

  @Override
  public void write(WriteRequest request, StreamObserver<WriteResponse> observer) {
    WriteResponse.Builder response = WriteResponse.newBuilder();
    Redirect redirect = receive(request, request.getPartition().getPartitionId());
    if (redirect != null) {
      response.setRedirect(redirect);
    } else {
      WriteResults.Builder results = WriteResults.newBuilder();
      for (ItemWrite write : request.getWritesList()) {
        results.addResults(write(write));
      }
      response.setResults(results);
    }
    observer.onNext(response.build());
    observer.onCompleted();
  }

  /** Notes a request; why it is not executed, if it is not. */
  private @Nullable Redirect receive(Object request, long partition) {
    Runnable action = before;
    before = null;
    if (action != null) {
      action.run();
    }
    if (requests.size() < REQUESTS_KEPT_MAX) {
      requests.add(request);
    }
    if (catalog.get().partitions().partition(new PartitionId(partition)).isEmpty()) {
      return Redirect.newBuilder().setReason(Redirect.Reason.WRONG_PARTITION).build();
    }
    return overloaded.contains(partition)
        ? Redirect.newBuilder().setReason(Redirect.Reason.OVERLOADED).build()
        : null;
  }

  private WriteResult write(ItemWrite write) {
    TableView table = table(write.getTable().getTableId());
    byte[] key = storageKey(table, 0, write.getKey(), NOTHING);
    EncodedItem old = rows.get(key);
    if (!CompiledCondition.of(write.getCondition()).test(old == null ? EncodedItem.EMPTY : old)) {
      ConditionFailed.Builder failed = ConditionFailed.newBuilder();
      if (old != null && write.getReturnOldOnConditionFailure()) {
        failed.setItem(old.toByteString());
      }
      return WriteResult.newBuilder().setConditionFailed(failed).build();
    }
    EncodedItem item = null;
    UpdateResult.Updated updated = null;
    if (write.hasPut()) {
      item = EncodedItem.wrap(write.getPut());
    } else if (write.hasUpdate()) {
      EncodedItem base = old == null ? EncodedItem.wrap(write.getUpdate().getKeyAttributes()) : old;
      UpdateResult result = CompiledUpdate.of(write.getUpdate().getUpdate()).apply(base);
      if (result instanceof UpdateResult.Refused(var error)) {
        return WriteResult.newBuilder()
            .setRefused(
                ApiErrorMessage.newBuilder()
                    .setCode(error.code().code())
                    .setMessage(String.valueOf(error.message())))
            .build();
      }
      updated = (UpdateResult.Updated) result;
      item = updated.item();
    }
    put(key, item);
    Written.Builder written = Written.newBuilder().setOldSize(size(old)).setNewSize(size(item));
    for (IndexView index : table.localIndexes()) {
      writeIndex(table, index, write.getKey(), old, item, written);
    }
    if (write.getWantCollectionSize()) {
      written.setCollectionSize(collectionSize(table, write.getKey()));
    }
    EncodedItem returned = returned(write, old, item, updated);
    if (returned != null) {
      written.setAttributes(returned.toByteString());
    }
    return WriteResult.newBuilder().setWritten(written).build();
  }

  private static @Nullable EncodedItem returned(
      ItemWrite write,
      @Nullable EncodedItem old,
      @Nullable EncodedItem item,
      UpdateResult.@Nullable Updated updated) {
    return switch (write.getReturnValues()) {
      case NONE, UNRECOGNIZED -> null;
      case ALL_OLD -> old;
      case ALL_NEW -> item;
      case UPDATED_OLD -> touched(old, updated);
      case UPDATED_NEW -> touched(item, updated);
    };
  }

  private static @Nullable EncodedItem touched(
      @Nullable EncodedItem item, UpdateResult.@Nullable Updated updated) {
    if (item == null || updated == null) {
      return null;
    }
    EncodedItem projected = updated.touched().project(item);
    return projected.isEmpty() ? null : projected;
  }

  private void writeIndex(
      TableView table,
      IndexView index,
      ItemKey key,
      @Nullable EncodedItem old,
      @Nullable EncodedItem item,
      Written.Builder written) {
    KeyAttribute sort = index.sortKey().getFirst();
    byte[] oldKey = indexKey(table, index, key, sort, old);
    byte[] newKey = indexKey(table, index, key, sort, item);
    EncodedItem oldRow = oldKey == null || old == null ? null : projected(index, old);
    EncodedItem newRow = newKey == null || item == null ? null : projected(index, item);
    boolean moved = oldKey != null && newKey != null && !Arrays.equals(oldKey, newKey);
    if (oldRow == null
        ? newRow == null
        : !moved && newRow != null && oldRow.contentEquals(newRow)) {
      return;
    }
    if (oldKey != null) {
      rows.remove(oldKey);
    }
    if (newKey != null && newRow != null) {
      rows.put(newKey, newRow);
    }
    written.addIndexChanges(
        IndexChange.newBuilder()
            .setIndexName(index.name())
            .setOldSize(size(oldRow))
            .setNewSize(size(newRow))
            .setMoved(moved));
  }

  private static EncodedItem projected(IndexView index, EncodedItem item) {
    return index.projectsAll() ? item : item.project(index.projectedAttributes());
  }

  private static byte @Nullable [] indexKey(
      TableView table,
      IndexView index,
      ItemKey key,
      KeyAttribute sort,
      @Nullable EncodedItem item) {
    EncodedValue value = item == null ? null : item.find(sort.name());
    return value == null ? null : storageKey(table, index.id(), key, KeyCodec.encode(value));
  }

  private static byte[] storageKey(TableView table, int index, ItemKey key, byte[] indexSort) {
    return StorageKey.of(
        table.id(),
        index,
        key.getToken(),
        key.getPartitionKey().toByteArray(),
        indexSort,
        key.getSortKey().toByteArray());
  }

  private void put(byte[] key, @Nullable EncodedItem item) {
    if (item == null) {
      rows.remove(key);
    } else {
      rows.put(key, item);
    }
  }

  private static int size(@Nullable EncodedItem item) {
    return item == null ? 0 : item.sizeBytes();
  }

  private long collectionSize(TableView table, ItemKey key) {
    long size = 0;
    for (int index = 0; index <= table.localIndexes().size(); index++) {
      byte[] prefix =
          StorageKey.of(table.id(), index, key.getToken(), key.getPartitionKey().toByteArray());
      for (EncodedItem row :
          rows.subMap(prefix, true, KeyCodec.successor(prefix), false).values()) {
        size += row.sizeBytes();
      }
    }
    return size;
  }

  @Override
  public void get(GetRequest request, StreamObserver<GetResponse> observer) {
    GetResponse.Builder response = GetResponse.newBuilder();
    Redirect redirect = receive(request, request.getPartition().getPartitionId());
    if (redirect != null) {
      response.setRedirect(redirect);
    } else {
      GetResults.Builder results = GetResults.newBuilder();
      for (ItemGet get : request.getGetsList()) {
        EncodedItem item =
            rows.get(storageKey(table(get.getTable().getTableId()), 0, get.getKey(), NOTHING));
        GetResult.Builder result = GetResult.newBuilder().setSize(size(item));
        if (item != null) {
          result.setItem(
              (get.hasProjection()
                      ? CompiledProjection.of(get.getProjection()).project(item)
                      : item)
                  .toByteString());
        }
        results.addResults(result);
      }
      response.setResults(results);
    }
    observer.onNext(response.build());
    observer.onCompleted();
  }

  @Override
  public void readPage(ReadPageRequest request, StreamObserver<ReadPageResponse> observer) {
    Redirect redirect = receive(request, request.getPartition().getPartitionId());
    observer.onNext(
        redirect == null
            ? ReadPageResponse.newBuilder().setPage(page(request)).build()
            : ReadPageResponse.newBuilder().setRedirect(redirect).build());
    observer.onCompleted();
  }

  private Page page(ReadPageRequest request) {
    TableView table = table(request.getTable().getTableId());
    int index = request.getIndexId();
    NavigableMap<byte[], EncodedItem> range = range(table, index, request);
    if (request.getBackward()) {
      range = range.descendingMap();
    }
    if (!request.getExclusiveStart().isEmpty()) {
      byte[] start =
          StorageKey.withPrefix(table.id(), index, request.getExclusiveStart().toByteArray());
      range = behind(range, start);
    }
    Page.Builder page = Page.newBuilder();
    CompiledCondition filter = CompiledCondition.of(request.getFilter());
    int scanned = 0;
    int count = 0;
    long bytes = 0;
    long fetched = 0;
    for (EncodedItem row : range.values()) {
      scanned++;
      bytes += row.sizeBytes();
      EncodedItem item = row;
      if (request.getFetchTableItems()) {
        item = fetch(table, row);
        fetched += (item.sizeBytes() + 4095L) / 4096 * 4096;
      }
      if (filter.test(item)) {
        count++;
        if (!request.getCountOnly()) {
          page.addItems(
              (request.hasProjection()
                      ? CompiledProjection.of(request.getProjection()).project(item)
                      : item)
                  .toByteString());
        }
      }
      if (scanned == request.getLimit() || bytes >= request.getByteLimit()) {
        page.setLastEvaluatedKey(keyOf(table, index, row));
        break;
      }
    }
    return page.setScannedCount(scanned)
        .setCount(count)
        .setEvaluatedBytes(bytes)
        .setFetchedBytesRounded(fetched)
        .build();
  }

  private NavigableMap<byte[], EncodedItem> range(
      TableView table, int index, ReadPageRequest request) {
    if (request.hasQuery()) {
      KeyRange query = request.getQuery();
      byte[] collection =
          StorageKey.of(table.id(), index, query.getToken(), query.getPartitionKey().toByteArray());
      byte[] lower = joined(collection, query.getLowerInclusive());
      byte[] upper =
          query.getUpperExclusive().isEmpty()
              ? KeyCodec.successor(collection)
              : joined(collection, query.getUpperExclusive());
      return Arrays.compareUnsigned(lower, upper) >= 0
          ? new TreeMap<>(Arrays::compareUnsigned)
          : rows.subMap(lower, true, upper, false);
    }
    TokenRange scan = request.getScan();
    byte[] upper = KeyCodec.successor(StorageKey.of(table.id(), index, scan.getLast()));
    return rows.subMap(StorageKey.of(table.id(), index, scan.getFirst()), true, upper, false);
  }

  private static NavigableMap<byte[], EncodedItem> behind(
      NavigableMap<byte[], EncodedItem> range, byte[] start) {
    NavigableMap<byte[], EncodedItem> rest = new TreeMap<>(range.comparator());
    for (Map.Entry<byte[], EncodedItem> entry : range.entrySet()) {
      @SuppressWarnings("unchecked")
      var order = (java.util.Comparator<byte[]>) range.comparator();
      if (order.compare(entry.getKey(), start) > 0) {
        rest.put(entry.getKey(), entry.getValue());
      }
    }
    return rest;
  }

  private static byte[] joined(byte[] prefix, ByteString rest) {
    byte[] joined = Arrays.copyOf(prefix, prefix.length + rest.size());
    rest.copyTo(joined, prefix.length);
    return joined;
  }

  private EncodedItem fetch(TableView table, EncodedItem row) {
    for (EncodedItem item : rows.values()) {
      boolean same = true;
      for (KeyAttribute key : table.keySchema().attributes()) {
        same &= String.valueOf(item.get(key.name())).equals(String.valueOf(row.get(key.name())));
      }
      if (same && item.attributeCount() >= row.attributeCount()) {
        return item;
      }
    }
    throw new IllegalStateException("a row without an item");
  }

  private static ByteString keyOf(TableView table, int index, EncodedItem row) {
    Set<String> names = new HashSet<>();
    for (KeyAttribute key : table.keySchema().attributes()) {
      names.add(key.name());
    }
    for (IndexView view : table.localIndexes()) {
      if (view.id() == index) {
        names.add(view.sortKey().getFirst().name());
      }
    }
    return row.project(names).toByteString();
  }
}
