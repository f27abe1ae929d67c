package io.equator.node.sim;

import com.google.protobuf.ByteString;
import io.equator.node.changes.ChangeNeed;
import io.equator.node.changes.ChangeTrimmer;
import io.equator.node.core.TestTables;
import io.equator.node.core.TreeStore;
import io.equator.node.indexes.IndexPumps;
import io.equator.node.indexes.SimulatedIndexes;
import io.equator.node.indexes.SimulatedIndexes.Bug;
import io.equator.partitioner.NodeId;
import io.equator.proto.ApplyIndexRequest;
import io.equator.proto.ApplyIndexResponse;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.IndexBuild;
import io.equator.proto.IndexBuildsRequest;
import io.equator.proto.IndexBuildsResponse;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.ItemEffect;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import io.equator.replication.sim.Simulation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The control plane of global indexes in a run: the table has one from its beginning, and another
 * one is added while clients write. Makes the steps of the table's life that {@code TableLifecycle}
 * makes, knowing only the catalog and what nodes answer.
 */
final class IndexDriver {
  private static final int TABLE = 9;
  private static final int BANK = 7;
  private static final int ADDED = 2;
  private static final long ROUND = 100 * Simulation.MILLIS;
  private static final long LATE_MAX = 1_500 * Simulation.MILLIS;

  private final SplitRun run;
  private final Simulation simulation;
  private final Set<Bug> bugs;
  private final Set<Long> built = new HashSet<>();
  private final IndexWitness witness;
  private @Nullable ItemEffect proposed;

  IndexDriver(SplitRun run, Simulation simulation, Set<Bug> bugs, List<String> wrong) {
    this.witness = new IndexWitness(TABLE, wrong);
    this.run = run;
    this.simulation = simulation;
    this.bugs = bugs;
  }

  /** Nobody reads the changes of a table without an index: then they leave no records. */
  TableDescriptor founding() {
    TableDescriptor.Builder table = TestTables.plain(TABLE).toBuilder().setNextIndexId(ADDED);
    if (simulation.chance(0.7)) {
      table.addIndexes(TestTables.global(1, "byNumber", "n"));
    }
    return table.build();
  }

  static TableDescriptor bank() {
    return TestTables.plain(BANK).toBuilder()
        .setNextIndexId(2)
        .addIndexes(TestTables.global(1, "byBalance", Bank.BALANCE))
        .build();
  }

  void start() {
    simulation.after(simulation.between(0, 2_500 * Simulation.MILLIS), this::announce);
  }

  private void announce() {
    TableDescriptor table = descriptor();
    simulation.note("an index is announced");
    commit(
        table.toBuilder()
            .setStatus("UPDATING")
            .setSchemaVersion(table.getSchemaVersion() + 1)
            .setNextIndexId(ADDED + 1)
            .addIndexes(
                TestTables.global(ADDED, "added", "n").setStatus("CREATING").setAdded(true)));
    simulation.after(simulation.between(0, 400 * Simulation.MILLIS), this::begin);
  }

  private void begin() {
    commit(change(descriptor(), index -> index.setBackfilling(true)).setStatus("ACTIVE"));
    simulation.after(ROUND, this::look);
  }

  private void look() {
    Set<Long> owners = new HashSet<>();
    run.truth().partitions().ring(1).partitions().forEach(each -> owners.add(each.id().value()));
    if (built.containsAll(owners)) {
      simulation.note("the index is built");
      commit(change(descriptor(), index -> index.setStatus("ACTIVE").clearBackfilling()));
      return;
    }
    IndexBuildsRequest request =
        IndexBuildsRequest.newBuilder().setTableId(TABLE).setIndexId(ADDED).build();
    for (NodeId node : run.allNodes()) {
      run.<IndexBuildsResponse>deliverTo(
          node,
          late(),
          target -> reply -> target.indexes().builds(request, reply),
          answer -> {
            for (IndexBuild build : answer.getBuildsList()) {
              if (build.getDone()) {
                built.add(build.getPartitionId());
              }
            }
          });
    }
    simulation.after(ROUND, this::look);
  }

  private TableDescriptor descriptor() {
    return view(run.truth()).descriptor();
  }

  private static TableView view(CatalogSnapshot snapshot) {
    return snapshot.table(TABLE).orElseThrow();
  }

  private static TableDescriptor.Builder change(
      TableDescriptor table, Consumer<IndexDescriptor.Builder> step) {
    TableDescriptor.Builder next = table.toBuilder();
    next.getIndexesBuilderList().stream()
        .filter(index -> index.getIndexId() == ADDED)
        .forEach(step);
    return next;
  }

  private void commit(TableDescriptor.Builder table) {
    run.commit(
        CatalogEvent.newBuilder()
            .addPuts(CatalogObject.newBuilder().setKey("table/table9").setTable(table)));
  }

  private long late() {
    return run.isFaulty() && simulation.chance(0.1) ? simulation.between(0, LATE_MAX) : 0;
  }

  // ---- what nodes get

  /** The pumps of a node that knows this copy of the catalog. */
  IndexPumps pumps(Supplier<CatalogSnapshot> catalog) {
    return SimulatedIndexes.pumps(simulation, catalog, this::send, bugs);
  }

  /** A node has applied an entry. */
  void applied(ByteString entry) {
    witness.applied(entry);
  }

  /** A leader would have an entry committed. */
  void proposed(ByteString entry) {
    witness.items(entry).forEach(item -> proposed = item);
  }

  private ApplyIndexRequest spoilt(ApplyIndexRequest request) {
    if (!bugs.contains(Bug.READ_WHAT_IS_PROPOSED)
        || proposed == null
        || request.getTableId() != TABLE
        || request.getChanges().getRowsCount() == 0) {
      return request;
    }
    ApplyIndexRequest.Builder more = request.toBuilder();
    SimulatedIndexes.row(run.truth(), TABLE, request.getIndexId(), proposed)
        .ifPresent(
            row ->
                more.getChangesBuilder()
                    .addRows(row.toBuilder().setAt(request.getChanges().getRows(0).getAt())));
    return more.build();
  }

  private void send(NodeId node, ApplyIndexRequest asked, Consumer<ApplyIndexResponse> answer) {
    ApplyIndexRequest request = spoilt(asked);
    int times = run.isFaulty() && simulation.chance(0.05) ? 2 : 1;
    for (int i = 0; i < times; i++) {
      run.<ApplyIndexResponse>deliverTo(
          node, late(), target -> reply -> target.indexes().apply(request, reply), answer);
    }
  }

  ChangeTrimmer trimmer(IndexPumps pumps) {
    return new ChangeTrimmer(
        List.of(bugs.contains(Bug.TRIM_TOO_EARLY) ? (_, _) -> ChangeNeed.NOTHING : pumps));
  }

  // ---- the end

  /** Whether the index that was added is there. */
  boolean isBuilt() {
    return view(run.truth()).globalIndexes().stream()
        .anyMatch(index -> index.id() == ADDED && index.descriptor().getStatus().equals("ACTIVE"));
  }

  /** What indexes hold that their table does not say, and the other way round. */
  List<String> differences(TreeStore store) {
    List<String> wrong = new ArrayList<>();
    if (!isBuilt()) {
      wrong.add("the index that was added is not built");
    }
    for (TableView table : run.truth().tables().values()) {
      for (IndexView index : table.globalIndexes()) {
        wrong.addAll(SimulatedIndexes.differences(store, run.truth(), table, index));
      }
    }
    return wrong;
  }
}
