package io.equator.server.drill;

import io.equator.server.Refusal;
import io.equator.server.RequestSigner;
import io.equator.server.SigV4;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.InstantSource;
import java.util.Map;

/** Reads an endpoint as the command line gives it. */
final class GivenEndpoint {
  private GivenEndpoint() {}

  /**
   * Of {@code REGION=http://host:port}.
   *
   * @throws Refusal when it is not so
   */
  static RegionEndpoint of(String text, String table, Map<String, String> environment) {
    int equals = text.indexOf('=');
    try {
      URI uri = URI.create(text.substring(equals + 1));
      if (equals < 1 || !"http".equals(uri.getScheme()) || uri.getHost() == null) {
        throw new IllegalArgumentException("no URL");
      }
      String region = text.substring(0, equals);
      String key = environment.getOrDefault("AWS_ACCESS_KEY_ID", "");
      String secret = environment.getOrDefault("AWS_SECRET_ACCESS_KEY", "");
      InstantSource clock = InstantSource.system();
      RequestSigner signer =
          key.isEmpty() || secret.isEmpty()
              ? SigV4.unsigned(region, clock)
              : new SigV4(key, secret, region, clock);
      int port = uri.getPort() < 0 ? 80 : uri.getPort();
      return new RegionEndpoint(region, new InetSocketAddress(uri.getHost(), port), table, signer);
    } catch (IllegalArgumentException e) {
      throw new Refusal(
          "--endpoints takes REGION=http://host:port, had \'" + text + "\' among them.", e);
    }
  }
}
