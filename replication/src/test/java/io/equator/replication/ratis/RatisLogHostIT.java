package io.equator.replication.ratis;

import static io.equator.replication.ratis.Cluster.GROUP;
import static io.equator.replication.ratis.Cluster.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.MembershipChange;
import io.equator.replication.log.Peer;
import io.equator.replication.log.Proposal;
import io.equator.replication.log.ReplicatedLog;
import io.equator.replication.log.TermProbe;
import io.equator.replication.ratis.Cluster.Node;
import io.equator.replication.ratis.RatisConfig.Durability;
import io.equator.replication.ratis.RatisConfig.LogKept;
import io.equator.replication.ratis.RatisConfig.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What we ask of Ratis, asked of the real one. */
class RatisLogHostIT {

  /** So little of a log stays that a follower is soon too far behind. */
  private static final LogKept FEW = new LogKept(20, 16 << 10);

  @TempDir Path directory;

  // ---- alone -----------------------------------------------------------------------------------

  @Test
  void aloneItLeadsSoonAndGivesBackTheMachinesOwnResult() throws IOException {
    long began = System.nanoTime();
    try (Cluster cluster = new Cluster(directory, 1, false)) {
      Node node = cluster.leader();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
      Proposal.Applied first = cluster.write("one");
      Proposal.Applied second = cluster.write("two");
      assertThat(first.result()).isEqualTo("#1");
      assertThat(second.result()).isEqualTo("#2");
      assertThat(second.index()).isEqualTo(first.index() + 1);
      assertThat(node.machine.applied()).containsExactly(bytes("one"), bytes("two"));
      assertThat(node.log.confirmLeadership()).isCompletedWithValue(true);
      assertThat(node.machine.told())
          .last()
          .isEqualTo(new Leadership.Leader(node.log.currentTerm(), true));
    }
  }

