package io.equator.node.sim;

import com.google.protobuf.ByteString;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.Routed;
import io.equator.model.item.EncodedItem;
import io.equator.node.core.StoreKeys;
import io.equator.node.core.TestTables;
import io.equator.node.sim.ItemRequest.Answer;
import io.equator.partitioner.Partition;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResults;
import io.equator.proto.ItemGet;
import io.equator.proto.Page;
import io.equator.proto.ReadPageRequest;
import io.equator.proto.TokenRange;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResults;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import io.equator.replication.sim.LinearizabilityChecker;
import io.equator.replication.sim.Operation;
import io.equator.replication.sim.Simulation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Clients of a run with splits: each writes and reads a few items, through a coordinator that knows
 * the map as it was a moment ago; one scans all of them, page by page.
 */
final class SplitClients {
  private static final int KEYS = 5;
  private static final int CLIENTS = 6;
  private static final int STILL = 8;
  private static final long PATIENCE = 5_000 * Simulation.MILLIS;
  private static final int PAGE = 3;

  private final TransactionWorld run;
  private final Simulation simulation;
  private final int tableId;
  private final List<String> wrong;
  private final Map<Integer, List<Operation<ItemRequest, Answer>>> histories = new TreeMap<>();

  /** What gives up the calls that are not answered yet. */
  private final Set<Runnable> open = new LinkedHashSet<>();

  private long nextValue = 1;
  private int answers;
  private int unknown;
  private int scans;
  private int stillThere;

  SplitClients(TransactionWorld run, Simulation simulation, TableView table, List<String> wrong) {
    this.run = run;
    this.simulation = simulation;
    this.tableId = table.id();
    this.wrong = wrong;
  }

  int answers() {
    return answers;
  }

  int unknown() {
    return unknown;
  }

  int scans() {
    return scans;
  }

  void start() {
    for (int client = 0; client < CLIENTS; client++) {
      think(client);
    }
    putStill(0);
  }

  /** Whether the history of every item is linearizable. */
  void judge() {
    LinearizabilityChecker<Optional<Long>, ItemRequest, Answer> checker =
        new LinearizabilityChecker<>(ItemRequest.ITEM);
    histories.forEach(
        (key, history) -> {
          if (!checker.check(history)) {
            wrong.add("item " + key + " is not linearizable");
          }
        });
  }

  /** Nobody waits any more: what is not answered by now is not known. */
  void giveUp() {
    List.copyOf(open).forEach(Runnable::run);
  }

  private <R> Consumer<R> once(Consumer<R> then, Runnable giveUp) {
    Runnable[] left = {() -> {}};
    left[0] =
        () -> {
          if (open.remove(left[0])) {
            giveUp.run();
          }
        };
    Runnable end = left[0];
    open.add(end);
    simulation.after(PATIENCE, end);
    return value -> {
      if (open.remove(end)) {
        then.accept(value);
      }
    };
  }

  private TableView table(CatalogSnapshot snapshot) {
    return snapshot.table(tableId).orElseThrow();
  }

  // ---- single items

  private void think(int client) {
    simulation.after(
        simulation.between(0, 40 * Simulation.MILLIS),
        () -> {
          if (run.isAsking()) {
            ask(client, anyRequest(simulation.random().nextInt(KEYS)));
          }
        });
  }

  private ItemRequest anyRequest(int key) {
    return switch (simulation.random().nextInt(10)) {
      case 0, 1 -> new ItemRequest.Put(key, nextValue++);
      case 2 -> new ItemRequest.PutIf(key, Math.max(1, nextValue - 2), nextValue++);
      case 3 -> new ItemRequest.PutIfAbsent(key, nextValue++);
      case 4, 5 -> new ItemRequest.Add(key, 1_000_000);
      case 6 -> new ItemRequest.Delete(key);
      default -> new ItemRequest.Get(key);
    };
  }

  private void ask(int client, ItemRequest request) {
    long invoked = simulation.now();
    Consumer<Optional<Answer>> end =
        once(
            answer -> {
              if (answer.isPresent()) {
                answers++;
                simulation.note(client + ": " + request + " = " + answer.get());
                history(request)
                    .add(new Operation<>(client, invoked, simulation.now(), request, answer.get()));
              } else {
                notKnown(client, invoked, request);
              }
              think(client);
            },
            () -> {
              notKnown(client, invoked, request);
              think(client);
            });
    if (request instanceof ItemRequest.Get(int key)) {
      var _ =
          run.access()
              .get(
                  snapshot ->
                      new Bound<>(
                          1,
                          TestTables.token("k" + key),
                          GetRequest.newBuilder()
                              .addGets(
                                  ItemGet.newBuilder()
                                      .setTable(table(snapshot).reference())
                                      .setKey(TestTables.key("k" + key, 1)))))
              .thenAccept(routed -> end.accept(answer(routed)));
    } else {
      var _ =
          run.access()
              .write(
                  snapshot ->
                      new Bound<>(
                          1,
                          TestTables.token("k" + request.key()),
                          WriteRequest.newBuilder()
                              .addWrites(Client.write(table(snapshot), request))))
              .thenAccept(
                  routed ->
                      end.accept(
                          routed instanceof Routed.Answer<WriteResults>(WriteResults results)
                              ? Optional.of(Client.answer(results.getResults(0)))
                              : Optional.empty()));
    }
  }

