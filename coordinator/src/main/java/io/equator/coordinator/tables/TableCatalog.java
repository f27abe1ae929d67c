package io.equator.coordinator.tables;

import io.equator.coordinator.globaltables.core.GlobalTables;
import io.equator.coordinator.globaltables.core.Stamp;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogComparison;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.DroppedTable;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.GlobalTableMember;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads tables from the catalog and changes them by compare-and-set. Blocking: for virtual threads.
 *
 * <p>A change is decided on a linearizable read, never on the local copy. When another commit came
 * in between, the table is read and the change decided again: what was possible may not be any
 * more, and then the caller gets the error that it would have got by coming later.
 *
 * <p>A table that is a replica of a global table has a document beside it. What they share is
 * changed in both, by one commit ({@link SyncedSettings}).
 *
 * <p>When a change has been committed, its caller waits until the local copy has reached it, so
 * that whoever asks this coordinator next sees it.
 */
public final class TableCatalog {
  private static final Logger LOG = LoggerFactory.getLogger(TableCatalog.class);

  /** How long a change may be decided again and again. */
  private static final Duration CHANGE_LIMIT = Duration.ofSeconds(20);

  /** How long a committed change waits for the local copy before it is answered anyway. */
  private static final Duration FOLLOW_LIMIT = Duration.ofSeconds(5);

  private final CatalogClient client;
  private final CatalogFollower follower;
  private final HybridClock clock;

  /**
   * Tables are numbered by the cluster's object, so creations conflict with one another; those of
   * one process go one after the other instead.
   */
  private final ReentrantLock creating = new ReentrantLock();

  /**
   * Over this catalog.
   *
   * @param clock gives versions to what is changed in documents of global tables
   */
  public TableCatalog(CatalogClient client, CatalogFollower follower, HybridClock clock) {
    this.client = client;
    this.follower = follower;
    this.clock = clock;
  }

  /** What the catalog holds about one table's name. */
  public record Standing(
      ClusterDescriptor cluster,
      long clusterVersion,
      Optional<TableDescriptor> table,
      long version,
      Optional<GlobalTableDescriptor> global,
      long globalVersion) {
    /** The names of the cluster's resources. */
    public Arns arns() {
      return Arns.of(cluster);
    }

    /** This region. */
    public String region() {
      return cluster.getRegion();
    }

    /** The document, if this region is a member of it. */
    public Optional<GlobalTableDescriptor> membership() {
      return global.filter(document -> GlobalTables.isPresentIn(document, region()));
    }

    /** The same with another document. */
    public Standing with(GlobalTableDescriptor document) {
      return new Standing(
          cluster, clusterVersion, table, version, Optional.of(document), globalVersion);
    }

    /** The same with another table. */
    public Standing with(TableDescriptor next) {
      return new Standing(
          cluster, clusterVersion, Optional.of(next), version, global, globalVersion);
    }
  }

  /** Decides what becomes of a table and of its document; throws when it is not possible. */
  @FunctionalInterface
  public interface Decision {
    /** What shall be; the same standing when nothing changes. */
    Standing decide(Standing standing);
  }

  /** Decides what an existing table becomes; throws when the request is not possible. */
  @FunctionalInterface
  interface Change {
    TableDescriptor apply(TableDescriptor table, Arns arns);
  }

  /** Decides what a new table is, apart from its number; throws when it cannot be made. */
  @FunctionalInterface
  public interface Creation {
    /** The table, or an error. */
    TableDescriptor plan(Standing standing);
  }

  /** The local copy; it may be a little old. */
  public CatalogSnapshot snapshot() {
    return follower.snapshot();
  }

  /** The names of this cluster's resources. */
  public Arns arns() {
    return Arns.of(follower.snapshot().cluster().orElseThrow(Rules::internal));
  }

