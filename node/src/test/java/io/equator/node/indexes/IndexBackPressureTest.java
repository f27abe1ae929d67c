package io.equator.node.indexes;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.node.changes.ChangeLimits;
import io.equator.node.core.ChangePosition;
import io.equator.node.core.OnePartition;
import io.equator.node.core.TestTables;
import io.equator.node.indexes.IndexPumps.IndexName;
import io.equator.partitioner.Partition;
import io.equator.proto.ApplyIndexRequest;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.RingDescriptor;
import io.equator.proto.TableDescriptor;
import io.equator.proto.WriteResult;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import io.equator.replication.sim.Simulation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * An index that is too far behind throttles what would change it, and nothing else, until it has
 * caught up.
 */
class IndexBackPressureTest {
  private static final int TABLE = 7;
  private static final ChangeLimits FEW_BYTES = new ChangeLimits(4_000, Duration.ZERO, 0);

  private final Simulation simulation = new Simulation(1);
  private TableDescriptor table =
      TestTables.plain(TABLE).toBuilder()
          .setBillingMode("PAY_PER_REQUEST")
          .addIndexes(TestTables.global(1, "byRank", "rank"))
          .build();
  private boolean reachable;
  private ChangePosition cursor = ChangePosition.START;
  private long now = 1_700_000_000_000L;
  private long written;

  private CatalogSnapshot catalog() {
    return CatalogSnapshot.empty()
        .with(
            CatalogEvent.newBuilder()
                .setRevision(1)
                .setFull(true)
                .addPuts(
                    CatalogObject.newBuilder()
                        .setKey("cluster")
                        .setCluster(
                            ClusterDescriptor.newBuilder()
                                .setRegion("us-west-2")
                                .setAccountId("000000000000")))
                .addPuts(
                    CatalogObject.newBuilder()
                        .setKey("ring/1")
                        .setRing(
                            RingDescriptor.newBuilder()
                                .setRingId(1)
                                .setHashAlgorithm(1)
                                .setHashSeed(ByteString.copyFrom(new byte[16]))
                                .addPartitionIds(1)))
                .addPuts(
                    CatalogObject.newBuilder()
                        .setKey("partition/1")
                        .setPartition(
                            PartitionDescriptor.newBuilder()
                                .setPartitionId(1)
                                .setEpoch(1)
                                .setRingId(1)
                                .setLastToken(-1)
                                .addReplicaNodeIds("a")))
                .addPuts(
                    CatalogObject.newBuilder().setKey("table/" + table.getName()).setTable(table))
                .build());
  }

  private TableView view() {
    return catalog().table(TABLE).orElseThrow();
  }

  private IndexPumps pumps(ChangeLimits bounds) {
    CatalogSnapshot catalog = catalog();
    return new IndexPumps(
        () -> catalog,
        this::apply,
        new SimulatedPumpThreads(simulation),
        new PumpLimits(4, 4),
        bounds,
        () -> now);
  }

  private Optional<ChangePosition> apply(Partition target, ApplyIndexRequest.Builder request) {
    assertThat(target.id().value()).isEqualTo(1);
    if (!reachable) {
      return Optional.empty();
    }
    if (request.hasChanges()) {
      ChangePosition to =
          new ChangePosition(
              request.getChanges().getTo().getLogIndex(),
              request.getChanges().getTo().getPosition());
      cursor = to.compareTo(cursor) > 0 ? to : cursor;
    }
    return Optional.of(cursor);
  }

  /** Lets the pumps work for some seconds. */
  private void pass() {
    simulation.runUntil(simulation.now() + 5_000 * Simulation.MILLIS);
  }

  private WriteResult put(OnePartition partition, Object... more) {
    return partition.ask(view(), TestTables.put(view(), "item" + written++, 1, more));
  }

  /** Puts items with a rank until one of them is not taken. */
  private WriteResult untilThrottled(OnePartition partition) {
    for (int i = 0; i < 1_000; i++) {
      WriteResult result = put(partition, "rank", (long) i, "text", "x".repeat(200));
      if (!result.hasWritten()) {
        return result;
      }
    }
    throw new AssertionError("everything is taken");
  }

  @Test
  void changesOfAnIndexThatDoesNotTakeThemAreThrottledUntilItDoes() {
    IndexPumps pumps = pumps(FEW_BYTES);
    OnePartition partition = new OnePartition(pumps);
    pumps.look(List.of(partition.hosted()));
    pass();

    WriteResult refused = untilThrottled(partition);
    assertThat(written).isBetween(5L, 30L);
    assertThat(refused.getRefused().getCode()).isEqualTo("ThrottlingException");
    assertThat(refused.getRefused().getMessage())
        .startsWith("Throughput exceeds the current capacity for one or more global secondary");
    assertThat(refused.getRefused().getThrottlingList())
        .singleElement()
        .satisfies(
            reason -> {
              assertThat(reason.getReason()).isEqualTo("IndexWriteKeyRangeThroughputExceeded");
              assertThat(reason.getResource())
                  .isEqualTo("arn:aws:dynamodb:us-west-2:000000000000:table/table7/index/byRank");
            });
    assertThat(pumps.throttledWrites()).containsEntry(new IndexName(TABLE, 1), 1L);
    assertThat(pumps.lags(now).getFirst().bytes()).isGreaterThanOrEqualTo(4_000);
    assertThat(put(partition).hasWritten()).as("a write that the index does not see").isTrue();
    pass();
    assertThat(put(partition, "rank", 1L).hasRefused()).as("still").isTrue();

    reachable = true;
    pass();
    assertThat(put(partition, "rank", 1L).hasWritten()).as("after it has caught up").isTrue();
    pass();
    assertThat(pumps.lags(now).getFirst().bytes()).isZero();
    pumps.close();
  }

