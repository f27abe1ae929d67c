package io.equator.node.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.proto.FinishRequest;
import io.equator.proto.ItemWrite;
import io.equator.proto.PrepareRequest;
import io.equator.proto.TransactAction;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.clock.HybridTimestamp;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Protects what transactions write to logs and stores: the golden files must stay readable. */
final class GoldenTransactionsTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final TableView TABLE = TestTables.view(TestTables.indexed(7));
  private static final long NOW = 1_700_000_000_000L;

  private static String golden(String name) {
    try (InputStream file = GoldenTransactionsTest.class.getResourceAsStream("/golden/" + name)) {
      return new String(Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String rows(TreeStore store) {
    StringBuilder text = new StringBuilder();
    for (Family family : List.of(Family.ITEMS, Family.LOCAL_INDEXES, Family.LOCKS, Family.META)) {
      text.append(family.storedName()).append('\n');
      store
          .all(family)
          .forEach(
              (key, value) ->
                  text.append(HEX.formatHex(key))
                      .append(' ')
                      .append(HEX.formatHex(value))
                      .append('\n'));
    }
    return text.toString();
  }

  private static PartitionMachine machine(TreeStore store) {
    return new PartitionMachine(1, TestTables.EVERYTHING, store, new StoreFlusher(store));
  }

  @Test
  void applyingGoldenEntriesGivesGoldenRowsWhichAreUnderstood() {
    TreeStore store = new TreeStore();
    PartitionMachine machine = machine(store);
    long index = 0;
    for (String line : golden("transaction-entries-1.txt").lines().toList()) {
      assertThat(machine.apply(3, index++, ByteString.copyFrom(HEX.parseHex(line))))
          .isEqualTo(EntryOutcome.APPLIED);
    }
    assertThat(rows(store)).isEqualTo(golden("transaction-rows-1.txt"));

    TransactionState found = machine(store).transactions();
    assertThat(found.keysOf(TransactionId.of(id(4)))).hasSize(2);
    assertThat(Objects.requireNonNull(found.finished(TransactionId.of(id(1)))).getCommitted())
        .isTrue();
    assertThat(Objects.requireNonNull(found.finished(TransactionId.of(id(2)))).getCommitted())
        .isFalse();
    assertThat(Objects.requireNonNull(found.finished(TransactionId.of(id(3)))).getOutcomesCount())
        .isEqualTo(2);
  }

  @Test
  void entriesAreStillWrittenTheSameWay() {
    StringBuilder text = new StringBuilder();
    for (ByteString entry : written()) {
      text.append(HEX.formatHex(entry.toByteArray())).append('\n');
    }
    assertThat(text.toString()).isEqualTo(golden("transaction-entries-1.txt"));
  }

  private static ByteString id(int number) {
    return ByteString.copyFrom(new byte[15])
        .concat(ByteString.copyFrom(new byte[] {(byte) number}));
  }

  /** One that commits, one that is cancelled, a whole one, and one that still holds its items. */
  private static List<ByteString> written() {
    TreeStore store = new TreeStore();
    PartitionMachine machine = machine(store);
    ScriptedLog log = new ScriptedLog(machine);
    log.lead(3);
    log.automatic();
    PartitionTransactions transactions =
        new PartitionWriter(
                log,
                machine,
                store,
                new HybridClock(() -> NOW, Duration.ofSeconds(1)),
                2,
                () -> NOW,
                WriteLimits.defaults())
            .transactions();
    prepare(
        transactions,
        1,
        TestTables.put(TABLE, "a", 1, "kind", "k", "rank", 5L, "extra", "e"),
        ItemWrite.newBuilder()
            .setTable(TABLE.reference())
            .setKey(TestTables.key("c", 1))
            .setCondition(TestTables.absent("pk"))
            .build());
    finish(transactions, 1, true);
    prepare(transactions, 2, TestTables.put(TABLE, "b", 1));
    finish(transactions, 2, false);
    transactions.write(
        request(3, TestTables.delete(TABLE, "a", 1), TestTables.put(TABLE, "d", 1)),
        List.of(TABLE, TABLE),
        _ -> {});
    prepare(
        transactions,
        4,
        TestTables.put(TABLE, "a", 1, "rank", 6L),
        TestTables.delete(TABLE, "d", 1));
    return new ArrayList<>(log.applied());
  }

  private static PrepareRequest request(int id, ItemWrite... writes) {
    PrepareRequest.Builder request =
        PrepareRequest.newBuilder()
            .setTransactionId(id(id))
            .setLedgerKey(ByteString.copyFromUtf8("ledger"))
            .setTimestamp(HybridTimestamp.of(NOW, 0).bits());
    for (ItemWrite write : writes) {
      request.addActions(TransactAction.newBuilder().setWrite(write));
    }
    return request.build();
  }

  private static void prepare(PartitionTransactions transactions, int id, ItemWrite... writes) {
    transactions.prepare(request(id, writes), Collections.nCopies(writes.length, TABLE), _ -> {});
  }

  private static void finish(PartitionTransactions transactions, int id, boolean commit) {
    transactions.finish(
        FinishRequest.newBuilder()
            .setTransactionId(id(id))
            .setCommit(commit)
            .setTimestamp(HybridTimestamp.of(NOW, 9).bits())
            .build(),
        _ -> {});
  }

  /** Prints the files anew, when a format was added on purpose. */
  static void main(String[] folder) throws IOException {
    StringBuilder text = new StringBuilder();
    TreeStore store = new TreeStore();
    PartitionMachine machine = machine(store);
    long index = 0;
    for (ByteString entry : written()) {
      text.append(HEX.formatHex(entry.toByteArray())).append('\n');
      machine.apply(3, index++, entry);
    }
    java.nio.file.Path to = java.nio.file.Path.of(folder[0]);
    java.nio.file.Files.writeString(to.resolve("transaction-entries-1.txt"), text.toString());
    java.nio.file.Files.writeString(to.resolve("transaction-rows-1.txt"), rows(store));
  }
}
