package io.equator.node.sim;

import com.google.protobuf.ByteString;
import io.equator.coordinator.router.Plan;
import io.equator.coordinator.router.Routed;
import io.equator.coordinator.transactions.ClientToken;
import io.equator.coordinator.transactions.TransactAction;
import io.equator.coordinator.transactions.TransactGet;
import io.equator.coordinator.transactions.TransactReadOutcome;
import io.equator.coordinator.transactions.TransactWriteOutcome;
import io.equator.coordinator.transactions.TransactionEngine;
import io.equator.coordinator.transactions.TransactionLimits;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.ItemCodec;
import io.equator.model.item.StoredValue;
import io.equator.node.core.Family;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.StoreKeys;
import io.equator.node.core.TestTables;
import io.equator.node.core.TransactionFaults;
import io.equator.node.core.TreeStore;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Ring;
import io.equator.partitioner.TokenRange;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.Comparator;
import io.equator.proto.Comparison;
import io.equator.proto.Condition;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResult;
import io.equator.proto.GetResults;
import io.equator.proto.ItemGet;
import io.equator.proto.ItemWrite;
import io.equator.proto.ListLocksRequest;
import io.equator.proto.ListLocksResponse;
import io.equator.proto.Operand;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.RingDescriptor;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.proto.WriteResults;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.SystemTables;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.log.LogPosition;
import io.equator.replication.log.Peer;
import io.equator.replication.sim.PlantedBug;
import io.equator.replication.sim.SimulatedCluster;
import io.equator.replication.sim.SimulatedHost;
import io.equator.replication.sim.SimulatedNetwork;
import io.equator.replication.sim.Simulation;
import io.equator.replication.sim.Trace;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * One simulated run of a bank: three nodes with three partitions, coordinators that pause and die,
 * clients that move money in transactions, read all accounts in one, and write single items; and
 * messages that come late and twice. Then everything heals, and the books are checked.
 *
 * <p>Each transfer also puts a <i>slip</i>, an item that must not be there yet. A client that knows
 * its transfer made sometimes tears the slip up: a late copy of the transfer would then find
 * nothing in its way but the protocol.
 */
final class TransactionRun {
  private static final int PARTITIONS = 3;
  private static final int OWNERS = 4;
  private static final int CLIENTS = 6;
  private static final long START_BALANCE = 100;
  private static final long FAULTY_TIME = 10_000 * Simulation.MILLIS;
  private static final long HEALED_TIME = 7_000 * Simulation.MILLIS;
  private static final long QUIET_TIME = 12_000 * Simulation.MILLIS;
  private static final long SWEEP = 300 * Simulation.MILLIS;
  private static final long CLIENT_PATIENCE = 4_000 * Simulation.MILLIS;
  private static final long EPOCH_MILLIS = 1_700_000_000_000L;
  private static final long CLOCK_SKEW_MILLIS = 100;
  private static final TransactionLimits LIMITS =
      new TransactionLimits(600, 1_000, 600_000, 60_000, 8);

  private static final String BALANCE = "n";
  private static final String WRITES = "m";

  /** A transfer as its client knows it. */
  private static final class Transfer {
    final int number;
    final String from;
    final long fromSk;
    final String to;
    final long toSk;
    final long amount;
    boolean made;
    boolean refused;
    boolean slipTorn;
    boolean slipPerhapsTorn;

    Transfer(int number, String from, long fromSk, String to, long toSk, long amount) {
      this.number = number;
      this.from = from;
      this.fromSk = fromSk;
      this.to = to;
      this.toSk = toSk;
      this.amount = amount;
    }

    long slipSk() {
      return 1_000L + number;
    }
  }

  private final Simulation simulation;
  private final SimulatedNetwork network;
  private final SimulatedCluster cluster;
  private final Set<TransactionBug> bugs;
  private final List<Peer> members = new ArrayList<>();
  private final Map<NodeId, TransactionNode> nodes = new TreeMap<>();
  private final Map<NodeId, Long> skews = new HashMap<>();
  private final Map<Long, Descriptor> descriptors = new TreeMap<>();
  private final CatalogSnapshot catalog;
  private final TableView table;
  private final List<Transfer> transfers = new ArrayList<>();
  private final Map<String, long[]> singleWrites = new TreeMap<>();
  private final List<String> wrong = new ArrayList<>();
  private SimulatedAccess access;
  private TransactionEngine engine;
  private boolean faulty = true;
  private boolean asking = true;
  private long nextRequest = 1;
  private int opened;
  private int committed;
  private int cancelled;
  private int reads;
  private int unknown;