  @Test
  void entriesOfOneThreadKeepTheirOrder() throws IOException {
    try (Cluster cluster = new Cluster(directory, 1, false)) {
      Node node = cluster.leader();
      List<CompletableFuture<Proposal>> outcomes = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        outcomes.add(node.log.propose(node.term(), bytes("e" + i)));
      }
      for (int i = 0; i < 500; i++) {
        assertThat(outcomes.get(i).orTimeout(20, TimeUnit.SECONDS).join())
            .isInstanceOf(Proposal.Applied.class);
        assertThat(node.machine.applied().get(i)).isEqualTo(bytes("e" + i));
      }
    }
  }

  @Test
  void anEntryOfAnotherTermIsNotAppended() throws IOException {
    try (Cluster cluster = new Cluster(directory, 1, false)) {
      Node node = cluster.leader();
      assertThat(Cluster.propose(node, node.term() + 1, "later"))
          .isInstanceOf(Proposal.NotLeader.class);
      assertThat(Cluster.propose(node, node.term() - 1, "earlier"))
          .isInstanceOf(Proposal.NotLeader.class);
      cluster.write("now");
      assertThat(node.machine.applied()).containsExactly(bytes("now"));
    }
  }

  @Test
  void tooMuchInFlightIsOverloadedAndNotAppended() throws IOException {
    try (Cluster cluster = new Cluster(directory, 1, false)) {
      Node node = cluster.leader();
      ByteString megabyte = ByteString.copyFrom(new byte[1 << 20]);
      List<CompletableFuture<Proposal>> outcomes = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        outcomes.add(node.log.propose(node.term(), megabyte));
      }
      long applied =
          outcomes.stream()
              .map(outcome -> outcome.orTimeout(60, TimeUnit.SECONDS).join())
              .filter(Proposal.Applied.class::isInstance)
              .count();
      assertThat(outcomes)
          .extracting(CompletableFuture::join)
          .hasAtLeastOneElementOfType(Proposal.Overloaded.class);
      cluster.write("after");
      assertThat(node.machine.applied()).hasSize((int) applied + 1);
    }
  }

  @Test
  void theLargestEntryFitsAndALargerOneIsABug() throws IOException {
    try (Cluster cluster = new Cluster(directory, 1, false)) {
      Node node = cluster.leader();
      ByteString largest = ByteString.copyFrom(new byte[ReplicatedLog.ENTRY_BYTES_MAX]);
      assertThat(node.log.propose(node.term(), largest).orTimeout(20, TimeUnit.SECONDS).join())
          .isInstanceOf(Proposal.Applied.class);
      assertThat(node.machine.applied()).containsExactly(largest);
      ByteString larger = largest.concat(bytes("x"));
      assertThatThrownBy(() -> node.log.propose(node.term(), larger))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aRestartAppliesAgainFromTheDurablePositionOnly() throws IOException {
    try (Cluster cluster = new Cluster(directory, 1, false)) {
      Node node = cluster.leader();
      cluster.write("one");
      long durable = node.machine.flush().index();
      cluster.write("two");
      cluster.write("three");
      cluster.stopAndForget(node);
      assertThat(node.machine.applied()).containsExactly(bytes("one"));

      cluster.start(node);
      cluster.leader();
      assertThat(node.machine.applied())
          .containsExactly(bytes("one"), bytes("two"), bytes("three"));
      assertThat(node.machine.firstIndexSeen()).isEqualTo(durable + 1);
      assertThat(cluster.write("four").result()).isEqualTo("#4");
    }
  }

  @Test
  void theLogIsCutBehindWhatIsDurable() throws IOException {
    try (Cluster cluster = new Cluster(directory, 1, false)) {
      Node node = cluster.leader();
      fill(node, 16_000);
      List<Path> before = segments(node);
      node.machine.flush();
      node.log.requestSnapshot();
      awaitThat("old segments to go", () -> !Files.exists(before.getFirst()));
      assertThat(node.machine.flushes())
          .as("what was durable already is not flushed again")
          .isEqualTo(1);

      cluster.stopAndForget(node);
      cluster.start(node);
      cluster.write("after");
      assertThat(node.machine.applied()).hasSize(16_001);
    }
  }

  @Test
  void whereNobodyFlushesTheMachineIsFlushedNowAndThen() throws IOException {
    try (Cluster cluster = new Cluster(directory, 1, false)) {
      Node node = cluster.leader();
      fill(node, 21_000);
      awaitThat("a flush", () -> node.machine.flushes() == 1);
      assertThat(node.machine.durablePosition().index()).isGreaterThan(19_000);
    }
  }

  @Test
  void aMachineThatThrowsStopsItsReplicaAndNoOther() throws IOException {
    try (Cluster cluster = new Cluster(directory, 1, false)) {
      Node node = cluster.leader();
      RecordingMachine otherMachine = new RecordingMachine();
      ReplicatedLog other = node.host.open(GroupId.ofPartition(2), otherMachine, cluster.members());
      cluster.write("good");
      node.machine.flush();
      node.machine.poison(bytes("bad"));
      assertThat(Cluster.propose(node, node.term(), "bad"))
          .isInstanceOf(Proposal.Indeterminate.class);
      awaitThat("the failure to be told", () -> cluster.failures.size() == 1);
      awaitThat("the replica to stop", () -> node.log.leadership().term() == 0);
      assertThat(node.host.currentTerm(GROUP)).isZero();
      assertThat(node.log.confirmLeadership()).isCompletedWithValue(false);
      assertThat(Cluster.propose(node, 1, "more")).isInstanceOf(Proposal.NotLeader.class);
      awaitThat(
          "the other group to lead",
          () -> other.leadership() instanceof Leadership.Leader(_, boolean ready) && ready);
      assertThat(other.propose(other.currentTerm(), bytes("fine")).join())
          .isInstanceOf(Proposal.Applied.class);

      // Opened again with a machine that can: the entry is still in the log.
      node.log.close();
      node.machine = node.machine.crash();
      node.log = node.host.open(GROUP, node.machine, cluster.members());
      cluster.leader();
      assertThat(node.machine.applied()).containsExactly(bytes("good"), bytes("bad"));
    }
  }

  @Test
  void aClosedReplicaCanBeOpenedAgain() throws IOException {
    try (Cluster cluster = new Cluster(directory, 1, false)) {
      Node node = cluster.leader();
      cluster.write("one");
      node.machine.flush();
      node.log.close();
      node.log.close();
      assertThat(node.log.leadership()).isInstanceOf(Leadership.Follower.class);
      node.log = node.host.open(GROUP, node.machine.crash(), cluster.members());
      cluster.leader();
      assertThat(cluster.write("two").result()).isEqualTo("#2");
    }
  }

  // ---- three -----------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void threeReplicasAgreeAndSurviveTheirLeader(boolean grpc) throws IOException {
    try (Cluster cluster = new Cluster(directory, 3, grpc)) {
      Node first = cluster.leader();
      for (int i = 0; i < 20; i++) {
        cluster.write("a" + i);
      }
      first.machine.flush();
      cluster.write("b");
      List<Node> others = cluster.nodes().stream().filter(node -> node != first).toList();

      cluster.stopAndForget(first);
      Node second = cluster.leaderAmong(others);
      assertThat(second.term()).isGreaterThan(1);
      Proposal.Applied last = cluster.write(others, "c");
      List<ByteString> expected = second.machine.applied();
      assertThat(expected).hasSize(22).endsWith(bytes("b"), bytes("c"));

      cluster.start(first);
      for (Node node : cluster.nodes()) {
        awaitThat(
            node.id + " to apply everything",
            () -> node.machine.position().index() >= last.index());
        assertThat(node.machine.applied()).isEqualTo(expected);
      }
      assertThat(cluster.failures).isEmpty();
    }
  }

  /** Entries are under way at every moment, so the successor never has all that the leader has. */
  @Test
  void leadershipIsHandedOverWhileWritesNeverStop() throws IOException {
    try (Cluster cluster = new Cluster(directory, 3, true)) {
      Node first = cluster.leader();
      cluster.write("a");
      long term = first.term();
      AtomicBoolean writing = new AtomicBoolean(true);
      AtomicInteger indeterminate = new AtomicInteger();
      List<CompletableFuture<Void>> writers = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        writers.add(
            CompletableFuture.runAsync(
                () -> {
                  while (writing.get()) {
                    Proposal outcome = first.log.propose(term, bytes("b")).join();
                    if (outcome instanceof Proposal.Indeterminate) {
                      indeterminate.incrementAndGet();
                    } else if (!(outcome instanceof Proposal.Applied)) {
                      LockSupport.parkNanos(1_000_000); // as clients do who are sent elsewhere
                    }
                  }
                },
                Thread::startVirtualThread));
      }
      Node successor = others(cluster, first).getLast();
      try {
        first.log.transferTo(successor.id);
        awaitThat(successor.id + " to lead", successor::leads);
      } finally {
        writing.set(false);
      }
      writers.forEach(CompletableFuture::join);
      assertThat(indeterminate).as("outcomes that nobody knows").hasValue(0);
    }
  }

  @Test
  void aFollowerSaysWhoLeads() throws IOException {
    try (Cluster cluster = new Cluster(directory, 3, false)) {
      Node leader = cluster.leader();
      cluster.write("one");
      Node follower =
          cluster.nodes().stream().filter(node -> node != leader).findFirst().orElseThrow();
      awaitThat(
          "the follower to know its leader",
          () ->
              follower.log.leadership() instanceof Leadership.Follower(_, var known)
                  && known.isPresent());
      assertThat(Cluster.propose(follower, leader.term(), "no"))
          .isInstanceOfSatisfying(
              Proposal.NotLeader.class, no -> assertThat(no.leader()).hasValue(leader.id));
      assertThat(follower.log.confirmLeadership()).isCompletedWithValue(false);
      assertThat(leader.log.confirmLeadership().join()).isTrue();
    }
  }

  @Test
  void anIsolatedLeaderConfirmsNoReadOnceAnotherWasElected() throws IOException {
    try (Cluster cluster = new Cluster(directory, 3, false)) {
      Node old = cluster.leader();
      cluster.write("one");
      assertThat(old.log.confirmLeadership().join()).isTrue();
      List<Node> others = cluster.nodes().stream().filter(node -> node != old).toList();
      Isolation.cutOff(old.id);
      try {
        CompletableFuture<Proposal> lost = old.log.propose(old.term(), bytes("lost"));
        cluster.leaderAmong(others);
        // It may well believe that it still leads; only its Raft messages are cut as yet.
        assertThat(old.log.confirmLeadership().join()).isFalse();
        cluster.write(others, "two");
        assertThat(old.log.confirmLeadership().join()).isFalse();
        cluster.cutProbes(old);
        assertThat(old.log.confirmLeadership().join()).isFalse();
        assertThat(old.machine.applied()).containsExactly(bytes("one"));
        assertThat(lost.orTimeout(60, TimeUnit.SECONDS).join())
            .isInstanceOf(Proposal.Indeterminate.class);
      } finally {
        Isolation.end();
      }
      awaitThat("it to catch up", () -> old.machine.applied().size() == 2);
      assertThat(old.machine.applied()).containsExactly(bytes("one"), bytes("two"));
    }
  }

  @Test
  void aLeaderWhoseFollowersAreCutOffCommitsNothingAndSaysSo() throws IOException {
    try (Cluster cluster = new Cluster(directory, 3, false)) {
      Node leader = cluster.leader();
      cluster.write("one");
      Isolation.cutOff(leader.id);
      cluster.cutProbes(leader);
      try {
        assertThat(leader.log.confirmLeadership().join()).isFalse();
        assertThat(Cluster.propose(leader, leader.term(), "two"))
            .isInstanceOf(Proposal.Indeterminate.class);
        awaitThat("it to step down", () -> leader.log.leadership() instanceof Leadership.Follower);
      } finally {
        Isolation.end();
      }
    }
  }

  @Test
  void allThreeStoppedAtOnceComeBackWithEverythingAcknowledged() throws IOException {
    try (Cluster cluster = new Cluster(directory, 3, false)) {
      Node leader = cluster.leader();
      cluster.write("one");
      leader.machine.flush();
      cluster.write("two");
      cluster.nodes().forEach(cluster::stopAndForget);
      for (Node node : cluster.nodes()) {
        cluster.start(node);
      }
      cluster.write("three");
      assertThat(cluster.leader().machine.applied())
          .containsExactly(bytes("one"), bytes("two"), bytes("three"));
    }
  }

  @Test
  void aReplicaTooFarBehindStaysBehindAndDoesNotDiverge() throws IOException {
    try (Cluster cluster = new Cluster(directory, 3, false)) {
      cluster.write("one");
      Node away = cluster.nodes().stream().filter(node -> !node.leads()).findFirst().orElseThrow();
      List<Node> others = cluster.nodes().stream().filter(node -> node != away).toList();
      awaitThat("it to apply", () -> away.machine.applied().size() == 1);
      away.machine.flush();
      cluster.stopAndForget(away);
      fill(cluster.leaderAmong(others), 16_000);
      for (Node node : others) {
        awaitThat("all to apply", () -> node.machine.applied().size() == 16_001);
        Path oldest = segments(node).getFirst();
        node.machine.flush();
        node.log.requestSnapshot();
        awaitThat("old segments to go", () -> !Files.exists(oldest));
      }
      cluster.start(away);
      cluster.write(others, "two");
      awaitThat("it to hear of its leader", () -> away.log.currentTerm() > 0);
      cluster.write(others, "three");
      assertThat(away.machine.applied()).containsExactly(bytes("one"));
      assertThat(cluster.failures).isEmpty();
    }
  }

  // ---- a state from elsewhere ------------------------------------------------------------------

  /** A follower that has applied one entry is away until the others have cut their logs. */
  private static Node leaveBehind(Cluster cluster) throws IOException {
    cluster.nodes().forEach(node -> node.machine.installFrom(id -> machine(cluster, id)));
    cluster.write("one");
    Node away = cluster.nodes().stream().filter(node -> !node.leads()).findFirst().orElseThrow();
    awaitThat("it to apply", () -> away.machine.applied().size() == 1);
    away.machine.flush();
    cluster.stopAndForget(away);
    List<Node> others = others(cluster, away);
    fill(cluster.leaderAmong(others), 300);
    cutLogs(others);
    return away;
  }

  private static void cutLogs(List<Node> nodes) throws IOException {
    long last = nodes.stream().mapToLong(node -> node.machine.position().index()).max().orElse(0);
    for (Node node : nodes) {
      awaitThat("all to apply", () -> node.machine.position().index() >= last);
      Path oldest = segments(node).getFirst();
      node.machine.flush();
      node.log.requestSnapshot();
      awaitThat("old segments to go", () -> !Files.exists(oldest));
    }
  }

  private static List<Node> others(Cluster cluster, Node away) {
    return cluster.nodes().stream().filter(node -> node != away).toList();
  }

  private static RecordingMachine machine(Cluster cluster, io.equator.partitioner.NodeId id) {
    return cluster.nodes().stream()
        .filter(node -> node.id.equals(id))
        .findFirst()
        .orElseThrow()
        .machine;
  }

  private static void awaitSame(Cluster cluster, Node node) {
    List<ByteString> expected = others(cluster, node).getFirst().machine.applied();
    awaitThat(
        node.id + " to have what the others have, " + node.machine.position(),
        () -> node.machine.applied().size() >= expected.size());
    assertThat(node.machine.applied()).startsWith(expected.toArray(ByteString[]::new));
  }

  private static void makeLeader(Cluster cluster, Node wanted) {
    awaitThat(
        wanted.id + " to lead",
        () -> {
          if (!wanted.leads()) {
            others(cluster, wanted).stream()
                .filter(Node::leads)
                .forEach(node -> node.log.transferTo(wanted.id));
            LockSupport.parkNanos(500_000_000);
          }
          return wanted.leads();
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"in-process, behind", "gRPC, behind", "in-process, empty", "gRPC, empty"})
  void aReplicaTooFarBehindInstallsAStateAndLeadsLater(String how) throws IOException {
    try (Cluster cluster = new Cluster(directory, 3, how.startsWith("gRPC"), FEW)) {
      Node away = leaveBehind(cluster);
      if (how.endsWith("empty")) {
        away.machine = new RecordingMachine();
        away.machine.installFrom(id -> machine(cluster, id));
        deleteAll(away.directory);
      }
      Node leader = cluster.leaderAmong(others(cluster, away));
      cluster.start(away);
      cluster.write(others(cluster, away), "two");
      awaitSame(cluster, away);
      assertThat(away.machine.installed()).isGreaterThan(200);
      assertThat(away.machine.sourcesTold().getFirst()).hasSize(2);
      if (leader.leads()) {
        assertThat(away.machine.sourcesTold().getFirst().getFirst()).isEqualTo(leader.id);
      }
      fill(cluster.leader(), 20);
      awaitSame(cluster, away);

      // What it installed is what it comes back with.
      away.machine.flush();
      cluster.stopAndForget(away);
      fill(cluster.leaderAmong(others(cluster, away)), 5);
      cluster.start(away);
      cluster.write("three");
      awaitSame(cluster, away);
      makeLeader(cluster, away);
      cluster.write(List.of(away), "four");
      cluster.nodes().forEach(node -> awaitSame(cluster, node));
      assertThat(cluster.failures).isEmpty();
    }
  }

  /** Ratis would be stuck on what the first leader had said. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whenTheLeaderChangesDuringAnInstallationItGoesOn(boolean grpc) throws IOException {
    try (Cluster cluster = new Cluster(directory, 3, grpc, FEW)) {
      Node away = leaveBehind(cluster);
      List<Node> others = others(cluster, away);
      CompletableFuture<Void> hold = new CompletableFuture<>();
      away.machine.holdInstall(hold);
      Node first = cluster.leaderAmong(others);
      // Its log begins later than that of the next leader.
      fill(first, 100);
      cutLogs(List.of(first));
      cluster.start(away);
      awaitThat("it to be asked", () -> !away.machine.sourcesTold().isEmpty());
      cluster.stopAndForget(first);
      List<Node> second = others.stream().filter(node -> node != first).toList();
      // The next leader cannot commit before the installation ends: there is no majority.
      awaitThat("it to be asked again", () -> away.machine.sourcesTold().size() > 1);
      hold.complete(null);
      cluster.write(second, "two");
      List<ByteString> expected = second.getFirst().machine.applied();
      awaitThat("it to have it all", () -> away.machine.applied().equals(expected));
      assertThat(cluster.failures).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aMemberThatIsTakenInGetsAStateBecauseTheLogWasCut(boolean grpc) throws IOException {
    try (Cluster cluster = new Cluster(directory, 3, grpc, FEW)) {
      fill(cluster.leader(), 300);
      cutLogs(cluster.nodes());
      Node leader = cluster.leader();
      Node joiner = cluster.join();
      assertThat(
              leader
                  .log
                  .changeMembers(cluster.members(), cluster.membersWithJoined())
                  .orTimeout(60, TimeUnit.SECONDS)
                  .join())
          .isEqualTo(new MembershipChange.Done());
      cluster.write("two");
      awaitSame(cluster, joiner);
      assertThat(joiner.machine.installed()).isGreaterThan(200);
      assertThat(joiner.machine.sourcesTold().getFirst()).contains(leader.id);
      makeLeader(cluster, joiner);
      cluster.write(List.of(joiner), "three");
      assertThat(cluster.failures).isEmpty();
    }
  }

  /** Also when the others have kept their logs from the first entry on. */
  @ParameterizedTest
  @CsvSource({"false, false", "true, false", "false, true", "true, true"})
  void aMemberWhoseStateCameFirstGetsNothingFromBeforeIt(boolean grpc, boolean cut)
      throws IOException {
    try (Cluster cluster = new Cluster(directory, 3, grpc, cut ? FEW : LogKept.DEFAULT)) {
      Node leader = cluster.leader();
      fill(leader, 300);
      if (cut) {
        cutLogs(cluster.nodes());
      }
      leader.machine.flush();
      RecordingMachine machine = leader.machine.crash();
      long cameTo = machine.durablePosition().index();
      Node joiner = cluster.join(machine);
      assertThat(joiner.host.has(GROUP)).isTrue();
      cluster.write("between");
      assertThat(
              cluster
                  .leader()
                  .log
                  .changeMembers(cluster.members(), cluster.membersWithJoined())
                  .orTimeout(60, TimeUnit.SECONDS)
                  .join())
          .isEqualTo(new MembershipChange.Done());
      cluster.write("two");
      awaitSame(cluster, joiner);
      assertThat(joiner.machine.firstIndexSeen()).isGreaterThan(cameTo);
      makeLeader(cluster, joiner);
      cluster.write(List.of(joiner), "three");

      joiner.machine.flush();
      cluster.stopAndForget(joiner);
      cluster.start(joiner);
      cluster.write("four");
      awaitSame(cluster, joiner);
      assertThat(cluster.failures).isEmpty();
    }
  }

  /** Nobody tells the owner; who looks sees that it does not run. */
  @Test
  void aMemberThatWasLetGoEndsAndIsTakenInAgainWhenItIsOpenedAgain() throws IOException {
    try (Cluster cluster = new Cluster(directory, 3, false)) {
      Node leader = cluster.leader();
      cluster.write("one");
      Node gone = others(cluster, leader).getFirst();
      List<Peer> others =
          cluster.members().stream().filter(peer -> !peer.node().equals(gone.id)).toList();
      assertThat(leader.log.changeMembers(cluster.members(), others).join())
          .isEqualTo(new MembershipChange.Done());
      awaitThat("its log to end", () -> !gone.log.statistics().running());

      gone.log.close();
      gone.machine = gone.machine.crash();
      gone.log = gone.host.open(GROUP, gone.machine, List.of());
      assertThat(gone.log.statistics().running()).isTrue();
      assertThat(leader.log.changeMembers(others, cluster.members()).join())
          .isEqualTo(new MembershipChange.Done());
      cluster.write("two");
      awaitSame(cluster, gone);
    }
  }

  private static void deleteAll(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  // ---- the host --------------------------------------------------------------------------------

  @Test
  void aTakenPortIsAnErrorAndNotTheEndOfTheProcess() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(
              () ->
                  RatisLogHost.start(
                      RatisConfig.of(
                          new io.equator.partitioner.NodeId("n"),
                          directory,
                          new Transport.Grpc("127.0.0.1", taken.getLocalPort()),
                          Durability.FSYNC),
                      TermProbe.NONE,
                      (_, _) -> {}))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot listen");
    }
  }

  @Test
  void closingIsQuickAndLeavesNoThread() throws IOException {
    Cluster cluster = new Cluster(directory, 3, false);
    cluster.write("one");
    long began = System.nanoTime();
    cluster.close();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(2));
    awaitThat(
        "its threads to end",
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().contains("@group-")));
  }

  private static void fill(Node leader, int count) {
    ByteString twoKilobytes = ByteString.copyFrom(new byte[2_048]);
    List<CompletableFuture<Proposal>> outcomes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      outcomes.add(leader.log.propose(leader.term(), twoKilobytes));
      if (outcomes.size() == 500) {
        join(outcomes);
      }
    }
    join(outcomes);
  }

  private static void join(List<CompletableFuture<Proposal>> outcomes) {
    for (CompletableFuture<Proposal> outcome : outcomes) {
      assertThat(outcome.orTimeout(30, TimeUnit.SECONDS).join())
          .isInstanceOf(Proposal.Applied.class);
    }
    outcomes.clear();
  }

  private static List<Path> segments(Node node) throws IOException {
    Path current = node.directory.resolve(GROUP.uuid().toString()).resolve("current");
    try (Stream<Path> files = Files.list(current)) {
      return files
          .filter(file -> file.getFileName().toString().matches("log_\\d+-\\d+"))
          .sorted(java.util.Comparator.comparingLong(RatisLogHostIT::firstIndex))
          .toList();
    }
  }

  /** A closed segment is named {@code log_FIRST-LAST}. */
  private static long firstIndex(Path segment) {
    String name = segment.getFileName().toString();
    return Long.parseLong(name.substring(name.indexOf('_') + 1, name.indexOf('-')));
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
