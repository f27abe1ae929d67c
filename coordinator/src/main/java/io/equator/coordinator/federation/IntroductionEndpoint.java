package io.equator.coordinator.federation;

import io.equator.proto.IntroductionRequest;
import io.equator.proto.IntroductionResponse;
import io.equator.proto.IntroductionServiceGrpc;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link Introductions} as a cluster calls it that wants to join. Blocking. */
public final class IntroductionEndpoint
    extends IntroductionServiceGrpc.IntroductionServiceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(IntroductionEndpoint.class);

  private final Introductions introductions;

  /** Lets into this federation. */
  public IntroductionEndpoint(Introductions introductions) {
    this.introductions = introductions;
  }

  @Override
  public void introduce(IntroductionRequest request, StreamObserver<IntroductionResponse> answer) {
    try {
      IntroductionResponse response = introductions.introduce(request);
      LOG.info("{} joins the federation", request.getRegion().getName());
      answer.onNext(response);
      answer.onCompleted();
    } catch (NotLetInException e) {
      LOG.warn("{} is not let in: {}", request.getRegion().getName(), e.getMessage());
      answer.onError(
          Status.FAILED_PRECONDITION.withDescription(e.getMessage()).asRuntimeException());
    } catch (CatalogUnavailableException e) {
      answer.onError(Status.UNAVAILABLE.withDescription(e.getMessage()).asRuntimeException());
    }
  }
}
