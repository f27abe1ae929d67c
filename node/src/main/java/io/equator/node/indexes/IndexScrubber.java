package io.equator.node.indexes;

import com.google.protobuf.ByteString;
import io.equator.model.item.CorruptItemException;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyCodec;
import io.equator.node.core.PartitionReader.StoredItem;
import io.equator.node.core.Redirects;
import io.equator.node.core.StoreException;
import io.equator.node.core.StoreKeys;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.HostedPartitions;
import io.equator.node.snapshots.ByteThrottle;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.partitioner.TokenHash;
import io.equator.proto.CheckIndexRequest;
import io.equator.proto.IndexDifferences;
import io.equator.proto.IndexRowOrigin;
import io.equator.proto.IndexScrubReport;
import io.equator.proto.Redirect;
import io.equator.proto.ScrubIndexResponse;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares global indexes with their tables, for the partitions that this node leads: each item
 * that such a partition holds has its row, and each row that it holds has its item. Both are asked
 * of the pump of the partition that holds the item, page by page, because only the pump's thread
 * can tell a difference from a delivery that is on its way (see {@link IndexChecks}); so what is
 * read here only says where to look.
 *
 * <p>Why both: an item tells which row must be there, but not which others must not; a row's key
 * ends in the key of its item, and so tells whom to ask about it.
 *
 * <p>Threads: one of its own looks after the times; {@link #scrub} blocks its caller, any thread.
 */
public final class IndexScrubber implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IndexScrubber.class);
  private static final long LOOK_MILLIS = 1_000;
  private static final int PAGE_ROWS_MAX = 256;
  private static final long PAGE_BYTES_MAX = 1 << 20;

  /** A leader may just be elected, or a partition split. */
  private static final int TRIES_MAX = 30;

  private static final long RETRY_MILLIS = 500;

  private final HostedPartitions partitions;
  private final Supplier<CatalogSnapshot> catalog;
  private final IndexTargets targets;
  private final long intervalNanos;
  private final ByteThrottle throttle;
  private final Map<Place, Long> due = new ConcurrentHashMap<>();
  private final Set<Place> running = ConcurrentHashMap.newKeySet();
  private final LongAdder complete = new LongAdder();
  private final LongAdder incomplete = new LongAdder();
  private final LongAdder missing = new LongAdder();
  private final LongAdder different = new LongAdder();
  private final LongAdder unexpected = new LongAdder();
  private final LongAdder repaired = new LongAdder();
  private final LongAdder unsettled = new LongAdder();
  private final LongAdder unreadable = new LongAdder();
  private final Thread thread;
  private volatile boolean closed;

  private record Place(long partition, int table, int index) {}

  /** A table and its index, as the catalog has them at this moment. */
  private record Subject(
      CatalogSnapshot snapshot, TableView table, IndexView index, TokenHash hash) {}

  /**
   * @param interval between two scrubs of an index in a partition; zero: only when asked
   * @param bytesPerSecond read for that at most; 0: no bound
   */
  public IndexScrubber(
      NodeId self,
      HostedPartitions partitions,
      Supplier<CatalogSnapshot> catalog,
      IndexPumps pumps,
      Duration interval,
      long bytesPerSecond) {
    this.partitions = partitions;
    this.catalog = catalog;
    this.targets = pumps.targets();
    this.intervalNanos = interval.toNanos();
    this.throttle = new ByteThrottle(bytesPerSecond, System::nanoTime);
    this.thread = Thread.ofVirtual().name("index-scrubber-" + self.value()).unstarted(this::run);
  }

  /** Begins. */
  public void start() {
    thread.start();
  }

  /** What came of it so far. */
  public IndexScrubStatistics statistics() {
    return new IndexScrubStatistics(
        complete.sum(),
        incomplete.sum(),
        missing.sum(),
        different.sum(),
        unexpected.sum(),
        repaired.sum(),
        unsettled.sum(),
        unreadable.sum());
  }

  private void run() {
    try {
      while (!closed && intervalNanos > 0) {
        look();
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    for (TableView table : catalog.get().tables().values()) {
      for (IndexView index : table.globalIndexes()) {
        for (HostedPartition partition : partitions.all()) {
          if (!closed
              && isActive(index)
              && partition.descriptor().ringId() == table.ringId()
              && partition.leadsOwner()
              && isDue(new Place(partition.machine().partition(), table.id(), index.id()))) {
            var _ = scrub(partition, table.id(), index.id());
          }
        }
      }
    }
  }

  private static boolean isActive(IndexView index) {
    return index.descriptor().getStatus().equals("ACTIVE");
  }

  /** Each at a time of its own, so that a node that starts does not scrub all at once. */
  private boolean isDue(Place place) {
    long now = System.nanoTime();
    long at =
        due.computeIfAbsent(place, _ -> now + ThreadLocalRandom.current().nextLong(intervalNanos));
    return now - at >= 0;
  }

  /** Compares what a partition that this node leads holds of a table and of one of its indexes. */
  public ScrubIndexResponse scrub(HostedPartition partition, int table, int index) {
    Place place = new Place(partition.machine().partition(), table, index);
    if (!running.add(place)) {
      return redirected(Redirect.Reason.OVERLOADED, "the index is being compared");
    }
    try {
      if (subject(place).isEmpty()) {
        return redirected(Redirect.Reason.UNKNOWN_TABLE, "the index is not active");
      }
      IndexScrubReport report = compare(partition, place);
      count(report);
      if (intervalNanos > 0) {
        due.put(place, System.nanoTime() + intervalNanos);
      }
      return ScrubIndexResponse.newBuilder().setReport(report).build();
    } finally {
      running.remove(place);
    }
  }

  private static ScrubIndexResponse redirected(Redirect.Reason reason, String detail) {
    return ScrubIndexResponse.newBuilder().setRedirect(Redirects.of(reason, detail)).build();
  }

  private Optional<Subject> subject(Place place) {
    CatalogSnapshot snapshot = catalog.get();
    Optional<TableView> table = snapshot.table(place.table());
    if (table.isEmpty()) {
      return Optional.empty();
    }
    for (IndexView index : table.get().globalIndexes()) {
      if (index.id() == place.index() && isActive(index)) {
        TokenHash hash = snapshot.tokenHash(table.get().ringId());
        return Optional.of(new Subject(snapshot, table.get(), index, hash));
      }
    }
    return Optional.empty();
  }

  private void count(IndexScrubReport report) {
    (report.getIncomplete().isEmpty() ? complete : incomplete).increment();
    for (IndexDifferences found : List.of(report.getItems(), report.getRows())) {
      missing.add(found.getMissing());
      different.add(found.getDifferent());
      unexpected.add(found.getUnexpected());
      repaired.add(found.getRepaired());
      unsettled.add(found.getUnsettled());
      unreadable.add(found.getUnreadable());
    }
  }

  /** What keeps a scrub from going on. */
  private static final class IncompleteException extends Exception {
    private static final long serialVersionUID = 1;

    private final String why;

    IncompleteException(String why) {
      super(why);
      this.why = why;
    }
  }

  private IndexScrubReport compare(HostedPartition partition, Place place) {
    IndexDifferences.Builder items = IndexDifferences.newBuilder();
    IndexDifferences.Builder rows = IndexDifferences.newBuilder();
    IndexScrubReport.Builder report =
        IndexScrubReport.newBuilder().setPartitionId(place.partition());
    try {
      walk(partition, place, items, false);
      walk(partition, place, rows, true);
    } catch (IncompleteException e) {
      report.setIncomplete(e.why);
    } catch (StoreException e) {
      partitions.unreadable(place.partition());
      report.setIncomplete("something cannot be read: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      report.setIncomplete("the node closes");
    }
    if (!report.getIncomplete().isEmpty()) {
      LOG.warn(
          "index {} of table {} could not be compared in partition {}: {}",
          place.index(),
          place.table(),
          place.partition(),
          report.getIncomplete());
    }
    return report.setItems(items).setRows(rows).build();
  }

  /**
   * Walks over all items, or all rows, that the partition holds.
   *
   * @param found is added to
   */
  private void walk(
      HostedPartition partition, Place place, IndexDifferences.Builder found, boolean rows)
      throws IncompleteException, InterruptedException {
    ByteString after = ByteString.EMPTY;
    while (true) {
      List<StoredItem> page =
          rows
              ? partition
                  .reader()
                  .indexRows(place.table(), place.index(), after, PAGE_ROWS_MAX, PAGE_BYTES_MAX)
              : partition.reader().items(place.table(), after, PAGE_ROWS_MAX, PAGE_BYTES_MAX);
      if (page.isEmpty()) {
        return;
      }
      Map<Long, CheckIndexRequest.Builder> parts = new LinkedHashMap<>();
      Subject subject = sure(place);
      for (StoredItem stored : page) {
        throttle.pass(stored.suffix().size() + stored.value().length);
        IndexRowOrigin origin =
            rows
                ? originOf(subject, stored.suffix())
                : IndexRowOrigin.newBuilder().setItemKey(stored.suffix()).build();
        if (origin == null) {
          found.setUnreadable(found.getUnreadable() + 1);
          LOG.error(
              "index {} of table {}: the key of a row in partition {} cannot be read",
              subject.index().name(),
              subject.table().name(),
              place.partition());
        } else {
          parts
              .computeIfAbsent(owner(subject, origin).id().value(), _ -> request(place))
              .addRows(origin);
        }
      }
      for (CheckIndexRequest.Builder part : parts.values()) {
        add(found, check(place, part));
      }
      after = page.getLast().suffix();
    }
  }

  private static CheckIndexRequest.Builder request(Place place) {
    return CheckIndexRequest.newBuilder().setTableId(place.table()).setIndexId(place.index());
  }

  private Subject sure(Place place) throws IncompleteException {
    return subject(place).orElseThrow(() -> new IncompleteException("the index has gone"));
  }

  private static Partition owner(Subject subject, IndexRowOrigin origin) {
    long token = origin.getItemKey().asReadOnlyByteBuffer().getLong();
    return subject.snapshot().partitions().partitionOf(subject.table().ringId(), token);
  }

  /** The key of the item that a row belongs to: what its own key ends in. */
  static @Nullable IndexRowOrigin originOf(
      IndexView index, KeyAttribute tableHash, TokenHash hash, ByteString rowKey) {
    byte[] key = rowKey.toByteArray();
    try {
      int at = StoreKeys.TOKEN;
      for (KeyAttribute attribute : index.partitionKey()) {
        at = KeyCodec.end(attribute.type(), key, at, key.length);
      }
      for (KeyAttribute attribute : index.sortKey()) {
        at = KeyCodec.end(attribute.type(), key, at, key.length);
      }
      int end = KeyCodec.end(tableHash.type(), key, at, key.length);
      long token = hash.token(Arrays.copyOfRange(key, at, end));
      ByteBuffer item = ByteBuffer.allocate(StoreKeys.TOKEN + key.length - at);
      item.putLong(token).put(key, at, key.length - at);
      return IndexRowOrigin.newBuilder()
          .setItemKey(ByteString.copyFrom(item.flip()))
          .setRowKey(rowKey)
          .build();
    } catch (CorruptItemException | IndexOutOfBoundsException e) {
      LOG.debug("a key that cannot be read", e);
      return null;
    }
  }

  private static @Nullable IndexRowOrigin originOf(Subject subject, ByteString rowKey) {
    return originOf(
        subject.index(), subject.table().keySchema().partition(), subject.hash(), rowKey);
  }

  /** Asks until somebody answers; items that have another owner by now go to that one. */
  private IndexDifferences check(Place place, CheckIndexRequest.Builder part)
      throws IncompleteException, InterruptedException {
    IndexDifferences.Builder found = IndexDifferences.newBuilder();
    List<IndexRowOrigin> open = part.getRowsList();
    for (int tries = 0; tries < TRIES_MAX && !closed; tries++) {
      Subject subject = sure(place);
      Map<Long, CheckIndexRequest.Builder> parts = new LinkedHashMap<>();
      Map<Long, Partition> owners = new LinkedHashMap<>();
      for (IndexRowOrigin origin : open) {
        Partition owner = owner(subject, origin);
        owners.put(owner.id().value(), owner);
        parts.computeIfAbsent(owner.id().value(), _ -> request(place)).addRows(origin);
      }
      List<IndexRowOrigin> left = new ArrayList<>();
      for (Map.Entry<Long, Partition> owner : owners.entrySet()) {
        CheckIndexRequest.Builder request = parts.getOrDefault(owner.getKey(), request(place));
        Optional<IndexDifferences> answer = targets.check(owner.getValue(), request);
        if (answer.isPresent()) {
          add(found, answer.get());
        } else {
          left.addAll(request.getRowsList());
        }
      }
      if (left.isEmpty()) {
        return found.build();
      }
      open = left;
      TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
    }
    throw new IncompleteException("a partition that holds items of the table does not answer");
  }

  private static void add(IndexDifferences.Builder to, IndexDifferences more) {
    to.setChecked(to.getChecked() + more.getChecked())
        .setMissing(to.getMissing() + more.getMissing())
        .setDifferent(to.getDifferent() + more.getDifferent())
        .setUnexpected(to.getUnexpected() + more.getUnexpected())
        .setRepaired(to.getRepaired() + more.getRepaired())
        .setUnsettled(to.getUnsettled() + more.getUnsettled())
        .setUnreadable(to.getUnreadable() + more.getUnreadable());
  }

  /** Ends looking; what is on its way gives up. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
