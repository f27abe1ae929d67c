package io.equator.server.serve;

import io.equator.partitioner.NodeId;
import io.equator.proto.JoinServiceGrpc;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.server.identity.CertificateEndpoint;
import io.equator.server.identity.ClusterCertificates;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Lets nodes of the cluster call, and nobody else: the certificate must name a node that the
 * catalog has. A node that has been removed is refused although its certificate has not expired.
 * Only the service by which nodes join is open to callers without a certificate.
 */
final class PeerCheck implements ServerInterceptor {
  private final Supplier<CatalogSnapshot> catalog;

  PeerCheck(Supplier<CatalogSnapshot> catalog) {
    this.catalog = catalog;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (JoinServiceGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName())) {
      return next.startCall(call, headers);
    }
    Status refusal = refusal(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
    if (!refusal.isOk()) {
      call.close(refusal, new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return Contexts.interceptCall(
        Context.current().withValue(CertificateEndpoint.CALLER, caller(call)), call, headers, next);
  }

  /** Known to be in order. */
  private static String caller(ServerCall<?, ?> call) {
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    try {
      return session == null
          ? ""
          : ClusterCertificates.nodeOf((X509Certificate) session.getPeerCertificates()[0]);
    } catch (SSLPeerUnverifiedException | GeneralSecurityException e) {
      throw new IllegalStateException("a certificate that was checked", e);
    }
  }

  private Status refusal(@Nullable SSLSession session) {
    if (session == null) {
      return Status.UNAUTHENTICATED.withDescription("the connection is not encrypted");
    }
    try {
      X509Certificate certificate = (X509Certificate) session.getPeerCertificates()[0];
      String node = ClusterCertificates.nodeOf(certificate);
      CatalogSnapshot snapshot = catalog.get();
      // Before the first copy there is nobody to ask; the root has signed for it.
      return snapshot.cluster().isEmpty() || snapshot.node(new NodeId(node)).isPresent()
          ? Status.OK
          : Status.PERMISSION_DENIED.withDescription(node + " is no node of this cluster any more");
    } catch (SSLPeerUnverifiedException _) {
      return Status.UNAUTHENTICATED.withDescription("a node's certificate is needed");
    } catch (GeneralSecurityException e) {
      return Status.UNAUTHENTICATED.withDescription(e.getMessage());
    }
  }
}
