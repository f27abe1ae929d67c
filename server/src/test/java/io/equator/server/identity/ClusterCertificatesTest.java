package io.equator.server.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.X509ExtendedKeyManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node's certificate that is replaced while it is shown, and a crash in the middle of that. */
class ClusterCertificatesTest {
  private static final List<String> HOSTS = List.of("a.example");

  @TempDir private Path folder;

  private static X509Certificate shown(X509ExtendedKeyManager manager) {
    String alias = manager.chooseEngineClientAlias(new String[] {"EC"}, null, null);
    assertThat(manager.getPrivateKey(alias)).isNotNull();
    return manager.getCertificateChain(alias)[0];
  }

  @Test
  void aRenewedCertificateIsShownByTheSameManager() throws Exception {
    ClusterCertificates certificates = new ClusterCertificates(folder, Duration.ofDays(3));
    Instant now = Instant.now();
    certificates.found("a", HOSTS, now);
    X509ExtendedKeyManager manager = certificates.keyManager();
    X509Certificate old = shown(manager);
    String oldAlias = manager.chooseEngineClientAlias(new String[] {"EC"}, null, null);
    assertThat(certificates.lifetime()).isEqualTo(Duration.ofDays(3));
    try (ClusterCertificates.Renewal renewal = certificates.renewal("a")) {
      renewal.finish(certificates.sign(renewal.request(), "a", HOSTS, now.plusSeconds(1000)));
    }
    assertThat(shown(manager)).isNotEqualTo(old);
    assertThat(certificates.expires()).isAfter(old.getNotAfter().toInstant());
    assertThat(manager.getCertificateChain(oldAlias)[0])
        .as("for a handshake that had just asked")
        .isEqualTo(old);
    assertThat(ClusterCertificates.nodeOf(shown(manager))).isEqualTo("a");
  }

  @Test
  void aCrashBetweenTheTwoFilesIsMadeGood() throws Exception {
    ClusterCertificates certificates = new ClusterCertificates(folder, Duration.ofDays(3));
    certificates.found("a", HOSTS, Instant.now());
    ClusterCertificates.Renewal renewal = certificates.renewal("a");
    byte[] signed = certificates.sign(renewal.request(), "a", HOSTS, Instant.now());
    Path tls = folder.resolve("tls");
    Files.write(tls.resolve("node.pem.next"), signed);
    Files.move(
        tls.resolve("node.key.next"), tls.resolve("node.key"), StandardCopyOption.REPLACE_EXISTING);
    ClusterCertificates restarted = new ClusterCertificates(folder);
    restarted.keyManager();
    assertThat(Files.readAllBytes(tls.resolve("node.pem"))).isEqualTo(signed);
    assertThat(tls.resolve("node.pem.next")).doesNotExist();
  }

  @Test
  void whatWasBegunAndNotSignedChangesNothing() throws Exception {
    ClusterCertificates certificates = new ClusterCertificates(folder, Duration.ofDays(3));
    certificates.found("a", HOSTS, Instant.now());
    byte[] key = Files.readAllBytes(certificates.key());
    try (ClusterCertificates.Renewal _ = certificates.renewal("a")) {
      assertThat(Files.readAllBytes(certificates.key())).isEqualTo(key);
    }
    assertThat(folder.resolve("tls").resolve("node.key.next")).doesNotExist();
    assertThat(Files.readAllBytes(certificates.key())).isEqualTo(key);
  }
}
