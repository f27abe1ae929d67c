package io.equator.coordinator.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.ScriptedNodes.Step.Fails;
import io.equator.coordinator.router.ScriptedNodes.Step.Redirected;
import io.equator.coordinator.router.ScriptedNodes.Step.Silent;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.GetRequest;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.Redirect.Reason;
import io.equator.proto.RingDescriptor;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResults;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the router does with each kind of answer, and that it stops in time. */
class RouterTest {
  private static final RouterConfig QUICK =
      new RouterConfig(
          Duration.ofMillis(500),
          Duration.ofMillis(50),
          Duration.ofMillis(1),
          Duration.ofMillis(4));
  private static final Plan<WriteRequest.Builder> PLAN =
      snapshot -> new Bound<>(1, 0, WriteRequest.newBuilder());

  private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
  private volatile CatalogSnapshot snapshot = catalog(1, 1, "a", "b", "c");
  private ScriptedNodes nodes;
  private Router router;

  @BeforeEach
  void start() throws IOException {
    nodes = new ScriptedNodes("a", "b", "c");
    router = new Router(() -> snapshot, nodes, QUICK, timers, InstantSource.system());
  }

  @AfterEach
  void stop() {
    nodes.close();
    timers.shutdownNow();
  }

  private static CatalogSnapshot catalog(long revision, long epoch, String... replicas) {
    PartitionDescriptor partition =
        PartitionDescriptor.newBuilder()
            .setPartitionId(7)
            .setEpoch(epoch)
            .setRingId(1)
            .setFirstToken(0)
            .setLastToken(-1L)
            .addAllReplicaNodeIds(List.of(replicas))
            .build();
    RingDescriptor ring =
        RingDescriptor.newBuilder()
            .setRingId(1)
            .setHashAlgorithm(1)
            .setHashSeed(ByteString.copyFrom(new byte[16]))
            .addPartitionIds(7)
            .build();
    return CatalogSnapshot.empty()
        .with(
            CatalogEvent.newBuilder()
                .setRevision(revision)
                .setFull(true)
                .addPuts(CatalogObject.newBuilder().setKey("partition/7").setPartition(partition))
                .addPuts(CatalogObject.newBuilder().setKey("ring/1").setRing(ring))
                .build());
  }

  private Routed<WriteResults> write() throws Exception {
    return router.write(PLAN).get(5, TimeUnit.SECONDS);
  }

  private static Redirected to(Reason reason, String leader) {
    return new Redirected(reason, leader);
  }

  @Test
  void anAnswerIsThereBeforeTheCallReturns() {
    assertThat(router.write(PLAN)).isCompletedWithValueMatching(r -> r instanceof Routed.Answer);
    assertThat(nodes.log).containsExactly("a 0");
  }

  @Test
  void aHintIsFollowedAtOnceAndRemembered() throws Exception {
    nodes.script("a", to(Reason.NOT_LEADER, "c"));

    assertThat(write()).isInstanceOf(Routed.Answer.class);
    assertThat(write()).isInstanceOf(Routed.Answer.class);
    assertThat(nodes.log).containsExactly("a 0", "c 1", "c 0");
  }

  @Test
  void withoutAHintTheNextReplicaIsAsked() throws Exception {
    nodes.script("a", to(Reason.NOT_LEADER, ""));
    nodes.script("b", to(Reason.UNAVAILABLE, ""));

    assertThat(write()).isInstanceOf(Routed.Answer.class);
    assertThat(nodes.log).containsExactly("a 0", "b 1", "c 2");
  }

  @Test
  void twoReplicasThatNameEachOtherDoNotSpinForEver() throws Exception {
    for (int i = 0; i < 2000; i++) {
      nodes.script("a", to(Reason.NOT_LEADER, "b"));
      nodes.script("b", to(Reason.NOT_LEADER, "a"));
      nodes.script("c", to(Reason.NOT_LEADER, "a"));
    }

    assertThat(write())
        .isInstanceOfSatisfying(
            Routed.Refused.class,
            refused ->
                assertThat(refused.error().code()).isEqualTo(ErrorCode.INTERNAL_SERVER_ERROR));
    assertThat(nodes.log).hasSizeBetween(5, 600);
  }

