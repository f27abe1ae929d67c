package io.equator.node.core;

import static io.equator.node.core.TestTables.delete;
import static io.equator.node.core.TestTables.put;
import static io.equator.node.core.TestTables.remove;
import static io.equator.node.core.TestTables.set;
import static io.equator.node.core.TestTables.update;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.proto.Effect;
import io.equator.proto.Expiry;
import io.equator.proto.ExpiryStep;
import io.equator.proto.ExpiryWalk;
import io.equator.proto.ItemWrite;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The index of expiries follows its items, and only tables with time to live have one. */
final class ExpiriesTest {
  private static final int TABLE = 7;
  private static final TableView EXPIRING =
      TestTables.view(
          TestTables.plain(TABLE).toBuilder()
              .setTtlStatus("ENABLED")
              .setTtlAttribute("expires")
              .setTtlSchemaVersion(1)
              .build());

  private TreeStore store = new TreeStore();
  private PartitionMachine machine = machine();
  private final ScriptedLog log = new ScriptedLog(machine);
  private final PartitionWriter writer =
      new PartitionWriter(
          log,
          machine,
          store,
          new HybridClock(() -> 1_000_000, Duration.ofSeconds(1)),
          1,
          () -> 1_000_000,
          WriteLimits.defaults());

  private PartitionMachine machine() {
    return new PartitionMachine(1, TestTables.EVERYTHING, store, new StoreFlusher(store));
  }

  @BeforeEach
  void lead() {
    log.lead(1);
    log.automatic();
  }

  private void send(TableView table, ItemWrite write) {
    List<WriteResponse> answers = new ArrayList<>();
    writer.write(WriteRequest.newBuilder().addWrites(write).build(), List.of(table), answers::add);
    assertThat(answers).hasSize(1);
    assertThat(answers.getFirst().hasResults()).isTrue();
  }

  private List<Long> expiries() {
    return Expiries.rows(store, 1, TABLE, 0, Long.MAX_VALUE, 100).stream()
        .map(Expiry::getSeconds)
        .toList();
  }

  @Test
  void rowsComeMoveAndGoWithTheirItems() {
    send(EXPIRING, put(EXPIRING, "a", 1, "expires", 50L));
    send(EXPIRING, put(EXPIRING, "b", 1, "expires", 40L));
    assertThat(expiries()).containsExactly(40L, 50L);
    send(EXPIRING, update(EXPIRING, "a", 1, set("expires", 60L)));
    assertThat(expiries()).containsExactly(40L, 60L);
    send(EXPIRING, update(EXPIRING, "a", 1, set("other", 1L)));
    assertThat(expiries()).containsExactly(40L, 60L);
    send(EXPIRING, update(EXPIRING, "a", 1, remove("expires")));
    send(EXPIRING, delete(EXPIRING, "b", 1));
    assertThat(expiries()).isEmpty();
    assertThat(Expiries.tables(store, 1)).isEmpty();
  }

  @Test
  void onlyWhatIsANumberOfSecondsCounts() {
    send(EXPIRING, put(EXPIRING, "a", 1, "expires", "50"));
    send(EXPIRING, put(EXPIRING, "b", 1, "expires", -5L));
    send(EXPIRING, put(EXPIRING, "c", 1));
    assertThat(expiries()).isEmpty();
    assertThat(Expiries.of("expires", TestTables.item("a", 1, "expires", 77L)))
        .isEqualTo(OptionalLong.of(77));
    assertThat(Expiries.of("expires", null)).isEmpty();
  }

  @Test
  void aTableWithoutTimeToLiveHasNoRows() {
    TableView plain = TestTables.view(TestTables.plain(TABLE));
    send(plain, put(plain, "a", 1, "expires", 50L));
    assertThat(Expiries.tables(store, 1)).isEmpty();
  }

  @Test
  void aRangeOfTimeIsReadOldestFirstAndBounded() {
    for (long i = 0; i < 5; i++) {
      send(EXPIRING, put(EXPIRING, "a", i, "expires", 100 - i));
    }
    assertThat(Expiries.rows(store, 1, TABLE, 97, 99, 100))
        .extracting(Expiry::getSeconds)
        .containsExactly(97L, 98L, 99L);
    assertThat(Expiries.rows(store, 1, TABLE, 0, 1_000, 2))
        .extracting(Expiry::getSeconds)
        .containsExactly(96L, 97L);
  }

  @Test
  void aWalkAddsRowsAndKeepsItsPlaceOverAPowerLoss() {
    ByteString key = ByteString.copyFrom(StoreKeys.suffix(TestTables.key("z", 1)));
    Expiry found = Expiry.newBuilder().setSeconds(30).setKey(key).build();
    ExpiryWalk walk =
        ExpiryWalk.newBuilder().setSchemaVersion(4).setLastKey(key).setDone(true).build();
    submit(ExpiryStep.newBuilder().setTableId(TABLE).addPuts(found).setWalk(walk));
    assertThat(expiries()).containsExactly(30L);
    machine.flush();
    store = store.afterPowerLoss();
    machine = machine();
    assertThat(machine.expiryWalk(TABLE)).isEqualTo(walk);
    assertThat(expiries()).containsExactly(30L);
  }

  @Test
  void whatIsOutOfDateCanBeForgotten() {
    send(EXPIRING, put(EXPIRING, "a", 1, "expires", 50L));
    submit(
        ExpiryStep.newBuilder()
            .setTableId(TABLE)
            .addAllDeletes(Expiries.rows(store, 1, TABLE, 0, 100, 10)));
    assertThat(expiries()).isEmpty();
  }

  private void submit(ExpiryStep.Builder step) {
    assertThat(writer.submit(Effect.newBuilder().setExpiryStep(step).build()).join()).isTrue();
  }
}
