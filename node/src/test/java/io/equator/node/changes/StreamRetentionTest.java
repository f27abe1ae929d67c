package io.equator.node.changes;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.node.core.OnePartition;
import io.equator.node.core.TestTables;
import io.equator.node.service.HostedPartition;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Records of streams stay for a day, or until they are too many bytes. */
class StreamRetentionTest {
  private static final long DAY_MILLIS = 24L * 60 * 60 * 1000;
  private static final int BUSY = 7;
  private static final int QUIET = 8;

  private final OnePartition one = new OnePartition();
  private final HostedPartition partition = one.hosted();
  private final CatalogSnapshot catalog =
      CatalogSnapshot.empty()
          .with(
              CatalogEvent.newBuilder()
                  .setRevision(1)
                  .setFull(true)
                  .addPuts(object(BUSY))
                  .addPuts(object(QUIET))
                  .build());
  private int written;

  private static CatalogObject object(int table) {
    TableDescriptor descriptor =
        TestTables.streamed(table, "NEW_IMAGE").toBuilder().setStreamId(1).build();
    return CatalogObject.newBuilder()
        .setKey("table/" + descriptor.getName())
        .setTable(descriptor)
        .build();
  }

  private StreamRetention retention(long bytesMax) {
    return new StreamRetention(() -> catalog, () -> one.pass(0), bytesMax);
  }

  private void write(int table, int records) {
    TableView view = catalog.table(table).orElseThrow();
    for (int i = 0; i < records; i++) {
      one.write(view, TestTables.put(view, "item" + written++, 1, "text", "x".repeat(200)));
    }
  }

  private long bytes(int table) {
    return partition.machine().changesKept(table).bytes();
  }

  private long records(int table) {
    return partition.machine().changesKept(table).records();
  }

  @Test
  void recordsStayForADay() {
    StreamRetention retention = retention(0);
    ChangeTrimmer trimmer = new ChangeTrimmer(List.of(retention));
    write(BUSY, 10);
    one.pass(DAY_MILLIS);
    write(BUSY, 5);
    trimmer.trim(partition);
    assertThat(records(BUSY)).isEqualTo(15);
    one.pass(1);
    trimmer.trim(partition);
    assertThat(records(BUSY)).isEqualTo(5);
    assertThat(retention.recordsGoneEarly()).as("none of them before its time").isZero();
  }

  @Test
  void whatIsTooMuchGoesBeforeThatTheOldestFirst() {
    write(QUIET, 5);
    write(BUSY, 100);
    long each = bytes(BUSY) / 100;
    long max = bytes(QUIET) + 40 * each;
    StreamRetention retention = retention(max);
    ChangeTrimmer trimmer = new ChangeTrimmer(List.of(retention));
    long last = partition.machine().changesKept(BUSY).last();

    trimmer.trim(partition);
    trimmer.trim(partition);
    assertThat(bytes(QUIET) + bytes(BUSY)).isLessThanOrEqualTo(max);
    assertThat(records(BUSY)).isBetween(35L, 40L);
    assertThat(records(QUIET)).as("it did not fill the disk").isEqualTo(5);
    assertThat(partition.machine().changesKept(BUSY).last()).isEqualTo(last);
    assertThat(retention.recordsGoneEarly()).isEqualTo(100 - records(BUSY));
  }

  @Test
  void whatSomebodyElseNeedsStays() {
    write(BUSY, 100);
    StreamRetention retention = retention(1);
    long needed = partition.machine().changesKept(BUSY).last() - 9;
    ChangeTrimmer trimmer = new ChangeTrimmer(List.of(retention, (_, _) -> needed));
    trimmer.trim(partition);
    trimmer.trim(partition);
    assertThat(partition.machine().changesKept(BUSY).floor()).isEqualTo(needed);
    assertThat(records(BUSY)).isEqualTo(10);
  }

  @Test
  void aLongLogIsTrimmedWithoutAPause() {
    write(BUSY, 5_000);
    StreamRetention retention = retention(1);
    ChangeTrimmer[] trimmer = new ChangeTrimmer[1];
    List<HostedPartition> waiting = new ArrayList<>();
    trimmer[0] = new ChangeTrimmer(List.of(retention), waiting::add);
    trimmer[0].trim(partition);
    while (!waiting.isEmpty()) {
      trimmer[0].trim(waiting.removeFirst());
    }
    assertThat(records(BUSY)).isZero();
    assertThat(retention.recordsGoneEarly()).isEqualTo(5_000);
  }
}
