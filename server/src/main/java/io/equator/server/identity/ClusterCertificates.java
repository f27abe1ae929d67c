package io.equator.server.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * A cluster's own certificates, in the folder {@code tls/} of a node.
 *
 * <pre>
 * root.pem   the cluster's root, at every node
 * root.key   its private key: only where nodes are let in (the founder; copy it to a second node by hand)
 * node.pem   this node's certificate
 * node.key   its private key, made here and never sent
 * </pre>
 *
 * <p>Keys are P-256. A node's certificate names the node twice: as {@code <node id>.node.equator},
 * so that a peer is checked to be the node that the map says lives at an address, and by the name
 * or address that it is reached by.
 */
public final class ClusterCertificates {
  private static final Duration ROOT_LIFETIME = Duration.ofDays(3650);

  /** For how long a node's certificate is good unless it is said otherwise. */
  public static final Duration NODE_LIFETIME = Duration.ofDays(825);

  private static final Duration BACKDATED = Duration.ofHours(1);
  private static final String SIGNATURE = "SHA256withECDSA";
  private static final String NODE_SUFFIX = ".node.equator";

  private final Path folder;
  private final Duration lifetime;
  private final RenewableKey shown = new RenewableKey();
  private boolean loaded;

  /** The certificates of a node's folder. */
  public ClusterCertificates(Path nodeFolder) {
    this(nodeFolder, NODE_LIFETIME);
  }

  /**
   * The same.
   *
   * @param lifetime of certificates that are signed here
   */
  public ClusterCertificates(Path nodeFolder, Duration lifetime) {
    this.folder = nodeFolder.resolve("tls");
    this.lifetime = lifetime;
  }

  /** The name by which a node's certificate names the node. */
  public static String nameOf(String nodeId) {
    return nodeId + NODE_SUFFIX;
  }

  /** The node that a certificate names. */
  public static String nodeOf(X509Certificate certificate) throws GeneralSecurityException {
    var names = certificate.getSubjectAlternativeNames();
    if (names != null) {
      for (List<?> name : names) {
        if (String.valueOf(name.get(1)).endsWith(NODE_SUFFIX)) {
          String text = String.valueOf(name.get(1));
          return text.substring(0, text.length() - NODE_SUFFIX.length());
        }
      }
    }
    throw new GeneralSecurityException("the certificate names no node");
  }

  /** The cluster's root. */
  public Path root() {
    return folder.resolve("root.pem");
  }

  /** This node's certificate. */
  public Path certificate() {
    return folder.resolve("node.pem");
  }

  /** This node's private key. */
  public Path key() {
    return folder.resolve("node.key");
  }

  private Path rootKey() {
    return folder.resolve("root.key");
  }

  /** Whether other nodes can be let in here. */
  public boolean canSign() {
    return Files.exists(rootKey());
  }

