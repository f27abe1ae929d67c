package io.equator.server.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.server.dev.Writers;
import io.equator.server.serve.ClusterProcesses.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Clusters of real processes with certificates, under writes through one load-balanced address.
 * What was answered is there at the end, whatever was killed, added or taken away.
 */
class ClusterIT {
  private static final int WRITERS = 6;

  @TempDir private Path temporary;

  @Test
  void eachOfThreeNodesIsKilledInTurnAndNothingIsLost() throws Exception {
    try (ClusterProcesses cluster = new ClusterProcesses(temporary, "cluster: {partitions: 3}")) {
      cluster.found();
      cluster.join(2);
      cluster.join(3);
      cluster.awaitHealth(1);
      Writers writers = new Writers(WRITERS);
      try (LoadBalancer balancer = new LoadBalancer(cluster.apiPorts());
          DynamoDbClient client = Writers.client(balancer.url())) {
        Writers.createTable(client);
        Writers.Running running = writers.start(client, true);
        for (int node = 1; node <= 3; node++) {
          running.awaitAnswers(100);
          cluster.kill(node);
          running.awaitAnswers(100);
          cluster.start(node, Map.of());
          cluster.awaitHealth(node);
        }
        running.awaitAnswers(100);
        running.stop();
        writers.check(client);
      }
      for (int node = 1; node <= 3; node++) {
        try (DynamoDbClient direct = Writers.client("http://127.0.0.1:" + cluster.apiPort(node))) {
          writers.check(direct);
        }
      }
      for (int node = 1; node <= 3; node++) {
        assertThat(cluster.stop(node)).as("exit code of node %s", node).isZero();
      }
    }
  }

  @Test
  void aFourthNodeTakesItsShareAndTheFounderLeaves() throws Exception {
    try (ClusterProcesses cluster = new ClusterProcesses(temporary, "cluster: {partitions: 4}")) {
      cluster.found();
      cluster.join(2);
      cluster.join(3);
      cluster.awaitHealth(1);
      Writers writers = new Writers(WRITERS);
      try (LoadBalancer balancer =
              new LoadBalancer(List.of(cluster.apiPort(2), cluster.apiPort(3)));
          DynamoDbClient client = Writers.client(balancer.url())) {
        Writers.createTable(client);
        Writers.Running running = writers.start(client, true);
        running.awaitAnswers(100);

        // A node cannot go while nobody could take its place.
        Outcome refused = cluster.admin(1, "drain", "node-2");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.output()).contains("Add a node first");

        cluster.join(4);
        cluster.awaitOutput(
            2, output -> replicas(output).equals("3,3,3,3"), "nodes", "--output", "json");
        running.awaitAnswers(100);

        assertThat(cluster.admin(2, "drain", "node-1").exitCode()).isZero();
        cluster.awaitOutput(
            2, output -> replicas(output).equals("0,4,4,4"), "nodes", "--output", "json");
        cluster.awaitOutput(
            2, output -> output.contains("no node of the cluster any more"), "remove", "node-1");
        assertThat(cluster.stop(1)).isZero();
        running.awaitAnswers(100);
        cluster.awaitHealth(2);
        running.stop();
        writers.check(client);
      }
    }
  }

  /** The numbers of replicas, in the order of the nodes. */
  private static String replicas(String nodes) {
    return String.join(
        ",",
        nodes
            .lines()
            .map(String::strip)
            .filter(line -> line.startsWith("\"replicas\" : "))
            .map(line -> line.substring("\"replicas\" : ".length()).replace(",", ""))
            .toList());
  }
}
