package io.equator.server.regions;

import io.equator.coordinator.federation.Introductions.Invitation;
import io.equator.proto.IntroductionRequest;
import io.equator.proto.IntroductionResponse;
import io.equator.proto.IntroductionServiceGrpc;
import io.equator.proto.RegionDescriptor;
import io.equator.server.Refusal;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;

/** The one call by which a cluster introduces itself to the region that has invited it. */
public final class HostCall {
  private static final long ANSWER_WITHIN_SECONDS = 30;

  private HostCall() {}

  /**
   * Asks the addresses of the invitation, one after the other.
   *
   * @throws Refusal when none lets it in, with what each of them said
   */
  public static IntroductionResponse introduce(Invitation invitation, RegionDescriptor guest) {
    StringBuilder answers = new StringBuilder();
    for (String address : invitation.host().getAddressesList()) {
      ManagedChannel channel =
          Grpc.newChannelBuilder(address, RegionSecurity.guest(invitation.host())).build();
      try {
        return IntroductionServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(ANSWER_WITHIN_SECONDS, TimeUnit.SECONDS)
            .introduce(
                IntroductionRequest.newBuilder()
                    .setInvitationId(invitation.id())
                    .setSecret(invitation.secret())
                    .setRegion(guest)
                    .build());
      } catch (StatusRuntimeException e) {
        Status status = e.getStatus();
        answers
            .append(answers.isEmpty() ? "" : "; ")
            .append(address)
            .append(": ")
            .append(status.getDescription() == null ? status.getCode() : status.getDescription());
        if (status.getCode() == Status.Code.FAILED_PRECONDITION) {
          break;
        }
      } finally {
        channel.shutdownNow();
      }
    }
    throw new Refusal(
        "the region "
            + invitation.host().getName()
            + " does not let this one in: "
            + answers
            + ".");
  }
}
