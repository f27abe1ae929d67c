package io.equator.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.chaos.cluster.ProcessCluster;
import io.equator.chaos.cluster.StoppedReplicas;
import io.equator.chaos.nemesis.Fault;
import io.equator.chaos.nemesis.Nemesis;
import io.equator.chaos.work.BankWork;
import io.equator.chaos.work.Client;
import io.equator.chaos.work.Crew;
import io.equator.chaos.work.ListWork;
import io.equator.chaos.work.RegisterWork;
import io.equator.chaos.work.SetWork;
import io.equator.chaos.work.Tally;
import io.equator.chaos.work.Work;
import io.equator.server.serve.LoadBalancer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Three nodes, clients behind one load-balanced address, and faults of all kinds in an order that a
 * seed decides: {@code -Dchaos.seconds=3600 -Dchaos.seed=7}, or of some kinds only: {@code
 * -Dchaos.faults=KILL,SPLIT}.
 */
@EnabledOnOs(
    value = OS.LINUX,
    disabledReason = "needs the loopback network 127/8, /proc, and SIGSTOP by `kill`")
class MixedFaultsIT {
  private static final int NODES = 3;

  /** What the sweeper of transactions may need to see an unfinished one as old, and finish it. */
  private static final Duration REST = Duration.ofSeconds(25);

  @TempDir private Path folder;

  /** All, or those that are named. */
  private static List<Fault> faults() {
    String named = System.getProperty("chaos.faults", "");
    return named.isEmpty()
        ? List.of(Fault.values())
        : Arrays.stream(named.split(",")).map(String::strip).map(Fault::valueOf).toList();
  }

  @Test
  void nothingThatWasAnsweredIsLostAndNothingIsSeenThatCannotBe() throws Exception {
    long given = Long.getLong("chaos.seed", 0);
    long seed = given == 0 ? ThreadLocalRandom.current().nextLong(1, 1_000_000) : given;
    Duration duration = Duration.ofSeconds(Long.getLong("chaos.seconds", 60));
    System.out.printf("chaos: seed %d for %d s%n", seed, duration.toSeconds());
    List<String> violations = new ArrayList<>();
    try (ProcessCluster cluster =
            ProcessCluster.startOnSmallDisks(folder, NODES, "cluster: {partitions: 3}");
        LoadBalancer balancer = new LoadBalancer(cluster::clients);
        DynamoDbClient database = Client.once(balancer.url())) {
      Tally tally = new Tally();
      Nemesis nemesis = new Nemesis(cluster, seed, faults());
      List<Work> works =
          List.of(
              new RegisterWork(tally),
              new BankWork(tally),
              new ListWork(tally),
              new SetWork(tally, balancer.url()));
      works.forEach(work -> work.prepare(database));
      try (Crew crew = Crew.start(works, database, seed)) {
        nemesis.rage(duration);
        violations.addAll(crew.stop());
      }
      violations.addAll(nemesis.violations());
      long rested = System.nanoTime() + REST.toNanos();
      for (Work work : works) {
        List<String> found = work.judge(database);
        System.out.printf("chaos: %-34s %s%n", work.name(), found.isEmpty() ? "holds" : found);
        violations.addAll(found);
      }
      TimeUnit.NANOSECONDS.sleep(Math.max(0, rested - System.nanoTime()));
      Map<Integer, Path> folders = new TreeMap<>();
      for (int node : cluster.nodes()) {
        if (!cluster.stop(node)) {
          violations.add("node " + node + " did not stop in order");
        }
        folders.put(node, cluster.data(node));
      }
      List<String> differences = StoppedReplicas.check(folders);
      System.out.printf(
          "chaos: %-34s %s%n",
          "replicas: equal, nothing unfinished", differences.isEmpty() ? "holds" : differences);
      violations.addAll(differences);
      System.out.printf(
          "chaos: seed %d, %d violations, faults %s%n%s",
          seed, violations.size(), nemesis.summary(), tally.summary());
      assertThat(tally.done()).as("operations that were answered").isPositive();
    }
    assertThat(violations).as("violations with seed %s", seed).isEmpty();
  }
}
