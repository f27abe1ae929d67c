package io.equator.node.sim;

import com.google.protobuf.ByteString;
import io.equator.coordinator.regions.Inbox;
import io.equator.coordinator.regions.InboxAccess;
import io.equator.coordinator.router.Plan;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.Routed;
import io.equator.model.error.ApiError;
import io.equator.model.error.ErrorCode;
import io.equator.model.item.StoredValue;
import io.equator.node.core.Family;
import io.equator.node.core.ItemVersion;
import io.equator.node.core.PartitionReader;
import io.equator.node.core.StoreFlusher;
import io.equator.node.core.StoreKeys;
import io.equator.node.core.TestTables;
import io.equator.node.core.Tombstones;
import io.equator.node.core.TreeStore;
import io.equator.node.regions.TombstoneSweep;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResults;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.ItemKey;
import io.equator.proto.ItemWrite;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.ReplicationTarget;
import io.equator.proto.RingDescriptor;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.proto.WriteResults;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import io.equator.replication.sim.Simulation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One region: a partition that may be split, and a coordinator. All partitions lie in one store, as
 * those of a node do.
 */
final class SimulatedRegion {
  static final int TABLE = 7;
  static final long PARTITION_BASE = 100;
  private static final ApiError INTERNAL =
      new ApiError(ErrorCode.INTERNAL_SERVER_ERROR, "Internal server error");
  private static final int ATTEMPTS_MAX = 12;

  private final RegionsRun run;
  private final Simulation simulation;
  final int number;
  final String name;
  private final NavigableMap<Long, RegionPartition> partitions = new TreeMap<>();
  private CatalogSnapshot catalog;
  private long revision = 1;
  private long schemaVersion = 1;
  private final long skewMillis;
  private TreeStore store = new TreeStore();
  private StoreFlusher flusher = new StoreFlusher(store);
  private Inbox inbox;
  private TombstoneSweep sweep;
  private int lives;
  private RegionMembership membership;

  SimulatedRegion(RegionsRun run, Simulation simulation, int number) {
    this.run = run;
    this.simulation = simulation;
    this.number = number;
    this.name = name(number);
    this.skewMillis = simulation.between(-RegionsRun.SKEW_MILLIS, RegionsRun.SKEW_MILLIS);
    this.catalog = CatalogSnapshot.empty().with(founding());
    this.inbox = new Inbox(new Access());
    this.membership = new RegionMembership(this, run);
    this.sweep = newSweep();
    open(catalog.partitionDescriptors().iterator().next());
  }

  /** A table that is made anew gets other partitions here, because its number is the same. */
  private long founder() {
    return PARTITION_BASE * number + 20L * lives;
  }

  /** Its clock runs fast, so that a table that is alone is looked at within a run. */
  private TombstoneSweep newSweep() {
    return new TombstoneSweep(() -> 20 * millis());
  }

  static String name(int number) {
    return "region-" + number;
  }

  /** How often it has dropped the table. */
  int lives() {
    return lives;
  }

  RegionMembership membership() {
    return membership;
  }

  /** All its processes are gone. */
  void end() {
    partitions.values().forEach(RegionPartition::depose);
  }

  /** Nothing is left of the table; what the catalog knows of other regions is. */
  void dropTable() {
    simulation.note(name + " has the table no more");
    // What is on its way in the logs ends here too, made or not.
    partitions.values().forEach(RegionPartition::depose);
    run.judge().dropped(this);
    partitions.clear();
    lives++;
    store = new TreeStore();
    flusher = new StoreFlusher(store);
    inbox = new Inbox(new Access());
    sweep = newSweep();
    seen.clear();
    seenOfOthers.clear();
    forgotten.clear();
    Optional<GlobalTableDescriptor> document = membership.document();
    List<CatalogObject> others = List.copyOf(catalog.regions());
    catalog = CatalogSnapshot.empty().with(founding());
    CatalogEvent.Builder known = CatalogEvent.newBuilder().addAllPuts(others);
    document.ifPresent(
        each ->
            known.addPuts(
                CatalogObject.newBuilder()
                    .setKey(CatalogKeys.globalTable(each.getTableName()))
                    .setGlobalTable(each)));
    commit(known);
    open(catalog.partitionDescriptors().iterator().next());
  }

