package io.equator.node.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.model.item.StoredValue;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.proto.ChangeCause;
import io.equator.proto.CloseTimestamp;
import io.equator.proto.DropTombstones;
import io.equator.proto.Effect;
import io.equator.proto.ItemWrite;
import io.equator.proto.ReplicationTarget;
import io.equator.proto.TableReplication;
import io.equator.proto.WriteRequest;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.clock.HybridTimestamp;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * What tables of several regions leave in logs and stores is read, and written the same way still:
 * versions merged, tombstones, closed timestamps, the horizon of what is forgotten.
 */
final class GoldenRegionsTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final long NOW = 1_700_000_000_000L;
  private static final Descriptor PARTITION = new Descriptor(1, 1, 0, -1L);
  private static final TableView TABLE =
      TestTables.view(
          TestTables.plain(7).toBuilder()
              .setReplication(
                  TableReplication.newBuilder()
                      .setGlobalTableId("g")
                      .addTargets(
                          ReplicationTarget.newBuilder().setRegion("there").setGeneration(2)))
              .build());

  private static PartitionMachine machine(TreeStore store) {
    MetaRows.settle(store, 1, PARTITION, "n1");
    return new PartitionMachine(1, PARTITION, store, new StoreFlusher(store));
  }

  private static String rows(TreeStore store) {
    StringBuilder text = new StringBuilder();
    for (Family family : List.of(Family.ITEMS, Family.TOMBSTONES, Family.CHANGE_LOG, Family.META)) {
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

  private static String golden(String name) {
    try (InputStream file = GoldenRegionsTest.class.getResourceAsStream("/golden/" + name)) {
      return new String(Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void applyingGoldenEntriesGivesGoldenRowsWhichAreUnderstood() {
    TreeStore store = new TreeStore();
    PartitionMachine machine = machine(store);
    long index = 0;
    for (String line : golden("region-entries-1.txt").lines().toList()) {
      assertThat(machine.apply(3, index++, ByteString.copyFrom(HEX.parseHex(line))))
          .isEqualTo(EntryOutcome.APPLIED);
    }
    assertThat(rows(store)).isEqualTo(golden("region-rows-1.txt"));

    PartitionMachine found = machine(store);
    assertThat(found.closed(7).timestamp()).isEqualTo(at(NOW - 1_000));
    assertThat(found.tombstonesDroppedUpTo(7)).isEqualTo(at(NOW - 2_000));
    byte[] row = store.get(Family.TOMBSTONES, StoreKeys.item(7, TestTables.key("c", 3)));
    assertThat(ItemVersion.of(Tombstones.value(Objects.requireNonNull(row))))
        .isEqualTo(new ItemVersion(at(NOW - 3_000) + 1, ItemVersion.NO_REGION));
  }

  @Test
  void entriesAreStillWrittenTheSameWay() {
    StringBuilder text = new StringBuilder();
    for (ByteString entry : written()) {
      text.append(HEX.formatHex(entry.toByteArray())).append('\n');
    }
    assertThat(text.toString()).isEqualTo(golden("region-entries-1.txt"));
  }

  private static long at(long millis) {
    return HybridTimestamp.of(millis, 0).bits();
  }

  private static ItemWrite merge(String pk, long sk, StoredValue value) {
    return ItemWrite.newBuilder()
        .setTable(TABLE.reference())
        .setKey(TestTables.key(pk, sk))
        .setMerge(value.toByteString())
        .build();
  }

  /** Put, delete, put again; merged item and tombstones; an expiry; what is closed and dropped. */
  private static List<ByteString> written() {
    TreeStore store = new TreeStore();
    PartitionMachine machine = machine(store);
    ScriptedLog log = new ScriptedLog(machine);
    log.lead(3);
    log.automatic();
    PartitionWriter writer =
        new PartitionWriter(
            log,
            machine,
            store,
            new HybridClock(() -> NOW, Duration.ofSeconds(1)),
            2,
            () -> NOW,
            WriteLimits.defaults());
    StoredValue old = StoredValue.of(TestTables.item("c", 3), at(NOW - 3_000), 3);
    List<ItemWrite> writes =
        List.of(
            TestTables.put(TABLE, "a", 1, "x", "y"),
            TestTables.delete(TABLE, "a", 1),
            TestTables.put(TABLE, "a", 1),
            merge("b", 2, StoredValue.tombstone(at(NOW - 5_000), 1)),
            merge("c", 3, old),
            TestTables.delete(TABLE, "c", 3).toBuilder().setCause(ChangeCause.CAUSE_TTL).build());
    for (ItemWrite write : writes) {
      writer.write(WriteRequest.newBuilder().addWrites(write).build(), List.of(TABLE), _ -> {});
    }
    CloseTimestamp close =
        CloseTimestamp.newBuilder().setTimestamp(at(NOW - 1_000)).addTableIds(7).build();
    DropTombstones drop =
        DropTombstones.newBuilder().setTableId(7).setUpTo(at(NOW - 2_000)).build();
    writer.submit(Effect.newBuilder().setCloseTimestamp(close).build()).join();
    writer.submit(Effect.newBuilder().setDropTombstones(drop).build()).join();
    return List.copyOf(log.applied());
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
    Path to = Path.of(folder[0]);
    Files.writeString(to.resolve("region-entries-1.txt"), text.toString());
    Files.writeString(to.resolve("region-rows-1.txt"), rows(store));
  }
}
