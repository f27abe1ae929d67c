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
  private static final String SIGNED_REST_HEADERS = "host;x-amz-date";
  private static final String DYNAMODB = "dynamodb";
  private static final HexFormat HEX = HexFormat.of();
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final String accessKey;
  private final String secretKey;
  private final String region;
  private final String service;
  private final InstantSource clock;
  private final MessageDigest sha256;
  private final Mac mac;

  /** The day for which {@link #dayKey} was derived, as {@code yyyyMMdd}. */
  private String day = "";

  private SecretKeySpec dayKey = new SecretKeySpec(new byte[1], "HmacSHA256");

  public SigV4(String accessKey, String secretKey, String region, InstantSource clock) {
    this(accessKey, secretKey, region, DYNAMODB, clock);
  }

  /** The same for another service than DynamoDB. */
  public SigV4(
      String accessKey, String secretKey, String region, String service, InstantSource clock) {
    this.accessKey = accessKey;
    this.secretKey = secretKey;
    this.region = region;
    this.service = service;
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
    String scope = scope(stamp);
    return authorization(stamp, accessKey, scope, signature(stamp, scope, canonical));
  }

  /** The values of the two headers of a request to a REST service. */
  public record RestHeaders(String date, String authorization) {}

  /**
   * Signs a request to a REST service, over the host, the date, the path and the query.
   *
   * @param path of characters that need no encoding
   * @param query encoded, its parameters in the order of their names; empty when there is none
   */
  public RestHeaders rest(String method, String host, String path, String query, byte[] body) {
    String stamp = STAMP.format(clock.instant());
    String canonical =
        method
            + "\n"
            + path
            + "\n"
            + query
            + "\nhost:"
            + host
            + "\nx-amz-date:"
            + stamp
            + "\n\n"
            + SIGNED_REST_HEADERS
            + "\n"
            + HEX.formatHex(sha256.digest(body));
    String scope = scope(stamp);
    return new RestHeaders(
        stamp,
        authorizationValue(
            accessKey, scope, SIGNED_REST_HEADERS, signature(stamp, scope, canonical)));
  }

  private String scope(String stamp) {
    return stamp.substring(0, 8) + "/" + region + "/" + service + "/aws4_request";
  }

  private String signature(String stamp, String scope, String canonical) {
    String toSign =
        ALGORITHM
            + "\n"
            + stamp
            + "\n"
            + scope
            + "\n"
            + HEX.formatHex(sha256.digest(utf8(canonical)));
    try {
      return HEX.formatHex(hmac(keyOf(stamp.substring(0, 8)), toSign));
    } catch (InvalidKeyException e) {
      throw new IllegalStateException("HMAC takes keys of any length", e);
    }
  }

  private SecretKeySpec keyOf(String today) throws InvalidKeyException {
    if (!today.equals(day)) {
      byte[] key = hmac(key(utf8("AWS4" + secretKey)), today);
      for (String part : new String[] {region, service, "aws4_request"}) {
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
            + authorizationValue(accessKey, scope, SIGNED_HEADERS, signature)
            + "\r\n");
  }

  private static String authorizationValue(
      String accessKey, String scope, String signedHeaders, String signature) {
    return ALGORITHM
        + " Credential="
        + accessKey
        + "/"
        + scope
        + ", SignedHeaders="
        + signedHeaders
        + ", Signature="
        + signature;
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
