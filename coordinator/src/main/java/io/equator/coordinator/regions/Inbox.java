package io.equator.coordinator.regions;

import com.google.protobuf.ByteString;
import io.equator.coordinator.regions.Arrivals.Result;
import io.equator.coordinator.regions.CursorRows.Entry;
import io.equator.coordinator.regions.CursorRows.Stored;
import io.equator.model.item.CorruptItemException;
import io.equator.model.item.StoredValue;
import io.equator.proto.RegionVersionsRequest;
import io.equator.proto.RegionVersionsResponse;
import io.equator.proto.ReplicateRequest;
import io.equator.proto.ReplicateResponse;
import io.equator.proto.ReplicateResponse.Outcome;
import io.equator.proto.ReplicatedItem;
import io.equator.proto.ReplicationArrivals;
import io.equator.proto.ReplicationCursorRequest;
import io.equator.proto.ReplicationCursorResponse;
import io.equator.proto.ReplicationCursorRow;
import io.equator.proto.ReplicationSource;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.clock.HybridTimestamp;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The receiving end of replication, in any coordinator.
 *
 * <pre>
 *   is the source a member of this generation? ─▶ are its timestamps believed? ─▶ merge all items ─▶ keep the cursor ─▶ APPLIED
 * </pre>
 *
 * <p>Requests may come late, twice, and from a former leader of the source's partition: merging
 * again changes nothing, and a cursor that is behind the kept one is not kept. Nothing is locked:
 * two requests of one source may run at the same time.
 */
