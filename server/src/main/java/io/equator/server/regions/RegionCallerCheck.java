package io.equator.server.regions;

import io.equator.proto.IntroductionServiceGrpc;
import io.equator.proto.RegionDescriptor;
import io.equator.proto.RegionExchangeRequest;
import io.equator.proto.RegionTableRequest;
import io.equator.proto.RegionVersionsRequest;
import io.equator.proto.ReplicateRequest;
import io.equator.proto.ReplicationCursorRequest;
import io.equator.proto.ReplicationResolvedRequest;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Lets regions of the federation call in their own name, and nobody else. The certificate is looked
 * at with every call, so that a region which was removed is refused on connections that it has; it
 * may only ask for documents, which is how it hears that it was removed. The introduction alone is
 * open to callers without a certificate; it asks for a secret.
 */
final class RegionCallerCheck implements ServerInterceptor {
  private final RegionTrust trust;

  RegionCallerCheck(RegionTrust trust) {
    this.trust = trust;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (IntroductionServiceGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName())) {
      return next.startCall(call, headers);
    }
    Optional<RegionDescriptor> region =
        caller(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION)).flatMap(trust::regionOf);
    if (region.isEmpty()) {
      call.close(
          Status.UNAUTHENTICATED.withDescription("a certificate of a region is needed"),
          new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      private boolean refused;

      @Override
      public void onMessage(Q message) {
        String named = named(message);
        String name = region.get().getName();
        boolean left = region.get().getRemoved() && !(message instanceof RegionExchangeRequest);
        if (named.equals(name) && !left) {
          super.onMessage(message);
          return;
        }
        refused = true;
        call.close(
            Status.PERMISSION_DENIED.withDescription(
                left
                    ? name + " has left the federation"
                    : "a process of " + name + " calls in the name of '" + named + "'"),
            new Metadata());
      }

      @Override
      public void onHalfClose() {
        if (!refused) {
          super.onHalfClose();
        }
      }
    };
  }

  private static Optional<X509Certificate> caller(@Nullable SSLSession session) {
    try {
      return session != null && session.getPeerCertificates()[0] instanceof X509Certificate shown
          ? Optional.of(shown)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException _) {
      return Optional.empty();
    }
  }

  /** The region in whose name a request is made; every request that regions make says it. */
  private static String named(Object message) {
    return switch (message) {
      case RegionExchangeRequest request -> request.getCaller().getName();
      case RegionTableRequest request -> request.getCallerRegion();
      case ReplicateRequest request -> request.getSource().getRegion();
      case ReplicationCursorRequest request -> request.getSource().getRegion();
      case ReplicationResolvedRequest request -> request.getSource().getRegion();
      case RegionVersionsRequest request -> request.getSource().getRegion();
      default -> "";
    };
  }
}