  private static Optional<Answer> answer(Routed<GetResults> routed) {
    if (!(routed instanceof Routed.Answer<GetResults>(GetResults results))) {
      return Optional.empty();
    }
    var result = results.getResults(0);
    return Optional.of(
        Answer.of(
            result.hasItem()
                ? Client.number(EncodedItem.wrap(result.getItem()))
                : Optional.empty()));
  }

  private void notKnown(int client, long invoked, ItemRequest request) {
    simulation.note(client + ": " + request + " = ?");
    if (!(request instanceof ItemRequest.Get)) {
      unknown++;
      history(request).add(Operation.unknown(client, invoked, request));
    }
  }

  private List<Operation<ItemRequest, Answer>> history(ItemRequest request) {
    return histories.computeIfAbsent(request.key(), _ -> new ArrayList<>());
  }

  // ---- scans

  /** Items that stay as they are, so that every scan must find them. */
  private void putStill(int number) {
    if (number == STILL) {
      simulation.after(simulation.between(0, 100 * Simulation.MILLIS), this::scan);
      return;
    }
    Consumer<Routed<WriteResults>> end =
        once(
            routed -> {
              if (routed instanceof Routed.Answer<WriteResults>) {
                stillThere++;
              }
              putStill(number + 1);
            },
            () -> putStill(STILL));
    var _ =
        run.access()
            .write(
                snapshot ->
                    new Bound<>(
                        1,
                        TestTables.token("s" + number),
                        WriteRequest.newBuilder()
                            .addWrites(
                                TestTables.put(table(snapshot), "s" + number, 1, "n", number))))
            .thenAccept(end);
  }

  private void scan() {
    if (run.isAsking()) {
      new Scan().next();
    }
  }

  /** Goes through the whole table by the ranges of whatever map there is at each page. */
  private final class Scan {
    private final Set<String> seen = new HashSet<>();
    private long token;
    private ByteString after = ByteString.EMPTY;
    private long readTo;

    void next() {
      Consumer<Routed<Page>> end = once(this::take, () -> again());
      var _ = run.access().readPage(this::bind).thenAccept(end);
    }

    private void again() {
      simulation.after(simulation.between(0, 300 * Simulation.MILLIS), SplitClients.this::scan);
    }

    private Bound<ReadPageRequest.Builder> bind(CatalogSnapshot snapshot) {
      Partition owner = snapshot.partitions().partitionOf(1, token);
      readTo = owner.range().last().bits();
      return new Bound<>(
          1,
          token,
          ReadPageRequest.newBuilder()
              .setTable(table(snapshot).reference())
              .setLimit(PAGE)
              .setByteLimit(1 << 20)
              .setExclusiveStart(after)
              .setScan(TokenRange.newBuilder().setFirst(token).setLast(readTo)));
    }

    private void take(Routed<Page> routed) {
      if (!(routed instanceof Routed.Answer<Page>(Page page))) {
        again();
        return;
      }
      page.getItemsList()
          .forEach(
              item -> {
                String pk = EncodedItem.wrap(item).get("pk").toString();
                if (!seen.add(pk)) {
                  wrong.add("a scan has seen " + pk + " twice");
                }
              });
      if (page.hasLastEvaluatedKey()) {
        EncodedItem last = EncodedItem.wrap(page.getLastEvaluatedKey());
        String pk = ((io.equator.model.item.AttributeValue.S) last.get("pk")).value();
        token = TestTables.token(pk);
        after = ByteString.copyFrom(StoreKeys.suffix(TestTables.key(pk, 1)));
        next();
      } else if (readTo == -1L) {
        long still = seen.stream().filter(pk -> pk.contains("s")).count();
        if (still < stillThere) {
          wrong.add("a scan has seen " + still + " of " + stillThere + " items");
        }
        scans++;
        again();
      } else {
        token = readTo + 1;
        after = ByteString.EMPTY;
        next();
      }
    }
  }
}
