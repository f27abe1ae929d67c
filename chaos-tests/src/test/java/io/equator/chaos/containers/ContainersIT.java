package io.equator.chaos.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.chaos.nemesis.Fault;
import io.equator.chaos.nemesis.Nemesis;
import io.equator.chaos.work.BankWork;
import io.equator.chaos.work.Client;
import io.equator.chaos.work.Crew;
import io.equator.chaos.work.ListWork;
import io.equator.chaos.work.RegisterWork;
import io.equator.chaos.work.Tally;
import io.equator.chaos.work.Work;
import io.equator.server.serve.LoadBalancer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** Three containers of the image; skipped with the reason where there is no Docker. */
class ContainersIT {
  private static final long SEED = 11;

  private static String image = "";

  @BeforeAll
  static void anImage() throws Exception {
    image = Image.require();
  }

  @Test
  void threeContainersLiveThroughKillsPausesAndCuts() throws Exception {
    List<Fault> faults = new ArrayList<>(List.of(Fault.KILL, Fault.PAUSE, Fault.ROLLING_RESTART));
    String whyNoCuts = ContainerCluster.whyNoCuts();
    if (whyNoCuts.isEmpty()) {
      faults.add(Fault.ISOLATE_LEADER);
    } else {
      System.out.println("chaos: links of containers are not cut: " + whyNoCuts);
    }
    List<String> violations = new ArrayList<>();
    try (ContainerCluster cluster = ContainerCluster.start(image, 3);
        LoadBalancer balancer = new LoadBalancer(cluster::clients);
        DynamoDbClient database = Client.once(balancer.url())) {
      Tally tally = new Tally();
      List<Work> works = List.of(new RegisterWork(tally), new BankWork(tally), new ListWork(tally));
      works.forEach(work -> work.prepare(database));
      Nemesis nemesis = new Nemesis(cluster, SEED, faults);
      try (Crew crew = Crew.start(works, database, SEED)) {
        nemesis.eachOnce();
        violations.addAll(crew.stop());
      }
      violations.addAll(nemesis.violations());
      for (Work work : works) {
        violations.addAll(work.judge(database));
      }
      System.out.printf(
          "chaos: containers, %d violations, faults %s%n%s",
          violations.size(), nemesis.summary(), tally.summary());
      assertThat(tally.done()).as("operations that were answered").isPositive();
    }
    assertThat(violations).isEmpty();
  }
}
