package io.equator.server.roles;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.proto.IntegrityServiceGrpc;
import io.equator.proto.IntegrityServiceGrpc.IntegrityServiceBlockingStub;
import io.equator.proto.IntegrityServiceGrpc.IntegrityServiceImplBase;
import io.equator.proto.ScrubRequest;
import io.equator.proto.ScrubResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A server that is not there yet, and comes. */
class PromptChannelTest {
  private static final class Answering extends IntegrityServiceImplBase {
    @Override
    public void scrub(ScrubRequest request, StreamObserver<ScrubResponse> caller) {
      caller.onNext(ScrubResponse.getDefaultInstance());
      caller.onCompleted();
    }
  }

  @Test
  void aServerThatComesIsFoundByOneOfTheNextCalls() throws Exception {
    String name = UUID.randomUUID().toString();
    try (PromptChannel channel =
        new PromptChannel(
            InProcessChannelBuilder.forName(name).directExecutor().build(), Duration.ZERO)) {
      IntegrityServiceBlockingStub stub = IntegrityServiceGrpc.newBlockingStub(channel);
      for (int i = 0; i < 20; i++) {
        assertThat(outcome(stub)).isEqualTo(Status.Code.UNAVAILABLE);
      }
      Server server =
          InProcessServerBuilder.forName(name)
              .directExecutor()
              .addService(new Answering())
              .build()
              .start();
      try {
        int calls = 1;
        while (outcome(stub) != Status.Code.OK && calls < 100) {
          calls++;
        }
        // gRPC alone would not try again for a second and more.
        assertThat(calls).isLessThan(100);
      } finally {
        server.shutdownNow();
      }
    }
  }

  private static Status.Code outcome(IntegrityServiceBlockingStub stub) {
    try {
      var _ = stub.scrub(ScrubRequest.getDefaultInstance());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }
}
