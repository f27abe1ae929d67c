package io.equator.server;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs requests with AWS Signature Version 4, over the host, the date and the target.
 *
 * <p>One thread at a time: the digest and the MAC are reused.
 */
public final class SigV4 implements RequestSigner {

  private static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final String SIGNED_HEADERS = "host;x-amz-date;x-amz-target";
  private static final HexFormat HEX = HexFormat.of();
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final String accessKey;
  private final String secretKey;
  private final String region;
  private final InstantSource clock;
  private final MessageDigest sha256;
  private final Mac mac;

  /** The day for which {@link #dayKey} was derived, as {@code yyyyMMdd}. */
  private String day = "";

  private SecretKeySpec dayKey = new SecretKeySpec(new byte[1], "HmacSHA256");

  public SigV4(String accessKey, String secretKey, String region, InstantSource clock) {
    this.accessKey = accessKey;
    this.secretKey = secretKey;
    this.region = region;
    this.clock = clock;
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
      this.mac = Mac.getInstance("HmacSHA256");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256 and HmacSHA256", e);
    }
  }

  @Override
  public byte[] headers(String host, String target, byte[] body) {
    String stamp = STAMP.format(clock.instant());
    String scope = stamp.substring(0, 8) + "/" + region + "/dynamodb/aws4_request";
    String canonical =
        "POST\n/\n\nhost:"
            + host
            + "\nx-amz-date:"
            + stamp
            + "\nx-amz-target:"
            + target
            + "\n\n"
            + SIGNED_HEADERS
            + "\n"
            + HEX.formatHex(sha256.digest(body));
    String toSign =
        ALGORITHM
            + "\n"
            + stamp
            + "\n"
            + scope
            + "\n"
            + HEX.formatHex(sha256.digest(utf8(canonical)));
    try {
      String signature = HEX.formatHex(hmac(keyOf(stamp.substring(0, 8)), toSign));
      return authorization(stamp, accessKey, scope, signature);
    } catch (InvalidKeyException e) {
      throw new IllegalStateException("HMAC takes keys of any length", e);
    }
  }

  private SecretKeySpec keyOf(String today) throws InvalidKeyException {
    if (!today.equals(day)) {
      byte[] key = hmac(key(utf8("AWS4" + secretKey)), today);
      for (String part : new String[] {region, "dynamodb", "aws4_request"}) {
        key = hmac(key(key), part);
      }
      dayKey = key(key);
      day = today;
    }
    return dayKey;
  }

  private byte[] hmac(SecretKeySpec key, String text) throws InvalidKeyException {
    mac.init(key);
    return mac.doFinal(utf8(text));
  }

  private static SecretKeySpec key(byte[] bytes) {
    return new SecretKeySpec(bytes, "HmacSHA256");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] authorization(
      String stamp, String accessKey, String scope, String signature) {
    return utf8(
        "X-Amz-Date: "
            + stamp
            + "\r\nAuthorization: "
            + ALGORITHM
            + " Credential="
            + accessKey
            + "/"
            + scope
            + ", SignedHeaders="
            + SIGNED_HEADERS
            + ", Signature="
            + signature
            + "\r\n");
  }

  /**
   * The same headers with a signature that signs nothing and costs nothing: for endpoints that
   * accept any credentials, as {@code equator dev} does. Made once, so it is dated when made.
   */
  public static RequestSigner unsigned(String region, InstantSource clock) {
    String stamp = STAMP.format(clock.instant());
    byte[] headers =
        authorization(
            stamp,
            "local",
            stamp.substring(0, 8) + "/" + region + "/dynamodb/aws4_request",
            "0".repeat(64));
    return (host, target, body) -> headers;
  }
}
