package io.equator.node.indexes;

import com.google.protobuf.ByteString;
import io.equator.model.item.CorruptItemException;
import io.equator.model.item.StoredValue;
import io.equator.node.core.ChangeReader.Changes;
import io.equator.node.core.StoreException;
import io.equator.node.service.HostedPartition;
import io.equator.proto.GlobalIndexRow;
import io.equator.proto.IndexDifferences;
import io.equator.proto.IndexRowOrigin;
import io.equator.proto.IndexRowVerdict;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Comparisons of items with their rows that wait for a pump, and the one that it is at.
 *
 * <p>Why a difference that is found here is one, while everybody writes:
 *
 * <pre>
 *   read the items ─▶ everything up to that state is delivered ─▶ compare rows ─▶ still leader? ─▶ read the items again
 * </pre>
 *
 * <p>An item that is the same at both ends has not changed in between: versions of a key never come
 * back. So all that its source has ever said about it was delivered before the rows were compared,
 * and nothing else could be: the pump's thread compares, and while this replica leads no other pump
 * delivers. What its row is then must be what the item says. An item that did change is looked at
 * again; after {@value #ROUNDS_MAX} times it is <i>unsettled</i>, which says nothing.
 *
 * <p>Threads: {@link #submit} and {@link #close} any; the rest the pump's.
 */
final class IndexChecks implements AutoCloseable {
  /** Two scrubs of an index ask a pump at most, one page each; more is somebody who plays. */
  private static final int WAITING_MAX = 16;

  static final int ROUNDS_MAX = 8;

  private final HostedPartition source;
  private final int tableId;
  private final Queue<Check> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
  private volatile boolean closed;
  private @Nullable Check current;

  IndexChecks(HostedPartition source, int tableId) {
    this.source = source;
    this.tableId = tableId;
  }

  /** One request: what is left of it to look at, and what was found so far. */
  private static final class Check {
    private final CompletableFuture<IndexDifferences> done = new CompletableFuture<>();
    private final IndexDifferences.Builder found = IndexDifferences.newBuilder();
    private List<IndexRowOrigin> open;
    private List<Expected> expected = List.of();

    /** Everything below this log index is to be delivered first; 0 while no items are read. */
    private long behind;

    private int rounds;

    Check(List<IndexRowOrigin> open) {
      this.open = open;
    }
  }

  /**
   * What a row must be.
   *
   * @param origin what was asked
   * @param item digest of the item as it was read; empty when there is none
   * @param row without a value: it must not be there
   */
  record Expected(IndexRowOrigin origin, ByteString item, IndexRows.Row row) {}

  /** A row that is not what it must be. */
  record Difference(Expected expected, IndexRowVerdict verdict) {}

  /** Asks for a comparison; empty when too many wait, or the pump has ended. */
  Optional<CompletableFuture<IndexDifferences>> submit(List<IndexRowOrigin> rows) {
    Check check = new Check(List.copyOf(rows));
    check.found.setChecked(rows.size());
    if (closed || !waiting.offer(check)) {
      return Optional.empty();
    }
    if (closed) {
      close();
    }
    return Optional.of(check.done);
  }

  boolean isEmpty() {
    return current == null && waiting.isEmpty();
  }

  /** Reads the items of the next comparison, if they are not read. Before changes are read. */
  void begin(IndexRows rows) {
    while (current == null || current.done.isDone()) {
      current = waiting.poll();
      if (current == null) {
        return;
      }
    }
    if (current.behind > 0) {
      return;
    }
    try {
      current.expected = expected(current.open, rows);
      // The store shows an entry a moment before its index is told.
      current.behind = source.machine().appliedPosition().index() + 2;
    } catch (CorruptItemException | StoreException e) {
      fail(e);
    }
  }

  private List<Expected> expected(List<IndexRowOrigin> origins, IndexRows rows) {
    List<Expected> expected = new ArrayList<>();
    for (IndexRowOrigin origin : origins) {
      byte[] item = source.reader().item(tableId, origin.getItemKey());
      IndexRows.Row row =
          item == null
              ? null
              : rows.rowOf(StoredValue.read(item), origin.getItemKey().substring(Long.BYTES));
      ByteString key = origin.getRowKey();
      if (!key.isEmpty() && (row == null || !row.row().getKey().equals(key))) {
        row =
            new IndexRows.Row(
                key.asReadOnlyByteBuffer().getLong(),
                GlobalIndexRow.newBuilder().setKey(key).build());
      }
      if (row != null) {
        expected.add(new Expected(origin, digest(item), row));
      }
    }
    return expected;
  }

  private static ByteString digest(byte @Nullable [] item) {
    if (item == null) {
      return ByteString.EMPTY;
    }
    try {
      return ByteString.copyFrom(MessageDigest.getInstance("SHA-256").digest(item));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * Whether rows may be compared: all that the items said when they were read is delivered.
   *
   * @param delivered read after {@link #begin}
   */
  boolean isReady(Changes delivered) {
    return current != null
        && current.behind > 0
        && (!delivered.more() || delivered.next().index() >= current.behind);
  }

  /** What is to be compared now. */
  List<Expected> expected() {
    return current == null ? List.of() : current.expected;
  }

  /** Of the differences those whose items have not changed; the others are looked at again. */
  List<Difference> settle(List<Difference> differences) {
    List<Difference> settled = new ArrayList<>();
    List<IndexRowOrigin> again = new ArrayList<>();
    for (Difference difference : differences) {
      IndexRowOrigin origin = difference.expected().origin();
      if (digest(source.reader().item(tableId, origin.getItemKey()))
          .equals(difference.expected().item())) {
        settled.add(difference);
      } else {
        again.add(origin);
      }
    }
    next(again);
    return settled;
  }

  /** This time nothing could be learnt; it is looked at again. */
  void again() {
    if (current != null) {
      next(current.open);
    }
  }

  private void next(List<IndexRowOrigin> open) {
    Check check = current;
    if (check != null) {
      check.open = open;
      check.expected = List.of();
      check.behind = 0;
      check.rounds++;
    }
  }

  /** Counts what was found. */
  void count(List<Difference> differences, boolean repaired) {
    Check check = current;
    if (check == null) {
      return;
    }
    for (Difference difference : differences) {
      IndexDifferences.Builder found = check.found;
      switch (difference.verdict()) {
        case INDEX_ROW_MISSING -> found.setMissing(found.getMissing() + 1);
        case INDEX_ROW_DIFFERENT -> found.setDifferent(found.getDifferent() + 1);
        case INDEX_ROW_UNEXPECTED -> found.setUnexpected(found.getUnexpected() + 1);
        case INDEX_ROW_AS_EXPECTED, INDEX_ROW_VERDICT_UNSPECIFIED, UNRECOGNIZED ->
            throw new IllegalStateException("not a difference: " + difference.verdict());
      }
      if (repaired) {
        found.setRepaired(found.getRepaired() + 1);
      }
    }
  }

  /** Answers, when nothing is left to look at. */
  void answer() {
    Check check = current;
    if (check != null && (check.open.isEmpty() || check.rounds >= ROUNDS_MAX)) {
      check.done.complete(check.found.setUnsettled(check.open.size()).build());
      current = null;
    }
  }

  /** Nothing is compared at present: a build or a split is under way, or another leader. */
  void refuse() {
    fail(new IllegalStateException("the index is not compared now"));
    refuseWaiting();
  }

  /** The comparison that is under way cannot be made; the pump goes on. */
  void fail(RuntimeException why) {
    if (current != null) {
      current.done.completeExceptionally(why);
      current = null;
    }
  }

  private void refuseWaiting() {
    for (Check check = waiting.poll(); check != null; check = waiting.poll()) {
      check.done.completeExceptionally(new IllegalStateException("the index is not compared now"));
    }
  }

  /** Nobody will look at what waits. */
  @Override
  public void close() {
    closed = true;
    refuseWaiting();
  }

  /** What a stored row is beside an expected one. Attributes count, not when they were written. */
  static IndexRowVerdict verdict(GlobalIndexRow expected, byte @Nullable [] stored) {
    if (!expected.hasValue()) {
      return stored == null
          ? IndexRowVerdict.INDEX_ROW_AS_EXPECTED
          : IndexRowVerdict.INDEX_ROW_UNEXPECTED;
    }
    if (stored == null) {
      return IndexRowVerdict.INDEX_ROW_MISSING;
    }
    if (Arrays.equals(expected.getValue().toByteArray(), stored)) {
      return IndexRowVerdict.INDEX_ROW_AS_EXPECTED;
    }
    try {
      return StoredValue.read(stored)
              .item()
              .contentEquals(StoredValue.read(expected.getValue()).item())
          ? IndexRowVerdict.INDEX_ROW_AS_EXPECTED
          : IndexRowVerdict.INDEX_ROW_DIFFERENT;
    } catch (CorruptItemException e) {
      return IndexRowVerdict.INDEX_ROW_DIFFERENT;
    }
  }
}
