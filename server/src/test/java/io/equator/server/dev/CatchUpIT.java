package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.node.core.Family;
import io.equator.node.service.HostedPartition;
import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogImage;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.PartitionDescriptor.State;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.LogPosition;
import io.equator.replication.log.ReplicatedLog;
import io.equator.replication.ratis.RatisConfig.LogKept;
import io.equator.server.Await;
import io.equator.server.Main;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/**
 * A node that was away so long that the others have cut their logs gets its state from one of them,
 * and is as good as they are afterwards.
 */
class CatchUpIT {

  /** So little that a node is too far behind after some hundred entries. */
  private static final LogKept LITTLE = new LogKept(20, 16 << 10);

  /** Enough for several files of the log of the catalog, which only whole files are cut from. */
  private static final int TABLES = 120;

  @TempDir private Path temporary;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aNodeThatIsTooFarBehindCatchesUpAndLeads(boolean wiped) throws Exception {
    Path data = temporary.resolve("data");
    DevOptions options =
        new DevOptions(
            "localhost",
            0,
            Optional.of(data),
            OptionalInt.of(3),
            OptionalInt.of(2),
            Optional.empty(),
            Optional.empty());
    Writers writers = new Writers(8);
    try (EmbeddedCluster cluster = EmbeddedCluster.start(options, LITTLE);
        DynamoDbClient client = Writers.client(cluster.url())) {
      EmbeddedNodes nodes = cluster.embeddedNodes();
      Writers.createTable(client);
      Writers.Running running = writers.start(client, true);
      running.awaitAnswers(100);
      int away = follower(nodes);
      List<LogPosition> before = positions(nodes.node(away));
      nodes.crash(away);
      if (wiped) {
        delete(data.resolve("node-" + away));
      }
      running.awaitAnswers(3_000);
      createTables(client);
      running.awaitAnswers(500);
      // Far behind what it may have written down before it went, so that no log leads there.
      Await.until("all logs are cut", () -> allCut(nodes, data, away, before));

      nodes.restart(away);
      running.awaitAnswers(300);
      running.stop();
      Await.until("the node has caught up", () -> equalPositions(nodes));

      for (long partition = 0; partition <= 2; partition++) {
        makeLeader(nodes, away, partition);
      }
      writers.check(client);
      client.putItem(r -> r.tableName("table1").item(Map.of("pk", AttributeValue.fromS("after"))));
      createTable(client, "after");
      Await.until("the positions are equal", () -> equalPositions(nodes));
      for (int node = 1; node <= 3; node++) {
        nodes.node(node).cutLogs();
      }
    }
    Map<Family, String> expected = StoredRows.of(data, 1);
    for (int node = 1; node <= 3; node++) {
      Map<Family, String> found = StoredRows.of(data, node);
      for (Family family : Family.values()) {
        assertThat(found.get(family))
            .as(family + " of node " + node)
            .isEqualTo(expected.get(family));
      }
      assertThat(catalog(data, node)).isEqualTo(catalog(data, 1));
    }
  }

  /**
   * Neither the log of the partition nor those of its halves reach back to where the node was, and
   * the state of the partition at its end is nowhere any more: the halves are fetched.
   */
  @Test
  void aNodeThatHasMissedASplitGetsTheHalves() throws Exception {
    Path data = temporary.resolve("data");
    DevOptions options =
        new DevOptions(
            "localhost",
            0,
            Optional.of(data),
            OptionalInt.of(3),
            OptionalInt.of(2),
            Optional.empty(),
            Optional.empty());
    Writers writers = new Writers(8);
    try (EmbeddedCluster cluster = EmbeddedCluster.start(options, LITTLE);
        DynamoDbClient client = Writers.client(cluster.url())) {
      EmbeddedNodes nodes = cluster.embeddedNodes();
      Writers.createTable(client);
      Writers.Running running = writers.start(client, true);
      running.awaitAnswers(100);
      int away = follower(nodes);
      long before = positions(nodes.node(away)).getFirst().index();
      nodes.crash(away);
      running.awaitAnswers(1_500);
      int code =
          Main.commandLine()
              .execute("admin", "split", "--partition", "1", "--endpoint-url", cluster.url());
      assertThat(code).isZero();
      Await.until("the halves serve", () -> halves(cluster).size() == 2);
      List<Long> halves = halves(cluster);
      running.awaitAnswers(1_500);
      Await.until(
          "all logs are cut",
          () -> {
            cutLogs(nodes, away);
            for (int node = 1; node <= 3; node++) {
              if (node != away
                  && (firstInLog(data, node, 1) <= before + 40
                      || firstInLog(data, node, halves.getFirst()) == 0
                      || firstInLog(data, node, halves.getLast()) == 0)) {
                return false;
              }
            }
            return true;
          });

      nodes.restart(away);
      running.awaitAnswers(300);
      running.stop();
      Await.until(
          "the partition is gone", () -> cluster.catalog().partitionDescriptor(1).isEmpty());
      for (long half : halves) {
        Await.until(
            "the node has half " + half, () -> nodes.node(away).storage().partition(half) != null);
        makeLeader(nodes, away, half);
      }
      writers.check(client);
      for (long half : halves) {
        Await.until(
            "all are at the same place in half " + half,
            () ->
                applied(nodes, 1, half).equals(applied(nodes, 2, half))
                    && applied(nodes, 1, half).equals(applied(nodes, 3, half)));
      }
      for (int node = 1; node <= 3; node++) {
        nodes.node(node).cutLogs();
      }
    }
    Map<Family, String> expected = StoredRows.of(data, 1);
    for (int node = 2; node <= 3; node++) {
      assertThat(StoredRows.of(data, node).get(Family.ITEMS))
          .as("items of node " + node)
          .isEqualTo(expected.get(Family.ITEMS));
    }
  }

