package io.equator.server.regions;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.proto.FederationServiceGrpc;
import io.equator.proto.IntroductionRequest;
import io.equator.proto.IntroductionResponse;
import io.equator.proto.IntroductionServiceGrpc;
import io.equator.proto.RegionDescriptor;
import io.equator.proto.RegionTableRequest;
import io.equator.proto.RegionTableResponse;
import io.equator.server.config.ServeConfig.Regions;
import io.equator.server.identity.ClusterCertificates;
import io.grpc.BindableService;
import io.grpc.ChannelCredentials;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may call at the port for other regions, in whose name, and whom callers believe. */
class RegionServerTest {
  @TempDir private Path temporary;

  private final AtomicReference<Collection<RegionDescriptor>> known =
      new AtomicReference<>(List.of());
  private ClusterCertificates west;
  private ClusterCertificates east;
  private ClusterCertificates north;
  private int port;
  private RegionServer server;

  @BeforeEach
  void start() throws IOException {
    west = founded("west");
    east = founded("east");
    north = founded("north");
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    known.set(List.of(region("west", west), region("east", east)));
    BindableService federation =
        new FederationServiceGrpc.FederationServiceImplBase() {
          @Override
          public void describeTable(
              RegionTableRequest request, StreamObserver<RegionTableResponse> answer) {
            answer.onNext(RegionTableResponse.getDefaultInstance());
            answer.onCompleted();
          }
        };
    BindableService introductions =
        new IntroductionServiceGrpc.IntroductionServiceImplBase() {
          @Override
          public void introduce(
              IntroductionRequest request, StreamObserver<IntroductionResponse> answer) {
            answer.onNext(IntroductionResponse.getDefaultInstance());
            answer.onCompleted();
          }
        };
    server =
        new RegionServer(
            new Regions("127.0.0.1", port, "127.0.0.1:" + port),
            new RegionSecurity(Optional.of(west)),
            known::get,
            List.of(federation, introductions));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private ClusterCertificates founded(String name) throws IOException {
    ClusterCertificates certificates = new ClusterCertificates(temporary.resolve(name));
    certificates.found("node-1", List.of("another.example"), Instant.now());
    return certificates;
  }

  private static RegionDescriptor region(String name, ClusterCertificates certificates)
      throws IOException {
    return RegionDescriptor.newBuilder()
        .setName(name)
        .setRoots(ByteString.copyFrom(Files.readAllBytes(certificates.root())))
        .build();
  }

  private Status.Code call(ChannelCredentials credentials, String inTheNameOf) {
    try (AnyOfChannels channel = AnyOfChannels.to(List.of("127.0.0.1:" + port), credentials)) {
      var _ =
          FederationServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(30, TimeUnit.SECONDS)
              .describeTable(RegionTableRequest.newBuilder().setCallerRegion(inTheNameOf).build());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private ChannelCredentials from(ClusterCertificates caller) throws IOException {
    return new RegionSecurity(Optional.of(caller)).client(region("west", west));
  }

  @Test
  void aRegionCallsInItsOwnNameOnly() throws IOException {
    assertThat(call(from(east), "east")).isEqualTo(Status.Code.OK);
    assertThat(call(from(east), "west")).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(call(from(east), "")).isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void aStrangerGetsNoConnectionAndNobodyWithoutACertificateGetsAnAnswer() throws IOException {
    assertThat(call(from(north), "north")).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(call(from(north), "east")).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(call(RegionSecurity.guest(region("west", west)), "east"))
        .isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void aRegionThatWasRemovedIsRefusedOnTheConnectionThatItHas() throws IOException {
    try (AnyOfChannels channel = AnyOfChannels.to(List.of("127.0.0.1:" + port), from(east))) {
      FederationServiceGrpc.FederationServiceBlockingStub stub =
          FederationServiceGrpc.newBlockingStub(channel);
      RegionTableRequest request = RegionTableRequest.newBuilder().setCallerRegion("east").build();
      assertThat(stub.withDeadlineAfter(30, TimeUnit.SECONDS).describeTable(request)).isNotNull();
      known.set(
          List.of(region("west", west), region("east", east).toBuilder().setRemoved(true).build()));
      Status.Code code = Status.Code.OK;
      try {
        var _ = stub.withDeadlineAfter(30, TimeUnit.SECONDS).describeTable(request);
      } catch (StatusRuntimeException e) {
        code = e.getStatus().getCode();
      }
      assertThat(code).isEqualTo(Status.Code.PERMISSION_DENIED);
    }
  }

  @Test
  void whoIsCalledMustBeOfTheRegionThatIsMeant() throws IOException {
    ChannelCredentials meantForNorth =
        new RegionSecurity(Optional.of(east)).client(region("north", north));
    assertThat(call(meantForNorth, "east")).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void aGuestIntroducesItselfWithoutACertificate() throws IOException {
    try (AnyOfChannels channel =
        AnyOfChannels.to(
            List.of("127.0.0.1:" + port), RegionSecurity.guest(region("west", west)))) {
      assertThat(
              IntroductionServiceGrpc.newBlockingStub(channel)
                  .withDeadlineAfter(30, TimeUnit.SECONDS)
                  .introduce(IntroductionRequest.getDefaultInstance()))
          .isNotNull();
    }
  }
}
