package io.equator.coordinator.tables;

import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogComparison;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.time.Duration;
import java.util.List;
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
 * <p>When a change has been committed, its caller waits until the local copy has reached it, so
 * that whoever asks this coordinator next sees it.
 */
final class TableCatalog {
  private static final Logger LOG = LoggerFactory.getLogger(TableCatalog.class);

  /** How long a change may be decided again and again. */
  private static final Duration CHANGE_LIMIT = Duration.ofSeconds(20);

  /** How long a committed change waits for the local copy before it is answered anyway. */
  private static final Duration FOLLOW_LIMIT = Duration.ofSeconds(5);

  private final CatalogClient client;
  private final CatalogFollower follower;

  /**
   * Tables are numbered by the cluster's object, so creations conflict with one another; those of
   * one process go one after the other instead.
   */
  private final ReentrantLock creating = new ReentrantLock();

  TableCatalog(CatalogClient client, CatalogFollower follower) {
    this.client = client;
    this.follower = follower;
  }

  /** What the catalog holds about one table's name. */
  record Standing(
      ClusterDescriptor cluster,
      long clusterVersion,
      Optional<TableDescriptor> table,
      long version) {
    Arns arns() {
      return Arns.of(cluster);
    }
  }

  /** Decides what an existing table becomes; throws when the request is not possible. */
  @FunctionalInterface
  interface Change {
    TableDescriptor apply(TableDescriptor table, Arns arns);
  }

  /** Decides what a new table is, apart from its number; throws when it cannot be made. */
  @FunctionalInterface
  interface Creation {
    TableDescriptor plan(Standing standing);
  }

  /** The local copy; it may be a little old. */
  CatalogSnapshot snapshot() {
    return follower.snapshot();
  }

  /** The names of this cluster's resources. */
  Arns arns() {
    return Arns.of(follower.snapshot().cluster().orElseThrow(Rules::internal));
  }

  /** The truth about a table at some moment after the call. */
  Standing read(String table) {
    String key = CatalogKeys.table(table);
    Optional<ClusterDescriptor> cluster = Optional.empty();
    long clusterVersion = 0;
    Optional<TableDescriptor> found = Optional.empty();
    long version = 0;
    for (CatalogObject object : readObjects(List.of(CatalogKeys.CLUSTER, key))) {
      if (object.hasCluster()) {
        cluster = Optional.of(object.getCluster());
        clusterVersion = object.getVersion();
      } else if (object.hasTable()) {
        found = Optional.of(object.getTable());
        version = object.getVersion();
      }
    }
    return new Standing(cluster.orElseThrow(Rules::internal), clusterVersion, found, version);
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

  /** Changes an existing table. */
  TableDescriptor change(String table, Change change) {
    long deadline = System.nanoTime() + CHANGE_LIMIT.toNanos();
    while (true) {
      Standing standing = read(table);
      TableDescriptor before = standing.table().orElseThrow(() -> Rules.tableNotFound(table));
      TableDescriptor after = change.apply(before, standing.arns());
      if (after.equals(before) || commit(replacing(table, standing.version(), after), deadline)) {
        return after;
      }
    }
  }

  /** Makes a new table and gives it the next number. */
  TableDescriptor create(String table, Creation creation) {
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

  static CatalogCommitRequest removing(String table, long version) {
    String key = CatalogKeys.table(table);
    return CatalogCommitRequest.newBuilder()
        .addComparisons(comparison(key, version))
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