  RegionPartition open(PartitionDescriptor descriptor) {
    RegionPartition partition = new RegionPartition(this, run, simulation, descriptor);
    partitions.put(descriptor.getPartitionId(), partition);
    return partition;
  }

  /** The partition that owns a token. */
  RegionPartition owner(long token) {
    return partition(catalog.partitions().partitionOf(1, token).id().value());
  }

  RegionPartition partition(long id) {
    return java.util.Objects.requireNonNull(partitions.get(id));
  }

  boolean has(long id) {
    return partitions.containsKey(id);
  }

  void forget(long id) {
    partitions.remove(id);
  }

  private RegionPartition anyPartition() {
    List<RegionPartition> all = List.copyOf(partitions.values());
    return all.get(simulation.random().nextInt(all.size()));
  }

  /** Those that own tokens. */
  List<RegionPartition> owners() {
    return catalog.partitions().ring(1).partitions().stream()
        .map(each -> partition(each.id().value()))
        .toList();
  }

  StoreFlusher flusher() {
    return flusher;
  }

  // ---- the catalog

  /** Tokens are a region's own. */
  ByteString hashSeed() {
    byte[] seed = new byte[16];
    seed[0] = (byte) number;
    return ByteString.copyFrom(seed);
  }

  private CatalogEvent founding() {
    return CatalogEvent.newBuilder()
        .setRevision(revision)
        .setFull(true)
        .addPuts(
            CatalogObject.newBuilder()
                .setKey("cluster")
                .setCluster(ClusterDescriptor.newBuilder().setRegion(name).setRegionNumber(number)))
        .addPuts(
            CatalogObject.newBuilder()
                .setKey("ring/1")
                .setRing(
                    RingDescriptor.newBuilder()
                        .setRingId(1)
                        .setHashAlgorithm(1)
                        .setHashSeed(hashSeed())
                        .addPartitionIds(founder())))
        .addPuts(
            CatalogObject.newBuilder()
                .setKey("partition/" + founder())
                .setPartition(
                    PartitionDescriptor.newBuilder()
                        .setPartitionId(founder())
                        .setEpoch(1)
                        .setRingId(1)
                        .setFirstToken(0)
                        .setLastToken(-1L)
                        .addReplicaNodeIds("n")))
        .build();
  }

  /** Leaders begin with who has the table now, and end with who has it no more. */
  void followTargets() {
    partitions.values().forEach(partition -> partition.leader().startLanes());
  }

  long revision() {
    return revision;
  }

  long nextSchema() {
    return ++schemaVersion;
  }

  /** The table takes requests of clients. */
  boolean serves() {
    return table().filter(each -> each.descriptor().getStatus().equals("ACTIVE")).isPresent();
  }

  /** The table is here and in other regions. */
  boolean replicates() {
    return !targets().isEmpty();
  }

  /** The catalog changes. */
  void commit(CatalogEvent.Builder event) {
    revision++;
    catalog = catalog.with(event.setRevision(revision).build());
  }

  Optional<TableView> table() {
    return catalog.table(TABLE);
  }

  List<ReplicationTarget> targets() {
    return table()
        .map(table -> table.descriptor().getReplication().getTargetsList())
        .orElse(List.of());
  }

  CatalogSnapshot catalog() {
    return catalog;
  }

  ItemKey key(int key) {
    ItemKey plain = TestTables.key("k" + key, key);
    return plain.toBuilder()
        .setToken(catalog.tokenHash(1).token(plain.getPartitionKey().toByteArray()))
        .build();
  }

  /** The key as the store has it behind the table and the index. */
  ByteString suffix(int key) {
    byte[] row = StoreKeys.item(TABLE, key(key));
    return ByteString.copyFrom(row, 5, row.length - 5);
  }

  // ---- what is stored

