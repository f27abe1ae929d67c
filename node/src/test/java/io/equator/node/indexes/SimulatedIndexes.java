package io.equator.node.indexes;

import com.google.protobuf.ByteString;
import io.equator.model.item.StoredValue;
import io.equator.node.changes.ChangeLimits;
import io.equator.node.core.ChangePosition;
import io.equator.node.core.Family;
import io.equator.node.core.StoreKeys;
import io.equator.node.core.TreeStore;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.proto.ApplyIndexRequest;
import io.equator.proto.ApplyIndexResponse;
import io.equator.proto.ChangePlace;
import io.equator.proto.GlobalIndexRow;
import io.equator.proto.ItemEffect;
import io.equator.proto.PartitionRef;
import io.equator.proto.Redirect;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import io.equator.replication.sim.Simulation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The pumps of a simulated node, and what their indexes should hold in the end. */
public final class SimulatedIndexes {
  private static final long PATIENCE = 400 * Simulation.MILLIS;
  private static final PumpLimits LIMITS = new PumpLimits(16, 2);

  private SimulatedIndexes() {}

  /** What may be broken in pumps on purpose. */
  public enum Bug {
    /** Rows that nobody has confirmed count as delivered. */
    LOST_IS_DELIVERED,
    /** The pump of a half begins before the change log of the whole is in the index. */
    HEIRS_DO_NOT_WAIT,
    /** Changes may go before they are delivered. */
    TRIM_TOO_EARLY,
    /** Writes are delivered that are not committed, and perhaps will never be. */
    READ_WHAT_IS_PROPOSED
  }

  /** Carries messages to nodes. */
  @FunctionalInterface
  public interface Network {
    /** Delivers a request, late, twice or never; the answer comes at most once. */
    void send(NodeId node, ApplyIndexRequest request, Consumer<ApplyIndexResponse> answer);
  }

  /** Pumps that live in simulated time. */
  public static IndexPumps pumps(
      Simulation simulation, Supplier<CatalogSnapshot> catalog, Network network, Set<Bug> bugs) {
    Map<Long, NodeId> leaders = new HashMap<>();
    SimulatedPumpThreads threads = new SimulatedPumpThreads(simulation);
    return new IndexPumps(
        catalog,
        (target, request) -> apply(simulation, threads, network, bugs, leaders, target, request),
        threads,
        LIMITS,
        ChangeLimits.none(),
        () -> 0);
  }

  private static Optional<ChangePosition> apply(
      Simulation simulation,
      SimulatedPumpThreads threads,
      Network network,
      Set<Bug> bugs,
      Map<Long, NodeId> leaders,
      Partition target,
      ApplyIndexRequest.Builder request)
      throws InterruptedException {
    request.setPartition(
        PartitionRef.newBuilder()
            .setPartitionId(target.id().value())
            .setEpoch(target.epoch().value()));
    if (!request.hasChanges() && bugs.contains(Bug.HEIRS_DO_NOT_WAIT)) {
      return Optional.of(new ChangePosition(Long.MAX_VALUE, 0));
    }
    List<NodeId> nodes = new ArrayList<>(target.replicas());
    Collections.shuffle(nodes, new Random(simulation.random().nextLong()));
    NodeId leader = leaders.get(target.id().value());
    if (leader != null && nodes.remove(leader)) {
      nodes.addFirst(leader);
    }
    for (NodeId node : nodes) {
      CompletableFuture<ApplyIndexResponse> answer = new CompletableFuture<>();
      network.send(node, request.build(), answer::complete);
      ApplyIndexResponse response = threads.await(answer, PATIENCE);
      if (response != null && response.hasCursor()) {
        leaders.put(target.id().value(), node);
        return Optional.of(position(response.getCursor()));
      }
      if (response != null && response.getRedirect().getReason() != Redirect.Reason.NOT_LEADER) {
        return Optional.empty();
      }
      if (response == null && request.hasChanges() && bugs.contains(Bug.LOST_IS_DELIVERED)) {
        return Optional.of(position(request.getChanges().getTo()));
      }
    }
    leaders.remove(target.id().value());
    return Optional.empty();
  }

  private static ChangePosition position(ChangePlace place) {
    return new ChangePosition(place.getLogIndex(), place.getPosition());
  }

  /** The row that an item would have; empty when there is no such index or it would have none. */
  public static Optional<GlobalIndexRow> row(
      CatalogSnapshot catalog, int table, int index, ItemEffect item) {
    TableView view = catalog.table(table).orElseThrow();
    return view.globalIndexes().stream()
        .filter(each -> each.id() == index)
        .findFirst()
        .map(
            each ->
                new IndexRows(each, catalog.tokenHash(view.ringId()))
                    .rowOf(StoredValue.read(item.getValue()), item.getKey().substring(Long.BYTES)))
        .map(IndexRows.Row::row);
  }

  /**
   * What is wrong with an index at rest; empty when it is its table's image.
   *
   * @param store of a node that has every partition
   */
  public static List<String> differences(
      TreeStore store, CatalogSnapshot catalog, TableView table, IndexView index) {
    IndexRows rows = new IndexRows(index, catalog.tokenHash(table.ringId()));
    NavigableMap<byte[], byte[]> expected = new TreeMap<>(Arrays::compareUnsigned);
    of(store, Family.ITEMS, table.id(), 0)
        .forEach(
            (key, value) -> {
              byte[] suffix = Arrays.copyOfRange(key, StoreKeys.PREFIX + Long.BYTES, key.length);
              IndexRows.Row row = rows.rowOf(StoredValue.read(value), ByteString.copyFrom(suffix));
              if (row != null) {
                expected.put(
                    StoreKeys.row(table.id(), index.id(), row.row().getKey()),
                    row.row().getValue().toByteArray());
              }
            });
    Map<byte[], byte[]> found = of(store, Family.GLOBAL_INDEXES, table.id(), index.id());
    List<String> wrong = new ArrayList<>();
    expected.forEach(
        (key, value) -> {
          if (!Arrays.equals(value, found.get(key))) {
            wrong.add(index.name() + (found.containsKey(key) ? " has an old row" : " lacks a row"));
          }
        });
    found.forEach(
        (key, _) -> {
          if (!expected.containsKey(key)) {
            wrong.add(index.name() + " has a row too many");
          }
        });
    return wrong;
  }

  private static NavigableMap<byte[], byte[]> of(
      TreeStore store, Family family, int table, int index) {
    return store
        .all(family)
        .subMap(
            StoreKeys.firstOfToken(table, index, 0),
            true,
            StoreKeys.afterToken(table, index, -1L),
            false);
  }
}
