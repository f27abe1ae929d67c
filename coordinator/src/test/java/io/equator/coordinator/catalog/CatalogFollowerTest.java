package io.equator.coordinator.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogComparison;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.CatalogReadRequest;
import io.equator.proto.CatalogReadResponse;
import io.equator.proto.CatalogServiceGrpc;
import io.equator.proto.CatalogWatchRequest;
import io.equator.proto.NodeDescriptor;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Protects the copy that everybody routes by, through client, endpoint, watch and follower. */
class CatalogFollowerTest {
  @TempDir Path directory;

  @Test
  void followsEveryCommitInOrder() {
    try (MemoryCatalog catalog = new MemoryCatalog(directory)) {
      List<Long> revisions = Collections.synchronizedList(new ArrayList<>());
      catalog.follower().listen(snapshot -> revisions.add(snapshot.revision()));
      long last = 0;
      for (int i = 0; i < 50; i++) {
        last = put(catalog, "n" + i).getRevision();
      }
      CatalogSnapshot snapshot = catalog.follower().awaitRevision(last, MemoryCatalog.LIMIT).join();

      assertThat(snapshot.nodes()).hasSize(50);
      assertThat(revisions).isSorted().doesNotHaveDuplicates().endsWith(last);
      assertThat(snapshot.partitions().partitionOf(1, -1).id().value()).isEqualTo(2);
      assertThat(snapshot.tokenHash(1)).isSameAs(snapshot.partitions().ring(1).hash());
    }
  }

  @Test
  void aLateFollowerStartsWithAFullCopy() {
    try (MemoryCatalog catalog = new MemoryCatalog(directory)) {
      long last = put(catalog, "n9").getRevision();
      try (CatalogFollower late = catalog.newFollower()) {
        assertThat(late.awaitRevision(last, MemoryCatalog.LIMIT).join().nodes()).hasSize(2);
      }
    }
  }

  /** A member that is cut off serves what it has and does not know that it is old. */
  @Test
  void aSilentMemberIsLeftForAnother() throws Exception {
    String name = InProcessServerBuilder.generateName();
    Server stuck =
        InProcessServerBuilder.forName(name)
            .directExecutor()
            .addService(new CutOffMember())
            .build()
            .start();
    ManagedChannel channel = InProcessChannelBuilder.forName(name).directExecutor().build();
    try (MemoryCatalog catalog = new MemoryCatalog(directory);
        CatalogFollower follower =
            catalog.newFollower(List.of(CatalogServiceGrpc.newStub(channel)))) {
      long revision = catalog.follower().snapshot().revision();
      assertThat(follower.awaitRevision(revision, MemoryCatalog.LIMIT).join().nodes()).hasSize(1);
      long next = put(catalog, "n2").getRevision();
      assertThat(follower.awaitRevision(next, MemoryCatalog.LIMIT).join().nodes()).hasSize(2);
    } finally {
      channel.shutdownNow();
      stuck.shutdownNow();
    }
  }

  private static final class CutOffMember extends CatalogServiceGrpc.CatalogServiceImplBase {
    @Override
    public void watch(CatalogWatchRequest request, StreamObserver<CatalogEvent> answer) {
      answer.onNext(CatalogEvent.newBuilder().setFull(true).build());
    }

    @Override
    public void read(CatalogReadRequest request, StreamObserver<CatalogReadResponse> answer) {
      answer.onNext(CatalogReadResponse.newBuilder().setLeaderNodeId("").build());
      answer.onCompleted();
    }
  }

  @Test
  void waitingForARevisionThatDoesNotComeEnds() {
    try (MemoryCatalog catalog = new MemoryCatalog(directory)) {
      assertThatThrownBy(
              () -> catalog.follower().awaitRevision(1_000, Duration.ofMillis(20)).join())
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(TimeoutException.class);
    }
  }

  @Test
  void aLostAnswerIsAskedForAgainAndTheCommitMadeOnce() {
    try (MemoryCatalog catalog = new MemoryCatalog(directory)) {
      long before = catalog.follower().snapshot().revision();
      catalog.loseAnswers(1);
      catalog.refuse(1);
      CatalogCommitResponse answer = put(catalog, "n7");
      assertThat(answer.getOutcome()).isEqualTo(Outcome.COMMITTED);
      assertThat(answer.getRevision()).isEqualTo(before + 1);
    }
  }

  /** Compare-and-set counters from many threads lose nothing. */
  @Test
  void concurrentCompareAndSetLosesNoUpdate() throws Exception {
    try (MemoryCatalog catalog = new MemoryCatalog(directory)) {
      AtomicInteger made = new AtomicInteger();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < 8; i++) {
          threads.execute(
              () -> {
                for (int mine = 0; mine < 10; ) {
                  if (increment(catalog)) {
                    mine++;
                    made.incrementAndGet();
                  }
                }
              });
        }
      }
      assertThat(made).hasValue(80);
      assertThat(counter(catalog.client().read(List.of("node/counter")))).isEqualTo(80);
    }
  }

  private static boolean increment(MemoryCatalog catalog) {
    CatalogReadResponse read = catalog.client().read(List.of("node/counter"));
    long version = read.getObjectsCount() == 0 ? 0 : read.getObjects(0).getVersion();
    CatalogObject next =
        CatalogObject.newBuilder()
            .setKey("node/counter")
            .setNode(NodeDescriptor.newBuilder().setZone(String.valueOf(counter(read) + 1)))
            .build();
    CatalogCommitRequest commit =
        CatalogCommitRequest.newBuilder()
            .addComparisons(
                CatalogComparison.newBuilder().setKey("node/counter").setVersion(version))
            .addPuts(next)
            .build();
    return catalog.client().commit(commit).getOutcome() == Outcome.COMMITTED;
  }

  private static int counter(CatalogReadResponse read) {
    return read.getObjectsCount() == 0
        ? 0
        : Integer.parseInt(read.getObjects(0).getNode().getZone());
  }

  private static CatalogCommitResponse put(MemoryCatalog catalog, String node) {
    return catalog
        .client()
        .commit(
            CatalogCommitRequest.newBuilder()
                .addPuts(
                    CatalogObject.newBuilder()
                        .setKey("node/" + node)
                        .setNode(NodeDescriptor.newBuilder().setNodeId(node)))
                .build());
  }
}