  TransactionRun(long seed, Set<TransactionBug> bugs) {
    this.simulation = new Simulation(seed);
    this.bugs = bugs;
    this.network =
        new SimulatedNetwork(
            simulation,
            new SimulatedNetwork.Faults(
                simulation.between(1, 10) * Simulation.MILLIS,
                0.05,
                simulation.chance(0.5) ? 0.02 : 0));
    this.cluster =
        new SimulatedCluster(
            simulation,
            network,
            Set.<PlantedBug>of(),
            (group, cause) -> {
              throw new AssertionError(group + " failed", cause);
            });
    for (String name : List.of("a", "b", "c")) {
      NodeId node = new NodeId(name);
      members.add(new Peer(node, name));
      skews.put(node, simulation.between(-CLOCK_SKEW_MILLIS, CLOCK_SKEW_MILLIS));
    }
    this.catalog = CatalogSnapshot.empty().with(catalogEvent());
    this.table = catalog.table(7).orElseThrow();
    this.access = new SimulatedAccess(this, simulation);
    this.engine = newEngine(access);
  }

  private CatalogEvent catalogEvent() {
    CatalogEvent.Builder event = CatalogEvent.newBuilder().setRevision(1).setFull(true);
    event.addPuts(CatalogObject.newBuilder().setKey("table/table7").setTable(TestTables.plain(7)));
    RingDescriptor.Builder ring =
        RingDescriptor.newBuilder()
            .setRingId(1)
            .setHashAlgorithm(1)
            .setHashSeed(ByteString.copyFrom(new byte[16]));
    List<TokenRange> ranges = Ring.evenRanges(PARTITIONS);
    for (int i = 0; i < PARTITIONS; i++) {
      long id = i + 1L;
      ring.addPartitionIds(id);
      long first = ranges.get(i).first().bits();
      long last = ranges.get(i).last().bits();
      descriptors.put(id, new Descriptor(1, 1, first, last));
      PartitionDescriptor.Builder partition =
          PartitionDescriptor.newBuilder()
              .setPartitionId(id)
              .setEpoch(1)
              .setRingId(1)
              .setFirstToken(first)
              .setLastToken(last);
      members.forEach(member -> partition.addReplicaNodeIds(member.node().value()));
      event.addPuts(CatalogObject.newBuilder().setKey("partition/" + id).setPartition(partition));
    }
    return event.addPuts(CatalogObject.newBuilder().setKey("ring/1").setRing(ring)).build();
  }

  private TransactionEngine newEngine(SimulatedAccess of) {
    long skew = simulation.between(-CLOCK_SKEW_MILLIS, CLOCK_SKEW_MILLIS);
    return new TransactionEngine(
        of,
        LIMITS,
        new HybridClock(() -> millis() + skew, Duration.ofSeconds(1)),
        simulation.random());
  }

  /** Runs to the end; what was wrong, empty when nothing was. */
  String run() {
    members.forEach(member -> start(member.node(), new TreeStore()));
    for (int owner = 0; owner < OWNERS; owner++) {
      open("a" + owner, 1);
      open("a" + owner, 2);
    }
    while (opened < 2 * OWNERS) {
      simulation.runUntil(simulation.now() + 10 * Simulation.MILLIS);
    }
    simulation.after(pause(), this::breakSomething);
    simulation.after(pause(), this::flushSomewhere);
    simulation.after(SWEEP, this::sweep);
    simulation.runUntil(FAULTY_TIME);
    faulty = false;
    network.heal();
    members.forEach(member -> restart(member.node()));
    int before = committed;
    simulation.runUntil(FAULTY_TIME + HEALED_TIME);
    if (committed == before) {
      wrong.add("nothing was committed after everything had healed");
    }
    asking = false;
    simulation.runUntil(FAULTY_TIME + HEALED_TIME + QUIET_TIME);
    checkBooks();
    checkNothingIsLeft();
    return String.join("; ", wrong);
  }

  int committed() {
    return committed;
  }

  int cancelled() {
    return cancelled;
  }

  int reads() {
    return reads;
  }

  int unknown() {
    return unknown;
  }

  Trace trace() {
    return simulation.trace();
  }

  // ---- what the access needs
  // -----------------------------------------------------------------------

  CatalogSnapshot catalog() {
    return catalog;
  }