  /** The stored item or tombstone of a key. */
  @Nullable StoredValue stored(int key) {
    byte[] row = StoreKeys.item(TABLE, key(key));
    byte[] item = store.get(Family.ITEMS, row);
    if (item != null) {
      return StoredValue.read(item);
    }
    byte[] tombstone = store.get(Family.TOMBSTONES, row);
    return tombstone == null ? null : Tombstones.value(tombstone);
  }

  TreeStore store() {
    return store;
  }

  int tombstones() {
    return store.all(Family.TOMBSTONES).size();
  }

  long lastIndex(long partition) {
    return has(partition) ? partition(partition).lastIndex() : 0;
  }

  // ---- leaders

  Inbox inbox() {
    return inbox;
  }

  long millis() {
    return run.millis() + skewMillis;
  }

  /** Another leader takes over some partition. */
  void changeLeader() {
    anyPartition().changeLeader();
  }

  /** Everything that was not flushed is gone; the logs are there. */
  void crash() {
    simulation.note(name + " crashes");
    partitions.values().forEach(RegionPartition::depose);
    store = store.afterPowerLoss();
    flusher = new StoreFlusher(store);
    // Ids grow from parent to half: what a half takes over is there again when it is needed.
    partitions.values().forEach(RegionPartition::replay);
    inbox = new Inbox(new Access());
    sweep = newSweep();
    partitions.values().forEach(RegionPartition::elect);
  }

  void flush() {
    flusher.flush();
  }

  void wakeLanes() {
    partitions
        .values()
        .forEach(
            partition ->
                partition.leader().lanes.values().forEach(lane -> simulation.after(0, lane::wake)));
  }

  /** Regular duties of the leader and its coordinator. */
  void look() {
    if (table().isEmpty()) {
      return;
    }
    for (RegionPartition partition : partitions.values()) {
      RegionPartition.Leader leader = partition.leader();
      leader.closer.look(catalog, List.of(leader.hosted));
      if (leader.hosted.leads()) {
        leader.trimmer.trim(leader.hosted);
      }
    }
    sweep.look(catalog, partitions.values().stream().map(each -> each.leader().hosted).toList());
  }

  /** Both say the same of the pair. */
  boolean isTargetOf(SimulatedRegion other, long generation) {
    return targets().stream()
        .anyMatch(t -> t.getRegion().equals(other.name) && t.getGeneration() == generation);
  }

  /** Those that have the table as it knows them, itself among them. */
  private Set<String> members() {
    Set<String> members = new TreeSet<>(Set.of(name));
    targets().forEach(target -> members.add(target.getRegion()));
    return members;
  }

  /** Up to when everything written here is in all other regions, for one that asks. */
  long resolvedFor(@Nullable SimulatedRegion asking, long generation) {
    List<ReplicationTarget> targets = targets();
    boolean known =
        asking == null || (isTargetOf(asking, generation) && asking.members().equals(members()));
    if (!known || targets.isEmpty()) {
      return 0;
    }
    long least = -1L;
    for (ReplicationTarget target : targets) {
      long resolved = resolvedIn(target.getRegion());
      least = Long.compareUnsigned(resolved, least) < 0 ? resolved : least;
    }
    return least;
  }

  /** Up to when everything written here is in another region, as a coordinator would put it. */
  long resolvedIn(String target) {
    long least = -1L;
    for (RegionPartition partition : owners()) {
      RegionPartition.LaneDriver lane = partition.leader().lanes.get(target);
      long resolved = lane == null ? 0 : lane.lane.resolved();
      least = Long.compareUnsigned(resolved, least) < 0 ? resolved : least;
    }
    return least;
  }

  boolean hasWalked(String target) {
    return owners().stream()
        .map(partition -> partition.leader().lanes.get(target))
        .allMatch(lane -> lane != null && lane.lane.walked());
  }

  /** Every region has passed this; 0 when that is not known. */
  void dropTombstones(long horizon) {
    if (horizon != 0) {
      sweep.pass(TABLE, horizon);
    }
  }

  /** Its processes run no more, or nobody reaches them for ever. */
  boolean isGone() {
    return run.isGone(this);
  }

