package io.equator.server.identity;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import io.equator.proto.CertificateServiceGrpc;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.RenewCertificateRequest;
import io.equator.proto.RenewCertificateResponse;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs new certificates for nodes, where the root's key is. Who asks is known by the certificate
 * that it shows, and gets one for itself only; its names are those that the catalog has.
 */
public final class CertificateEndpoint extends CertificateServiceGrpc.CertificateServiceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(CertificateEndpoint.class);

  /** The node that calls, as its certificate says; set by whoever checks certificates. */
  public static final Context.Key<String> CALLER = Context.key("calling-node");

  private final ClusterCertificates certificates;
  private final Supplier<CatalogSnapshot> catalog;
  private final InstantSource clock;

  /** Signs with these certificates' root. */
  public CertificateEndpoint(
      ClusterCertificates certificates, Supplier<CatalogSnapshot> catalog, InstantSource clock) {
    this.certificates = certificates;
    this.catalog = catalog;
    this.clock = clock;
  }

  @Override
  public void renew(
      RenewCertificateRequest request, StreamObserver<RenewCertificateResponse> answer) {
    Optional<NodeDescriptor> node =
        Optional.ofNullable(CALLER.get()).flatMap(id -> catalog.get().node(new NodeId(id)));
    if (node.isEmpty()) {
      answer.onError(
          Status.PERMISSION_DENIED.withDescription("only nodes may ask").asRuntimeException());
      return;
    }
    if (!certificates.canSign()) {
      answer.onError(
          Status.FAILED_PRECONDITION
              .withDescription("this node has no key of the root")
              .asRuntimeException());
      return;
    }
    try {
      byte[] certificate =
          certificates.sign(
              request.getCertificateRequest().toByteArray(),
              node.get().getNodeId(),
              CertificateRenewal.hosts(node.get()),
              clock.instant());
      answer.onNext(
          RenewCertificateResponse.newBuilder()
              .setCertificate(ByteString.copyFrom(certificate))
              .build());
      answer.onCompleted();
    } catch (IOException e) {
      LOG.error("the certificate of {} cannot be signed", node.get().getNodeId(), e);
      answer.onError(Status.INTERNAL.withDescription(e.getMessage()).asRuntimeException());
    }
  }
}
