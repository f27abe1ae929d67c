package io.equator.node.snapshots;

import static io.equator.node.snapshots.SnapshotBench.LOWER;
import static io.equator.node.snapshots.SnapshotBench.UPPER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.node.core.EveryFamily;
import io.equator.node.core.PartitionMachine;
import io.equator.node.core.StateReplacement.Step;
import io.equator.node.core.StoreException;
import io.equator.node.service.HostedPartition;
import io.equator.node.snapshots.SnapshotBench.Node;
import io.equator.partitioner.NodeId;
import io.equator.replication.log.LogPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A state goes from one store to another: whole, checked, and never half, whatever breaks. */
final class SnapshotInstallTest {
  /** So small that every family needs several. */
  private static final SnapshotLimits LIMITS =
      SnapshotLimits.defaults().withBytesPerSecond(0).withFileBytes(20_000);

  private static final long WANTED = 200;
  private static final int ENTRIES = 300;

  @TempDir private Path directory;

  private static Optional<LogPosition> install(Node node, long atLeast, Node... sources)
      throws Exception {
    List<NodeId> ids = Stream.of(sources).map(Node::id).toList();
    return node.replica(LOWER).install(atLeast, ids).get(60, TimeUnit.SECONDS);
  }

  private static void same(Node receiver, Node donor) {
    Map<?, ?> expected = donor.rows(LOWER);
    assertThat(receiver.rows(LOWER)).isEqualTo(expected);
    PartitionMachine is = receiver.machine(LOWER);
    PartitionMachine should = donor.machine(LOWER);
    assertThat(is.appliedPosition()).isEqualTo(should.appliedPosition());
    assertThat(is.durablePosition()).isEqualTo(should.appliedPosition());
    assertThat(is.tables()).isEqualTo(should.tables());
    assertThat(is.counters(7, 0)).isEqualTo(should.counters(7, 0));
    assertThat(is.schemaFloor(7)).isEqualTo(should.schemaFloor(7)).isPositive();
    assertThat(is.changesKept(7)).isEqualTo(should.changesKept(7));
    assertThat(is.indexCursor(7, 4, 9)).isEqualTo(should.indexCursor(7, 4, 9));
    assertThat(is.indexBuild(7, 4)).isEqualTo(should.indexBuild(7, 4)).isNotNull();
    assertThat(is.expiryWalk(7)).isEqualTo(should.expiryWalk(7)).isNotNull();
  }

  @Test
  void theRowsOfThisTestAreOfEveryFamilyAndKind() throws IOException {
    try (SnapshotBench bench = new SnapshotBench(directory, LIMITS)) {
      Node donor = bench.open("a").fill(LOWER, 1, ENTRIES);
      assertThat(donor.rows(LOWER).values()).noneMatch(rows -> rows.toString().isEmpty());
      donor.flusher.flush();
      assertThat(EveryFamily.metaKinds(donor.store))
          .as("a new kind of meta rows has to be in EveryFamily, too")
          .containsExactlyInAnyOrder(kinds(1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 13, 14, 20, 30, 31));
    }
  }

  private static Byte[] kinds(int... numbers) {
    Byte[] kinds = new Byte[numbers.length];
    for (int i = 0; i < kinds.length; i++) {
      kinds[i] = (byte) numbers[i];
    }
    return kinds;
  }

  @Test
  void anEmptyReplicaGetsTheState() throws Exception {
    try (SnapshotBench bench = new SnapshotBench(directory, LIMITS)) {
      Node donor = bench.open("a").fill(LOWER, 1, ENTRIES).fill(UPPER, 2, 20);
      Node receiver = bench.open("b");
      assertThat(install(receiver, WANTED, donor)).contains(donor.machine(LOWER).appliedPosition());
      same(receiver, donor);
      assertThat(receiver.machine(UPPER).appliedPosition()).isEqualTo(LogPosition.NONE);
      assertThat(receiver.installer.hasFiles(LOWER)).isFalse();
      assertThat(donor.endpoint.keptCount()).isZero();
    }
  }

