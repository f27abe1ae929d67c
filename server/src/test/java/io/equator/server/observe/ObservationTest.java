package io.equator.server.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.node.service.CallObserver;
import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.CatalogServiceGrpc;
import io.equator.proto.CatalogWatchRequest;
import io.equator.proto.ClusterDescriptor;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogKeys;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Test;

/** A process is not ready before it has what it needs. */
class ObservationTest {

  /** A catalog of one revision. */
  private static final class Catalog extends CatalogServiceGrpc.CatalogServiceImplBase {
    @Override
    public void watch(CatalogWatchRequest request, StreamObserver<CatalogEvent> watcher) {
      watcher.onNext(
          CatalogEvent.newBuilder()
              .setRevision(1)
              .setFull(true)
              .addPuts(
                  CatalogObject.newBuilder()
                      .setKey(CatalogKeys.CLUSTER)
                      .setCluster(ClusterDescriptor.newBuilder().setRegion("us-west-2")))
              .build());
    }
  }

  @Test
  void isNotReadyBeforeTheCatalogIsThere() throws Exception {
    String name = UUID.randomUUID().toString();
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    Server server =
        InProcessServerBuilder.forName(name)
            .directExecutor()
            .addService(new Catalog())
            .build()
            .start();
    ManagedChannel channel = InProcessChannelBuilder.forName(name).directExecutor().build();
    try (CatalogFollower follower =
            new CatalogFollower(List.of(CatalogServiceGrpc.newStub(channel)), timer);
        Observation observation = Observation.start(ObserveOptions.NONE)) {
      assertThat(observation.probes().whyNotReady())
          .containsExactly("the process is still starting");
      observation.catalog(follower);
      observation.startedUp();
      assertThat(observation.probes().whyNotReady())
          .containsExactly("no copy of the catalog has come yet");
      assertThat(observation.probes().whyNotStarted()).isNotEmpty();
      assertThat(observation.probes().whyDead()).isEmpty();

      follower.start();
      follower.awaitRevision(1, Duration.ofSeconds(30)).get();
      assertThat(observation.probes().whyNotReady()).isEmpty();
      assertThat(observation.probes().whyNotStarted()).isEmpty();
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
      timer.shutdownNow();
    }
  }

  @Test
  void countsNothingWithoutAPort() throws Exception {
    try (Observation observation = Observation.start(ObserveOptions.NONE)) {
      assertThat(observation.adminAddress()).isEmpty();
      assertThat(observation.calls(new NodeId("n"))).isSameAs(CallObserver.NONE);
    }
  }

  @Test
  void saysWhenThePortIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0)) {
      assertThatThrownBy(
              () ->
                  Observation.start(
                      ObserveOptions.NONE.withAdmin(
                          new InetSocketAddress(taken.getInetAddress(), taken.getLocalPort()))))
          .hasMessageContaining("in use");
    }
  }

  @Test
  void theOptionsAreChecked() {
    assertThatThrownBy(() -> ObserveOptions.NONE.withTableLabelsMax(-1))
        .hasMessage("observe.table-labels-max must not be negative, was -1");
    assertThatThrownBy(() -> ObserveOptions.NONE.withSlowRequest(Duration.ofMillis(-1)))
        .hasMessage("observe.slow-request must not be negative, was PT-0.001S");
  }
}