  // ---- the coordinator

  /** How the inbox, and clients, reach the partition. */
  final class Access implements InboxAccess {
    @Override
    public CatalogSnapshot catalog() {
      return catalog;
    }

    @Override
    public CompletableFuture<Routed<WriteResults>> write(Plan<WriteRequest.Builder> plan) {
      CompletableFuture<Routed<WriteResults>> answer = new CompletableFuture<>();
      Optional<Routed<WriteResults>> early =
          RegionFaults.arriving(SimulatedRegion.this, run.bugs(), plan);
      Attempt attempt = new Attempt(plan, run.nextRequestId(), millis(), answer::complete);
      if (early.isPresent()) {
        attempt.attempt = ATTEMPTS_MAX;
        answer.complete(early.get());
      }
      attempt.run();
      return answer;
    }

    @Override
    public CompletableFuture<Routed<GetResults>> get(Plan<GetRequest.Builder> plan) {
      Bound<GetRequest.Builder> bound = plan.bind(catalog);
      if (bound == null) {
        return CompletableFuture.completedFuture(new Routed.Scattered<>());
      }
      GetRequest request = bound.request().build();
      PartitionReader reader = new PartitionReader(store, TestTables.EVERYTHING);
      return CompletableFuture.completedFuture(
          new Routed.Answer<>(
              request.getGets(0).getVersionOnly()
                  ? reader.versions(
                      request, () -> owner(bound.token()).machine().tombstonesDroppedUpTo(TABLE))
                  : reader.get(request)));
    }

    @Override
    public void later(long millis, Runnable task) {
      simulation.after(millis * Simulation.MILLIS, task);
    }

    @Override
    public long nowMillis() {
      return millis();
    }
  }

  /** A write of a client or of the inbox, until it is answered or given up. */
  void write(Plan<WriteRequest.Builder> plan, Consumer<Routed<WriteResults>> answer) {
    new Attempt(plan, run.nextRequestId(), millis(), answer).run();
  }

  private final class Attempt {
    private final Plan<WriteRequest.Builder> plan;
    private final long id;
    private final long sentMillis;
    private final Consumer<Routed<WriteResults>> answer;
    private int attempt;

    Attempt(
        Plan<WriteRequest.Builder> plan,
        long id,
        long sentMillis,
        Consumer<Routed<WriteResults>> answer) {
      this.plan = plan;
      this.id = id;
      this.sentMillis = sentMillis;
      this.answer = answer;
    }

    void run() {
      Bound<WriteRequest.Builder> bound = plan.bind(catalog);
      if (bound == null) {
        answer.accept(new Routed.Scattered<>());
        return;
      }
      WriteRequest request =
          bound
              .request()
              .setRequestIdHigh(7)
              .setRequestIdLow(id)
              .setAttempt(attempt++)
              .setFirstSentMillis(sentMillis)
              .build();
      List<TableView> tables = new ArrayList<>();
      for (ItemWrite write : request.getWritesList()) {
        Optional<TableView> found = catalog.table(write.getTable().getTableId());
        if (found.isEmpty()) {
          answer.accept(new Routed.Scattered<>());
          return;
        }
        tables.add(found.get());
      }
      owner(bound.token()).leader().hosted.writer().write(request, tables, this::take);
    }

    private void take(WriteResponse response) {
      if (response.hasResults()) {
        answer.accept(new Routed.Answer<>(response.getResults()));
      } else if (attempt >= ATTEMPTS_MAX) {
        answer.accept(new Routed.Refused<>(INTERNAL));
      } else {
        simulation.after(
            simulation.between(5 * Simulation.MILLIS, 60 * Simulation.MILLIS), this::run);
      }
    }
  }

  /** The greatest version that was ever stored here under each key. */
  final Map<Integer, ItemVersion> seen = new TreeMap<>();

  /** The deletions among them that were forgotten. */
  final Map<Integer, ItemVersion> forgotten = new TreeMap<>();

  /** The greatest of them that other regions had made. */
  final Map<Integer, ItemVersion> seenOfOthers = new TreeMap<>();
}