  boolean has(TransactionBug bug) {
    return bugs.contains(bug);
  }

  boolean isFaulty() {
    return faulty;
  }

  long nextRequestId() {
    return nextRequest++;
  }

  long millis() {
    return EPOCH_MILLIS + simulation.now() / Simulation.MILLIS;
  }

  NodeId anyNode() {
    return members.get(simulation.random().nextInt(members.size())).node();
  }

  /** Carries a message to a node and its answer back, perhaps. */
  <A> void deliver(NodeId node, long late, ServiceCall<A> call, Consumer<A> reply) {
    simulation.after(
        network.delay() + late,
        () -> {
          SimulatedHost host = cluster.host(node);
          if (host == null || lost()) {
            return;
          }
          call.to(nodes.get(node))
              .accept(
                  new Once<>(
                      answer -> {
                        if (cluster.host(node) == host && !lost()) {
                          simulation.after(network.delay(), () -> reply.accept(answer));
                        }
                      }));
        });
  }

  /** A call of a node's service that still wants its observer. */
  interface ServiceCall<A> {
    Consumer<StreamObserver<A>> to(TransactionNode node);
  }

  private boolean lost() {
    return faulty && simulation.chance(0.02);
  }

  void write(TransactionNode node, WriteRequest request, StreamObserver<WriteResponse> reply) {
    if (!bugs.contains(TransactionBug.WRITE_THROUGH_LOCKS)) {
      node.endpoint().write(request, reply);
      return;
    }
    var hosted = node.partition(request.getPartition().getPartitionId());
    if (hosted != null) {
      TransactionFaults.withoutLocks(hosted.machine(), () -> node.endpoint().write(request, reply));
    }
  }

  // ---- faults
  // ---------------------------------------------------------------------------------------

  private void breakSomething() {
    if (!faulty) {
      return;
    }
    NodeId node = anyNode();
    switch (simulation.random().nextInt(10)) {
      case 0, 1 -> crash(node);
      case 2 -> members.forEach(member -> crash(member.node()));
      case 3, 4 -> {
        network.isolate(node);
        simulation.after(pause(), () -> network.rejoin(node));
      }
      case 5, 6 -> access.pause(simulation.between(0, 2_000 * Simulation.MILLIS));
      case 7 -> {
        simulation.note("the coordinator dies");
        access.die();
        access = new SimulatedAccess(this, simulation);
        engine = newEngine(access);
      }
      default -> {
        if (cluster.host(node) != null) {
          nodes.get(node).stepDown(1 + simulation.random().nextInt(PARTITIONS));
        }
      }
    }
    simulation.after(pause(), this::breakSomething);
  }

  private void crash(NodeId node) {
    if (cluster.host(node) != null) {
      cluster.crash(node);
      simulation.after(pause(), () -> restart(node));
    }
  }

  private void restart(NodeId node) {
    if (cluster.host(node) == null) {
      start(node, nodes.get(node).store().afterPowerLoss());
    }
  }

  private void start(NodeId node, TreeStore store) {
    SimulatedHost host = cluster.start(node);
    nodes.put(
        node,
        new TransactionNode(
            simulation,
            host,
            members,
            store,
            catalog,
            descriptors,
            () -> millis() + skews.get(node),
            bugs));
  }

  private void flushSomewhere() {
    if (faulty) {
      NodeId node = anyNode();
      if (cluster.host(node) != null) {
        nodes.get(node).flush();
      }
      simulation.after(pause(), this::flushSomewhere);
    }
  }

  private long pause() {
    return simulation.between(20 * Simulation.MILLIS, 700 * Simulation.MILLIS);
  }

  /** What the sweeper does, once, and then again. */
  private void sweep() {
    NodeId node = anyNode();
    TransactionEngine sweeper = engine;
    this.<ListLocksResponse>deliver(
        node,
        0,
        target ->
            reply ->
                target
                    .transactions()
                    .listLocks(
                        ListLocksRequest.newBuilder()
                            .setOlderThanMillis(LIMITS.staleAfter())
                            .setLimit(100)
                            .build(),
                        reply),
        answer -> answer.getHeldList().forEach(held -> forget(sweeper.settle(held))));
    for (EncodedItem row : ledger(nodes.get(anyNode()))) {
      forget(sweeper.settle(row));
    }
    simulation.after(SWEEP, this::sweep);
  }

  private static void forget(java.util.concurrent.CompletableFuture<Boolean> settled) {
    var _ = settled.exceptionally(_ -> false);
  }

