package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.proto.FederationServiceGrpc;
import io.equator.proto.FederationServiceGrpc.FederationServiceBlockingStub;
import io.equator.proto.RegionExchangeRequest;
import io.equator.proto.RegionExchangeResponse;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls come through a way that takes its time, and fail while it is cut. */
class RegionLinkTest {
  private final String name = UUID.randomUUID().toString();
  private final ScheduledExecutorService timer = RegionLink.timer();
  private final ExecutorService threads = RegionLink.threads();
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void serve() throws IOException {
    server =
        InProcessServerBuilder.forName(name)
            .executor(threads)
            .addService(
                new FederationServiceGrpc.FederationServiceImplBase() {
                  @Override
                  public void exchange(
                      RegionExchangeRequest request,
                      StreamObserver<RegionExchangeResponse> answer) {
                    answer.onNext(
                        RegionExchangeResponse.newBuilder()
                            .setAnsweredMillis(request.getSentMillis() + 1)
                            .build());
                    answer.onCompleted();
                  }
                })
            .build()
            .start();
    channel = InProcessChannelBuilder.forName(name).executor(threads).build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
    timer.shutdownNow();
    threads.shutdownNow();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 20})
  void callsComeThroughUntilTheWayIsCut(int delayMillis) {
    RegionLink link = new RegionLink(Duration.ofMillis(delayMillis), timer, threads);
    FederationServiceBlockingStub stub =
        FederationServiceGrpc.newBlockingStub(ClientInterceptors.intercept(channel, link));
    RegionExchangeRequest request = RegionExchangeRequest.newBuilder().setSentMillis(41).build();
    long begun = System.nanoTime();
    assertThat(call(stub, request).getAnsweredMillis()).isEqualTo(42);
    assertThat(System.nanoTime() - begun)
        .as("there and back")
        .isGreaterThanOrEqualTo(Duration.ofMillis(2L * delayMillis).toNanos());
    link.cut(true);
    assertThatThrownBy(() -> call(stub, request))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("UNAVAILABLE");
    link.cut(false);
    assertThat(call(stub, request).getAnsweredMillis()).isEqualTo(42);
  }

  private static RegionExchangeResponse call(
      FederationServiceBlockingStub stub, RegionExchangeRequest request) {
    return stub.withDeadlineAfter(Duration.ofSeconds(60)).exchange(request);
  }
}
