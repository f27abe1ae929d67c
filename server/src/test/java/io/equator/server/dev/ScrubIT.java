package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.node.core.Family;
import io.equator.node.core.RowBatch;
import io.equator.node.core.RowCursor;
import io.equator.node.core.StoreException;
import io.equator.node.rocksdb.RocksConfig;
import io.equator.node.rocksdb.RocksStore;
import io.equator.node.service.HostedPartition;
import io.equator.proto.DigestResponse;
import io.equator.proto.ReplicaDigest;
import io.equator.proto.ScrubReport;
import io.equator.proto.ScrubReport.Verdict;
import io.equator.proto.ScrubResponse;
import io.equator.replication.log.LogPosition;
import io.equator.server.Await;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** One replica of three holds something else than the other two: that is found, and repaired. */
class ScrubIT {
  private static final int PARTITIONS = 2;
  private static final int BAD = 2;

  @TempDir private Path temporary;

  private DevOptions options() {
    return new DevOptions(
        "localhost",
        0,
        Optional.of(temporary.resolve("data")),
        OptionalInt.of(3),
        OptionalInt.of(PARTITIONS),
        Optional.empty(),
        Optional.empty());
  }

  private Path data() {
    return temporary.resolve("data");
  }

  private Writers written() throws Exception {
    Writers writers = new Writers(8);
    try (EmbeddedCluster cluster = EmbeddedCluster.start(options());
        DynamoDbClient client = Writers.client(cluster.url())) {
      Writers.createTable(client);
      Writers.Running running = writers.start(client, true);
      running.awaitAnswers(1_500);
      running.stop();
      assertThat(scrubAll(cluster.embeddedNodes()).values()).containsOnly(Verdict.EQUAL);
    }
    return writers;
  }

  @Test
  void anItemThatIsAnotherOneOnOneReplicaIsFoundAndReplaced() throws Exception {
    Writers writers = written();
    swapTwoItems();
    try (EmbeddedCluster cluster = EmbeddedCluster.start(options());
        DynamoDbClient client = Writers.client(cluster.url())) {
      EmbeddedNodes nodes = cluster.embeddedNodes();
      assertThat(scrubAll(nodes).values()).contains(Verdict.REPAIRING);
      Await.until(
          "all replicas are equal",
          () -> scrubAll(nodes).values().stream().allMatch(Verdict.EQUAL::equals));
      writers.check(client);
      Await.until("the positions are equal", () -> equalPositions(nodes));
    }
    assertEqualStores();
  }

  @Test
  void aFlippedBitInAFileIsFoundAndTheStoreMadeAnew() throws Exception {
    Writers writers = written();
    flipBits();
    Path damaged = StoredRows.store(data(), BAD).resolveSibling("rocksdb.damaged");
    try (EmbeddedCluster cluster = EmbeddedCluster.start(options());
        DynamoDbClient client = Writers.client(cluster.url())) {
      EmbeddedNodes nodes = cluster.embeddedNodes();
      Await.until(
          "the damage is found",
          () -> {
            scrubAll(nodes);
            return nodes.node(BAD).storage().broken().isPresent();
          });
      writers.check(client);
      nodes.crash(BAD);
      nodes.restart(BAD);
      Await.until(
          "all replicas are equal",
          () -> scrubAll(nodes).values().stream().allMatch(Verdict.EQUAL::equals));
      Await.until("the damaged files are gone", () -> !Files.exists(damaged));
      writers.check(client);
      Await.until("the positions are equal", () -> equalPositions(nodes));
    }
    assertEqualStores();
  }

  /** Both are sound by their own checksums. */
  private void swapTwoItems() {
    Path directory = StoredRows.store(data(), BAD);
    try (RocksStore store = RocksStore.open(directory, RocksConfig.defaults());
        RowBatch batch = store.newBatch()) {
      List<byte[]> keys = new ArrayList<>();
      List<byte[]> values = new ArrayList<>();
      try (RowCursor cursor = StoredRows.everything(store, Family.ITEMS)) {
        for (cursor.first(); cursor.valid() && keys.size() < 2; cursor.next()) {
          keys.add(cursor.key());
          values.add(cursor.value());
        }
      }
      batch.put(Family.ITEMS, keys.get(0), values.get(1));
      batch.put(Family.ITEMS, keys.get(1), values.get(0));
      store.commit(batch);
    }
  }

