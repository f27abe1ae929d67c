package io.equator.node.sim;

import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogComparison;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.CatalogReadResponse;
import io.equator.proto.PartitionDescriptor;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogCommands;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.sim.Simulation;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The catalog itself, with the rule by which commits change it. Whoever commits may not learn of
 * it, and between a read and the commit that follows others may commit.
 */
final class MoveCatalog implements CatalogCommands {
  private static final double AWAY = 0.02;

  private final Simulation simulation;
  private final BooleanSupplier faulty;
  private final Consumer<CatalogSnapshot> changed;
  private final Runnable meanwhile;
  private final Map<String, CatalogObject> objects = new TreeMap<>();
  private CatalogSnapshot truth = CatalogSnapshot.empty();

  /**
   * @param changed learns of every change
   * @param meanwhile what somebody else may do before a commit
   */
  MoveCatalog(
      Simulation simulation,
      BooleanSupplier faulty,
      Consumer<CatalogSnapshot> changed,
      Runnable meanwhile) {
    this.simulation = simulation;
    this.faulty = faulty;
    this.changed = changed;
    this.meanwhile = meanwhile;
  }

  CatalogSnapshot truth() {
    return truth;
  }

  @Override
  public CatalogReadResponse read(List<String> keys) {
    awayPerhaps();
    CatalogReadResponse.Builder answer =
        CatalogReadResponse.newBuilder().setRevision(truth.revision());
    objects.forEach(
        (key, object) -> {
          if (keys.isEmpty() || keys.contains(key)) {
            answer.addObjects(object);
          }
        });
    return answer.build();
  }

  @Override
  public CatalogCommitResponse commit(CatalogCommitRequest commit) {
    meanwhile.run();
    awayPerhaps();
    CatalogCommitResponse.Builder answer = CatalogCommitResponse.newBuilder();
    for (CatalogComparison comparison : commit.getComparisonsList()) {
      CatalogObject object = objects.get(comparison.getKey());
      if (comparison.getVersion() != (object == null ? 0 : object.getVersion())) {
        return answer.setOutcome(Outcome.CONFLICT).build();
      }
    }
    put(commit);
    awayPerhaps();
    return answer.setOutcome(Outcome.COMMITTED).setRevision(truth.revision()).build();
  }

  /** Changes objects without asking anybody. */
  void put(CatalogCommitRequest commit) {
    long revision = truth.revision() + 1;
    CatalogEvent.Builder event = CatalogEvent.newBuilder().setRevision(revision);
    for (CatalogObject put : commit.getPutsList()) {
      CatalogObject stored = put.toBuilder().setVersion(revision).build();
      check(stored);
      objects.put(stored.getKey(), stored);
      event.addPuts(stored);
    }
    for (String key : commit.getDeletesList()) {
      objects.remove(key);
      event.addDeletes(key);
    }
    truth = truth.with(event.build());
    changed.accept(truth);
  }

  /** A partition keeps its id, its tokens and its epoch, and most of its replicas. */
  private void check(CatalogObject next) {
    CatalogObject before = objects.get(next.getKey());
    if (before == null || !next.hasPartition()) {
      return;
    }
    PartitionDescriptor one = before.getPartition();
    PartitionDescriptor other = next.getPartition();
    HashSet<String> kept = new HashSet<>(one.getReplicaNodeIdsList());
    kept.retainAll(other.getReplicaNodeIdsList());
    boolean moved =
        other.getReplicaNodeIdsList().stream().distinct().count() == other.getReplicaNodeIdsCount()
            && kept.size() >= one.getReplicaNodeIdsCount() - 1
            && other.getReplicaNodeIdsCount() >= one.getReplicaNodeIdsCount()
            && one.getEpoch() == other.getEpoch()
            && one.getFirstToken() == other.getFirstToken()
            && one.getLastToken() == other.getLastToken();
    if (!moved) {
      throw new AssertionError("the catalog makes " + other + " of " + one);
    }
  }

  private void awayPerhaps() {
    if (faulty.getAsBoolean() && simulation.chance(AWAY)) {
      throw new CatalogUnavailableException("nobody answers");
    }
  }
}
