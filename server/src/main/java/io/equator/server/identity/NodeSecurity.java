package io.equator.server.identity;

import io.equator.replication.ratis.RatisConfig.Transport;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** How a node shows who it is, and how it is shown by others; empty: nobody shows anything. */
public record NodeSecurity(Optional<ClusterCertificates> certificates) {

  /** Of a node that listens. A caller without a certificate gets as far as the join service. */
  public ServerCredentials server() throws IOException {
    if (certificates.isEmpty()) {
      return InsecureServerCredentials.create();
    }
    ClusterCertificates own = certificates.get();
    return TlsServerCredentials.newBuilder()
        .keyManager(own.keyManager())
        .trustManager(own.root().toFile())
        .clientAuth(TlsServerCredentials.ClientAuth.OPTIONAL)
        .build();
  }

  /** Of a node that calls another one. */
  public ChannelCredentials client() throws IOException {
    if (certificates.isEmpty()) {
      return InsecureChannelCredentials.create();
    }
    ClusterCertificates own = certificates.get();
    return TlsChannelCredentials.newBuilder()
        .keyManager(own.keyManager())
        .trustManager(own.root().toFile())
        .build();
  }

  /** The same for the Raft servers. */
  public Optional<Transport.Tls> raft() throws IOException {
    if (certificates.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Transport.Tls(
            certificates.get().keyManager(),
            certificates.get().trustManagers().getTrustManagers()[0]));
  }

  /** Of a node that has nothing yet but a token: it knows the cluster by its root's fingerprint. */
  static ChannelCredentials joining(String rootFingerprint) {
    if (rootFingerprint.equals(JoinTokens.NO_TLS)) {
      return InsecureChannelCredentials.create();
    }
    TrustManager trust = new RootTrust(rootFingerprint);
    return TlsChannelCredentials.newBuilder().trustManager(trust).build();
  }

  /**
   * Trusts a chain that a known root has signed. The name is not looked at: whoever holds a
   * certificate of this cluster may let nodes in.
   */
  private static final class RootTrust extends X509ExtendedTrustManager {
    private final String fingerprint;

    RootTrust(String fingerprint) {
      this.fingerprint = fingerprint;
    }

    private void check(X509Certificate[] chain) throws CertificateException {
      try {
        X509Certificate root = chain[chain.length - 1];
        if (chain.length < 2 || !ClusterCertificates.fingerprint(root).equals(fingerprint)) {
          throw new CertificateException("this is not the cluster that made the token");
        }
        chain[0].checkValidity();
        chain[0].verify(root.getPublicKey());
      } catch (CertificateException e) {
        throw e;
      } catch (GeneralSecurityException e) {
        throw new CertificateException(e);
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, java.net.Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(
        X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("nobody calls a node that joins");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, java.net.Socket socket)
        throws CertificateException {
      throw new CertificateException("nobody calls a node that joins");
    }

    @Override
    public void checkClientTrusted(
        X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine)
        throws CertificateException {
      throw new CertificateException("nobody calls a node that joins");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