  @Test
  void aTableWithProvisionedCapacityHasAnotherError() {
    table = table.toBuilder().setBillingMode("PROVISIONED").build();
    IndexPumps pumps = pumps(FEW_BYTES);
    OnePartition partition = new OnePartition(pumps);
    pumps.look(List.of(partition.hosted()));
    pass();

    WriteResult refused = untilThrottled(partition);
    assertThat(refused.getRefused().getCode()).isEqualTo("ProvisionedThroughputExceededException");
    assertThat(refused.getRefused().getMessage())
        .startsWith("The level of configured provisioned throughput for one or more global");
    pumps.close();
  }

  @Test
  void whatIsTakenAtOnceIsNeverThrottled() {
    reachable = true;
    IndexPumps pumps = pumps(FEW_BYTES);
    OnePartition partition = new OnePartition(pumps);
    partition.hosted().machine().onChanges(changed -> pumps.changed(1, changed));
    pumps.look(List.of(partition.hosted()));
    for (int i = 0; i < 100; i++) {
      pass();
      assertThat(put(partition, "rank", (long) i, "text", "x".repeat(1_000)).hasWritten()).isTrue();
    }
    pumps.close();
  }

  @Test
  void anOldChangeThrottlesWhenItsAgeIsBounded() {
    IndexPumps pumps = pumps(new ChangeLimits(0, Duration.ofMinutes(1), 0));
    OnePartition partition = new OnePartition(pumps);
    partition.hosted().machine().onChanges(changed -> pumps.changed(1, changed));
    reachable = true;
    pumps.look(List.of(partition.hosted()));
    pass();
    reachable = false;
    assertThat(put(partition, "rank", 1L).hasWritten()).isTrue();
    pass();
    now += 59_000;
    assertThat(put(partition, "rank", 2L).hasWritten()).isTrue();
    pass();
    now += 1_000;
    assertThat(put(partition, "rank", 3L).hasRefused()).isTrue();
    reachable = true;
    pass();
    assertThat(put(partition, "rank", 4L).hasWritten()).isTrue();
    pumps.close();
  }

  @Test
  void aChangeThatCouldNotEvenBeReadAgesFromWhenItIsSeen() {
    IndexPumps pumps = pumps(new ChangeLimits(0, Duration.ofMinutes(1), 0));
    OnePartition partition = new OnePartition(pumps);
    pumps.look(List.of(partition.hosted()));
    pass();
    assertThat(put(partition, "rank", 1L).hasWritten()).isTrue();
    now += 60_000;
    assertThat(put(partition, "rank", 2L).hasWritten()).isTrue();
    now += 60_000;
    assertThat(put(partition, "rank", 3L).hasRefused()).isTrue();
    pumps.close();
  }

  @Test
  void theNextLeaderKnowsOfABacklogBeforeItsTargetsAnswer() {
    IndexPumps first = pumps(FEW_BYTES);
    OnePartition partition = new OnePartition(first);
    first.look(List.of(partition.hosted()));
    var _ = untilThrottled(partition);
    first.close();

    IndexPumps second = pumps(FEW_BYTES);
    second.look(List.of(partition.hosted()));
    assertThat(second.refusal(1, view(), view().globalIndexes().getFirst(), false)).isNotNull();
    second.close();
  }

  @Test
  void recordsThatOnlyAStreamKeepsDoNotThrottle() {
    table = table.toBuilder().setStreamEnabled(true).setStreamViewType("NEW_IMAGE").build();
    reachable = true;
    IndexPumps first = pumps(ChangeLimits.none());
    OnePartition partition = new OnePartition(first);
    first.look(List.of(partition.hosted()));
    for (int i = 0; i < 100; i++) {
      put(partition, "rank", (long) i, "text", "x".repeat(200));
    }
    pass();
    first.close();

    reachable = false;
    IndexPumps second = pumps(FEW_BYTES);
    second.look(List.of(partition.hosted()));
    assertThat(second.refusal(1, view(), view().globalIndexes().getFirst(), false))
        .as("before the targets have said what they have")
        .isNull();
    reachable = true;
    pass();
    assertThat(second.refusal(1, view(), view().globalIndexes().getFirst(), false)).isNull();
    assertThat(second.lags(now).getFirst().bytes()).isZero();
    second.close();
  }
}