  private static LogPosition applied(EmbeddedNodes nodes, int node, long partition) {
    HostedPartition hosted = nodes.node(node).storage().partition(partition);
    return hosted == null ? LogPosition.NONE : hosted.machine().appliedPosition();
  }

  private static List<Long> halves(EmbeddedCluster cluster) {
    return cluster.catalog().partitionDescriptors().stream()
        .filter(each -> each.getParentId() == 1 && each.getState() == State.SERVING)
        .map(PartitionDescriptor::getPartitionId)
        .toList();
  }

  private static int follower(EmbeddedNodes nodes) {
    for (int node = 1; node <= 3; node++) {
      if (!leads(log(nodes.node(node), 1))) {
        return node;
      }
    }
    throw new AssertionError("all lead");
  }

  private static boolean leads(ReplicatedLog log) {
    return log.leadership() instanceof Leadership.Leader(_, boolean ready) && ready;
  }

  private static ReplicatedLog log(EmbeddedNode node, long partition) {
    if (partition == 0) {
      return node.catalogLog();
    }
    HostedPartition hosted = node.storage().partition(partition);
    if (hosted == null) {
      throw new AssertionError("partition " + partition + " is not there");
    }
    return hosted.log();
  }

  private static List<LogPosition> positions(EmbeddedNode node) {
    List<LogPosition> positions = new ArrayList<>();
    for (long partition = 1; partition <= 2; partition++) {
      HostedPartition hosted = node.storage().partition(partition);
      positions.add(hosted == null ? LogPosition.NONE : hosted.machine().appliedPosition());
    }
    return positions;
  }

  private static boolean equalPositions(EmbeddedNodes nodes) {
    List<LogPosition> first = positions(nodes.node(1));
    return !first.contains(LogPosition.NONE)
        && positions(nodes.node(2)).equals(first)
        && positions(nodes.node(3)).equals(first);
  }

  private static void cutLogs(EmbeddedNodes nodes, int except) {
    for (int node = 1; node <= 3; node++) {
      if (node != except) {
        nodes.node(node).cutLogs();
      }
    }
  }

  private static boolean allCut(
      EmbeddedNodes nodes, Path data, int away, List<LogPosition> before) {
    cutLogs(nodes, away);
    for (int node = 1; node <= 3; node++) {
      for (int group = 0; node != away && group <= 2; group++) {
        long known = group == 0 ? 30 : before.get(group - 1).index() + 40;
        if (firstInLog(data, node, group) <= known) {
          return false;
        }
      }
    }
    return true;
  }

  private static long firstInLog(Path data, int node, long partition) {
    GroupId group = new GroupId(partition);
    Path log = data.resolve("node-" + node).resolve("raft").resolve(group.uuid().toString());
    try (Stream<Path> files = Files.list(log.resolve("current"))) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.startsWith("log_"))
          .mapToLong(name -> Long.parseLong(name.replaceAll("log_(inprogress_)?(\\d+).*", "$2")))
          .min()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void makeLeader(EmbeddedNodes nodes, int wanted, long partition) {
    Await.until(
        "node " + wanted + " leads " + partition,
        () -> {
          for (int node = 1; node <= 3; node++) {
            if (node != wanted && leads(log(nodes.node(node), partition))) {
              log(nodes.node(node), partition).transferTo(new NodeId("node-" + wanted));
              LockSupport.parkNanos(500_000_000);
            }
          }
          return leads(log(nodes.node(wanted), partition));
        });
  }

  private static void createTables(DynamoDbClient client) {
    for (int i = 1; i <= TABLES; i++) {
      createTable(client, "table" + i);
    }
  }

  @SuppressWarnings("unchecked") // The SDK takes its builders as an array of generic type.
  private static void createTable(DynamoDbClient client, String name) {
    client.createTable(
        r ->
            r.tableName(name)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(
                    a -> a.attributeName("pk").attributeType(ScalarAttributeType.S))
                .keySchema(k -> k.attributeName("pk").keyType(KeyType.HASH)));
  }

  /** The image without its position: a member may have been closed an entry later. */
  private static CatalogImage catalog(Path data, int node) throws IOException {
    byte[] file =
        Files.readAllBytes(
            data.resolve("node-" + node).resolve("catalog").resolve("catalog.image"));
    return CatalogImage.parseFrom(ByteBuffer.wrap(file, 16, file.length - 16)).toBuilder()
        .clearTerm()
        .clearLogIndex()
        .build();
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