  /** Rows of the ledger as a replica has them, old or new: settling only trusts its own writes. */
  private static List<EncodedItem> ledger(TransactionNode node) {
    List<EncodedItem> rows = new ArrayList<>();
    byte[] first = StoreKeys.firstOfToken(SystemTables.LEDGER.id(), 0, 0);
    byte[] end = StoreKeys.afterToken(SystemTables.LEDGER.id(), 0, -1L);
    node.store()
        .all(Family.ITEMS)
        .subMap(first, end)
        .values()
        .forEach(value -> rows.add(StoredValue.read(value).item()));
    return rows;
  }

  // ---- clients
  // --------------------------------------------------------------------------------------

  /** Makes an account; the clients begin when all are there. */
  private void open(String owner, long sk) {
    singleWrites.put(owner + "/" + sk, new long[2]);
    ItemWrite put = TestTables.put(table, owner, sk, BALANCE, START_BALANCE, WRITES, 0L);
    var _ =
        access
            .write(plan(put))
            .thenAccept(
                routed -> {
                  if (!(routed instanceof Routed.Answer<WriteResults>)) {
                    open(owner, sk);
                  } else if (++opened == 2 * OWNERS) {
                    for (int client = 0; client < CLIENTS; client++) {
                      think();
                    }
                  }
                });
  }

  private static Plan<WriteRequest.Builder> plan(ItemWrite write) {
    return _ ->
        new Plan.Bound<>(1, write.getKey().getToken(), WriteRequest.newBuilder().addWrites(write));
  }

  private void think() {
    simulation.after(
        simulation.between(0, 40 * Simulation.MILLIS),
        () -> {
          if (!asking) {
            return;
          }
          switch (simulation.random().nextInt(10)) {
            case 0, 1, 2, 3, 4, 5 -> transfer();
            case 6, 7 -> readAll();
            default -> writeSingle();
          }
        });
  }

  private String anyOwner() {
    return "a" + simulation.random().nextInt(OWNERS);
  }

  /** Ends a client's step once, by its answer or by its patience. */
  private <T> Consumer<T> once(Consumer<T> answered, Runnable nothing) {
    boolean[] over = {false};
    simulation.after(
        CLIENT_PATIENCE,
        () -> {
          if (!over[0]) {
            over[0] = true;
            nothing.run();
          }
        });
    return value -> {
      if (!over[0]) {
        over[0] = true;
        answered.accept(value);
      }
    };
  }

  private void transfer() {
    String from = anyOwner();
    boolean inside = simulation.chance(0.3);
    String to = inside ? from : anyOwner();
    long fromSk = 1 + simulation.random().nextInt(2);
    long toSk = to.equals(from) ? 3 - fromSk : 1 + simulation.random().nextInt(2);
    Transfer transfer =
        new Transfer(transfers.size(), from, fromSk, to, toSk, simulation.random().nextInt(1, 30));
    transfers.add(transfer);
    List<TransactAction> actions = actions(transfer);
    Optional<ClientToken> token =
        simulation.chance(0.6)
            ? Optional.of(
                new ClientToken(
                    "bank",
                    "token" + transfer.number,
                    ByteString.copyFromUtf8("print" + transfer.number)))
            : Optional.empty();
    attempt(transfer, actions, token, 0);
  }

  private List<TransactAction> actions(Transfer transfer) {
    List<TransactAction> actions = new ArrayList<>();
    actions.add(
        action(
            TestTables.update(
                    table,
                    transfer.from,
                    transfer.fromSk,
                    TestTables.add(BALANCE, -transfer.amount))
                .toBuilder()
                .setCondition(atLeast(transfer.amount))
                .build()));
    actions.add(
        action(
            TestTables.update(
                table, transfer.to, transfer.toSk, TestTables.add(BALANCE, transfer.amount))));
    actions.add(
        action(
            TestTables.put(table, transfer.from, transfer.slipSk(), BALANCE, 0L).toBuilder()
                .setCondition(TestTables.absent("pk"))
                .build()));
    if (simulation.chance(0.2)) {
      String third = anyOwner();
      long sk = 3 - transfer.toSk;
      if (!third.equals(transfer.from) && !third.equals(transfer.to)) {
        actions.add(
            action(
                ItemWrite.newBuilder()
                    .setTable(table.reference())
                    .setKey(TestTables.key(third, sk))
                    .setCondition(TestTables.exists("pk"))
                    .build()));
      }
    }
    return actions;
  }

