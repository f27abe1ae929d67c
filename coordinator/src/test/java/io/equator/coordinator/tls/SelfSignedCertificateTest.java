package io.equator.coordinator.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The certificate is made once, kept, and renewed before it ends. */
class SelfSignedCertificateTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir private Path folder;

  private TlsFiles at(Instant time) throws Exception {
    return SelfSignedCertificate.in(
        folder.resolve("new"), List.of("localhost", "::1"), Clock.fixed(time, ZoneOffset.UTC));
  }

  @Test
  void isKeptUntilItIsAboutToEnd() throws Exception {
    TlsFiles files = at(NOW);
    String first = Files.readString(files.certificate());

    assertThat(at(NOW.plus(Duration.ofDays(700)))).isEqualTo(files);
    assertThat(Files.readString(files.certificate())).isEqualTo(first);
    at(NOW.plus(Duration.ofDays(800)));
    assertThat(Files.readString(files.certificate())).isNotEqualTo(first);
  }

  @Test
  void isMadeAnewWhenAFileIsBroken() throws Exception {
    TlsFiles files = at(NOW);
    Files.writeString(files.certificate(), "rubbish");
    at(NOW);
    assertThat(Files.readString(files.certificate())).startsWith("-----BEGIN CERTIFICATE-----");
    Files.delete(files.privateKey());
    at(NOW);
    assertThat(Files.readString(files.privateKey())).startsWith("-----BEGIN PRIVATE KEY-----");
  }

  @Test
  void namesItsHostsAndHidesItsKey() throws Exception {
    TlsFiles files = at(NOW);
    X509Certificate certificate;
    try (InputStream in = Files.newInputStream(files.certificate())) {
      certificate =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
    certificate.verify(certificate.getPublicKey());
    assertThat(certificate.getSubjectAlternativeNames())
        .extracting(name -> String.valueOf(name.get(1)))
        .containsExactly("localhost", "0:0:0:0:0:0:0:1");
    assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files.privateKey())))
        .isEqualTo("rw-------");
  }
}
