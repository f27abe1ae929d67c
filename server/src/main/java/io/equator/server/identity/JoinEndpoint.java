package io.equator.server.identity;

import com.google.protobuf.ByteString;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogComparison;
import io.equator.proto.CatalogObject;
import io.equator.proto.JoinRequest;
import io.equator.proto.JoinResponse;
import io.equator.proto.JoinServiceGrpc;
import io.equator.proto.JoinToken;
import io.equator.proto.NodeDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogKeys;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets nodes into the cluster. The token is used up and the node written down in one commit, so a
 * token lets in one node however often it is sent; a node whose answer was lost gets another token.
 *
 * <p>Its calls block: it must not be called on an event loop.
 */
public final class JoinEndpoint extends JoinServiceGrpc.JoinServiceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(JoinEndpoint.class);

  private final CatalogClient catalog;
  private final CatalogFollower follower;
  private final Optional<ClusterCertificates> certificates;
  private final Optional<ByteString> credentialsKey;
  private final InstantSource clock;

  /**
   * @param certificates of this node; empty in a cluster without
   * @param credentialsKey see {@link CredentialsKey}
   */
  public JoinEndpoint(
      CatalogClient catalog,
      CatalogFollower follower,
      Optional<ClusterCertificates> certificates,
      Optional<byte[]> credentialsKey,
      InstantSource clock) {
    this.catalog = catalog;
    this.follower = follower;
    this.certificates = certificates;
    this.credentialsKey = credentialsKey.map(ByteString::copyFrom);
    this.clock = clock;
  }

  @Override
  public void join(JoinRequest request, StreamObserver<JoinResponse> answer) {
    try {
      JoinResponse response = join(request);
      answer.onNext(response);
      answer.onCompleted();
    } catch (NotLetInException e) {
      answer.onError(
          Status.FAILED_PRECONDITION.withDescription(e.getMessage()).asRuntimeException());
    } catch (CatalogUnavailableException e) {
      answer.onError(Status.UNAVAILABLE.withDescription(e.getMessage()).asRuntimeException());
    } catch (IOException e) {
      LOG.error("a node could not be let in", e);
      answer.onError(Status.INTERNAL.withDescription(e.getMessage()).asRuntimeException());
    }
  }

  private static final class NotLetInException extends Exception {
    private static final long serialVersionUID = 1;

    NotLetInException(String why) {
      super(why);
    }
  }

  private JoinResponse join(JoinRequest request) throws NotLetInException, IOException {
    if (certificates.isPresent() && !certificates.get().canSign()) {
      throw new NotLetInException(
          "this node has no key of the cluster's root and lets nobody in; ask the one that founded"
              + " the cluster");
    }
    NodeDescriptor node = request.getNode();
    String tokenKey = CatalogKeys.joinToken(request.getTokenId());
    String nodeKey = CatalogKeys.node(node.getNodeId());
    CatalogObject token = null;
    for (CatalogObject found : catalog.read(List.of(tokenKey, nodeKey)).getObjectsList()) {
      if (found.getKey().equals(nodeKey)) {
        throw new NotLetInException(
            "there is a node "
                + node.getNodeId()
                + " already; a node whose folder is lost comes back under another id");
      }
      token = found;
    }
    if (token == null || !fits(token.getJoinToken(), request.getSecret())) {
      throw new NotLetInException(
          "the token is not known, used up, or expired; make one with `equator admin token`");
    }
    byte[] certificate = sign(request);
    CatalogCommitRequest commit =
        CatalogCommitRequest.newBuilder()
            .addComparisons(
                CatalogComparison.newBuilder().setKey(tokenKey).setVersion(token.getVersion()))
            .addComparisons(CatalogComparison.newBuilder().setKey(nodeKey))
            .addDeletes(tokenKey)
            .addPuts(
                CatalogObject.newBuilder()
                    .setKey(nodeKey)
                    .setNode(
                        node.toBuilder()
                            .setCatalogMember(false)
                            .setState(NodeDescriptor.State.ACTIVE)))
            .build();
    if (catalog.commit(commit).getOutcome() != Outcome.COMMITTED) {
      throw new NotLetInException("another node has used the token or the id at the same time");
    }
    LOG.info("{} joins the cluster at {}", node.getNodeId(), node.getServiceAddress());
    var cluster = follower.snapshot().cluster().orElseThrow();
    JoinResponse.Builder response =
        JoinResponse.newBuilder()
            .setClusterId(cluster.getClusterId())
            .setRegion(cluster.getRegion())
            .putAllCatalogMembers(catalogMembers(follower))
            .setCertificate(ByteString.copyFrom(certificate));
    credentialsKey.ifPresent(response::setCredentialsKey);
    if (certificates.isPresent()) {
      response.setRoot(ByteString.copyFrom(Files.readAllBytes(certificates.get().root())));
    }
    return response.build();
  }

  /** host:port of the services of the catalog's members by node id. */
  public static Map<String, String> catalogMembers(CatalogFollower follower) {
    Map<String, String> members = new TreeMap<>();
    for (NodeDescriptor member : follower.snapshot().nodes()) {
      if (member.getCatalogMember()) {
        members.put(member.getNodeId(), member.getServiceAddress());
      }
    }
    return members;
  }

  private boolean fits(JoinToken token, String secret) {
    return clock.millis() < token.getExpiresMillis()
        && MessageDigest.isEqual(
            token.getSecretHash().toByteArray(), JoinTokens.hash(secret).toByteArray());
  }

  private byte[] sign(JoinRequest request) throws IOException {
    if (certificates.isEmpty()) {
      return new byte[0];
    }
    NodeDescriptor node = request.getNode();
    return certificates
        .get()
        .sign(
            request.getCertificateRequest().toByteArray(),
            node.getNodeId(),
            List.of(hostOf(node.getServiceAddress()), hostOf(node.getRaftAddress())),
            clock.instant());
  }

  private static String hostOf(String address) {
    return address.substring(0, address.lastIndexOf(':'));
  }
}
