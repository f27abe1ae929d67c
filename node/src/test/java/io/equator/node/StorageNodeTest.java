package io.equator.node;

import static io.equator.node.NodeHarness.PARTITION;
import static io.equator.node.core.TestTables.indexed;
import static io.equator.node.core.TestTables.item;
import static io.equator.node.core.TestTables.plain;
import static io.equator.node.core.TestTables.put;
import static io.equator.node.core.TestTables.view;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.equator.model.item.EncodedItem;
import io.equator.node.NodeHarness.TestCatalog;
import io.equator.node.core.StoreException;
import io.equator.node.core.TestTables;
import io.equator.node.dump.StoreDump;
import io.equator.node.service.HostedPartition;
import io.equator.proto.CatalogEvent;
import io.equator.proto.ConfirmTermsRequest;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResponse;
import io.equator.proto.ItemGet;
import io.equator.proto.Page;
import io.equator.proto.PartitionRef;
import io.equator.proto.ReadPageRequest;
import io.equator.proto.Redirect.Reason;
import io.equator.proto.TableDescriptor;
import io.equator.proto.TableStatisticsRequest;
import io.equator.proto.TokenRange;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.replication.catalog.TableView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole storage node over real Ratis and RocksDB: write, read, restart, tables that come and go.
 */
final class StorageNodeTest {
  private static final TableView TABLE = view(plain(7));

  @TempDir private Path directory;

  private static WriteRequest write(TableView table, String pk, long sk, Object... more) {
    return WriteRequest.newBuilder()
        .setPartition(PARTITION)
        .addWrites(put(table, pk, sk, more))
        .build();
  }

  private static GetRequest get(TableView table, String pk, long sk) {
    return GetRequest.newBuilder()
        .setPartition(PARTITION)
        .setConsistent(true)
        .addGets(ItemGet.newBuilder().setTable(table.reference()).setKey(TestTables.key(pk, sk)))
        .build();
  }

  private static ReadPageRequest scan(TableView table) {
    return ReadPageRequest.newBuilder()
        .setPartition(PARTITION)
        .setTable(table.reference())
        .setConsistent(true)
        .setScan(TokenRange.newBuilder().setFirst(0).setLast(-1L))
        .build();
  }

  @Test
  void whatWasWrittenIsReadAlsoAfterARestart() throws IOException {
    TestCatalog catalog = new TestCatalog();
    try (NodeHarness harness = new NodeHarness(directory, catalog)) {
      WriteResponse written = harness.stub().write(write(TABLE, "a", 1, "x", "y"));
      assertThat(written.getResults().getResults(0).hasWritten()).isTrue();
      GetResponse got = harness.stub().get(get(TABLE, "a", 1));
      EncodedItem read = EncodedItem.wrap(got.getResults().getResults(0).getItem());
      assertThat(read.contentEquals(item("a", 1, "x", "y"))).isTrue();
      assertThat(harness.stub().get(get(TABLE, "a", 2)).getResults().getResults(0).hasItem())
          .isFalse();
      assertThat(
              harness
                  .stub()
                  .tableStatistics(TableStatisticsRequest.newBuilder().setTableId(7).build())
                  .getItemCount())
          .isEqualTo(1);
      assertThat(
              harness
                  .stub()
                  .confirmTerms(
                      ConfirmTermsRequest.newBuilder()
                          .addPartitionIds(1)
                          .addPartitionIds(99)
                          .build())
                  .getTermsList())
          .satisfiesExactly(
              term -> assertThat(term).isPositive(), none -> assertThat(none).isZero());
    }
    try (NodeHarness harness = new NodeHarness(directory, catalog)) {
      GetResponse got = harness.stub().get(get(TABLE, "a", 1));
      assertThat(got.getResults().getResults(0).hasItem()).isTrue();
    }
    List<String> lines = new ArrayList<>();
    try (StoreDump dump = StoreDump.open(directory.resolve("data"))) {
      dump.partitions(lines::add);
      assertThat(dump.items(7, 10, lines::add)).isEqualTo(1);
    }
    assertThat(lines.get(0)).contains("\"partition\":1", "\"items\":1", "\"node\":\"n1\"");
    assertThat(lines.get(1))
        .contains("\"item\":{\"pk\":{\"S\":\"a\"},\"sk\":{\"N\":\"1\"},\"x\":{\"S\":\"y\"}}");
  }

  @Test
  void aRequestForSomethingElseIsAnsweredWithTheTruth() throws IOException {
    try (NodeHarness harness = new NodeHarness(directory, new TestCatalog())) {
      WriteRequest good = write(TABLE, "a", 1);
      PartitionRef other = PARTITION.toBuilder().setPartitionId(2).build();
      PartitionRef older = PARTITION.toBuilder().setEpoch(9).build();
      assertThat(reason(harness, good.toBuilder().setPartition(other)))
          .isEqualTo(Reason.WRONG_PARTITION);
      assertThat(reason(harness, good.toBuilder().setPartition(older)))
          .isEqualTo(Reason.WRONG_PARTITION);
      assertThat(reason(harness, write(view(plain(8)), "a", 1).toBuilder()))
          .isEqualTo(Reason.UNKNOWN_TABLE);
      harness.createTable(plain(7).toBuilder().setSchemaVersion(2).build());
      assertThat(reason(harness, good.toBuilder())).isEqualTo(Reason.STALE_SCHEMA);
    }
  }

  private static Reason reason(NodeHarness harness, WriteRequest.Builder request) {
    return harness.stub().write(request.build()).getRedirect().getReason();
  }