  /** The truth about a table at some moment after the call. */
  public Standing read(String table) {
    String key = CatalogKeys.table(table);
    Optional<GlobalTableDescriptor> global = Optional.empty();
    long globalVersion = 0;
    Optional<ClusterDescriptor> cluster = Optional.empty();
    long clusterVersion = 0;
    Optional<TableDescriptor> found = Optional.empty();
    long version = 0;
    for (CatalogObject object :
        readObjects(List.of(CatalogKeys.CLUSTER, key, CatalogKeys.globalTable(table)))) {
      if (object.hasCluster()) {
        cluster = Optional.of(object.getCluster());
        clusterVersion = object.getVersion();
      } else if (object.hasTable()) {
        found = Optional.of(object.getTable());
        version = object.getVersion();
      } else if (object.hasGlobalTable()) {
        global = Optional.of(object.getGlobalTable());
        globalVersion = object.getVersion();
      }
    }
    return new Standing(
        cluster.orElseThrow(Rules::internal),
        clusterVersion,
        found,
        version,
        global,
        globalVersion);
  }

  private List<CatalogObject> readObjects(List<String> keys) {
    try {
      return client.read(keys).getObjectsList();
    } catch (CatalogUnavailableException e) {
      LOG.warn("the catalog cannot be read: {}", e.getMessage());
      throw Rules.internal();
    }
  }

  /**
   * A table for reading: from the local copy when it is there, and from the catalog itself before
   * it is said to be missing.
   */
  Optional<TableDescriptor> find(String table) {
    return snapshot().table(table).map(TableView::descriptor).or(() -> read(table).table());
  }

  /** Changes an existing table, and in its document what replicas share. */
  TableDescriptor change(String table, Change change) {
    return decide(
            table,
            standing -> {
              TableDescriptor before =
                  standing.table().orElseThrow(() -> Rules.tableNotFound(table));
              TableDescriptor after = change.apply(before, standing.arns());
              return synced(standing, after);
            })
        .table()
        .orElseThrow();
  }

  /** What a copy of the catalog holds about one table's name. */
  public static Standing standing(CatalogSnapshot copy, String table) {
    Optional<TableView> view = copy.table(table);
    Optional<CatalogObject> global = copy.globalTable(table);
    return new Standing(
        copy.cluster().orElseThrow(Rules::internal),
        0,
        view.map(TableView::descriptor),
        view.map(TableView::version).orElse(0L),
        global.map(CatalogObject::getGlobalTable),
        global.map(CatalogObject::getVersion).orElse(0L));
  }

  /** What becomes of a standing by a change of its table that replicas share. */
  public Standing synced(Standing standing, TableDescriptor after) {
    Standing next = standing.with(after);
    TableDescriptor before = standing.table().orElse(after);
    if (standing.membership().isEmpty() || before.equals(after)) {
      return next;
    }
    Stamp stamp = stamp(standing.cluster());
    GlobalTableDescriptor document =
        SyncedSettings.changed(standing.membership().get(), before, after, stamp);
    GlobalTableMember own = GlobalTables.member(document, standing.region()).orElseThrow();
    Map<String, String> overrides = ReplicaOverrides.after(own, after);
    return next.with(
        overrides.equals(own.getOverridesMap())
            ? document
            : GlobalTables.withMember(
                document,
                standing.region(),
                stamp,
                member -> member.clearOverrides().putAllOverrides(overrides)));
  }

  /** The document of which a table's region is a member, from the local copy. */
  Optional<GlobalTableDescriptor> membership(String table) {
    CatalogSnapshot copy = snapshot();
    String region = copy.cluster().map(ClusterDescriptor::getRegion).orElse("");
    return copy.globalTable(table)
        .map(CatalogObject::getGlobalTable)
        .filter(document -> GlobalTables.isPresentIn(document, region));
  }

  /** Gives versions to parts of documents that are changed in this region. */
  public Stamp stamp(ClusterDescriptor cluster) {
    return new Stamp(clock::after, Math.max(1, cluster.getRegionNumber()));
  }

  /** Changes a table, its document, or both, by one commit. */
  public Standing decide(String table, Decision decision) {
    long deadline = System.nanoTime() + CHANGE_LIMIT.toNanos();
    while (true) {
      Standing before = read(table);
      Standing after = decision.decide(before);
      boolean tableChanged = !after.table().equals(before.table());
      boolean globalChanged = !after.global().equals(before.global());
      if (!tableChanged && !globalChanged) {
        return after;
      }
      CatalogCommitRequest.Builder commit =
          CatalogCommitRequest.newBuilder()
              .addComparisons(comparison(CatalogKeys.table(table), before.version()))
              .addComparisons(comparison(CatalogKeys.globalTable(table), before.globalVersion()));
      if (tableChanged) {
        commit.addPuts(
            CatalogObject.newBuilder()
                .setKey(CatalogKeys.table(table))
                .setTable(after.table().orElseThrow()));
      }
      if (globalChanged) {
        commit.addPuts(
            CatalogObject.newBuilder()
                .setKey(CatalogKeys.globalTable(table))
                .setGlobalTable(after.global().orElseThrow()));
      }
      if (commit(commit.build(), deadline)) {
        return after;
      }
    }
  }

