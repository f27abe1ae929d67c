package io.equator.coordinator.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.error.ApiError;
import io.equator.model.error.ErrorCode;
import io.equator.model.error.ThrottlingReason;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.KeyElement;
import io.equator.proto.KeyType;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.OnDemandLimits;
import io.equator.proto.ProjectionType;
import io.equator.proto.ScalarType;
import io.equator.proto.TableDescriptor;
import io.equator.proto.Throughput;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who is let through, by what is left of each table and index. */
class CapacityGateTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int TABLE = 7;
  private static final int INDEX = 1;
  private static final String TABLE_ARN = "arn:aws:dynamodb:us-west-2:000000000000:table/Orders";

  private long now = 1;
  private long revision = 1;
  private final CapacityGate gate = new CapacityGate(() -> now);
  private CatalogSnapshot catalog = catalog(provisioned(10, 5, 4, 2), 0);

  private static TableDescriptor.Builder table() {
    return TableDescriptor.newBuilder()
        .setTableId(TABLE)
        .setName("Orders")
        .setStatus("ACTIVE")
        .addKey(key("pk"));
  }

  private static IndexDescriptor.Builder index() {
    return IndexDescriptor.newBuilder()
        .setIndexId(INDEX)
        .setName("ByTown")
        .setStatus("ACTIVE")
        .addKey(key("town"))
        .setProjectionType(ProjectionType.ALL);
  }

  private static KeyElement.Builder key(String name) {
    return KeyElement.newBuilder()
        .setAttributeName(name)
        .setAttributeType(ScalarType.S)
        .setKeyType(KeyType.HASH);
  }

  private static TableDescriptor provisioned(
      int reads, int writes, int indexReads, int indexWrites) {
    return table()
        .setBillingMode("PROVISIONED")
        .setThroughput(Throughput.newBuilder().setReadUnits(reads).setWriteUnits(writes))
        .addIndexes(
            index()
                .setThroughput(
                    Throughput.newBuilder().setReadUnits(indexReads).setWriteUnits(indexWrites)))
        .build();
  }

  private CatalogSnapshot catalog(TableDescriptor table, int coordinators) {
    CatalogEvent.Builder event =
        CatalogEvent.newBuilder()
            .setRevision(revision++)
            .setFull(true)
            .addPuts(
                CatalogObject.newBuilder()
                    .setKey("cluster")
                    .setCluster(
                        ClusterDescriptor.newBuilder()
                            .setRegion("us-west-2")
                            .setAccountId("000000000000")))
            .addPuts(CatalogObject.newBuilder().setKey("table/Orders").setTable(table));
    for (int i = 0; i < coordinators; i++) {
      event.addPuts(
          CatalogObject.newBuilder()
              .setKey("node/n" + i)
              .setNode(NodeDescriptor.newBuilder().setNodeId("n" + i).setApiAddress("n:8000")));
    }
    return CatalogSnapshot.empty().with(event.build());
  }

  private TableView view() {
    return catalog.table(TABLE).orElseThrow();
  }

  private @Nullable ApiError refusal(int index, boolean write) {
    return gate.refusal(catalog, view(), index, write);
  }

  private void take(int index, boolean write, double units) {
    gate.take(catalog, view(), index, write, units);
  }

  private boolean exhausted() {
    return gate.isExhausted(catalog, view(), view().globalIndexes().getFirst());
  }

  @Test
  void aTableIsThrottledWhenItsUnitsAreGoneAndNotAfterwards() {
    assertThat(refusal(0, true)).isNull();
    take(0, true, 4);
    assertThat(refusal(0, true)).isNull();
    take(0, true, 1);
    ApiError refusal = refusal(0, true);
    assertThat(refusal).isNotNull();
    assertThat(refusal.code()).isEqualTo(ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED);
    assertThat(refusal.message())
        .isEqualTo(
            "The level of configured provisioned throughput for the table was exceeded. Consider"
                + " increasing your provisioning level with the UpdateTable API.");
    assertThat(refusal.throttling())
        .containsExactly(
            new ThrottlingReason("TableWriteProvisionedThroughputExceeded", TABLE_ARN));
    assertThat(refusal(0, false)).as("reads").isNull();
    assertThat(refusal(INDEX, false)).as("reads of the index").isNull();
    now += SECOND / 5;
    assertThat(refusal(0, true)).isNull();
  }

  @Test
  void anIndexHasReadsAndWritesOfItsOwn() {
    take(INDEX, false, 4);
    ApiError refusal = refusal(INDEX, false);
    assertThat(refusal).isNotNull();
    assertThat(refusal.throttling())
        .containsExactly(
            new ThrottlingReason(
                "IndexReadProvisionedThroughputExceeded", TABLE_ARN + "/index/ByTown"));
    assertThat(refusal(0, false)).isNull();
    assertThat(exhausted()).isFalse();
    take(INDEX, true, 2);
    assertThat(exhausted()).isTrue();
    assertThat(refusal(0, true)).as("writes that do not change it").isNull();
    now += SECOND;
    assertThat(exhausted()).isFalse();
  }

  @Test
  void unusedUnitsAreKeptForFiveMinutes() {
    assertThat(refusal(0, true)).isNull();
    now += 3_600 * SECOND;
    assertThat(refusal(0, true)).isNull();
    take(0, true, 1_499);
    assertThat(refusal(0, true)).isNull();
    take(0, true, 1);
    assertThat(refusal(0, true)).isNotNull();
  }

  @Test
  void aDebtIsPaidFirst() {
    take(0, true, 25);
    now += 4 * SECOND;
    assertThat(refusal(0, true)).isNotNull();
    now += SECOND;
    assertThat(refusal(0, true)).isNull();
  }

  @Test
  void anUpdateOfTheThroughputCountsFromTheNextRequestOn() {
    take(INDEX, true, 100);
    assertThat(exhausted()).isTrue();
    catalog = catalog(provisioned(10, 5, 4, 50), 0);
    assertThat(exhausted()).isFalse();
    take(INDEX, true, 50);
    assertThat(exhausted()).isTrue();
    catalog = catalog(provisioned(10, 5, 4, 50), 0);
    assertThat(exhausted()).as("another change leaves what is left").isTrue();
  }

  @Test
  void coordinatorsShareTheCapacity() {
    catalog = catalog(provisioned(10, 6, 4, 2), 3);
    take(0, true, 2);
    assertThat(refusal(0, true)).isNotNull();
  }

  @Test
  void aTableOnDemandHasTheLimitThatItWasGiven() {
    catalog =
        catalog(
            table()
                .setBillingMode("PAY_PER_REQUEST")
                .setOnDemandLimits(
                    OnDemandLimits.newBuilder()
                        .setMaxReadRequestUnits(-1)
                        .setMaxWriteRequestUnits(3))
                .addIndexes(
                    index()
                        .setOnDemandLimits(OnDemandLimits.newBuilder().setMaxReadRequestUnits(2)))
                .build(),
            0);
    take(0, false, 1_000_000);
    assertThat(refusal(0, false)).as("-1 is no limit").isNull();
    take(0, true, 3);
    ApiError refusal = refusal(0, true);
    assertThat(refusal).isNotNull();
    assertThat(refusal.code()).isEqualTo(ErrorCode.THROTTLING);
    assertThat(refusal.throttling())
        .containsExactly(
            new ThrottlingReason("TableWriteMaxOnDemandThroughputExceeded", TABLE_ARN));
    take(INDEX, false, 2);
    assertThat(refusal(INDEX, false)).isNotNull();
    take(INDEX, true, 1_000);
    assertThat(exhausted()).as("never set").isFalse();
  }

  @Test
  void anOpenGateLetsEverythingThrough() {
    assertThat(CapacityGate.OPEN.isEnforced()).isFalse();
    assertThat(gate.isEnforced()).isTrue();
  }
}