  @Test
  void aWriteOfUnknownFateIsAskedAgainUnderItsId() throws Exception {
    nodes.script("a", to(Reason.INDETERMINATE, ""));
    nodes.script("b", new Silent());
    nodes.script("c", new Fails(Status.UNAVAILABLE));

    assertThat(write()).isInstanceOf(Routed.Answer.class);
    assertThat(nodes.writes).hasSize(4);
    assertThat(nodes.writes)
        .extracting(WriteRequest::getRequestIdLow)
        .containsOnly(nodes.writes.getFirst().getRequestIdLow());
    assertThat(nodes.writes)
        .extracting(WriteRequest::getFirstSentMillis)
        .containsOnly(nodes.writes.getFirst().getFirstSentMillis());
    assertThat(nodes.writes).extracting(WriteRequest::getAttempt).containsExactly(0, 1, 2, 3);
  }

  @Test
  void twoRequestsHaveTwoIds() throws Exception {
    write();
    write();
    assertThat(nodes.writes).extracting(WriteRequest::getRequestIdLow).doesNotHaveDuplicates();
  }

  @Test
  void theWritesOfARequestHaveIdsThatNoOtherRequestHas() throws Exception {
    assertThat(write()).isInstanceOf(Routed.Answer.class);
    assertThat(write()).isInstanceOf(Routed.Answer.class);

    long first = nodes.writes.getFirst().getRequestIdLow();
    long second = nodes.writes.getLast().getRequestIdLow();
    assertThat(second - first).as("more than a request has writes").isGreaterThan(100);
  }

  @Test
  void anOverloadedNodeIsNotAskedAgain() throws Exception {
    nodes.script("a", to(Reason.OVERLOADED, ""));

    assertThat(write())
        .isInstanceOfSatisfying(
            Routed.Refused.class,
            refused -> assertThat(Overload.isThrottling(refused.error())).isTrue());
    assertThat(nodes.log).containsExactly("a 0");
  }

  @Test
  void anOldMapIsReplacedBeforeTheNextAttempt() throws Exception {
    nodes.script("a", to(Reason.WRONG_PARTITION, ""), to(Reason.WRONG_PARTITION, ""));
    Plan<WriteRequest.Builder> plan =
        _ -> {
          // The watch brings the new map while the request is under way.
          if (nodes.log.size() == 1) {
            snapshot = catalog(2, 2, "b");
          }
          return new Bound<>(1, 0, WriteRequest.newBuilder());
        };

    assertThat(router.write(plan).get(5, TimeUnit.SECONDS)).isInstanceOf(Routed.Answer.class);
    assertThat(nodes.writes.getFirst().getPartition().getEpoch()).isEqualTo(1);
    assertThat(nodes.writes.getLast().getPartition().getEpoch()).isEqualTo(2);
    assertThat(nodes.log.getLast()).startsWith("b ");
  }

  @Test
  void aTableThatIsGoneAtTheNextBindingIsRefused() throws Exception {
    nodes.script("a", to(Reason.UNKNOWN_TABLE, ""));
    Plan<WriteRequest.Builder> plan =
        _ -> {
          if (!nodes.log.isEmpty()) {
            throw ApiException.of(ErrorCode.RESOURCE_NOT_FOUND, "Requested resource not found");
          }
          return new Bound<>(1, 0, WriteRequest.newBuilder());
        };

    assertThat(router.write(plan).get(5, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            Routed.Refused.class,
            refused -> assertThat(refused.error().code()).isEqualTo(ErrorCode.RESOURCE_NOT_FOUND));
  }

  @Test
  void keysThatWereSplitApartAreHandedBack() throws Exception {
    assertThat(router.write(_ -> null).get(5, TimeUnit.SECONDS))
        .isInstanceOf(Routed.Scattered.class);
  }

  @Test
  void eventualReadsGoToAnyReplicaUntilTheLeaderIsKnown() throws Exception {
    Plan<GetRequest.Builder> plan = _ -> new Bound<>(1, 0, GetRequest.newBuilder());
    for (int i = 0; i < 200; i++) {
      router.get(plan, false).get(5, TimeUnit.SECONDS);
    }
    assertThat(nodes.log).contains("a", "b", "c");

    nodes.log.clear();
    nodes.script("a", to(Reason.NOT_LEADER, "b"));
    for (int i = 0; i < 20; i++) {
      router.get(plan, i % 2 == 0).get(5, TimeUnit.SECONDS);
    }
    assertThat(nodes.log.subList(1, 21)).containsOnly("b");
  }

  @Test
  void anEventualReadIsServedWithoutTheLeader() throws Exception {
    write();
    nodes.log.clear();
    nodes.script("a", new Fails(Status.UNAVAILABLE));
    Plan<GetRequest.Builder> plan = _ -> new Bound<>(1, 0, GetRequest.newBuilder());

    assertThat(router.get(plan, false).get(5, TimeUnit.SECONDS)).isInstanceOf(Routed.Answer.class);
    assertThat(nodes.log).hasSizeBetween(2, 3).startsWith("a");
  }
}
