package io.equator.chaos.nemesis;

import io.equator.chaos.cluster.Cluster;
import io.equator.chaos.cluster.ClusterView;
import io.equator.chaos.cluster.NodeClocks;
import io.equator.chaos.cluster.NodeDisks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** One way to break a cluster for a while. Nothing is left of it when {@link #strike} returns. */
public enum Fault {
  /** One node is killed, and comes back. */
  KILL {
    @Override
    void strike(Cluster cluster, Random random) throws Exception {
      int node = any(cluster, random);
      cluster.kill(node);
      hold(random, 1, 5);
      restart(cluster, List.of(node));
    }
  },
  /** More than half of the nodes are killed at once; nothing can be written meanwhile. */
  KILL_MAJORITY {
    @Override
    void strike(Cluster cluster, Random random) throws Exception {
      List<Integer> victims = some(cluster, random, cluster.nodes().size() / 2 + 1);
      for (int node : victims) {
        cluster.kill(node);
      }
      hold(random, 0, 2);
      restart(cluster, victims);
    }
  },
  /** All nodes are killed at once, as by a power cut. */
  KILL_ALL {
    @Override
    void strike(Cluster cluster, Random random) throws Exception {
      for (int node : cluster.nodes()) {
        cluster.kill(node);
      }
      restart(cluster, cluster.nodes());
    }
  },
  /** Each node in turn is stopped in order and started. */
  ROLLING_RESTART {
    @Override
    void strike(Cluster cluster, Random random) throws Exception {
      for (int node : cluster.nodes()) {
        if (!cluster.stop(node)) {
          throw new AssertionError("node " + node + " did not stop in order");
        }
        restart(cluster, List.of(node));
      }
    }
  },
  /** A node stands still for longer than an election takes, perhaps a leader, and goes on. */
  PAUSE {
    @Override
    void strike(Cluster cluster, Random random) throws Exception {
      int node = any(cluster, random);
      cluster.pause(node);
      try {
        hold(random, 2, 8);
      } finally {
        cluster.resume(node);
      }
    }
  },
  /**
   * The leader of some partition, or of the catalog, is cut off from all others; not from clients.
   */
  ISOLATE_LEADER {
    @Override
    void strike(Cluster cluster, Random random) throws Exception {
      int leader = someLeader(cluster, random);
      for (int other : cluster.nodes()) {
        if (other != leader) {
          cluster.cut(leader, other);
          cluster.cut(other, leader);
        }
      }
      int other = cluster.nodes().stream().filter(node -> node != leader).findFirst().orElseThrow();
      proveCut(cluster, leader, other);
      hold(random, 3, 8);
      healed(cluster, leader, other);
    }
  },
  /** What a leader sends reaches nobody; it hears the others. */
  MUTE_LEADER {
    @Override
    void strike(Cluster cluster, Random random) throws Exception {
      int leader = someLeader(cluster, random);
      int last = leader;
      for (int other : cluster.nodes()) {
        if (other != leader) {
          cluster.cut(leader, other);
          last = other;
        }
      }
      proveCut(cluster, leader, last);
      hold(random, 3, 8);
      healed(cluster, leader, last);
    }
  },
  /** Nothing reaches a leader; the others hear it. */
  DEAFEN_LEADER {
    @Override
    void strike(Cluster cluster, Random random) throws Exception {
      int leader = someLeader(cluster, random);
      int last = leader;
      for (int other : cluster.nodes()) {
        if (other != leader) {
          cluster.cut(other, leader);
          last = other;
        }
      }
      proveCut(cluster, last, leader);
      hold(random, 3, 8);
      healed(cluster, last, leader);
    }
  },
  /**
   * Each node reaches a majority, but no two the same one: a ring of five with cuts between nodes
   * that are not neighbours. Of three nodes, two do not reach each other and both reach the third.
   */
  MAJORITY_RING {
    @Override
    void strike(Cluster cluster, Random random) throws Exception {
      List<Integer> ring = some(cluster, random, cluster.nodes().size());
      int cutFrom = 0;
      int cutTo = 0;
      for (int i = 0; i < ring.size(); i++) {
        for (int j = i + 1; j < ring.size(); j++) {
          boolean neighbours = j - i == 1 || (ring.size() > 3 && j - i == ring.size() - 1);
          if (!neighbours) {
            cluster.cut(ring.get(i), ring.get(j));
            cluster.cut(ring.get(j), ring.get(i));
            cutFrom = ring.get(i);
            cutTo = ring.get(j);
          }
        }
      }
      proveCut(cluster, cutFrom, cutTo);
      hold(random, 3, 8);
      healed(cluster, cutFrom, cutTo);
    }
  },
  /** A node's clock jumps five seconds ahead or behind, and back. */
  CLOCK {
    @Override
    void strike(Cluster cluster, Random random) throws Exception {
      int node = any(cluster, random);
      NodeClocks clocks = cluster.clocks().orElseThrow();
      clocks.shift(node, random.nextBoolean() ? 5 : -5);
      try {
        hold(random, 4, 8);
      } finally {
        clocks.shift(node, 0);
      }
    }

    @Override
    boolean isPossible(Cluster cluster) {
      return cluster.clocks().isPresent();
    }
  },
  /**
   * The disks of one or two nodes fill: to what is to stay free, so that they become read-only in
   * time, or to the last byte at once, so that logs and stores meet the end themselves.
   */
  DISK_FULL {
    @Override
    void strike(Cluster cluster, Random random) throws Exception {
      NodeDisks disks = cluster.disks().orElseThrow();
      List<Integer> victims = some(cluster, random, 1 + random.nextInt(2));
      boolean toTheLastByte = random.nextBoolean();
      int at = cluster.nodes().getFirst();
      try {
        for (int node : victims) {
          disks.fillUpTo(node, toTheLastByte ? 0 : disks.keptFree() / 2);
        }
        for (int node : victims) {
          String full = "node-" + node + " is strained: its disk";
          must(new ClusterView(cluster).await(at, output -> output.contains(full), "status"));
        }
        hold(random, 2, 8);
      } finally {
        for (int node : victims) {
          disks.free(node);
        }
      }
    }

    @Override
    boolean isPossible(Cluster cluster) {
      return cluster.disks().isPresent();
    }
  },
  /**
   * A node loses its disk: it is not let in under its old name, another one comes in its place, and
   * gets its replicas, and the old name is removed, as operators do it.
   */
  LOST_DISK {
    @Override
    void strike(Cluster cluster, Random random) throws Exception {
      List<Integer> victims = cluster.nodes().subList(1, cluster.nodes().size());
      int victim = victims.get(random.nextInt(victims.size()));
      cluster.kill(victim);
      cluster.disks().orElseThrow().lose(victim);
      replace(cluster, victim);
    }

    @Override
    boolean isPossible(Cluster cluster) {
      return cluster.disks().isPresent();
    }
  },
  /**
   * A node comes, takes its share of the replicas, gives them away again and goes, as operators do
   * it. The others do not stand in its way: the node at which it is done is the first.
   */
  COME_AND_GO {
    @Override
    void strike(Cluster cluster, Random random) throws Exception {
      int first = cluster.nodes().getFirst();
      int node = cluster.nextNode();
      ClusterView view = new ClusterView(cluster);
      cluster.join(node);
      view.awaitReplicas(first, node);
      hold(random, 0, 3);
      dismiss(cluster, node);
    }
  },
  /** Leaderships are handed over, as an operator does. */
  TRANSFER_LEADERS {
    @Override
    void strike(Cluster cluster, Random random) throws Exception {
      ClusterView view = new ClusterView(cluster);
      int at = any(cluster, random);
      Map<Long, List<Integer>> replicas = view.replicas(at);
      for (Map.Entry<Long, Integer> leader : view.leaders(at).entrySet()) {
        List<Integer> others =
            new ArrayList<>(replicas.getOrDefault(leader.getKey(), cluster.nodes()));
        others.remove(leader.getValue());
        // It may be refused: the balance may have moved the same one.
        cluster.admin(
            at,
            "transfer-leader",
            Long.toString(leader.getKey()),
            "--to",
            "node-" + others.get(random.nextInt(others.size())));
      }
    }
  },
  /** A partition is split in the middle of its tokens. */
  SPLIT {
    @Override
    void strike(Cluster cluster, Random random) throws Exception {
      beginSplit(cluster, random, any(cluster, random));
      awaitSplits(cluster, any(cluster, random));
    }
  },
  /** A partition is split while one of the nodes is down, or comes down meanwhile. */
  SPLIT_AND_KILL {
    @Override
    void strike(Cluster cluster, Random random) throws Exception {
      int victim = any(cluster, random);
      int at = cluster.nodes().stream().filter(node -> node != victim).findFirst().orElseThrow();
      boolean before = random.nextBoolean();
      if (before) {
        cluster.kill(victim);
      }
      beginSplit(cluster, random, at);
      if (!before) {
        hold(random, 0, 1);
        cluster.kill(victim);
      }
      hold(random, 1, 5);
      restart(cluster, List.of(victim));
      awaitSplits(cluster, at);
    }
  };

  /** Each partition is a Raft group on nodes that share one machine. */
  private static final int PARTITIONS_MAX = 12;

  /**
   * It may be refused: the partition may have begun to move, or the cluster to be without leader.
   */
  private static void beginSplit(Cluster cluster, Random random, int at) throws Exception {
    Map<Long, String> states = new ClusterView(cluster).states(at);
    List<Long> serving =
        states.keySet().stream().filter(id -> states.get(id).equals("serving")).toList();
    if (!serving.isEmpty() && states.size() + 2 <= PARTITIONS_MAX) {
      cluster.admin(
          at, "split", "--partition", Long.toString(serving.get(random.nextInt(serving.size()))));
    }
  }

  /** What was begun goes on to its end. */
  private static void awaitSplits(Cluster cluster, int at) throws Exception {
    Optional<String> left =
        new ClusterView(cluster)
            .await(
                at,
                output -> output.contains("\"serving\"") && !output.contains("\"splitting\""),
                "partitions",
                "--output",
                "json");
    if (left.isPresent()) {
      throw new AssertionError("a split does not come to its end: " + left.get());
    }
  }

  /** A new node for one that is dead for good. */
  private static void replace(Cluster cluster, int dead) throws Exception {
    cluster.join(cluster.nextNode());
    dismiss(cluster, dead);
  }

  /** Everything that a node has is given to others, and the cluster forgets it. */
  private static void dismiss(Cluster cluster, int node) throws Exception {
    ClusterView view = new ClusterView(cluster);
    int first = cluster.nodes().getFirst();
    String name = "node-" + node;
    must(view.await(first, output -> output.contains("Begun"), "drain", name));
    must(
        view.await(
            first, output -> output.contains("no node of the cluster any more"), "remove", name));
    cluster.remove(node);
  }

  /** Breaks the cluster, and mends it. */
  abstract void strike(Cluster cluster, Random random) throws Exception;

  /** Whether this machine lets it be done to this cluster. */
  boolean isPossible(Cluster cluster) {
    return true;
  }

  private static int any(Cluster cluster, Random random) {
    return cluster.nodes().get(random.nextInt(cluster.nodes().size()));
  }

  private static List<Integer> some(Cluster cluster, Random random, int count) {
    List<Integer> nodes = new ArrayList<>(cluster.nodes());
    Collections.shuffle(nodes, random);
    return List.copyOf(nodes.subList(0, count));
  }

  private static int someLeader(Cluster cluster, Random random) throws Exception {
    List<Integer> leaders =
        List.copyOf(new ClusterView(cluster).leaders(any(cluster, random)).values());
    return leaders.isEmpty() ? any(cluster, random) : leaders.get(random.nextInt(leaders.size()));
  }

  /** How long the fault lasts: a part of it, not a wait for anything. */
  private static void hold(Random random, int secondsMin, int secondsMax)
      throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(
        1_000L * secondsMin + random.nextInt(1_000 * (secondsMax - secondsMin) + 1));
  }

  private static void proveCut(Cluster cluster, int from, int to) throws Exception {
    if (cluster.reaches(from, to)) {
      throw new AssertionError("bytes go from " + from + " to " + to + " over a cut");
    }
  }

  private static void healed(Cluster cluster, int from, int to) throws Exception {
    cluster.heal();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!cluster.reaches(from, to)) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("no bytes go from " + from + " to " + to + " after the heal");
      }
    }
  }

  private static void must(Optional<String> amiss) {
    amiss.ifPresent(
        what -> {
          throw new AssertionError(what);
        });
  }

  private static void restart(Cluster cluster, List<Integer> nodes) throws Exception {
    for (int node : nodes) {
      cluster.launch(node);
    }
    for (int node : nodes) {
      cluster.awaitReady(node);
    }
  }
}
