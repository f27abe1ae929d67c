package io.equator.node.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.node.core.ChangeLog.Kept;
import io.equator.node.core.MetaRows.Counters;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.proto.CountWalk;
import io.equator.proto.Heir;
import io.equator.proto.IndexBuildStep;
import io.equator.proto.PartitionOrigin;
import io.equator.proto.SealedAncestor;
import io.equator.proto.SealedPartition;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What an heir takes from the partition that it was split off, besides the rows under its tokens,
 * which stay where they are. Reads the rows of the sealed parent, so it comes to the same on every
 * replica.
 *
 * <table>
 * <caption>Of the parent's rows</caption>
 * <tr><th>rows</th><th>each heir gets</th></tr>
 * <tr><td>finished transactions</td><td>all: a late message of a transaction may come to either</td></tr>
 * <tr><td>timestamps of deletions</td><td>all: a key's timestamps never go down</td></tr>
 * <tr><td>remembered requests</td><td>the newest, up to {@link #REMEMBERED_BYTES_MAX}; a retry of something older is
 *     told that nobody knows</td></tr>
 * <tr><td>schema floors, cursors of global indexes, horizons of tombstones</td><td>all</td></tr>
 * <tr><td>closed timestamps</td><td>all: leaders go on above them</td></tr>
 * <tr><td>builds of global indexes</td><td>what is left of the walk in its tokens</td></tr>
 * <tr><td>extents of the change log</td><td>none of the records, but the newest time: times never go back</td></tr>
 * <tr><td>counters</td><td>its share by tokens, as an estimate, until its rows are counted ({@link RowCount})</td></tr>
 * <tr><td>marks of dropped tables</td><td>those that reach into its tokens</td></tr>
 * <tr><td>walks for expiries</td><td>none: the sweeper walks over the heir's items anew</td></tr>
 * </table>
 *
 * <p>Locks and sizes of item collections lie by token and need nothing.
 */
final class Inheritance {
  /** Of remembered requests; about three seconds of the most that a partition takes. */
  static final long REMEMBERED_BYTES_MAX = 8 << 20;

  /** How far clocks may be apart, as {@link RequestMemory} has it. */
  private static final long CLOCKS_APART_MILLIS =
      RequestMemory.KEPT_MILLIS - RequestMemory.ANSWERED_MILLIS;

  private final Store store;
  private final long parent;
  private final long heir;
  private final Descriptor descriptor;

  Inheritance(Store store, long parent, long heir, Descriptor descriptor) {
    this.store = store;
    this.parent = parent;
    this.heir = heir;
    this.descriptor = descriptor;
  }

  void takeOver(RowBatch batch) {
    SealedPartition end =
        Invariant.present(SplitRows.sealed(store, parent), "a handover comes from a sealed parent");
    copyAll(TransactionRows.FINISHED, batch);
    copyAll(TransactionRows.DELETIONS, batch);
    copyAll(MetaRows.SCHEMA_FLOOR, batch);
    copyAll(MetaRows.INDEX_CURSOR, batch);
    copyAll(MetaRows.TOMBSTONES_DROPPED, batch);
    closed(batch);
    builds(batch);
    changeTimes(batch);
    counters(end, batch);
    dropped(batch);
    long rememberedFrom = remembered(batch);
    batch.put(
        Family.META,
        SplitRows.key(SplitRows.ORIGIN, heir),
        SplitRows.row(origin(end, rememberedFrom)));
  }

  private PartitionOrigin origin(SealedPartition end, long rememberedFrom) {
    PartitionOrigin.Builder origin =
        PartitionOrigin.newBuilder()
            .setParentPartitionId(parent)
            .setSealedIndex(end.getIndex())
            .setRememberedFromMillis(rememberedFrom);
    PartitionOrigin before = SplitRows.origin(store, parent);
    if (before != null) {
      origin.addAllAncestors(before.getAncestorsList());
      origin.setRememberedFromMillis(Math.max(rememberedFrom, before.getRememberedFromMillis()));
    }
    return origin
        .addAncestors(
            SealedAncestor.newBuilder().setPartitionId(parent).setSealedIndex(end.getIndex()))
        .build();
  }

  @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
  private record Row(byte[] key, byte[] value) {}

  private interface RowVisitor {
    void visit(byte[] key, byte[] value);
  }

  private void each(byte kind, RowVisitor visitor) {
    byte[] prefix = MetaRows.prefix(kind, parent);
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        visitor.visit(cursor.key(), cursor.value());
      }
    }
  }

  private byte[] mine(byte[] parentsKey) {
    byte[] key = parentsKey.clone();
    ByteBuffer.wrap(key).putLong(1, heir);
    return key;
  }

  private void copyAll(byte kind, RowBatch batch) {
    each(kind, (key, value) -> batch.put(Family.META, mine(key), value));
  }

  /** Nothing that the heir writes is as old as what the parent has closed. */
  private void closed(RowBatch batch) {
    each(
        MetaRows.CLOSED,
        (key, value) ->
            batch.put(
                Family.META,
                mine(key),
                new ClosedTimestamps.Closed(ClosedTimestamps.Closed.of(value).timestamp(), 0)
                    .row()));
  }

  /** The newest rows. Returns the time before which something may be missing; 0 when nothing is. */
  private long remembered(RowBatch batch) {
    List<Row> rows = new ArrayList<>();
    each(MetaRows.REMEMBERED, (key, value) -> rows.add(new Row(key, value)));
    Collections.reverse(rows);
    long bytes = 0;
    long oldest = Long.MAX_VALUE;
    for (Row row : rows) {
      bytes += row.value().length;
      if (bytes > REMEMBERED_BYTES_MAX) {
        return Math.min(oldest, MetaRows.millisOfRememberedKey(row.key()) + 1)
            + CLOCKS_APART_MILLIS;
      }
      oldest = MetaRows.millisOfRememberedKey(row.key());
      batch.put(
          Family.META,
          MetaRows.rememberedKey(
              heir, oldest, MetaRows.indexOfRememberedKey(row.key()) | RequestMemory.INHERITED),
          row.value());
    }
    return 0;
  }

  /** A walk goes through the items by token, so each heir has its part of what is left. */
  private void builds(RowBatch batch) {
    each(
        MetaRows.INDEX_BUILD,
        (key, row) -> {
          ByteBuffer value = MetaRows.read(row, "build of a global index");
          var _ = value.getLong();
          IndexBuildStep step;
          try {
            step = IndexBuildStep.parseFrom(ByteString.copyFrom(value));
          } catch (InvalidProtocolBufferException e) {
            throw new StoreException("the build of a global index cannot be read", e);
          }
          byte[] bytes = part(step).toByteArray();
          batch.put(
              Family.META,
              mine(key),
              MetaRows.value(9 + bytes.length).putLong(0).put(bytes).array());
        });
  }

  private IndexBuildStep part(IndexBuildStep step) {
    IndexBuildStep.Builder part = step.toBuilder();
    if (descriptor.firstToken() != parentsFirstToken()) {
      // What was counted counts once.
      part.setWalked(0).setViolations(0);
    }
    if (step.getDone() || step.getLastKey().size() < Long.BYTES) {
      return part.build();
    }
    long at = step.getLastKey().asReadOnlyByteBuffer().getLong();
    if (Long.compareUnsigned(at, descriptor.firstToken()) < 0) {
      part.clearLastKey();
    } else if (Long.compareUnsigned(at, descriptor.lastToken()) > 0) {
      part.setDone(true);
    }
    return part.build();
  }

  private long parentsFirstToken() {
    return MetaRows.descriptor(store, parent).firstToken();
  }

  private void changeTimes(RowBatch batch) {
    each(
        MetaRows.CHANGES_KEPT,
        (key, value) ->
            batch.put(
                Family.META, mine(key), new Kept(0, -1, 0, 0, Kept.of(value).millis()).row()));
  }

  /** Shares that come to the parent's counters together. */
  private void counters(SealedPartition end, RowBatch batch) {
    MetaRows.counters(
        store,
        parent,
        (table, index, counted) ->
            batch.put(
                Family.META,
                MetaRows.countersKey(heir, table, index),
                MetaRows.counters(
                    new Counters(share(end, counted.items()), share(end, counted.bytes())))));
    batch.put(
        Family.META,
        SplitRows.key(SplitRows.COUNT_WALK, heir),
        SplitRows.row(CountWalk.getDefaultInstance()));
  }

  private long share(SealedPartition end, long whole) {
    BigInteger tokens = BigInteger.ZERO;
    BigInteger before = BigInteger.ZERO;
    for (Heir each : end.getHeirsList()) {
      if (each.getPartitionId() == heir) {
        before = tokens;
      }
      tokens = tokens.add(tokens(each.getFirstToken(), each.getLastToken()));
    }
    BigInteger own = tokens(descriptor.firstToken(), descriptor.lastToken());
    BigInteger count = BigInteger.valueOf(whole);
    return count
        .multiply(before.add(own))
        .divide(tokens)
        .subtract(count.multiply(before).divide(tokens))
        .longValueExact();
  }

  private static BigInteger tokens(long first, long last) {
    return new BigInteger(Long.toUnsignedString(last))
        .subtract(new BigInteger(Long.toUnsignedString(first)))
        .add(BigInteger.ONE);
  }

  /** Marks are each store's own: what this one still has to remove under the heir's tokens. */
  private void dropped(RowBatch batch) {
    byte[] prefix = {MetaRows.DROPPED};
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        MetaRows.Dropped mark = MetaRows.Dropped.of(cursor.key(), cursor.value());
        if (descriptor.holds(mark.firstToken()) && descriptor.holds(mark.lastToken())) {
          continue;
        }
        long first = max(mark.firstToken(), descriptor.firstToken());
        long last = min(mark.lastToken(), descriptor.lastToken());
        if (Long.compareUnsigned(first, last) <= 0) {
          batch.put(Family.META, MetaRows.droppedKey(mark.table(), first, last), cursor.value());
        }
      }
    }
  }

  private static long max(long a, long b) {
    return Long.compareUnsigned(a, b) >= 0 ? a : b;
  }

  private static long min(long a, long b) {
    return Long.compareUnsigned(a, b) <= 0 ? a : b;
  }
}
