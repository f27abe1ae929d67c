package io.equator.node.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.node.core.MetaRows.Counters;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.proto.DropTable;
import io.equator.proto.Effect;
import io.equator.proto.PartitionEntry;
import io.equator.proto.RequireSchema;
import io.equator.proto.ReturnValues;
import io.equator.proto.TrimChanges;
import io.equator.proto.WriteRequest;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.log.LogPosition;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What earlier versions wrote is read, and written the same way still. Each golden file belongs to
 * the version in its name and is never changed; a new format gets new files beside them.
 *
 * <p>{@code entries-1.txt}: entries of a log, one a line, in hexadecimal. {@code rows-1.txt}: the
 * rows of a store that has applied them, family by family. The second version knows the schema of
 * each write, and the change log.
 */
final class GoldenFormatsTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final Descriptor PARTITION = new Descriptor(1, 1, 0, -1L);
  private static final TableView TABLE = TestTables.view(TestTables.indexed(7));
  private static final TableView STREAMED =
      TestTables.view(TestTables.streamed(9, "NEW_AND_OLD_IMAGES"));

  private final TreeStore store = new TreeStore();

  private static String golden(String name) {
    try (InputStream file = GoldenFormatsTest.class.getResourceAsStream("/golden/" + name)) {
      return new String(Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<ByteString> goldenEntries(int version) {
    return golden("entries-" + version + ".txt")
        .lines()
        .map(line -> ByteString.copyFrom(HEX.parseHex(line)))
        .toList();
  }

  private static String rows(TreeStore store) {
    StringBuilder text = new StringBuilder();
    for (Family family : Family.values()) {
      if (family.number() > Family.TTL.number() && store.all(family).isEmpty()) {
        continue; // younger than the first golden files
      }
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

  private PartitionMachine machine(TreeStore in) {
    MetaRows.settle(in, 1, PARTITION, "n1");
    return new PartitionMachine(1, PARTITION, in, new StoreFlusher(in));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void applyingGoldenEntriesGivesGoldenRows(int version) {
    PartitionMachine machine = machine(store);
    long index = 0;
    for (ByteString entry : goldenEntries(version)) {
      assertThat(machine.apply(3, index++, entry)).isEqualTo(EntryOutcome.APPLIED);
    }
    assertThat(rows(store)).isEqualTo(golden("rows-" + version + ".txt"));
  }

  @Test
  void goldenRowsAreUnderstood() {
    RowBatch batch = store.newBatch();
    Family family = Family.ITEMS;
    for (String line : golden("rows-1.txt").lines().toList()) {
      int space = line.indexOf(' ');
      if (space < 0) {
        family = familyOf(line);
      } else {
        batch.put(
            family,
            HEX.parseHex(line.substring(0, space)),
            HEX.parseHex(line.substring(space + 1)));
      }
    }
    store.commit(batch);
    PartitionMachine machine = machine(store);
    assertThat(machine.appliedPosition()).isEqualTo(new LogPosition(3, 4));
    assertThat(machine.tables()).containsExactly(7);
    assertThat(machine.counters(7, 0).items()).isEqualTo(1);
    assertThat(machine.counters(7, 1)).isNotEqualTo(Counters.ZERO);
    assertThat(machine.memory().find(0x0102030405060708L, 0x1112131415161718L)).isPresent();
    assertThat(MetaRows.node(store, 1)).isEqualTo("n1");
    assertThat(
            new PartitionReader(store, PARTITION)
                .get(
                    io.equator.proto.GetRequest.newBuilder()
                        .addGets(
                            io.equator.proto.ItemGet.newBuilder()
                                .setTable(TABLE.reference())
                                .setKey(TestTables.key("a", 1)))
                        .build())
                .getResults(0)
                .hasItem())
        .isTrue();
  }

  private static Family familyOf(String name) {
    for (Family family : Family.values()) {
      if (family.storedName().equals(name)) {
        return family;
      }
    }
    throw new AssertionError("no family " + name);
  }

  @Test
  void entriesAreStillWrittenTheSameWay() {
    List<String> written = new ArrayList<>();
    for (ByteString entry : writtenEntries(store)) {
      written.add(HEX.formatHex(entry.toByteArray()));
    }
    assertThat(String.join("\n", written) + "\n").isEqualTo(golden("entries-2.txt"));
  }

  /**
   * Put, put, update with an answer, delete; the same of a table with a stream; schema, trim, drop:
   * what the core writes for them.
   */
  private List<ByteString> writtenEntries(TreeStore in) {
    PartitionMachine machine = machine(in);
    ScriptedLog log = new ScriptedLog(machine);
    log.lead(3);
    log.automatic();
    HybridClock clock = new HybridClock(() -> 1_700_000_000_000L, Duration.ofSeconds(1));
    PartitionWriter writer =
        new PartitionWriter(
            log, machine, in, clock, 2, () -> 1_700_000_000_000L, WriteLimits.defaults());
    WriteRequest.Builder request =
        WriteRequest.newBuilder()
            .setRequestIdHigh(0x0102030405060708L)
            .setRequestIdLow(0x1112131415161718L)
            .setFirstSentMillis(1_700_000_000_000L);
    List<io.equator.proto.ItemWrite> writes =
        List.of(
            TestTables.put(TABLE, "a", 1, "kind", "k", "rank", 5L, "extra", "e"),
            TestTables.put(TABLE, "b", -2, "other", "o"),
            TestTables.update(TABLE, "a", 1, TestTables.set("kind", "l")).toBuilder()
                .setReturnValues(ReturnValues.UPDATED_OLD)
                .build(),
            TestTables.delete(TABLE, "b", -2),
            TestTables.put(STREAMED, "a", 1, "kind", "k"),
            TestTables.update(STREAMED, "a", 1, TestTables.set("kind", "l")),
            TestTables.update(STREAMED, "a", 1, TestTables.set("kind", "l")),
            TestTables.delete(STREAMED, "a", 1),
            TestTables.put(STREAMED, "c", 3));
    for (int i = 0; i < writes.size(); i++) {
      writer.write(
          request
              .clone()
              .setRequestIdLow(request.getRequestIdLow() + i)
              .addWrites(writes.get(i))
              .build(),
          List.of(i < 4 ? TABLE : STREAMED),
          _ -> {});
    }
    RequireSchema floor = RequireSchema.newBuilder().setTableId(9).setSchemaVersion(1).build();
    TrimChanges trim = TrimChanges.newBuilder().setTableId(9).setBeforeIndex(5).build();
    DropTable drop = DropTable.newBuilder().setTableId(8).build();
    writer.submit(Effect.newBuilder().setRequireSchema(floor).build()).join();
    writer.submit(Effect.newBuilder().setTrimChanges(trim).build()).join();
    writer.submit(Effect.newBuilder().setDropTable(drop).build()).join();
    assertThat(log.applied()).hasSize(12);
    for (ByteString entry : log.applied()) {
      assertThat(parsed(entry).getEpoch()).isEqualTo(1);
    }
    return log.applied();
  }

  private static PartitionEntry parsed(ByteString entry) {
    try {
      return PartitionEntry.parseFrom(entry);
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
