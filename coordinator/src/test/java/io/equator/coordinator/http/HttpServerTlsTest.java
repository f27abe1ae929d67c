package io.equator.coordinator.http;

import static io.equator.coordinator.http.EdgeFixture.lastRequest;
import static io.equator.coordinator.http.EdgeFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.coordinator.tls.SelfSignedCertificate;
import io.equator.coordinator.tls.TlsFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Clock;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS with the certificate that the server makes for itself. */
@Timeout(60)
class HttpServerTlsTest {
  @TempDir private Path folder;
  private TlsFiles files;

  @BeforeEach
  void makeCertificate() throws IOException {
    files = SelfSignedCertificate.in(folder, List.of("localhost", "127.0.0.1"), Clock.systemUTC());
  }

  private RawClient connect(EdgeFixture edge) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null);
    try (InputStream in = Files.newInputStream(files.certificate())) {
      trusted.setCertificateEntry(
          "equator", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket("localhost", edge.server().address().getPort());
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    return new RawClient(socket);
  }

  @Test
  void servesOverTls() throws Exception {
    try (EdgeFixture edge = EdgeFixture.secure(files);
        RawClient client = connect(edge)) {
      String large = "{\"Text\":\"" + "x".repeat(100_000) + "\"}";
      client.send(request("Echo", large) + request("Echo", "{}"));
      assertThat(client.read().text()).isEqualTo(large);
      assertThat(client.read().text()).isEqualTo("{}");
      client.send(lastRequest("Echo", "{}"));
      assertThat(client.read().text()).isEqualTo("{}");
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void tellsErrorsOverTls() throws Exception {
    try (EdgeFixture edge = EdgeFixture.secure(files);
        RawClient client = connect(edge)) {
      client.send("nonsense\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(400);
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void endsPlainConnections() throws Exception {
    try (EdgeFixture edge = EdgeFixture.secure(files);
        RawClient client = edge.connect()) {
      client.send("GET / HTTP/1.1\r\n\r\n");
      assertThatThrownBy(client::read).isInstanceOf(IOException.class);
    }
  }

  @Test
  void saysWhenTheCertificateCannotBeUsed() throws Exception {
    Files.writeString(files.certificate(), "no certificate");

    assertThatThrownBy(() -> EdgeFixture.secure(files).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(files.certificate().toString());
  }
}
