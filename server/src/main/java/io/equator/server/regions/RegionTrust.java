package io.equator.server.regions;

import com.google.protobuf.ByteString;
import io.equator.proto.RegionDescriptor;
import io.equator.server.identity.ClusterCertificates;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Says which region a certificate belongs to: the one whose root has signed it.
 *
 * <p>Roots of clusters have the same name and nodes have one level, so the signature itself is
 * tried with each root; there is no path to build. Host names are not looked at: whoever holds a
 * certificate under a region's root is a process of that region, wherever it is reached.
 */
public final class RegionTrust extends X509ExtendedTrustManager {
  /** A region has few roots; what was read of them is kept. */
  private final Map<ByteString, List<X509Certificate>> read = new ConcurrentHashMap<>();

  private final Supplier<Collection<RegionDescriptor>> regions;

  /**
   * Trusts these.
   *
   * @param regions as the catalog has them now, those that have left among them
   */
  public RegionTrust(Supplier<Collection<RegionDescriptor>> regions) {
    this.regions = regions;
  }

  /** The region of a node's certificate; empty when it is none of the federation's. */
  Optional<RegionDescriptor> regionOf(X509Certificate certificate) {
    for (RegionDescriptor region : regions.get()) {
      for (X509Certificate root : roots(region)) {
        if (hasSigned(root, certificate)) {
          return Optional.of(region);
        }
      }
    }
    return Optional.empty();
  }

  private List<X509Certificate> roots(RegionDescriptor region) {
    return read.computeIfAbsent(region.getRoots(), RegionTrust::parse);
  }

  private static List<X509Certificate> parse(ByteString pem) {
    List<X509Certificate> roots = new ArrayList<>();
    try {
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(pem.newInput())) {
        if (certificate instanceof X509Certificate root) {
          roots.add(root);
        }
      }
    } catch (CertificateException _) {
      // Roots that cannot be read are nobody's.
    }
    return List.copyOf(roots);
  }

  private static boolean hasSigned(X509Certificate root, X509Certificate certificate) {
    try {
      root.checkValidity();
      certificate.checkValidity();
      certificate.verify(root.getPublicKey());
      var _ = ClusterCertificates.nodeOf(certificate);
      return root.getBasicConstraints() >= 0
          && certificate.getIssuerX500Principal().equals(root.getSubjectX500Principal());
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  private void check(X509Certificate[] chain) throws CertificateException {
    if (chain.length == 0 || regionOf(chain[0]).isEmpty()) {
      throw new CertificateException("the certificate is of no region of this federation");
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
