package io.equator.node.sim;

import com.google.protobuf.ByteString;
import io.equator.coordinator.router.Plan;
import io.equator.coordinator.router.Routed;
import io.equator.coordinator.transactions.ClientToken;
import io.equator.coordinator.transactions.TransactAction;
import io.equator.coordinator.transactions.TransactGet;
import io.equator.coordinator.transactions.TransactReadOutcome;
import io.equator.coordinator.transactions.TransactWriteOutcome;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.ItemCodec;
import io.equator.model.item.StoredValue;
import io.equator.node.core.Family;
import io.equator.node.core.StoreKeys;
import io.equator.node.core.TestTables;
import io.equator.node.core.TreeStore;
import io.equator.proto.Comparator;
import io.equator.proto.Comparison;
import io.equator.proto.Condition;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResult;
import io.equator.proto.GetResults;
import io.equator.proto.ItemGet;
import io.equator.proto.ItemWrite;
import io.equator.proto.Operand;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResults;
import io.equator.replication.catalog.TableView;
import io.equator.replication.sim.Simulation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A bank and its clients: they move money in transactions, read all accounts in one, and write
 * single items, through whatever coordinator is alive; and its books, which must be right at the
 * end.
 */
final class Bank {
  static final int OWNERS = 4;
  private static final int CLIENTS = 6;
  private static final long START_BALANCE = 100;
  private static final long CLIENT_PATIENCE = 4_000 * Simulation.MILLIS;
  static final String BALANCE = "n";
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

  private final TransactionWorld run;
  private final Simulation simulation;
  private final TableView table;
  private final List<String> wrong;
  private final List<Transfer> transfers = new ArrayList<>();
  private final Map<String, long[]> singleWrites = new TreeMap<>();
  private int opened;
  private int committed;
  private int cancelled;
  private int reads;
  private int unknown;

  Bank(TransactionWorld run, Simulation simulation, TableView table, List<String> wrong) {
    this.run = run;
    this.simulation = simulation;
    this.table = table;
    this.wrong = wrong;
  }

  /** Whether all accounts are there. */
  boolean isOpen() {
    return opened == 2 * OWNERS;
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

  /** Makes an account; the clients begin when all are there. */
  void open(String owner, long sk) {
    singleWrites.put(owner + "/" + sk, new long[2]);
    ItemWrite put = TestTables.put(table, owner, sk, BALANCE, START_BALANCE, WRITES, 0L);
    var _ =
        run.access()
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
          if (!run.isAsking()) {
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
        run.engine()
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
        run.access()
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
        run.access()
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
        run.engine()
            .read(gets)
            .whenComplete((outcome, _) -> end.accept(Optional.ofNullable(outcome)));
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
        run.access()
            .write(plan(TestTables.update(table, owner, sk, TestTables.add(WRITES, 1))))
            .thenAccept(end);
  }

  static long number(EncodedItem item, String name) {
    return item.get(name) instanceof AttributeValue.N(var value)
        ? Long.parseLong(value.toString())
        : 0;
  }

  private Optional<EncodedItem> stored(TreeStore store, String owner, long sk) {
    byte[] value = store.get(Family.ITEMS, StoreKeys.item(table.id(), TestTables.key(owner, sk)));
    return value == null ? Optional.empty() : Optional.of(StoredValue.read(value).item());
  }

  void checkBooks(TreeStore store) {
    Map<String, Long> expected = new TreeMap<>();
    singleWrites.keySet().forEach(account -> expected.put(account, START_BALANCE));
    for (Transfer transfer : transfers) {
      boolean slip = stored(store, transfer.from, transfer.slipSk()).isPresent();
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
      Optional<EncodedItem> item = stored(store, name[0], Long.parseLong(name[1]));
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
}