  /** Makes a new table and gives it the next number. */
  public TableDescriptor create(String table, Creation creation) {
    long deadline = System.nanoTime() + CHANGE_LIMIT.toNanos();
    creating.lock();
    try {
      while (true) {
        Standing standing = read(table);
        int id = standing.cluster().getNextTableId();
        TableDescriptor made =
            creation.plan(standing).toBuilder().setName(table).setTableId(id).build();
        CatalogCommitRequest commit =
            replacing(table, 0, made).toBuilder()
                .addComparisons(comparison(CatalogKeys.CLUSTER, standing.clusterVersion()))
                .addComparisons(
                    comparison(CatalogKeys.globalTable(table), standing.globalVersion()))
                .addPuts(
                    CatalogObject.newBuilder()
                        .setKey(CatalogKeys.CLUSTER)
                        .setCluster(standing.cluster().toBuilder().setNextTableId(id + 1)))
                .build();
        if (commit(commit, deadline)) {
          return made;
        }
      }
    } finally {
      creating.unlock();
    }
  }

  static CatalogCommitRequest replacing(String table, long version, TableDescriptor next) {
    String key = CatalogKeys.table(table);
    return CatalogCommitRequest.newBuilder()
        .addComparisons(comparison(key, version))
        .addPuts(CatalogObject.newBuilder().setKey(key).setTable(next))
        .build();
  }

  /** Takes a table away; what is needed to read its streams stays for a while. */
  static CatalogCommitRequest removing(TableView table, long nowMillis) {
    String key = CatalogKeys.table(table.name());
    TableDescriptor left = FeatureRules.withoutStream(table.descriptor(), nowMillis);
    CatalogCommitRequest.Builder commit =
        CatalogCommitRequest.newBuilder()
            .addComparisons(comparison(key, table.version()))
            .addDeletes(key);
    if (left.getPastStreamsCount() > 0) {
      commit.addPuts(
          CatalogObject.newBuilder()
              .setKey(CatalogKeys.droppedTable(table.id()))
              .setDroppedTable(DroppedTable.newBuilder().setTable(left)));
    }
    return commit.build();
  }

  /** Takes away what is left of a deleted table. */
  static CatalogCommitRequest forgetting(TableView dropped) {
    String key = CatalogKeys.droppedTable(dropped.id());
    return CatalogCommitRequest.newBuilder()
        .addComparisons(comparison(key, dropped.version()))
        .addDeletes(key)
        .build();
  }

  private static CatalogComparison comparison(String key, long version) {
    return CatalogComparison.newBuilder().setKey(key).setVersion(version).build();
  }

  /** Whether the commit was made; false when it has to be decided again. */
  private boolean commit(CatalogCommitRequest commit, long deadlineNanos) {
    if (System.nanoTime() - deadlineNanos > 0) {
      LOG.warn("gave up a change that kept conflicting: {}", commit.getComparisonsList());
      throw Rules.internal();
    }
    CatalogCommitResponse answer;
    try {
      answer = client.commit(commit);
    } catch (CatalogUnavailableException e) {
      LOG.warn("a change of the catalog has no known outcome: {}", e.getMessage());
      throw Rules.internal();
    }
    if (answer.getOutcome() != Outcome.COMMITTED) {
      return false;
    }
    follow(answer.getRevision());
    return true;
  }

  private void follow(long revision) {
    try {
      follower.awaitRevision(revision, FOLLOW_LIMIT).join();
    } catch (CompletionException e) {
      LOG.warn(
          "the local catalog copy is at revision {}, behind the committed {}",
          follower.snapshot().revision(),
          revision,
          e);
    }
  }
}