  @Test
  void aReplicaThatIsBehindKeepsNoOldRowAndNoOtherPartitionChanges() throws Exception {
    try (SnapshotBench bench = new SnapshotBench(directory, LIMITS)) {
      Node donor = bench.open("a").fill(LOWER, 1, ENTRIES);
      Node receiver = bench.open("b").fill(LOWER, 5, 50).fill(UPPER, 6, 50);
      receiver.flusher.flush();
      Map<?, ?> neighbour = receiver.rows(UPPER);
      PartitionMachine before = receiver.machine(LOWER);
      install(receiver, WANTED, donor);
      same(receiver, donor);
      assertThat(receiver.machine(LOWER)).isNotSameAs(before);
      assertThat(receiver.rows(UPPER)).isEqualTo(neighbour);
      // And it is durable.
      receiver.crash();
      Node again = bench.open("b");
      same(again, donor);
      assertThat(again.rows(UPPER)).isEqualTo(neighbour);
    }
  }

  @Test
  void entriesGoOnBehindTheInstalledState() throws Exception {
    try (SnapshotBench bench = new SnapshotBench(directory, LIMITS)) {
      EveryFamily entries = new EveryFamily(EveryFamily.LOWER, 1);
      EveryFamily sameEntries = new EveryFamily(EveryFamily.LOWER, 1);
      Node donor = bench.open("a");
      entries.fill(donor.machine(LOWER), 100);
      Node receiver = bench.open("b");
      install(receiver, 50, donor);
      // What the log may still have of before does nothing.
      assertThatThrownBy(() -> sameEntries.fill(receiver.machine(LOWER), 1))
          .hasMessageContaining("not applied");
      same(receiver, donor);
    }
  }

  @Test
  void whatIsFarEnoughIsNotFetched() throws Exception {
    try (SnapshotBench bench = new SnapshotBench(directory, LIMITS)) {
      Node replica = bench.open("a").fill(LOWER, 1, ENTRIES);
      assertThat(install(replica, WANTED)).contains(replica.machine(LOWER).appliedPosition());
      Node empty = bench.open("b");
      assertThat(install(empty, -1, replica)).as("the log has everything").isEmpty();
    }
  }

  @Test
  void aDonorThatIsBehindItselfGivesNothing() throws Exception {
    try (SnapshotBench bench = new SnapshotBench(directory, LIMITS)) {
      Node donor = bench.open("a").fill(LOWER, 1, 20);
      Node receiver = bench.open("b").fill(LOWER, 5, 10);
      Map<?, ?> before = receiver.rows(LOWER);
      assertThat(install(receiver, WANTED, donor)).isEmpty();
      assertThat(receiver.rows(LOWER)).isEqualTo(before);
    }
  }

  @Test
  void whileTheStateIsReplacedNobodyReadsIt() throws Exception {
    List<String> seen = new ArrayList<>();
    Node[] holder = new Node[1];
    HostedPartition[] old = new HostedPartition[1];
    try (SnapshotBench bench = new SnapshotBench(directory, LIMITS)) {
      Node donor = bench.open("a").fill(LOWER, 1, ENTRIES);
      Node receiver =
          bench.open(
              "b",
              step -> {
                try {
                  old[0].reader().items(7, com.google.protobuf.ByteString.EMPTY, 10, 1 << 20);
                  seen.add("read at " + step);
                } catch (StoreException e) {
                  seen.add("refused");
                }
                if (holder[0].partition(LOWER) != null) {
                  seen.add("shown at " + step);
                }
              });
      holder[0] = receiver;
      receiver.fill(LOWER, 5, 50);
      old[0] = Objects.requireNonNull(receiver.partition(LOWER));
      install(receiver, WANTED, donor);
      assertThat(seen).isNotEmpty().allMatch("refused"::equals);
      assertThat(
              Objects.requireNonNull(receiver.partition(LOWER))
                  .reader()
                  .items(7, com.google.protobuf.ByteString.EMPTY, 10, 1 << 20))
          .hasSize(10);
    }
  }