  private static TransactAction action(ItemWrite write) {
    return new TransactAction("table7", (_, _) -> write.toBuilder());
  }

  private static Condition atLeast(long amount) {
    return Condition.newBuilder()
        .setComparison(
            Comparison.newBuilder()
                .setComparator(Comparator.GREATER_OR_EQUAL)
                .setLeft(Operand.newBuilder().setPath(TestTables.path(BALANCE)))
                .setRight(
                    Operand.newBuilder()
                        .setValue(
                            ByteString.copyFrom(ItemCodec.encodeValue(TestTables.value(amount))))))
        .build();
  }

  private void attempt(
      Transfer transfer, List<TransactAction> actions, Optional<ClientToken> token, int number) {
    Consumer<Optional<TransactWriteOutcome>> end =
        once(outcome -> took(transfer, actions, token, number, outcome), this::giveUp);
    var _ =
        engine
            .write(actions, token)
            .whenComplete((outcome, _) -> end.accept(Optional.ofNullable(outcome)));
  }

  private void giveUp() {
    unknown++;
    think();
  }

  private void took(
      Transfer transfer,
      List<TransactAction> actions,
      Optional<ClientToken> token,
      int number,
      Optional<TransactWriteOutcome> outcome) {
    simulation.note("transfer " + transfer.number + " = " + outcome.map(Object::getClass));
    if (outcome.isEmpty()) {
      if (token.isPresent() && number < 3) {
        simulation.after(
            simulation.between(50 * Simulation.MILLIS, 1_500 * Simulation.MILLIS),
            () -> attempt(transfer, actions, token, number + 1));
      } else {
        giveUp();
      }
      return;
    }
    switch (outcome.get()) {
      case TransactWriteOutcome.Committed _, TransactWriteOutcome.Replayed _ -> {
        committed++;
        transfer.made = true;
        lookAtSlip(transfer);
      }
      case TransactWriteOutcome.Cancelled _ -> {
        cancelled++;
        // One that was tried before without an answer may have been made by that attempt.
        transfer.refused = number == 0;
        think();
      }
    }
  }

  /** What was answered is visible to whoever asks then; and the slip may go. */
  private void lookAtSlip(Transfer transfer) {
    Consumer<Routed<GetResults>> end =
        once(
            routed -> {
              if (routed instanceof Routed.Answer<GetResults>(GetResults found)
                  && !found.getResults(0).hasItem()) {
                wrong.add("transfer " + transfer.number + " was answered and is not there");
              }
              if (simulation.chance(0.5)) {
                tearUp(transfer);
              } else {
                think();
              }
            },
            this::giveUp);
    var _ =
        access
            .get(
                _ ->
                    new Plan.Bound<>(
                        1,
                        TestTables.token(transfer.from),
                        GetRequest.newBuilder().addGets(get(transfer.from, transfer.slipSk()))))
            .thenAccept(end);
  }

  private ItemGet.Builder get(String owner, long sk) {
    return ItemGet.newBuilder().setTable(table.reference()).setKey(TestTables.key(owner, sk));
  }

  private void tearUp(Transfer transfer) {
    transfer.slipPerhapsTorn = true;
    Consumer<Routed<WriteResults>> end =
        once(
            routed -> {
              if (routed instanceof Routed.Answer<WriteResults>(WriteResults results)
                  && results.getResults(0).hasWritten()) {
                transfer.slipTorn = true;
              }
              think();
            },
            this::giveUp);
    var _ =
        access
            .write(plan(TestTables.delete(table, transfer.from, transfer.slipSk())))
            .thenAccept(end);
  }

  private void readAll() {
    List<TransactGet> gets = new ArrayList<>();
    for (int owner = 0; owner < OWNERS; owner++) {
      for (long sk = 1; sk <= 2; sk++) {
        ItemGet.Builder get = get("a" + owner, sk);
        gets.add(new TransactGet("table7", (_, _) -> get.clone()));
      }
    }
    Consumer<Optional<TransactReadOutcome>> end =
        once(
            outcome -> {
              if (outcome.isPresent()
                  && outcome.get() instanceof TransactReadOutcome.Found(List<GetResult> items)) {
                reads++;
                long total = 0;
                for (GetResult item : items) {
                  total += number(EncodedItem.wrap(item.getItem()), BALANCE);
                }
                if (total != 2 * OWNERS * START_BALANCE) {
                  wrong.add("a transaction has read a total of " + total);
                }
              }
              think();
            },
            this::giveUp);
    var _ =
        engine.read(gets).whenComplete((outcome, _) -> end.accept(Optional.ofNullable(outcome)));
  }

