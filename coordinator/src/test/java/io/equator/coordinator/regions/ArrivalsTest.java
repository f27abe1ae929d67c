package io.equator.coordinator.regions;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.coordinator.regions.Arrivals.Result;
import io.equator.coordinator.router.Plan;
import io.equator.coordinator.router.Routed;
import io.equator.proto.ApiErrorMessage;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResults;
import io.equator.proto.KeyElement;
import io.equator.proto.KeyType;
import io.equator.proto.MergeOutcome;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.ReplicatedItem;
import io.equator.proto.ReplicationSource;
import io.equator.proto.ReplicationTarget;
import io.equator.proto.RingDescriptor;
import io.equator.proto.ScalarType;
import io.equator.proto.TableDescriptor;
import io.equator.proto.TableReplication;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResult;
import io.equator.proto.WriteResults;
import io.equator.proto.Written;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * What waits for a transaction is tried again, but not for a source that has gone meanwhile: this
 * region may have forgotten deletions since, and an item from before one would come back.
 */
final class ArrivalsTest {
  private static final ReplicationSource SOURCE =
      ReplicationSource.newBuilder()
          .setRegion("east")
          .setPartitionId(1)
          .setGlobalTableId("global")
          .setGeneration(3)
          .build();
  private static final WriteResults HELD = results(refused());
  private static final WriteResults TAKEN =
      results(
          WriteResult.newBuilder()
              .setWritten(Written.newBuilder().setMerge(MergeOutcome.MERGE_TAKEN))
              .build());

  private final Region region = new Region();
  private final CompletableFuture<Result> result =
      new Arrivals(region, SOURCE)
          .merge(
              List.of(
                  ReplicatedItem.newBuilder()
                      .setPartitionKey(ByteString.copyFromUtf8("key"))
                      .build()));

  private static WriteResult refused() {
    return WriteResult.newBuilder()
        .setRefused(ApiErrorMessage.newBuilder().setCode("TransactionConflictException"))
        .build();
  }

  private static WriteResults results(WriteResult one) {
    return WriteResults.newBuilder().addResults(one).build();
  }

  /** Shared with others, each under its own generation. */
  private static CatalogSnapshot shared(long schema, ReplicationTarget... targets) {
    TableDescriptor table =
        TableDescriptor.newBuilder()
            .setTableId(7)
            .setSchemaVersion(schema)
            .setName("table")
            .setStatus("ACTIVE")
            .setRingId(1)
            .addKey(
                KeyElement.newBuilder()
                    .setAttributeName("pk")
                    .setKeyType(KeyType.HASH)
                    .setAttributeType(ScalarType.S))
            .setReplication(
                TableReplication.newBuilder()
                    .setGlobalTableId("global")
                    .addAllTargets(List.of(targets)))
            .build();
    return CatalogSnapshot.empty()
        .with(
            CatalogEvent.newBuilder()
                .setRevision(1)
                .setFull(true)
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
                                .setLastToken(-1L)
                                .addReplicaNodeIds("a")))
                .addPuts(CatalogObject.newBuilder().setKey("table/table").setTable(table))
                .build());
  }

  private static ReplicationTarget target(String name, long generation) {
    return ReplicationTarget.newBuilder().setRegion(name).setGeneration(generation).build();
  }

  /** One whose partition answers when the test says so. */
  private static final class Region implements InboxAccess {
    private CatalogSnapshot catalog = shared(1, target("east", 3), target("north", 4));
    private final Queue<CompletableFuture<Routed<WriteResults>>> open = new ArrayDeque<>();
    private final Queue<Plan<WriteRequest.Builder>> plans = new ArrayDeque<>();
    private final Queue<Runnable> later = new ArrayDeque<>();

    @Override
    public CatalogSnapshot catalog() {
      return catalog;
    }

    @Override
    public CompletableFuture<Routed<WriteResults>> write(Plan<WriteRequest.Builder> plan) {
      CompletableFuture<Routed<WriteResults>> answer = new CompletableFuture<>();
      plans.add(plan);
      open.add(answer);
      return answer;
    }

    /** The partition answers the oldest write, if it can still be made. */
    void answer(WriteResults results) {
      boolean possible = plans.remove().bind(catalog) != null;
      open.remove().complete(possible ? new Routed.Answer<>(results) : new Routed.Scattered<>());
    }

    void time() {
      later.remove().run();
    }

    @Override
    public CompletableFuture<Routed<GetResults>> get(Plan<GetRequest.Builder> plan) {
      throw new UnsupportedOperationException("nothing is read");
    }

    @Override
    public void later(long millis, Runnable task) {
      later.add(task);
    }

    @Override
    public long nowMillis() {
      return 0;
    }
  }

  private Optional<String> trouble() {
    return Optional.ofNullable(result.join().trouble());
  }

  @Test
  void whatATransactionHoldsIsTriedAgain() {
    region.answer(HELD);
    assertThat(result).isNotDone();
    region.time();
    region.answer(TAKEN);
    assertThat(trouble()).isEmpty();
    assertThat(result.join().taken()).isEqualTo(1);
  }

  @Test
  void itIsNotTriedAgainWhenTheSourceHasGone() {
    region.answer(HELD);
    region.catalog = shared(2, target("north", 4));
    region.time();
    assertThat(region.open).isEmpty();
    assertThat(trouble()).isPresent();
  }

  @Test
  void itIsNotTriedAgainWhenTheSourceIsAnotherMemberByNow() {
    region.answer(HELD);
    region.catalog = shared(2, target("east", 4), target("north", 4));
    region.time();
    assertThat(region.open).isEmpty();
    assertThat(trouble()).isPresent();
  }

  @Test
  void aWriteThatIsMadeAgainForANewerCatalogIsNotMadeThen() {
    region.catalog = shared(2, target("north", 4));
    region.answer(TAKEN);
    assertThat(trouble()).isPresent();
    assertThat(result.join().taken()).isZero();
  }
}