  /** Where the store breaks: before the n-th step. MARK, DELETE, INGEST for each family, FINISH. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
  void aCrashAtAnyStepEndsWithTheOldStateOrTheNewOne(int crashAt) throws Exception {
    try (SnapshotBench bench = new SnapshotBench(directory, LIMITS)) {
      Node donor = bench.open("a").fill(LOWER, 1, ENTRIES);
      int[] count = {0};
      List<Step> steps = new ArrayList<>();
      Node receiver =
          bench.open(
              "b",
              step -> {
                steps.add(step);
                if (count[0]++ == crashAt) {
                  throw new IllegalStateException("crash");
                }
              });
      receiver.fill(LOWER, 5, 50).fill(UPPER, 6, 50);
      receiver.flusher.flush();
      Map<?, ?> before = receiver.rows(LOWER);
      Map<?, ?> neighbour = receiver.rows(UPPER);
      assertThatThrownBy(() -> install(receiver, WANTED, donor)).hasMessageContaining("crash");
      assertThat(receiver.partition(LOWER)).as("shown although half replaced").isNull();
      assertThatThrownBy(
              () -> receiver.replica(LOWER).apply(3, 60, com.google.protobuf.ByteString.EMPTY))
          .isInstanceOf(StoreException.class);
      receiver.crash();

      Node again = bench.open("b");
      if (steps.getLast() == Step.MARK) {
        assertThat(again.installer.isUnfinished(LOWER)).isFalse();
        assertThat(again.rows(LOWER)).isEqualTo(before);
        install(again, WANTED, donor);
      } else {
        assertThat(again.installer.isUnfinished(LOWER)).isTrue();
        // The files are here; nobody has to be asked.
        assertThat(again.installer.finish(LOWER, EveryFamily.LOWER, List.of(), _ -> {})).isTrue();
        again.openPartition(LOWER);
      }
      same(again, donor);
      assertThat(again.rows(UPPER)).isEqualTo(neighbour);
      assertThat(again.installer.hasFiles(LOWER)).isFalse();
    }
  }

  @Test
  void filesThatWereDamagedMeanwhileAreFetchedAgain() throws Exception {
    try (SnapshotBench bench = new SnapshotBench(directory, LIMITS)) {
      Node donor = bench.open("a").fill(LOWER, 1, ENTRIES);
      Node receiver =
          bench.open(
              "b",
              step -> {
                if (step == Step.FINISH) {
                  throw new IllegalStateException("crash");
                }
              });
      assertThatThrownBy(() -> install(receiver, WANTED, donor))
          .isInstanceOf(java.util.concurrent.ExecutionException.class);
      receiver.crash();
      damageOne(directory.resolve("b").resolve("arriving"));

      Node again = bench.open("b");
      assertThat(again.installer.finish(LOWER, EveryFamily.LOWER, List.of(), _ -> {}))
          .as("nobody to ask")
          .isFalse();
      assertThat(again.installer.isUnfinished(LOWER)).isTrue();
      assertThat(again.installer.finish(LOWER, EveryFamily.LOWER, List.of(donor.id()), _ -> {}))
          .isTrue();
      again.openPartition(LOWER);
      same(again, donor);
    }
  }

  private static void damageOne(Path arrived) throws IOException {
    Path file;
    try (Stream<Path> files = Files.walk(arrived)) {
      file = files.filter(path -> path.endsWith("3.sst")).findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    // The store may have a link to the same file.
    Files.delete(file);
    Files.write(file, bytes);
  }

  @Test
  void aStreamThatBreaksOffGoesOnWhereItWas() throws Exception {
    StreamFaults faults = new StreamFaults();
    try (SnapshotBench bench = new SnapshotBench(directory, LIMITS, faults)) {
      Node donor = bench.open("a").fill(LOWER, 1, ENTRIES);
      Node receiver = bench.open("b");
      faults.breakAfter(20).breakAfter(15);
      install(receiver, WANTED, donor);
      same(receiver, donor);
      assertThat(faults.requests()).hasSize(3);
      assertThat(faults.requests().get(0).getSnapshotId()).isEmpty();
      assertThat(faults.requests().get(1).getSnapshotId()).isNotEmpty();
      assertThat(faults.requests().get(1).getFileNumber()).isPositive();
      assertThat(faults.requests().get(2).getFileNumber())
          .isGreaterThan(faults.requests().get(1).getFileNumber());
      assertThat(donor.endpoint.keptCount()).isZero();
    }
  }

  @Test
  void aStreamThatBreaksOffInsideOfAFileGoesOnInsideOfIt() throws Exception {
    StreamFaults faults = new StreamFaults();
    try (SnapshotBench bench =
        new SnapshotBench(directory, LIMITS.withFileBytes(8 << 20), faults)) {
      Node donor = bench.open("a");
      new EveryFamily(EveryFamily.LOWER, 1, 4_000).fill(donor.machine(LOWER), ENTRIES);
      Node receiver = bench.open("b");
      faults.breakAfter(4);
      install(receiver, WANTED, donor);
      same(receiver, donor);
      assertThat(faults.requests()).hasSize(2);
      assertThat(faults.requests().get(1).getOffset()).isPositive();
    }
  }

  @Test
  void bytesThatChangedOnTheWayAreNoticed() throws Exception {
    StreamFaults faults = new StreamFaults();
    try (SnapshotBench bench = new SnapshotBench(directory, LIMITS, faults)) {
      Node donor = bench.open("a").fill(LOWER, 1, ENTRIES);
      Node receiver = bench.open("b");
      faults.damageAfter(7);
      install(receiver, WANTED, donor);
      same(receiver, donor);
      assertThat(faults.requests()).hasSize(2);
      assertThat(faults.requests().get(1).getSnapshotId()).as("from the beginning").isEmpty();
    }
  }

  @Test
  void whenTheDonorDiesTheNextOneIsAsked() throws Exception {
    StreamFaults faults = new StreamFaults();
    try (SnapshotBench bench = new SnapshotBench(directory, LIMITS, faults)) {
      Node first = bench.open("a").fill(LOWER, 1, ENTRIES);
      Node second = bench.open("c").fill(LOWER, 1, ENTRIES);
      Node receiver = bench.open("b");
      faults.runAfter(12, first::crash);
      install(receiver, WANTED, first, second);
      same(receiver, second);
    }
  }

  @Test
  void moreThanSoManyAreNotSentAtATime() throws Exception {
    StreamFaults faults = new StreamFaults();
    SnapshotLimits one = new SnapshotLimits(0, 1, 20_000, java.time.Duration.ofMinutes(1));
    try (SnapshotBench bench = new SnapshotBench(directory, one, faults)) {
      Node donor = bench.open("a").fill(LOWER, 1, ENTRIES);
      Node receiver = bench.open("b");
      Node other = bench.open("c");
      List<Optional<LogPosition>> refused = new ArrayList<>();
      faults.runAfter(
          5,
          () -> {
            try {
              refused.add(install(other, WANTED, donor));
            } catch (Exception e) {
              throw new CompletionException(e);
            }
          });
      install(receiver, WANTED, donor);
      assertThat(refused).containsExactly(Optional.empty());
      assertThat(install(other, WANTED, donor)).isPresent();
      same(other, donor);
    }
  }

  @Test
  void theThrottleKeepsToItsRateAndAllowsNoBurstAfterAPause() {
    long[] now = {0};
    ByteThrottle throttle = new ByteThrottle(1_000_000, () -> now[0]);
    assertThat(throttle.reserve(1_000_000)).isEqualTo(1_000_000_000L);
    now[0] = 1_000_000_000L;
    assertThat(throttle.reserve(500_000)).isEqualTo(500_000_000L);
    now[0] = 60_000_000_000L;
    assertThat(throttle.reserve(1_000_000)).isGreaterThan(900_000_000L);
    assertThat(new ByteThrottle(0, () -> now[0]).reserve(1 << 30)).isZero();
  }
}
