package io.equator.server.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.equator.server.dev.Writers;
import io.equator.server.serve.SmallDisks.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;

/**
 * Nodes whose disks fill while applications write: the cluster goes on while a majority has room,
 * refuses writes and serves reads while none has, and goes on by itself when there is space again.
 * What was answered is there at the end.
 */
class DiskFullIT {
  private static final int DISK_MEBIBYTES = 160;
  private static final long LIMIT = 48L << 20;
  private static final long WITHIN_SECONDS = 120;

  private static final Map<String, AttributeValue> KEY =
      Map.of("pk", AttributeValue.fromS("seen"), "sk", AttributeValue.fromN("1"));

  @TempDir private Path temporary;

  @BeforeEach
  void needsToMount() throws Exception {
    assumeTrue(
        SmallDisks.permitted(temporary, Kind.TMPFS),
        "this machine does not permit to mount a file system");
  }

  /** The usual processes, whose files are on these disks. */
  private record OnDisks(SmallDisks disks, ProcessLayout usual) implements ProcessLayout {
    @Override
    public Addresses addresses(int number) {
      return usual.addresses(number);
    }

    @Override
    public Path data(int number) {
      return disks.disk(number).resolve("data");
    }

    @Override
    public List<String> program() {
      return usual.program();
    }

    @Override
    public Map<String, String> environment(int number) {
      return usual.environment(number);
    }
  }

  private ProcessLayout on(SmallDisks disks) {
    return new OnDisks(disks, new OwnPorts(temporary));
  }

  /** A question to the cluster that may fail. */
  private interface Question {
    boolean holds() throws Exception;
  }

  private static void await(String what, Question question) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WITHIN_SECONDS);
    Exception last = null;
    while (System.nanoTime() - end < 0) {
      try {
        if (question.holds()) {
          return;
        }
      } catch (SdkException e) {
        last = e;
      }
      Thread.sleep(200);
    }
    throw new AssertionError("not within " + WITHIN_SECONDS + " s: " + what, last);
  }

  private static boolean put(DynamoDbClient client) {
    client.putItem(r -> r.tableName(Writers.TABLE).item(KEY));
    return true;
  }

  private static boolean isRefused(DynamoDbClient client) {
    try {
      put(client);
      return false;
    } catch (DynamoDbException e) {
      return e.statusCode() == 503
          && e.awsErrorDetails().errorCode().equals("ServiceUnavailableException")
          && e.awsErrorDetails().errorMessage().contains("read-only");
    }
  }

  private static boolean isRead(DynamoDbClient client) {
    return client.getItem(r -> r.tableName(Writers.TABLE).key(KEY).consistentRead(true)).hasItem();
  }

  private static boolean leadsNothing(ClusterProcesses cluster, int at, String node) {
    String nodes = cluster.admin(at, "nodes", "--output", "json").output();
    int from = nodes.indexOf("\"node\" : \"" + node + "\"");
    return from >= 0
        && nodes.substring(from).replaceAll("(?s)\\}.*", "").contains("\"leads\" : 0,");
  }

  @Test
  void writesGoOnWhileAMajorityHasRoomAreRefusedWhileNotAndNothingIsLost() throws Exception {
    String limits = "disk: {free-bytes-min: " + (LIMIT >> 20) + "MiB, free-percent-min: 90}\n";
    try (SmallDisks disks = new SmallDisks(temporary, Kind.TMPFS, DISK_MEBIBYTES);
        ClusterProcesses cluster =
            new ClusterProcesses(temporary, limits + "cluster: {partitions: 3}", on(disks))) {
      cluster.found();
      cluster.join(2);
      cluster.join(3);
      cluster.awaitHealth(1);
      Writers writers = new Writers(4);
      try (LoadBalancer balancer = new LoadBalancer(cluster.apiPorts());
          DynamoDbClient client = Writers.client(balancer.url())) {
        Writers.createTable(client);
        put(client);
        Writers.Running running = writers.start(client, true);
        running.awaitAnswers(100);

        // One of three: it gives away what it leads.
        disks.fillUpTo(1, LIMIT / 2);
        await("node-1 leads nothing", () -> leadsNothing(cluster, 2, "node-1"));
        assertThat(cluster.admin(2, "status").output()).contains("node-1 is strained");
        running.awaitAnswers(100);

        // Two of three: nobody takes writes, everybody reads.
        disks.fillUpTo(2, LIMIT / 2);
        await("writes are refused", () -> isRefused(client));
        await("reads go on", () -> isRead(client));
        for (int port : cluster.apiPorts()) {
          try (DynamoDbClient direct = Writers.client("http://127.0.0.1:" + port)) {
            await("reads go on at each", () -> isRead(direct));
          }
        }

        disks.free(1);
        disks.free(2);
        await("writes are taken again", () -> put(client));
        running.awaitAnswers(200);
        cluster.awaitHealth(3);
        running.stop();
        writers.check(client);
      }
      for (int node = 1; node <= 3; node++) {
        assertThat(cluster.output(node)).contains("Ready: ");
        assertThat(cluster.stop(node)).as("exit code of node %s", node).isZero();
      }
    }
  }

  @Test
  void aDiskThatIsFullToTheLastByteIsSurvivedToo() throws Exception {
    // No reserve: the log and the store meet the end of the disk themselves.
    try (SmallDisks disks = new SmallDisks(temporary, Kind.TMPFS, DISK_MEBIBYTES);
        ClusterProcesses cluster =
            new ClusterProcesses(
                temporary, "disk: {free-bytes-min: 0}\ncluster: {partitions: 3}", on(disks))) {
      cluster.found();
      cluster.join(2);
      cluster.join(3);
      cluster.awaitHealth(1);
      Writers writers = new Writers(4);
      try (LoadBalancer balancer = new LoadBalancer(cluster.apiPorts());
          DynamoDbClient client = Writers.client(balancer.url())) {
        Writers.createTable(client);
        put(client);
        Writers.Running running = writers.start(client, true);
        running.awaitAnswers(100);
        disks.fillUpTo(1, 0);
        await(
            "node-1 notices",
            () -> {
              disks.fillUpTo(1, 0);
              return cluster.output(1).contains("writing the log failed");
            });
        // The other two are a majority.
        running.awaitAnswers(100);
        disks.free(1);
        running.awaitAnswers(100);
        cluster.awaitHealth(2);
        running.stop();
        writers.check(client);
      }
      try (DynamoDbClient direct = Writers.client("http://127.0.0.1:" + cluster.apiPort(1))) {
        writers.check(direct);
      }
    }
  }
}
