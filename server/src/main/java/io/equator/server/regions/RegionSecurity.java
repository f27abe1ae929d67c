package io.equator.server.regions;

import io.equator.proto.RegionDescriptor;
import io.equator.server.identity.ClusterCertificates;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * How a process shows other regions who it is; the same certificate as inside the cluster.
 *
 * @param certificates of this node; empty in a cluster without, where nobody shows anything
 */
public record RegionSecurity(Optional<ClusterCertificates> certificates) {

  /** Of a process that other regions call. A caller without a certificate may introduce itself. */
  ServerCredentials server(RegionTrust trust) throws IOException {
    if (certificates.isEmpty()) {
      return InsecureServerCredentials.create();
    }
    return TlsServerCredentials.newBuilder()
        .keyManager(certificates.get().keyManager())
        .trustManager(trust)
        .clientAuth(TlsServerCredentials.ClientAuth.OPTIONAL)
        .build();
  }

  /** Of a process that calls a region, and believes only that one. */
  ChannelCredentials client(RegionDescriptor region) throws IOException {
    if (certificates.isEmpty()) {
      return InsecureChannelCredentials.create();
    }
    return TlsChannelCredentials.newBuilder()
        .keyManager(certificates.get().keyManager())
        .trustManager(new RegionTrust(() -> List.of(region)))
        .build();
  }

  /** Of a cluster that introduces itself: its certificate would mean nothing there yet. */
  static ChannelCredentials guest(RegionDescriptor host) {
    return host.getRoots().isEmpty()
        ? InsecureChannelCredentials.create()
        : TlsChannelCredentials.newBuilder()
            .trustManager(new RegionTrust(() -> List.of(host)))
            .build();
  }
}
