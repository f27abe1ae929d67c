package io.equator.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.chaos.cluster.Cluster;
import io.equator.chaos.cluster.ProcessCluster;
import io.equator.chaos.cluster.RegionClusters;
import io.equator.chaos.cluster.StoppedReplicas;
import io.equator.chaos.nemesis.RegionNemesis;
import io.equator.chaos.work.Client;
import io.equator.chaos.work.Crew;
import io.equator.chaos.work.GlobalTable;
import io.equator.chaos.work.RegionWork;
import io.equator.chaos.work.Tally;
import io.equator.server.serve.LoadBalancer;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Two regions of three processes each, and a third one of one process that is added while clients
 * work and faults go on, and lost for ever in the end; the ways between them are cut, their nodes
 * die, stand still and have wrong clocks. In the end the regions that are left have the same, and
 * nothing that they answered is lost but to a greater version.
 *
 * <p>The faults last a quarter of {@code chaos.seconds}: seven processes need as long again to come
 * up and to become equal.
 */
@EnabledOnOs(
    value = OS.LINUX,
    disabledReason = "needs the loopback network 127/8, /proc, and SIGSTOP by `kill`")
class RegionsChaosIT {
  private static final String WEST = "us-west-2";
  private static final String EAST = "us-east-1";
  private static final String NORTH = "eu-north-1";

  /** What the sweeper of transactions may need to see an unfinished one as old, and finish it. */
  private static final Duration REST = Duration.ofSeconds(25);

  private static final Duration COMPARED_WITHIN = Duration.ofSeconds(240);
  private static final Pattern FIGURE = Pattern.compile("\"([a-z -]+)\" : (\\d+)");

  @TempDir private Path folder;
  private final Map<String, LoadBalancer> balancers = new LinkedHashMap<>();
  private final Map<String, DynamoDbClient> clients = new LinkedHashMap<>();
  private final Map<String, Crew> crews = new LinkedHashMap<>();

  @Test
  void allRegionsEndEqualAndNothingThatWasAnsweredIsLost() throws Exception {
    long given = Long.getLong("chaos.seed", 0);
    long seed = given == 0 ? ThreadLocalRandom.current().nextLong(1, 1_000_000) : given;
    Duration duration = Duration.ofSeconds(Long.getLong("chaos.seconds", 60)).dividedBy(4);
    System.out.printf("chaos: regions, seed %d for %d s%n", seed, duration.toSeconds());
    List<String> violations = new ArrayList<>();
    Tally tally = new Tally();
    try (RegionClusters regions = new RegionClusters(folder)) {
      regions.found(WEST, 3);
      regions.found(EAST, 3);
      regions.federate(WEST, EAST);
      GlobalTable table = new GlobalTable(WEST, connect(regions, WEST));
      table.addReplica(EAST, connect(regions, EAST));
      work(table, WEST, tally, seed);
      work(table, EAST, tally, seed + 1);
      RegionNemesis nemesis =
          new RegionNemesis(regions, table::exchange, seed, System.getProperty("chaos.faults", ""));
      nemesis.rage(duration.dividedBy(2));
      regions.found(NORTH, 1);
      regions.federate(EAST, NORTH);
      Duration filled = table.addReplica(NORTH, connect(regions, NORTH));
      System.out.printf(
          "chaos: a third region has the table after %.1f s%n", filled.toMillis() / 1e3);
      work(table, NORTH, tally, seed + 2);
      nemesis.rage(duration.dividedBy(2));
      // It dies while its clients work, and nobody hears its last words but who heard them.
      regions.lose(NORTH, WEST);
      violations.addAll(crews.get(NORTH).stop());
      crews.remove(NORTH);
      table.lost(NORTH);
      for (Crew crew : crews.values()) {
        violations.addAll(crew.stop());
      }
      violations.addAll(nemesis.violations());
      long rested = System.nanoTime() + REST.toNanos();
      Duration converged = table.converge();
      List<String> found = table.judge();
      violations.addAll(found);
      for (String region : regions.regions()) {
        violations.addAll(compare(regions.cluster(region), region));
      }
      TimeUnit.NANOSECONDS.sleep(Math.max(0, rested - System.nanoTime()));
      for (String region : regions.regions()) {
        violations.addAll(stop(regions.cluster(region), region));
      }
      System.out.printf(
          "chaos: regions, seed %d, %d violations, equal after %.1f s, %s, faults %s%n%s",
          seed,
          violations.size(),
          converged.toMillis() / 1e3,
          table.summary(),
          nemesis.summary(),
          tally.summary());
      assertThat(tally.done()).as("operations that were answered").isPositive();
    } finally {
      crews.values().forEach(Crew::close);
      clients.values().forEach(DynamoDbClient::close);
      for (LoadBalancer balancer : balancers.values()) {
        balancer.close();
      }
    }
    assertThat(violations).as("violations with seed %s", seed).isEmpty();
  }

  private DynamoDbClient connect(RegionClusters regions, String region) throws Exception {
    ProcessCluster cluster = regions.cluster(region);
    LoadBalancer balancer =
        new LoadBalancer(
            cluster.nodes().stream().map(cluster::clients).toArray(InetSocketAddress[]::new));
    balancers.put(region, balancer);
    DynamoDbClient client = Client.once(balancer.url());
    clients.put(region, client);
    return client;
  }

  private void work(GlobalTable table, String region, Tally tally, long seed) {
    DynamoDbClient client = clients.get(region);
    crews.put(region, Crew.start(List.of(new RegionWork(table, region, tally)), client, seed));
  }

  /**
   * The product's own comparison, until it has left out nothing as too young: it must never have
   * found a difference.
   */
  private static List<String> compare(ProcessCluster cluster, String region) throws Exception {
    long end = System.nanoTime() + COMPARED_WITHIN.toNanos();
    String last = "";
    while (System.nanoTime() - end < 0) {
      Cluster.Outcome outcome =
          cluster.admin(1, "compare-regions", GlobalTable.NAME, "--output", "json");
      last = outcome.output();
      if (sum(last, "different") > 0 || sum(last, "corrupt") > 0) {
        return List.of("what " + region + " has differs in another region: " + last);
      }
      if (outcome.exitCode() == 0 && sum(last, "too young") == 0) {
        System.out.printf(
            "chaos: %s and the others have the same %d keys by the product's own comparison%n",
            region, sum(last, "keys compared"));
        return List.of();
      }
      Thread.sleep(500);
    }
    return List.of(region + " cannot be compared: " + last);
  }

  private static long sum(String json, String name) {
    long sum = 0;
    Matcher figure = FIGURE.matcher(json);
    while (figure.find()) {
      sum += figure.group(1).replace('-', ' ').equals(name) ? Long.parseLong(figure.group(2)) : 0;
    }
    return sum;
  }

  /** Stops a region in order; its replicas must have the same bytes, and nothing unfinished. */
  private static List<String> stop(ProcessCluster cluster, String region) throws Exception {
    List<String> wrong = new ArrayList<>();
    Map<Integer, Path> folders = new TreeMap<>();
    for (int node : cluster.nodes()) {
      if (!cluster.stop(node)) {
        wrong.add("node " + node + " of " + region + " did not stop in order");
      }
      folders.put(node, cluster.data(node));
    }
    StoppedReplicas.check(folders).forEach(each -> wrong.add(region + ": " + each));
    return wrong;
  }
}
