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
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a node with an empty folder comes into a cluster: by a token, at one of the seeds. */
public final class Joining {
  private static final Logger LOG = LoggerFactory.getLogger(Joining.class);
  private static final long ANSWER_WITHIN_SECONDS = 30;

  /** For so long it goes on asking seeds of which none answers. */
  private static final long SEED_WITHIN_SECONDS = 60;

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

  /**
   * Asks one seed after the other, again and again while none of them answers at all: nodes that
   * are started together come before their seeds are ready. What a seed says is final.
   */
  private static JoinResponse ask(List<String> seeds, JoinTokens token, JoinRequest request) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SEED_WITHIN_SECONDS);
    while (true) {
      List<String> refused = new ArrayList<>();
      List<String> silent = new ArrayList<>();
      for (String seed : seeds) {
        try {
          return ask(seed, token, request);
        } catch (StatusRuntimeException e) {
          Status status = e.getStatus();
          String said =
              status.getDescription() == null
                  ? status.getCode().toString()
                  : status.getDescription();
          (status.getCode() == Status.Code.UNAVAILABLE ? silent : refused).add(seed + ": " + said);
        }
      }
      if (!refused.isEmpty() || System.nanoTime() - end > 0) {
        refused.addAll(silent);
        throw new Refusal("no seed lets this node in: " + String.join("; ", refused) + ".");
      }
      LOG.info("no seed answers yet: {}", silent);
      pause();
    }
  }

  private static JoinResponse ask(String seed, JoinTokens token, JoinRequest request) {
    ManagedChannel channel =
        Grpc.newChannelBuilder(seed, NodeSecurity.joining(token.root())).build();
    try {
      return JoinServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(ANSWER_WITHIN_SECONDS, TimeUnit.SECONDS)
          .join(request);
    } finally {
      channel.shutdownNow();
    }
  }

  private static void pause() {
    try {
      TimeUnit.SECONDS.sleep(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal("interrupted while no seed answered.", e);
    }
  }
}
