package io.equator.coordinator.auth;

import io.equator.coordinator.auth.Credentials.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Derives signing keys from secrets, and keeps those that were derived: a client uses the same one
 * for a day. Bounded; all are thrown away when there are too many. Threads: any.
 */
final class SigningKeys {
  private static final int KEPT_MAX = 1_000;
  private static final String HMAC = "HmacSHA256";

  private record Name(
      String accessKeyId, long version, String date, String region, String service) {}

  private final Map<Name, SecretKeySpec> kept = new ConcurrentHashMap<>();

  SecretKeySpec of(String accessKeyId, Secret secret, String date, String region, String service) {
    Name name = new Name(accessKeyId, secret.version(), date, region, service);
    SecretKeySpec known = kept.get(name);
    if (known != null) {
      return known;
    }
    SecretKeySpec derived = derive(secret.key(), date, region, service);
    if (kept.size() >= KEPT_MAX) {
      kept.clear();
    }
    kept.put(name, derived);
    return derived;
  }

  private static SecretKeySpec derive(String secret, String date, String region, String service) {
    byte[] key = ("AWS4" + secret).getBytes(StandardCharsets.UTF_8);
    for (String part : new String[] {date, region, service, "aws4_request"}) {
      key = hmac(new SecretKeySpec(key, HMAC), part);
    }
    return new SecretKeySpec(key, HMAC);
  }

  static byte[] hmac(SecretKeySpec key, String text) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(key);
      return mac.doFinal(CanonicalRequest.bytes(text));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
