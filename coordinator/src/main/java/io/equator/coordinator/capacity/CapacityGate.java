package io.equator.coordinator.capacity;

import io.equator.model.error.ApiError;
import io.equator.model.error.Throttling;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.OnDemandLimits;
import io.equator.proto.Throughput;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableArns;
import io.equator.replication.catalog.TableView;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests through as long as their table, or the global index that they read, has capacity
 * left: provisioned throughput, or the maximum that a table on demand has set itself.
 *
 * <p>Each table and each global index has a bucket for reads and one for writes. What is not used
 * in a second is kept for five minutes (guide: "up to 5 minutes (300 seconds) of unused read and
 * write capacity"); for maxima on demand, which have no such promise, for ten seconds. A bucket
 * begins with one second's worth: nothing has been saved up yet.
 *
 * <p><b>Several coordinators</b> do not talk about this: each gives out its even share of the
 * capacity, so it is right when clients are spread over all of them, and too little when they are
 * not. DynamoDB has a service of its own for it (global admission control).
 */
public final class CapacityGate {
  private static final double KEPT_SECONDS = 300;
  private static final double KEPT_ON_DEMAND_SECONDS = 10;

  /** Lets everything through. */
  public static final CapacityGate OPEN = new CapacityGate(false, () -> 0);

  /**
   * @param index 0 for the table itself and its local indexes
   */
  private record Arm(int table, int index, boolean write) {}

  /**
   * @param revision of the catalog, of which the limit is known to be
   * @param bucket null when there is no limit
   */
  private record Limit(long revision, @Nullable TokenBucket bucket) {}

  private final boolean enforced;
  private final LongSupplier nanos;
  private final ConcurrentHashMap<Arm, Limit> limits = new ConcurrentHashMap<>();

  /**
   * @param nanos a clock that only goes forward
   */
  public CapacityGate(LongSupplier nanos) {
    this(true, nanos);
  }

  private CapacityGate(boolean enforced, LongSupplier nanos) {
    this.enforced = enforced;
    this.nanos = nanos;
  }

  /** Whether it may refuse anything. */
  public boolean isEnforced() {
    return enforced;
  }

  /**
   * Why a request is throttled; null when it is not.
   *
   * @param index the id of the index that is read; 0 for the table, and for writes
   */
  public @Nullable ApiError refusal(
      CatalogSnapshot snapshot, TableView table, int index, boolean write) {
    Optional<IndexView> global = global(table, index);
    TokenBucket bucket = bucket(snapshot, table, global, write);
    if (bucket == null || bucket.left(nanos.getAsLong()) > 0) {
      return null;
    }
    boolean provisioned = isProvisioned(table);
    String reason = provisioned ? "ProvisionedThroughputExceeded" : "MaxOnDemandThroughputExceeded";
    return global.isPresent()
        ? Throttling.index(provisioned, write, reason, arn(snapshot, table, global.get().name()))
        : Throttling.table(provisioned, write, reason, arn(snapshot, table, ""));
  }

  /** Whether a global index has no write capacity left, so that it must not be changed. */
  public boolean isExhausted(CatalogSnapshot snapshot, TableView table, IndexView index) {
    TokenBucket bucket = bucket(snapshot, table, Optional.of(index), true);
    return bucket != null && bucket.left(nanos.getAsLong()) <= 0;
  }

  /**
   * A request has consumed units.
   *
   * @param index as in {@link #refusal}, or of a global index that a write has changed
   */
  public void take(
      CatalogSnapshot snapshot, TableView table, int index, boolean write, double units) {
    TokenBucket bucket = bucket(snapshot, table, global(table, index), write);
    if (bucket != null) {
      bucket.take(units, nanos.getAsLong());
    }
  }

  private static String arn(CatalogSnapshot snapshot, TableView table, String index) {
    return snapshot
        .cluster()
        .map(
            cluster ->
                index.isEmpty()
                    ? TableArns.table(cluster, table.name())
                    : TableArns.index(cluster, table.name(), index))
        .orElse(table.name());
  }

  private static Optional<IndexView> global(TableView table, int id) {
    return id == 0
        ? Optional.empty()
        : table.globalIndexes().stream().filter(index -> index.id() == id).findFirst();
  }

  private static boolean isProvisioned(TableView table) {
    return table.descriptor().getBillingMode().equals("PROVISIONED");
  }

  private @Nullable TokenBucket bucket(
      CatalogSnapshot snapshot, TableView table, Optional<IndexView> index, boolean write) {
    Arm arm = new Arm(table.id(), index.map(IndexView::id).orElse(0), write);
    Limit limit = limits.get(arm);
    if (limit == null || limit.revision < snapshot.revision()) {
      limit =
          limits.compute(arm, (_, old) -> limit(snapshot, table, index.orElse(null), write, old));
    }
    return limit.bucket;
  }

  private Limit limit(
      CatalogSnapshot snapshot,
      TableView table,
      @Nullable IndexView index,
      boolean write,
      @Nullable Limit old) {
    if (old != null && old.revision >= snapshot.revision()) {
      return old;
    }
    double perSecond = units(table, index, write) / coordinators(snapshot);
    if (perSecond == 0) {
      return new Limit(snapshot.revision(), null);
    }
    TokenBucket before = old == null ? null : old.bucket;
    if (before != null && before.perSecond() == perSecond) {
      return new Limit(snapshot.revision(), before);
    }
    long now = nanos.getAsLong();
    // Who has given a table more does not wait for the debts of before.
    double saved = before == null ? 0 : Math.max(0, before.left(now));
    double kept = isProvisioned(table) ? KEPT_SECONDS : KEPT_ON_DEMAND_SECONDS;
    return new Limit(
        snapshot.revision(),
        new TokenBucket(perSecond, perSecond * kept, Math.max(saved, perSecond), now));
  }

  /** Units a second; 0: no limit. */
  private static double units(TableView table, @Nullable IndexView index, boolean write) {
    if (isProvisioned(table)) {
      Throughput throughput =
          index == null ? table.descriptor().getThroughput() : index.descriptor().getThroughput();
      return write ? throughput.getWriteUnits() : throughput.getReadUnits();
    }
    OnDemandLimits most =
        index == null
            ? table.descriptor().getOnDemandLimits()
            : index.descriptor().getOnDemandLimits();
    return Math.max(0, write ? most.getMaxWriteRequestUnits() : most.getMaxReadRequestUnits());
  }

  private static int coordinators(CatalogSnapshot snapshot) {
    int count = 0;
    for (NodeDescriptor node : snapshot.nodes()) {
      count += node.getApiAddress().isEmpty() ? 0 : 1;
    }
    return Math.max(1, count);
  }
}