  /** Makes a root, and a certificate for this node. */
  public void found(String nodeId, List<String> hosts, Instant now) throws IOException {
    Files.createDirectories(folder);
    try {
      KeyPair keys = newKeys();
      X500Name name = new X500Name("CN=Equator cluster root");
      X509CertificateHolder root =
          new JcaX509v3CertificateBuilder(
                  name,
                  serial(),
                  Date.from(now.minus(BACKDATED)),
                  Date.from(now.plus(ROOT_LIFETIME)),
                  name,
                  keys.getPublic())
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
              .addExtension(
                  Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
              .build(new JcaContentSignerBuilder(SIGNATURE).build(keys.getPrivate()));
      write(rootKey(), pem(new JcaPKCS8Generator(keys.getPrivate(), null)), true);
      write(root(), pem(root), false);
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IOException("the cluster's root cannot be made", e);
    }
    byte[] request = request(nodeId, hosts);
    install(sign(request, nodeId, hosts, now), Files.readAllBytes(root()));
  }

  /** Makes this node's key, unless there is one, and asks for a certificate: PKCS #10, DER. */
  public byte[] request(String nodeId, List<String> hosts) throws IOException {
    Files.createDirectories(folder);
    try {
      KeyPair keys = newKeys();
      write(key(), pem(new JcaPKCS8Generator(keys.getPrivate(), null)), true);
      return new JcaPKCS10CertificationRequestBuilder(
              new X500Name("CN=" + nodeId), keys.getPublic())
          .build(new JcaContentSignerBuilder(SIGNATURE).build(keys.getPrivate()))
          .getEncoded();
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IOException("a request for a certificate cannot be made", e);
    }
  }

  /**
   * Signs a node's request; what the certificate says is decided here, not by the request.
   *
   * @return the certificate, PEM
   */
  public byte[] sign(byte[] request, String nodeId, List<String> hosts, Instant now)
      throws IOException {
    try {
      JcaPKCS10CertificationRequest asked = new JcaPKCS10CertificationRequest(request);
      if (!asked.isSignatureValid(
          new JcaContentVerifierProviderBuilder().build(asked.getPublicKey()))) {
        throw new IOException("the request for a certificate is not signed by its key");
      }
      X509Certificate root = read(Files.readAllBytes(root()));
      List<GeneralName> names = new ArrayList<>();
      names.add(new GeneralName(GeneralName.dNSName, nameOf(nodeId)));
      for (String host : hosts) {
        names.add(
            new GeneralName(isAddress(host) ? GeneralName.iPAddress : GeneralName.dNSName, host));
      }
      X509CertificateHolder certificate =
          new JcaX509v3CertificateBuilder(
                  new org.bouncycastle.cert.jcajce.JcaX509CertificateHolder(root).getSubject(),
                  serial(),
                  Date.from(now.minus(BACKDATED)),
                  Date.from(now.plus(lifetime)),
                  new X500Name("CN=" + nodeId),
                  asked.getPublicKey())
              .addExtension(
                  Extension.subjectAlternativeName,
                  false,
                  new GeneralNames(names.toArray(GeneralName[]::new)))
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
              .build(new JcaContentSignerBuilder(SIGNATURE).build(readKey(rootKey())));
      return pem(new JcaX509CertificateConverter().getCertificate(certificate))
          .getBytes(StandardCharsets.US_ASCII);
    } catch (GeneralSecurityException | OperatorCreationException | PKCSException e) {
      throw new IOException("a certificate cannot be signed", e);
    }
  }

  /** Keeps a certificate that was signed for this node, and the root. */
  public void install(byte[] certificate, byte[] root) throws IOException {
    write(root(), new String(root, StandardCharsets.US_ASCII), false);
    write(certificate(), new String(certificate, StandardCharsets.US_ASCII), false);
  }

  /** SHA-256 of the root, by which a node that joins knows the right cluster. */
  public String rootFingerprint() throws IOException {
    try {
      return fingerprint(read(Files.readAllBytes(root())));
    } catch (GeneralSecurityException e) {
      throw new IOException("the cluster's root cannot be read", e);
    }
  }

  /** SHA-256 of a certificate, hexadecimal. */
  static String fingerprint(X509Certificate certificate) throws GeneralSecurityException {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
  }

  /** For libraries that take managers: this node's key, also after it has been renewed. */
  public synchronized X509ExtendedKeyManager keyManager() throws IOException {
    if (!loaded) {
      load();
      loaded = true;
    }
    return shown;
  }

  private void load() throws IOException {
    try {
      finishReplacing();
      shown.replace(
          readKey(key()),
          read(Files.readAllBytes(certificate())),
          read(Files.readAllBytes(root())));
    } catch (GeneralSecurityException e) {
      throw new IOException("the node's key cannot be used", e);
    }
  }

  /** When this node's certificate ends. */
  public Instant expires() throws IOException {
    keyManager();
    return shown.certificate().getNotAfter().toInstant();
  }

  /**
   * For how long this node's certificate is good: from its beginning, which is an hour before it
   * was signed so that clocks may differ, to its end.
   */
  Duration lifetime() throws IOException {
    keyManager();
    return Duration.between(
        shown.certificate().getNotBefore().toInstant().plus(BACKDATED), expires());
  }

  /**
   * A renewal that has begun: a new key, in a file beside the one that is in use.
   *
   * @param request for a certificate: PKCS #10, DER
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Renewal(ClusterCertificates of, byte[] request) implements AutoCloseable {
    /** Keeps the certificate that was signed, and shows it from now on. */
    void finish(byte[] certificate) throws IOException {
      of.replace(certificate);
    }

    /** What was not finished is begun anew the next time. */
    @Override
    public void close() throws IOException {
      Files.deleteIfExists(of.next(of.key()));
    }
  }

  synchronized Renewal renewal(String nodeId) throws IOException {
    try {
      KeyPair keys = newKeys();
      Files.deleteIfExists(next(certificate()));
      write(next(key()), pem(new JcaPKCS8Generator(keys.getPrivate(), null)), true);
      return new Renewal(
          this,
          new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=" + nodeId), keys.getPublic())
              .build(new JcaContentSignerBuilder(SIGNATURE).build(keys.getPrivate()))
              .getEncoded());
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IOException("a request for a certificate cannot be made", e);
    }
  }

  /**
   * The certificate is written whole beside the old one, then both files change their names, the
   * key first. A crash between the two leaves a next certificate without a next key, which {@link
   * #finishReplacing} sees; one before leaves the old pair.
   */
  private synchronized void replace(byte[] certificate) throws IOException {
    write(next(certificate()), new String(certificate, StandardCharsets.US_ASCII), false);
    Files.move(next(key()), key(), StandardCopyOption.REPLACE_EXISTING);
    Files.move(next(certificate()), certificate(), StandardCopyOption.REPLACE_EXISTING);
    load();
  }

  private void finishReplacing() throws IOException {
    if (Files.exists(next(certificate())) && !Files.exists(next(key()))) {
      Files.move(next(certificate()), certificate(), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private Path next(Path file) {
    return file.resolveSibling(file.getFileName() + ".next");
  }

  /** For libraries that take managers: the cluster's root. */
  public TrustManagerFactory trustManagers() throws IOException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("root", read(Files.readAllBytes(root())));
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory;
    } catch (GeneralSecurityException e) {
      throw new IOException("the cluster's root cannot be used", e);
    }
  }

  private static KeyPair newKeys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static BigInteger serial() {
    return new BigInteger(120, new SecureRandom()).setBit(119);
  }

  private static X509Certificate read(byte[] pem) throws GeneralSecurityException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
  }

  private static PrivateKey readKey(Path file) throws IOException, GeneralSecurityException {
    StringBuilder base64 = new StringBuilder();
    for (String line : Files.readAllLines(file)) {
      if (!line.startsWith("-----")) {
        base64.append(line.strip());
      }
    }
    return KeyFactory.getInstance("EC")
        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64.toString())));
  }

  private static String pem(Object object) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }

  private static boolean isAddress(String host) {
    return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
  }

  private static void write(Path file, String text, boolean secret) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(unfinished);
    Files.createFile(unfinished);
    if (secret && unfinished.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(
          unfinished, Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
    }
    try (Writer writer = Files.newBufferedWriter(unfinished)) {
      writer.write(text);
    }
    Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
