package io.equator.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.chaos.cluster.ClusterView;
import io.equator.chaos.cluster.ProcessCluster;
import io.equator.chaos.cluster.StoppedReplicas;
import io.equator.chaos.work.BankWork;
import io.equator.chaos.work.Client;
import io.equator.chaos.work.Crew;
import io.equator.chaos.work.RegisterWork;
import io.equator.chaos.work.Tally;
import io.equator.chaos.work.Work;
import io.equator.server.serve.LoadBalancer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * A node loses its disk for good: it is refused under its old name, its replicas are made anew on
 * another node without anybody's doing, and nothing that was answered is lost.
 */
@EnabledOnOs(
    value = OS.LINUX,
    disabledReason = "needs the loopback network 127/8, /proc, and SIGSTOP by `kill`")
class LostDiskIT {
  private static final int PARTITIONS = 3;
  private static final int LOST = 3;
  private static final int NEW = 4;

  @TempDir private Path folder;

  @Test
  void aLostDiskIsRefusedAndItsReplicasAreMadeAnewElsewhere() throws Exception {
    try (ProcessCluster cluster =
            ProcessCluster.start(
                folder,
                LOST,
                "cluster: {partitions: " + PARTITIONS + "}\nreplicas: {repair-after: 30s}");
        LoadBalancer balancer = new LoadBalancer(cluster.clients(1), cluster.clients(2));
        DynamoDbClient database = Client.once(balancer.url())) {
      ClusterView view = new ClusterView(cluster);
      assertThat(view.awaitWell(1)).isEmpty();
      Tally tally = new Tally();
      List<Work> works = List.of(new RegisterWork(tally), new BankWork(tally));
      works.forEach(work -> work.prepare(database));
      try (Crew crew = Crew.start(works, database, 5)) {
        cluster.kill(LOST);
        delete(cluster.data(LOST));

        // With an empty folder it is nobody; with a token it is somebody who is there already.
        cluster.launch(LOST);
        assertThatThrownBy(() -> cluster.awaitReady(LOST))
            .hasMessageContaining("belongs to no cluster yet");
        cluster
            .processes()
            .launch(LOST, Map.of("EQUATOR_JOIN_TOKEN", cluster.processes().token(1)));
        assertThatThrownBy(() -> cluster.awaitReady(LOST)).hasMessageContaining("node-" + LOST);
        cluster.kill(LOST);

        cluster.join(NEW);
        assertThat(
                view.await(
                    1,
                    output -> output.contains("no node of the cluster any more"),
                    "remove",
                    "node-" + LOST))
            .isEmpty();
        cluster.remove(LOST);
        assertThat(view.awaitWell(1)).isEmpty();
        assertThat(view.replicas(1).values())
            .hasSize(PARTITIONS)
            .allSatisfy(nodes -> assertThat(nodes).containsExactlyInAnyOrder(1, 2, NEW));
        assertThat(crew.stop()).isEmpty();
      }
      for (Work work : works) {
        assertThat(work.judge(database)).as(work.name()).isEmpty();
      }
      Map<Integer, Path> folders = new TreeMap<>();
      for (int node : cluster.nodes()) {
        assertThat(cluster.stop(node)).as("node %s stops in order", node).isTrue();
        folders.put(node, cluster.data(node));
      }
      assertThat(StoppedReplicas.differences(folders)).isEmpty();
      System.out.printf("chaos: a lost disk, 0 violations%n%s", tally.summary());
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