  /** Flips one bit of a file in such a place that rows cannot be read any more. */
  private void flipBits() throws IOException {
    List<Path> tables;
    try (Stream<Path> files = Files.list(StoredRows.store(data(), BAD))) {
      tables =
          files
              .filter(file -> file.toString().endsWith(".sst"))
              .sorted(Comparator.comparingLong((Path file) -> file.toFile().length()).reversed())
              .toList();
    }
    for (Path table : tables) {
      for (int part = 1; part < 16; part++) {
        flip(table, part);
        if (!isReadable()) {
          return;
        }
        flip(table, part);
      }
    }
    throw new AssertionError("every row can be read whatever is flipped in " + tables);
  }

  private static void flip(Path table, int part) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(table.toFile(), "rw")) {
      long place = file.length() * part / 16;
      file.seek(place);
      int found = file.read();
      file.seek(place);
      file.write(found ^ 0x10);
    }
  }

  private boolean isReadable() {
    try {
      var _ = StoredRows.of(data(), BAD);
      return true;
    } catch (StoreException e) {
      return false;
    }
  }

  /** Scrubs every partition at its leader, once it has one. */
  private static Map<Long, Verdict> scrubAll(EmbeddedNodes nodes) {
    Map<Long, Verdict> verdicts = new TreeMap<>();
    for (long partition = 1; partition <= PARTITIONS; partition++) {
      long id = partition;
      Await.until(
          "partition " + id + " is scrubbed",
          () -> {
            Optional<ScrubReport> report = scrub(nodes, id);
            report.ifPresent(whole -> verdicts.put(id, whole.getVerdict()));
            report.ifPresent(ScrubIT::assertSameEntry);
            return report.isPresent();
          });
    }
    return verdicts;
  }

  private static void assertSameEntry(ScrubReport report) {
    assertThat(report.getReplicasList()).hasSize(3);
    assertThat(
            report.getReplicasList().stream()
                .map(ReplicaDigest::getDigest)
                .filter(digest -> digest.getOutcome() == DigestResponse.Outcome.COMPUTED)
                .map(DigestResponse::getLogIndex))
        .containsOnly(report.getLogIndex());
  }

  private static Optional<ScrubReport> scrub(EmbeddedNodes nodes, long partition) {
    for (int node = 1; node <= 3; node++) {
      try {
        Optional<ScrubResponse> response = nodes.node(node).storage().scrub(partition);
        if (response.isPresent() && response.get().hasReport()) {
          return Optional.of(response.get().getReport());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
    return Optional.empty();
  }

  private static boolean equalPositions(EmbeddedNodes nodes) {
    List<LogPosition> first = positions(nodes.node(1));
    return !first.contains(LogPosition.NONE)
        && positions(nodes.node(2)).equals(first)
        && positions(nodes.node(3)).equals(first);
  }

  private static List<LogPosition> positions(EmbeddedNode node) {
    List<LogPosition> positions = new ArrayList<>();
    for (long partition = 1; partition <= PARTITIONS; partition++) {
      HostedPartition hosted = node.storage().partition(partition);
      positions.add(hosted == null ? LogPosition.NONE : hosted.machine().appliedPosition());
    }
    return positions;
  }

  private void assertEqualStores() {
    Map<Family, String> expected = StoredRows.of(data(), 1);
    for (int node = 2; node <= 3; node++) {
      Map<Family, String> found = StoredRows.of(data(), node);
      for (Family family : Family.values()) {
        assertThat(found.get(family))
            .as(family + " of node " + node)
            .isEqualTo(expected.get(family));
      }
    }
  }
}
