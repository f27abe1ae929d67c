package io.equator.coordinator.tls;

import java.io.IOException;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate that signs itself, for a server that was asked for TLS and given no files.
 *
 * <p>It is kept in a folder, so that a client that has been told to trust it trusts it after a
 * restart too, and is made anew when it is about to expire. Key: P-256. It may sign nothing but
 * itself.
 */
public final class SelfSignedCertificate {
  private static final String CERTIFICATE = "tls-certificate.pem";
  private static final String PRIVATE_KEY = "tls-private-key.pem";
  private static final Duration LIFETIME = Duration.ofDays(825);
  private static final Duration RENEWED_BEFORE_END = Duration.ofDays(30);

  private SelfSignedCertificate() {}

  /**
   * The certificate of this folder, made if there is none that is good for some time.
   *
   * @param hosts names and addresses that the certificate is for
   */
  public static TlsFiles in(Path folder, List<String> hosts, Clock clock) throws IOException {
    TlsFiles files = new TlsFiles(folder.resolve(CERTIFICATE), folder.resolve(PRIVATE_KEY));
    Instant now = clock.instant();
    if (!isGood(files, now)) {
      Files.createDirectories(folder);
      make(files, hosts, now);
    }
    return files;
  }

  private static boolean isGood(TlsFiles files, Instant now) throws IOException {
    if (!Files.exists(files.certificate()) || !Files.exists(files.privateKey())) {
      return false;
    }
    try (var in = Files.newInputStream(files.certificate())) {
      X509Certificate certificate =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      return certificate.getNotAfter().toInstant().isAfter(now.plus(RENEWED_BEFORE_END));
    } catch (CertificateException _) {
      return false;
    }
  }

  private static void make(TlsFiles files, List<String> hosts, Instant now) throws IOException {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair keys = generator.generateKeyPair();
      X509CertificateHolder certificate = certificate(keys, hosts, now);
      // The key first: a certificate without its key would count as good.
      write(files.privateKey(), new JcaPKCS8Generator(keys.getPrivate(), null), true);
      write(files.certificate(), certificate, false);
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IOException("cannot make a certificate", e);
    }
  }

  private static X509CertificateHolder certificate(KeyPair keys, List<String> hosts, Instant now)
      throws OperatorCreationException, CertIOException {
    X500Name name = new X500Name("CN=Equator, O=self-signed");
    GeneralName[] names = new GeneralName[hosts.size()];
    for (int i = 0; i < names.length; i++) {
      String host = hosts.get(i);
      names[i] =
          new GeneralName(isAddress(host) ? GeneralName.iPAddress : GeneralName.dNSName, host);
    }
    return new JcaX509v3CertificateBuilder(
            name,
            new BigInteger(120, new SecureRandom()).setBit(119),
            Date.from(now.minus(Duration.ofHours(1))),
            Date.from(now.plus(LIFETIME)),
            name,
            keys.getPublic())
        .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names))
        .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()));
  }

  private static boolean isAddress(String host) {
    return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
  }

  /** Writes beside the file and moves, so that half a file is never found. */
  private static void write(Path file, Object pem, boolean secret) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(unfinished);
    Files.createFile(unfinished);
    if (secret && unfinished.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(
          unfinished, Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
    }
    try (Writer text = Files.newBufferedWriter(unfinished);
        JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(pem);
    }
    Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
