package io.equator.chaos.nemesis;

import io.equator.chaos.cluster.ClusterView;
import io.equator.chaos.cluster.ProcessCluster;
import io.equator.chaos.cluster.RegionClusters;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** One way to break regions for a while. Nothing is left of it when {@link #strike} returns. */
public enum RegionFault {
  /** What one region sends does not reach another; the other way it does. */
  CUT_ONE_WAY {
    @Override
    void strike(RegionClusters regions, Random random) throws Exception {
      List<String> pair = shuffled(regions, random);
      cut(regions, pair.get(0), pair.get(1), false, () -> hold(random, 3, 9));
    }
  },
  /** Two regions do not reach each other. */
  CUT_BOTH_WAYS {
    @Override
    void strike(RegionClusters regions, Random random) throws Exception {
      List<String> pair = shuffled(regions, random);
      cut(regions, pair.get(0), pair.get(1), true, () -> hold(random, 3, 9));
    }
  },
  /** A region is cut off from all others; its clients still reach it, and go on. */
  ISOLATE_REGION {
    @Override
    void strike(RegionClusters regions, Random random) throws Exception {
      List<String> order = shuffled(regions, random);
      for (String other : order.subList(1, order.size())) {
        regions.cut(order.getFirst(), other);
        regions.cut(other, order.getFirst());
      }
      prove(regions.isCut(order.getFirst(), order.getLast()), "bytes go over a cut");
      hold(random, 4, 10);
      healed(regions);
    }
  },
  /** A node of a region dies while another region does not hear that region. */
  CUT_AND_KILL_NODE {
    @Override
    void strike(RegionClusters regions, Random random) throws Exception {
      List<String> pair = shuffled(regions, random);
      ProcessCluster cluster = regions.cluster(pair.get(random.nextInt(2)));
      int node = cluster.nodes().get(random.nextInt(cluster.nodes().size()));
      cut(
          regions,
          pair.get(0),
          pair.get(1),
          random.nextBoolean(),
          () -> {
            hold(random, 0, 3);
            cluster.kill(node);
            hold(random, 1, 4);
          });
      cluster.launch(node);
      cluster.awaitReady(node);
    }
  },
  /** One node of a region is killed, and comes back. */
  KILL_NODE {
    @Override
    void strike(RegionClusters regions, Random random) throws Exception {
      Fault.KILL.strike(any(regions, random), random);
    }
  },
  /** All nodes of a region are killed at once and stay away for a while. */
  KILL_REGION {
    @Override
    void strike(RegionClusters regions, Random random) throws Exception {
      ProcessCluster cluster = any(regions, random);
      for (int node : cluster.nodes()) {
        cluster.kill(node);
      }
      hold(random, 1, 8);
      for (int node : cluster.nodes()) {
        cluster.launch(node);
      }
      for (int node : cluster.nodes()) {
        cluster.awaitReady(node);
      }
    }
  },
  /** A node stands still, perhaps a leader that sends to the others, and goes on. */
  PAUSE_NODE {
    @Override
    void strike(RegionClusters regions, Random random) throws Exception {
      Fault.PAUSE.strike(any(regions, random), random);
    }
  },
  /** All clocks of a region, or one of them, jump five seconds ahead or behind, and back. */
  CLOCK {
    @Override
    void strike(RegionClusters regions, Random random) throws Exception {
      ProcessCluster cluster = any(regions, random);
      if (random.nextBoolean()) {
        Fault.CLOCK.strike(cluster, random);
        return;
      }
      int seconds = random.nextBoolean() ? 5 : -5;
      try {
        for (int node : cluster.nodes()) {
          cluster.clocks().orElseThrow().shift(node, seconds);
        }
        hold(random, 4, 8);
      } finally {
        for (int node : cluster.nodes()) {
          cluster.clocks().orElseThrow().shift(node, 0);
        }
      }
    }

    @Override
    boolean isPossible(RegionClusters regions) {
      return regions.regions().stream().allMatch(one -> regions.cluster(one).clocks().isPresent());
    }
  },
  /** A partition of one region is split; the other regions are not asked. */
  SPLIT {
    @Override
    void strike(RegionClusters regions, Random random) throws Exception {
      Fault.SPLIT.strike(any(regions, random), random);
    }
  },
  /** The leaders of a region are handed over: others go on where they were with each region. */
  TRANSFER_LEADERS {
    @Override
    void strike(RegionClusters regions, Random random) throws Exception {
      List<String> several =
          regions.regions().stream()
              .filter(region -> regions.cluster(region).nodes().size() > 1)
              .toList();
      Fault.TRANSFER_LEADERS.strike(
          regions.cluster(several.get(random.nextInt(several.size()))), random);
    }
  };

  /** What happens while something is cut. */
  private interface Meanwhile {
    void pass() throws Exception;
  }

  /** Breaks regions, and mends them. */
  abstract void strike(RegionClusters regions, Random random) throws Exception;

  /** Whether this machine lets it be done. */
  boolean isPossible(RegionClusters regions) {
    return true;
  }

  private static void cut(
      RegionClusters regions, String one, String other, boolean bothWays, Meanwhile meanwhile)
      throws Exception {
    regions.cut(one, other);
    if (bothWays) {
      regions.cut(other, one);
    }
    prove(regions.isCut(one, other), "bytes go over a cut");
    meanwhile.pass();
    healed(regions);
  }

  /** Ends all cuts, and proves it by bytes that go between all nodes that run. */
  private static void healed(RegionClusters regions) throws Exception {
    regions.heal();
    for (String from : regions.regions()) {
      for (String to : regions.regions()) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!from.equals(to) && !regions.reaches(from, to)) {
          if (System.nanoTime() - end > 0) {
            throw new AssertionError("no bytes go from " + from + " to " + to + " after the heal");
          }
        }
      }
    }
  }

  private static void prove(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  private static ProcessCluster any(RegionClusters regions, Random random) {
    return regions.cluster(shuffled(regions, random).getFirst());
  }

  private static List<String> shuffled(RegionClusters regions, Random random) {
    List<String> order = new ArrayList<>(regions.regions());
    Collections.shuffle(order, random);
    return List.copyOf(order);
  }

  /** How long the fault lasts: a part of it, not a wait for anything. */
  private static void hold(Random random, int secondsMin, int secondsMax)
      throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(
        1_000L * secondsMin + random.nextInt(1_000 * (secondsMax - secondsMin) + 1));
  }

  /** Whether a region's cluster says by itself that nothing is amiss; what it says otherwise. */
  static java.util.Optional<String> amiss(RegionClusters regions, String region) throws Exception {
    ProcessCluster cluster = regions.cluster(region);
    return new ClusterView(cluster).awaitWell(cluster.nodes().getFirst());
  }
}
