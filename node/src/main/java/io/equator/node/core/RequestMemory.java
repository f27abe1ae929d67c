package io.equator.node.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.proto.PartitionEntry;
import io.equator.proto.RememberedRequests;
import io.equator.proto.Written;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The requests applied in the last minute and what they were answered, so that a retry between
 * coordinator and node is recognised.
 *
 * <p>Each entry writes one row with the ids and answers of its effects, in the same batch; rows
 * older than {@link #KEPT_MILLIS} of leader time go with later entries. Nobody looks at them unless
 * a request comes again, so there is no map in memory until then: the first question reads the
 * rows, the map is kept up to date for {@link #KEPT_MILLIS}, then thrown away.
 *
 * <p>A retry whose first attempt left more than {@link #ANSWERED_MILLIS} ago is not looked up: the
 * row may be gone, and its absence says nothing. The difference between the two is how far the
 * clocks of a coordinator and of successive leaders may be apart.
 *
 * <p>Threads: {@link #prepare} and {@link #committed} on the applying thread, in turn; {@link
 * #find} on any. The lock guards the map and the queue of rows. A row joins them only after its
 * batch is committed: a question in between must not find the row missing and take that for an
 * answer.
 */
final class RequestMemory {
  /** How long after its first attempt a retry is still recognised. */
  static final long ANSWERED_MILLIS = 60_000;

  /** How long rows are kept, in leader time. */
  static final long KEPT_MILLIS = 90_000;

  /** Set in the log index of a row that stood in the log of the partition before a split. */
  static final long INHERITED = Long.MIN_VALUE;

  /** Rows dropped by one entry at most, so that an entry after a pause stays short. */
  private static final int DROPPED_MAX = 256;

  /** The 128 bits that name a write in every attempt. */
  record RequestId(long high, long low) {}

  private record Row(long leaderMillis, long index) {}

  private record Answer(ByteString written, Row row) {}

  private final long partition;
  private final Store store;
  private final ArrayDeque<Row> rows = new ArrayDeque<>();
  private final Map<RequestId, Answer> answers = new HashMap<>();
  private boolean indexed;
  private long indexedMillis;
  private long nowMillis;
  private @Nullable RememberedRequests prepared;
  private long preparedIndex;

  RequestMemory(long partition, Store store) {
    this.partition = partition;
    this.store = store;
    byte[] prefix = MetaRows.rememberedPrefix(partition);
    try (RowCursor cursor = store.cursor(Family.META, prefix, StoreKeys.successor(prefix))) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        byte[] key = cursor.key();
        Row row = new Row(MetaRows.millisOfRememberedKey(key), MetaRows.indexOfRememberedKey(key));
        rows.add(row);
        nowMillis = row.leaderMillis();
      }
    }
  }

  /** Adds this entry's row to its batch, and the removal of old ones. */
  synchronized void prepare(PartitionEntry entry, long index, RowBatch batch) {
    prepared = null;
    nowMillis = entry.getLeaderMillis();
    for (int i = 0; i < DROPPED_MAX; i++) {
      Row oldest = rows.peek();
      if (oldest == null || oldest.leaderMillis() >= nowMillis - KEPT_MILLIS) {
        break;
      }
      rows.remove();
      batch.delete(
          Family.META, MetaRows.rememberedKey(partition, oldest.leaderMillis(), oldest.index()));
    }
    if (entry.getRequestIdsCount() == 0) {
      return;
    }
    RememberedRequests remembered =
        RememberedRequests.newBuilder()
            .addAllRequestIds(entry.getRequestIdsList())
            .addAllOutcomes(entry.getOutcomesList())
            .build();
    batch.put(
        Family.META,
        MetaRows.rememberedKey(partition, nowMillis, index),
        MetaRows.remembered(remembered));
    prepared = remembered;
    preparedIndex = index;
  }

  /** What {@link #prepare} added is in the store now. */
  synchronized void committed() {
    if (indexed && nowMillis - indexedMillis > KEPT_MILLIS) {
      indexed = false;
      answers.clear();
    }
    RememberedRequests remembered = prepared;
    if (remembered != null) {
      Row row = new Row(nowMillis, preparedIndex);
      rows.add(row);
      if (indexed) {
        index(remembered, row);
      }
      prepared = null;
    }
  }

  /** What the request was answered when it was applied, if it was, lately. */
  synchronized Optional<Written> find(long high, long low) {
    if (!indexed) {
      indexEverything();
      indexed = true;
      indexedMillis = nowMillis;
    }
    Answer answer = answers.get(new RequestId(high, low));
    if (answer == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          Written.parseFrom(answer.written()).toBuilder()
              .setLogIndex(answer.row().index() & ~INHERITED)
              .build());
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a remembered answer cannot be read", e);
    }
  }

  private void indexEverything() {
    for (Row row : rows) {
      byte[] value =
          store.get(
              Family.META, MetaRows.rememberedKey(partition, row.leaderMillis(), row.index()));
      if (value == null) {
        continue;
      }
      index(MetaRows.remembered(value), row);
    }
  }

  private void index(RememberedRequests remembered, Row row) {
    for (int i = 0; i < remembered.getOutcomesCount(); i++) {
      long high = remembered.getRequestIds(2 * i);
      long low = remembered.getRequestIds(2 * i + 1);
      if (high != 0 || low != 0) {
        answers.put(new RequestId(high, low), new Answer(remembered.getOutcomes(i), row));
      }
    }
  }
}
