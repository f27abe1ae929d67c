package io.equator.coordinator.globaltables;

import io.equator.coordinator.federation.Condition;
import io.equator.coordinator.federation.Federation;
import io.equator.coordinator.globaltables.ReplicaPlan.Progress;
import io.equator.coordinator.globaltables.core.GlobalTables;
import io.equator.coordinator.tables.TableCatalog;
import io.equator.coordinator.tables.TableCatalog.Standing;
import io.equator.partitioner.Ring;
import io.equator.proto.CatalogObject;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.GlobalTableMember;
import io.equator.proto.GlobalTableMember.State;
import io.equator.proto.RegionDescriptor;
import io.equator.proto.ReplicationProgress;
import io.equator.proto.ReplicationTarget;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.clock.HybridTimestamp;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes this region follow the documents of global tables: looks at each of them at every change of
 * the catalog, and each second as long as something has to come from elsewhere.
 */
public final class ReplicaReconciler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaReconciler.class);

  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** More steps in a row than any document asks for; the next look goes on. */
  private static final int STEPS_MAX = 100;

  /** A replica that goes waits so long for others to get its last writes. */
  private static final Duration DRAIN_LIMIT = Duration.ofMinutes(5);

  private final CatalogFollower follower;
  private final TableCatalog tables;
  private final SendingReader progress;
  private final Federation federation;
  private final Duration staleAfter;
  private final InstantSource clock;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<String> running = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closed = new CountDownLatch(1);

  /** When a replica that goes was first seen to take no more writes, by the table's UUID. */
  private final Map<String, Long> quietSince = new ConcurrentHashMap<>();

  /**
   * A reconciler; {@link #start} sets it to work.
   *
   * @param staleAfter replicas of regions that are silent for so long are given up; zero: never
   */
  public ReplicaReconciler(
      CatalogFollower follower,
      TableCatalog tables,
      SendingReader progress,
      Federation federation,
      Duration staleAfter,
      InstantSource clock) {
    this.follower = follower;
    this.tables = tables;
    this.progress = progress;
    this.federation = federation;
    this.staleAfter = staleAfter;
    this.clock = clock;
  }

  /** Looks at the catalog as it is, and at every change from now on. */
  public void start() {
    follower.listen(this::look);
    threads.execute(this::tick);
  }

  private void tick() {
    try {
      while (!closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
        look(follower.snapshot());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** May be on the watch's thread: must not block. */
  private void look(CatalogSnapshot copy) {
    if (copy.cluster().isEmpty()) {
      return;
    }
    for (CatalogObject object : copy.globalTables()) {
      String name = object.getGlobalTable().getTableName();
      Standing here = TableCatalog.standing(copy, name);
      if (asks(here) || ReplicaPlan.mustBeMade(here) || !plan(here, NOTHING).equals(here)) {
        begin(name);
      }
    }
  }

  private static final Progress NOTHING = new Progress(Set.of(), Set.of(), false, false);

  private Standing plan(Standing now, Progress known) {
    Progress complete = new Progress(known.sentTo(), left(), known.drained(), known.everywhere());
    return ReplicaPlan.next(now, complete, tables.stamp(now.cluster()), clock.millis());
  }

  /** Regions that have left, and those that are given up. */
  private Set<String> left() {
    Set<String> left = new HashSet<>(federation.stale(staleAfter));
    for (CatalogObject object : follower.snapshot().regions()) {
      RegionDescriptor region = object.getRegion();
      if (region.getRemoved()) {
        left.add(region.getName());
      }
    }
    return left;
  }

  /** Whether the nodes have to be asked how far they are. */
  private static boolean asks(Standing now) {
    GlobalTableDescriptor document = now.global().orElseThrow();
    Optional<GlobalTableMember> own = GlobalTables.member(document, now.region());
    if (now.table().isEmpty() || own.isEmpty() || !GlobalTables.isPresent(own.get())) {
      return false;
    }
    if (own.get().getState() == State.DELETING) {
      return now.table().get().hasReplication();
    }
    return document.getMembersList().stream()
        .anyMatch(
            other ->
                other.getState() == State.CREATING
                    && !other.getRegion().equals(now.region())
                    && !other.getFilledFromList().contains(now.region()));
  }

  private void begin(String table) {
    if (closed.getCount() == 0 || !running.add(table)) {
      return;
    }
    try {
      threads.execute(() -> work(table));
    } catch (RejectedExecutionException e) {
      running.remove(table);
      LOG.debug("closed: {} is left to others", table, e);
    }
  }

  private void work(String table) {
    try {
      boolean more = true;
      for (int i = 0; more && i < STEPS_MAX && closed.getCount() > 0; i++) {
        more = step(table);
      }
    } catch (RuntimeException e) {
      LOG.warn("a step of global table {} has to be tried again: {}", table, e.toString());
    } finally {
      running.remove(table);
    }
  }

  /** Makes one step; false when there is none. */
  private boolean step(String name) {
    Standing here = TableCatalog.standing(follower.snapshot(), name);
    if (here.global().isEmpty()) {
      return false;
    }
    if (ReplicaPlan.mustBeMade(here)) {
      make(name);
      return true;
    }
    Progress known = asks(here) ? ask(here) : NOTHING;
    boolean[] changed = new boolean[1];
    tables.decide(
        name,
        now -> {
          Standing next = plan(now, known);
          changed[0] = !next.equals(now);
          if (changed[0]) {
            LOG.debug("global table {}: {} ─▶ {}", name, now.global(), next.global());
          }
          return next;
        });
    return changed[0];
  }

  private void make(String name) {
    String uuid = UUID.randomUUID().toString();
    int ring =
        follower.snapshot().partitions().rings().stream().mapToInt(Ring::id).min().orElseThrow();
    tables.create(
        name,
        now -> {
          if (!ReplicaPlan.mustBeMade(now)) {
            throw new IllegalStateException("another state by now");
          }
          return ReplicaPlan.made(now, uuid, ring, clock.millis());
        });
    LOG.info("table {} is made as a replica and being filled", name);
  }

  private Progress ask(Standing now) {
    TableDescriptor table = now.table().orElseThrow();
    List<ReplicationProgress> all = progress.read(table);
    Set<ReplicationTarget> sentTo = new HashSet<>();
    for (ReplicationTarget target : table.getReplication().getTargetsList()) {
      if (progress.all(table, target, all, ReplicationProgress::getWalked)) {
        sentTo.add(target);
      }
    }
    boolean leaving =
        GlobalTables.member(now.global().orElseThrow(), now.region())
            .filter(own -> own.getState() == State.DELETING)
            .isPresent();
    return new Progress(
        sentTo, Set.of(), leaving && drained(now, table, all), leaving && everywhere(table, all));
  }

  /** No write was taken since it was quiet, and all others have passed that time. */
  private boolean everywhere(TableDescriptor table, List<ReplicationProgress> all) {
    Long since = quietSince.get(table.getUuid());
    return since != null
        && table.getReplication().getTargetsList().stream()
            .allMatch(target -> hasAll(table, target, all, since));
  }

  private boolean hasAll(
      TableDescriptor table,
      ReplicationTarget target,
      List<ReplicationProgress> all,
      long sinceMillis) {
    return progress.all(
        table, target, all, p -> HybridTimestamp.millisOf(p.getResolved()) >= sinceMillis);
  }

  /** Others that answer have what was written here; those that do not are not waited for. */
  private boolean drained(Standing now, TableDescriptor table, List<ReplicationProgress> all) {
    boolean stays =
        GlobalTables.isLegacy(now.global().orElseThrow())
            && !table.getStatus().equals(ReplicaPlan.DELETING);
    if (stays) {
      // It goes on taking writes, which are its own from here.
      return true;
    }
    if (!table.getStatus().equals(ReplicaPlan.DELETING)) {
      return false;
    }
    long now0 = clock.millis();
    long since = quietSince.computeIfAbsent(table.getUuid(), _ -> now0);
    if (now0 - since > DRAIN_LIMIT.toMillis()) {
      LOG.warn(
          "replica {} goes although not everybody has its last writes after {} min",
          table.getName(),
          DRAIN_LIMIT.toMinutes());
      return true;
    }
    Map<String, Condition> conditions = federation.conditions();
    for (ReplicationTarget target : table.getReplication().getTargetsList()) {
      Condition condition = conditions.get(target.getRegion());
      boolean answers = condition != null && condition.trouble().isEmpty();
      if (answers && isLive(now, target) && !hasAll(table, target, all, since)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLive(Standing now, ReplicationTarget target) {
    return GlobalTables.member(now.global().orElseThrow(), target.getRegion())
        .map(GlobalTables::isLive)
        .orElse(false);
  }

  /** Stops working; what is under way is left as it is. Idempotent. */
  @Override
  public void close() {
    closed.countDown();
    threads.shutdownNow();
    threads.close();
  }
}