  private void writeSingle() {
    String owner = anyOwner();
    long sk = 1 + simulation.random().nextInt(2);
    long[] counts = singleWrites.get(owner + "/" + sk);
    counts[1]++;
    Consumer<Routed<WriteResults>> end =
        once(
            routed -> {
              if (routed instanceof Routed.Answer<WriteResults>(WriteResults results)) {
                if (results.getResults(0).hasWritten()) {
                  counts[0]++;
                } else {
                  counts[1]--;
                }
              }
              think();
            },
            this::giveUp);
    var _ =
        access
            .write(plan(TestTables.update(table, owner, sk, TestTables.add(WRITES, 1))))
            .thenAccept(end);
  }

  private static long number(EncodedItem item, String name) {
    return item.get(name) instanceof AttributeValue.N(var value)
        ? Long.parseLong(value.toString())
        : 0;
  }

  // ---- the end
  // --------------------------------------------------------------------------------------

  private Optional<EncodedItem> stored(String owner, long sk) {
    byte[] value =
        nodes
            .values()
            .iterator()
            .next()
            .store()
            .get(Family.ITEMS, StoreKeys.item(table.id(), TestTables.key(owner, sk)));
    return value == null ? Optional.empty() : Optional.of(StoredValue.read(value).item());
  }

  private void checkBooks() {
    Map<String, Long> expected = new TreeMap<>();
    singleWrites.keySet().forEach(account -> expected.put(account, START_BALANCE));
    for (Transfer transfer : transfers) {
      boolean slip = stored(transfer.from, transfer.slipSk()).isPresent();
      if (transfer.made && (slip ? transfer.slipTorn : !transfer.slipPerhapsTorn)) {
        wrong.add("the slip of transfer " + transfer.number + (slip ? " is back" : " is lost"));
      }
      if (transfer.refused && slip) {
        wrong.add("transfer " + transfer.number + " was refused and made");
      }
      if (transfer.made || slip) {
        expected.merge(transfer.from + "/" + transfer.fromSk, -transfer.amount, Long::sum);
        expected.merge(transfer.to + "/" + transfer.toSk, transfer.amount, Long::sum);
      }
    }
    for (Map.Entry<String, long[]> account : singleWrites.entrySet()) {
      String[] name = account.getKey().split("/");
      Optional<EncodedItem> item = stored(name[0], Long.parseLong(name[1]));
      if (item.isEmpty()) {
        wrong.add("account " + account.getKey() + " is lost");
        continue;
      }
      long balance = number(item.get(), BALANCE);
      if (balance != expected.get(account.getKey())) {
        wrong.add(
            "account "
                + account.getKey()
                + " has "
                + balance
                + ", not "
                + expected.get(account.getKey()));
      }
      long writes = number(item.get(), WRITES);
      if (writes < account.getValue()[0] || writes > account.getValue()[1]) {
        wrong.add(
            "account "
                + account.getKey()
                + " was written "
                + writes
                + " times, acknowledged "
                + account.getValue()[0]
                + ", asked "
                + account.getValue()[1]);
      }
    }
  }

  private void checkNothingIsLeft() {
    nodes.values().forEach(TransactionNode::flush);
    TransactionNode first = nodes.values().iterator().next();
    List<LogPosition> positions = first.positions();
    for (TransactionNode node : nodes.values()) {
      if (!node.positions().equals(positions)) {
        wrong.add("a replica is behind");
      }
      if (!node.store().all(Family.LOCKS).isEmpty()) {
        wrong.add("an item is still locked");
      }
      for (Family family : Family.values()) {
        if (!PartitionRun.same(first.store().all(family), node.store().all(family))) {
          wrong.add("the replicas differ in " + family);
        }
      }
    }
    for (EncodedItem row : ledger(first)) {
      if (number(row, "s") != 4) {
        wrong.add("a row of the ledger is in state " + number(row, "s"));
      }
    }
  }

  /** Takes the one answer of a call. */
  private record Once<T>(Consumer<T> answer) implements StreamObserver<T> {
    @Override
    public void onNext(T value) {
      answer.accept(value);
    }

    @Override
    public void onError(Throwable failure) {
      throw new AssertionError("the service failed", failure);
    }

    @Override
    public void onCompleted() {}
  }
}