public final class Inbox {
  private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);
  private static final int CURSOR_TRIES_MAX = 5;
  private static final long ALARM_MILLIS = 60_000;

  private final InboxAccess access;
  private final CursorRows rows;

  /** What was last seen of the rows: saves reading them; a stale one is noticed when writing. */
  private final Map<ByteString, Entry> seen = new ConcurrentHashMap<>();

  private final ArrivalCounts counts = new ArrivalCounts();
  private volatile long alarmedMillis;

  /** Takes in through {@code access}. */
  public Inbox(InboxAccess access) {
    this.access = access;
    this.rows = new CursorRows(access);
  }

  /** What has come since the start, by table and region. */
  public List<ReplicationArrivals> arrivals() {
    return counts.all();
  }

  /** Where a source stands here. */
  public CompletableFuture<ReplicationCursorResponse> cursor(ReplicationCursorRequest request) {
    ReplicationSource source = request.getSource();
    Outcome refusal = GlobalTables.refusal(access.catalog(), source);
    if (refusal != Outcome.OUTCOME_UNSPECIFIED) {
      return CompletableFuture.completedFuture(refused(refusal));
    }
    return rows.read(CursorRows.key(source))
        .thenApply(
            entry -> {
              if (entry.isEmpty()) {
                return refused(Outcome.TRY_AGAIN);
              }
              ReplicationCursorRow row = entry.get().row();
              ReplicationCursorResponse.Builder response = ReplicationCursorResponse.newBuilder();
              if (entry.get().version() > 0 && row.getGeneration() == source.getGeneration()) {
                response.setCursor(row.getCursor());
              }
              return response.build();
            });
  }

  private static ReplicationCursorResponse refused(Outcome outcome) {
    return ReplicationCursorResponse.newBuilder().setRefused(outcome).build();
  }

  /** Which versions this region has. */
  public CompletableFuture<RegionVersionsResponse> versions(RegionVersionsRequest request) {
    Outcome refusal = GlobalTables.refusal(access.catalog(), request.getSource());
    return refusal == Outcome.OUTCOME_UNSPECIFIED
        ? new VersionLookup(access, request).look()
        : CompletableFuture.completedFuture(
            RegionVersionsResponse.newBuilder().setRefused(refusal).build());
  }

  /** Merges what a source sends. */
  public CompletableFuture<ReplicateResponse> apply(ReplicateRequest request) {
    ReplicationSource source = request.getSource();
    Outcome refusal = GlobalTables.refusal(access.catalog(), source);
    if (refusal != Outcome.OUTCOME_UNSPECIFIED) {
      return answer(refusal, "no such replica of this generation");
    }
    String damage = damage(request);
    if (damage != null) {
      LOG.error("what {} sends is damaged: {}", source, damage);
      return answer(Outcome.TRY_AGAIN, damage);
    }
    counts.came(source, access.nowMillis());
    if (isAhead(request)) {
      counts.refused(source);
      alarm(source);
      return answer(Outcome.CLOCK_AHEAD, "timestamps are ahead of this region's clock");
    }
    return new Arrivals(access, source)
        .merge(request.getItemsList())
        .thenCompose(result -> merged(request, result));
  }

  private CompletableFuture<ReplicateResponse> merged(ReplicateRequest request, Result result) {
    if (result.trouble() != null) {
      return answer(Outcome.TRY_AGAIN, result.trouble());
    }
    if (result.clockAhead()) {
      counts.refused(request.getSource());
      alarm(request.getSource());
      return answer(Outcome.CLOCK_AHEAD, "timestamps are ahead of a node's clock");
    }
    counts.merged(request.getSource(), result.taken(), result.lost());
    CompletableFuture<Outcome> kept =
        request.hasNext() ? keep(request, 0) : CompletableFuture.completedFuture(Outcome.APPLIED);
    return kept.thenApply(
        outcome ->
            ReplicateResponse.newBuilder()
                .setOutcome(outcome)
                .setTaken(result.taken())
                .setLost(result.lost())
                .build());
  }

  private static CompletableFuture<ReplicateResponse> answer(Outcome outcome, String detail) {
    return CompletableFuture.completedFuture(
        ReplicateResponse.newBuilder().setOutcome(outcome).setDetail(detail).build());
  }

  private static @Nullable String damage(ReplicateRequest request) {
    try {
      for (ReplicatedItem item : request.getItemsList()) {
        StoredValue.read(item.getValue());
      }
      return null;
    } catch (CorruptItemException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private boolean isAhead(ReplicateRequest request) {
    long most = access.nowMillis() + HybridClock.REGION_OFFSET_MAX.toMillis();
    for (ReplicatedItem item : request.getItemsList()) {
      long timestamp = StoredValue.read(item.getValue()).timestamp();
      if (HybridTimestamp.millisOf(timestamp) > most) {
        return true;
      }
    }
    return false;
  }

  private void alarm(ReplicationSource source) {
    long now = access.nowMillis();
    if (now - alarmedMillis >= ALARM_MILLIS) {
      alarmedMillis = now;
      LOG.error(
          "the clock of {} is more than {} s ahead of ours: its items wait until our clock has"
              + " passed them",
          source.getRegion(),
          HybridClock.REGION_OFFSET_MAX.toSeconds());
    }
  }

  // ---- the cursor

  private CompletableFuture<Outcome> keep(ReplicateRequest request, int tries) {
    ByteString key = CursorRows.key(request.getSource());
    Entry known = seen.get(key);
    CompletableFuture<Optional<Entry>> read =
        known == null ? rows.read(key) : CompletableFuture.completedFuture(Optional.of(known));
    return read.thenCompose(
        entry -> {
          if (entry.isEmpty()) {
            return CompletableFuture.completedFuture(Outcome.TRY_AGAIN);
          }
          return keep(request, key, entry.get(), tries);
        });
  }

  private CompletableFuture<Outcome> keep(
      ReplicateRequest request, ByteString key, Entry before, int tries) {
    long generation = request.getSource().getGeneration();
    if (before.version() > 0 && before.row().getGeneration() > generation) {
      seen.remove(key, before);
      return CompletableFuture.completedFuture(Outcome.STALE_GENERATION);
    }
    if (before.version() > 0
        && before.row().getGeneration() == generation
        && !CursorOrder.isBeyond(request.getNext(), before.row().getCursor())) {
      seen.put(key, before);
      return CompletableFuture.completedFuture(Outcome.APPLIED);
    }
    ReplicationCursorRow row =
        ReplicationCursorRow.newBuilder()
            .setGeneration(generation)
            .setCursor(request.getNext())
            .build();
    return rows.replace(key, before, row)
        .thenCompose(
            stored -> {
              if (stored == Stored.STORED) {
                seen.put(key, new Entry(row, before.version() + 1));
                return CompletableFuture.completedFuture(Outcome.APPLIED);
              }
              seen.remove(key);
              return stored == Stored.CHANGED && tries < CURSOR_TRIES_MAX
                  ? keep(request, tries + 1)
                  : CompletableFuture.completedFuture(Outcome.TRY_AGAIN);
            });
  }
}