  @Test
  void aLongPageComesWhole() throws IOException {
    try (NodeHarness harness = new NodeHarness(directory, new TestCatalog())) {
      for (int i = 0; i < 300; i++) {
        harness.stub().write(write(TABLE, "a", i));
      }
      Page page = harness.stub().readPage(scan(TABLE)).getPage();
      assertThat(page.getCount()).isEqualTo(300);
      assertThat(page.hasLastEvaluatedKey()).isFalse();
    }
  }

  @Test
  void aTableThatIsDeletedLeavesNothingBehind() throws IOException {
    TableView table = view(indexed(8));
    try (NodeHarness harness = new NodeHarness(directory, new TestCatalog())) {
      harness.createTable(indexed(8));
      harness.stub().write(write(table, "a", 1, "kind", "k"));
      harness.stub().write(write(TABLE, "a", 1));
      harness.publish(CatalogEvent.newBuilder().addDeletes("table/table8"));
      NodeHarness.await(
          () -> !harness.node().all().iterator().next().machine().tables().contains(8),
          "the table is not dropped");
      NodeHarness.await(() -> !harness.node().hasDroppedRows(), "its rows are not removed");
      assertThat(harness.stub().readPage(scan(TABLE)).getPage().getCount()).isEqualTo(1);
      harness.node().flush();
    }
    try (StoreDump dump = StoreDump.open(directory.resolve("data"))) {
      assertThat(dump.items(8, 10, _ -> {})).isZero();
      assertThat(dump.indexRows(8, 3, 10, _ -> {})).isZero();
      assertThat(dump.items(7, 10, _ -> {})).isEqualTo(1);
    }
  }

  /**
   * A node that starts may get its first copy of the catalog from a member that starts too and has
   * not replayed its log yet: a copy that knows nothing of a table whose changes are read.
   */
  @Test
  void anOldCopyOfTheCatalogLetsNoChangeGo() throws IOException {
    TableDescriptor streamed =
        plain(2_000).toBuilder()
            .setStreamEnabled(true)
            .setStreamId(1)
            .setStreamViewType("NEW_AND_OLD_IMAGES")
            .build();
    try (NodeHarness harness = new NodeHarness(directory, new TestCatalog())) {
      harness.createTable(streamed);
      harness.stub().write(write(view(streamed), "a", 1));
      assertThat(changesKept(harness)).isEqualTo(1);
    }
    try (NodeHarness harness = new NodeHarness(directory, new TestCatalog())) {
      // Two drops, one after the other, show that the node has looked at everything in between.
      for (int id = 8; id <= 9; id++) {
        TableView table = view(plain(id));
        harness.createTable(plain(id));
        harness.stub().write(write(table, "a", 1));
        harness.publish(CatalogEvent.newBuilder().addDeletes("table/table" + id));
        int dropped = id;
        NodeHarness.await(
            () -> !harness.node().all().iterator().next().machine().tables().contains(dropped),
            "the table is not dropped");
      }
      assertThat(changesKept(harness)).isEqualTo(1);
    }
    // The catalog says that there was no more to know.
    try (NodeHarness harness = new NodeHarness(directory, new TestCatalog().confirmed())) {
      NodeHarness.await(() -> changesKept(harness) == 0, "the change is kept for ever");
    }
  }

  private static long changesKept(NodeHarness harness) {
    return harness.node().all().iterator().next().machine().changesKept(2_000).records();
  }

  @Test
  void aReplicaThatStoppedItselfIsOpenedAgain() throws IOException {
    try (NodeHarness harness = new NodeHarness(directory, new TestCatalog())) {
      harness.stub().write(write(TABLE, "a", 1));
      HostedPartition before = Objects.requireNonNull(harness.node().partition(1));
      // An entry that cannot be understood: applying it throws, here and after each restart.
      var _ = before.log().propose(before.log().currentTerm(), ByteString.copyFromUtf8("nonsense"));
      NodeHarness.await(
          () -> before.log().leadership().term() == 0, "the replica has not stopped itself");
      NodeHarness.await(
          () -> {
            HostedPartition now = harness.node().partition(1);
            return now != null && now != before;
          },
          "the replica is not opened again");
      HostedPartition second = Objects.requireNonNull(harness.node().partition(1));
      assertThat(second.machine().appliedPosition()).isNotNull();
      NodeHarness.await(
          () -> second.log().leadership().term() == 0, "it does not stop at the same entry");
      NodeHarness.await(
          () -> harness.node().partition(1) == null, "it is served although it has stopped");
    }
  }

  @Test
  void aDirectoryHasOneUserAtATime() throws IOException {
    try (NodeHarness harness = new NodeHarness(directory, new TestCatalog())) {
      assertThat(harness.node().id()).isEqualTo(NodeHarness.NODE);
      assertThatThrownBy(() -> StoreDirectory.take(directory.resolve("data"), "n1"))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("is in use by another process");
    }
    StoreDirectory.take(directory.resolve("data"), "n1").close();
  }

  @Test
  void aDirectoryOfANewerVersionOrOfAnotherNodeIsLeftAlone() throws IOException {
    Path data = directory.resolve("data");
    StoreDirectory.take(data, "n1").close();
    assertThat(Files.readString(data.resolve("FORMAT"))).isEqualTo("equator-store 1\nnode n1\n");
    assertThatThrownBy(() -> StoreDirectory.take(data, "n2"))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("belongs to node n1, not to node n2");
    Files.writeString(data.resolve("FORMAT"), "equator-store 2\nnode n1\n");
    assertThatThrownBy(() -> StoreDirectory.take(data, "n1"))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("was written by a newer version");
  }
}
