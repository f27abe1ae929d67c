package io.equator.server.identity;

import com.google.protobuf.ByteString;
import io.equator.proto.JoinRequest;
import io.equator.proto.JoinResponse;
import io.equator.proto.JoinServiceGrpc;
import io.equator.proto.NodeDescriptor;
import io.equator.server.Refusal;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** How a node with an empty folder comes into a cluster: by a token, at one of the seeds. */
public final class Joining {
  private static final long ANSWER_WITHIN_SECONDS = 30;

  private Joining() {}

  /**
   * Joins, and writes the identity into the folder.
   *
   * @param node id, addresses, zone, weight and incarnation
   * @throws Refusal when no seed lets it in, with what each of them said
   */
  public static Identity join(
      NodeFolder folder, NodeDescriptor node, List<String> seeds, JoinTokens token) {
    boolean tls = !token.root().equals(JoinTokens.NO_TLS);
    ClusterCertificates certificates = new ClusterCertificates(folder.path());
    try {
      JoinRequest.Builder request =
          JoinRequest.newBuilder().setTokenId(token.id()).setSecret(token.secret()).setNode(node);
      if (tls) {
        request.setCertificateRequest(
            ByteString.copyFrom(certificates.request(node.getNodeId(), List.of())));
      }
      JoinResponse response = ask(seeds, token, request.build());
      if (tls) {
        certificates.install(
            response.getCertificate().toByteArray(), response.getRoot().toByteArray());
      }
      if (!response.getCredentialsKey().isEmpty()) {
        CredentialsKey.write(folder.path(), response.getCredentialsKey().toByteArray());
      }
      Identity identity =
          new Identity(
              node.getNodeId(),
              node.getIncarnation().toByteArray(),
              response.getClusterId(),
              response.getRegion(),
              false,
              tls,
              new TreeMap<>(response.getCatalogMembersMap()));
      folder.write(identity);
      return identity;
    } catch (IOException e) {
      throw new Refusal("the node cannot join: " + e.getMessage() + ".", e);
    }
  }

  private static JoinResponse ask(List<String> seeds, JoinTokens token, JoinRequest request) {
    StringBuilder answers = new StringBuilder();
    for (String seed : seeds) {
      ManagedChannel channel =
          Grpc.newChannelBuilder(seed, NodeSecurity.joining(token.root())).build();
      try {
        return JoinServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(ANSWER_WITHIN_SECONDS, TimeUnit.SECONDS)
            .join(request);
      } catch (StatusRuntimeException e) {
        Status status = e.getStatus();
        answers
            .append(answers.isEmpty() ? "" : "; ")
            .append(seed)
            .append(": ")
            .append(status.getDescription() == null ? status.getCode() : status.getDescription());
      } finally {
        channel.shutdownNow();
      }
    }
    throw new Refusal("no seed lets this node in: " + answers + ".");
  }
}
