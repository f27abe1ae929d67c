package io.equator.coordinator.auth;

import io.equator.coordinator.api.AnyCredentials;
import io.equator.coordinator.api.Caller;
import io.equator.coordinator.api.RequestAuthenticator;
import io.equator.coordinator.api.RequestHead;
import io.equator.coordinator.auth.Credentials.Secret;
import io.equator.model.error.ApiError;
import io.equator.model.error.ErrorCode;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verifies AWS Signature Version 4, of the {@code Authorization} header and of signed addresses, in
 * the order and with the words of DynamoDB.
 *
 * <p>Three things that are easy to get wrong: the hash of the body is computed here and never taken
 * from the request (so {@code UNSIGNED-PAYLOAD} is no way around it); headers that say what is to
 * be done must be signed, or somebody in between could change the operation; an unknown key costs
 * the same work as a wrong signature.
 *
 * <p>A signature may be sent again within its fifteen minutes, as to AWS: TLS is what protects from
 * that. Temporary credentials are not issued here, so every session token is an invalid one.
 */
public final class SignatureAuthenticator implements RequestAuthenticator {
  private static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final String DYNAMODB = "dynamodb";

  /** Its paths, and those of our own that are beside it, are served on the same port. */
  private static final String LAMBDA = "lambda";

  private static final String TERMINATOR = "aws4_request";
  private static final Duration SKEW = Duration.ofMinutes(15);
  private static final long EXPIRES_SECONDS_MAX = 604_800;
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /** When they are there they must be signed. */
  private static final List<String> MEANINGFUL =
      List.of("x-amz-target", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256");

  /** Stands for the secret of an unknown key. */
  private static final Secret NOBODY = new Secret("nobody", -1);

  private final AnyCredentials form;
  private final String accountId;
  private final Credentials credentials;
  private final String region;
  private final InstantSource clock;
  private final SigningKeys keys = new SigningKeys();

  /**
   * @param accountId everybody's
   * @param region that signatures must be for
   */
  public SignatureAuthenticator(
      String accountId, Credentials credentials, String region, InstantSource clock) {
    this.form = new AnyCredentials(accountId);
    this.accountId = accountId;
    this.credentials = credentials;
    this.region = region;
    this.clock = clock;
  }

  @Override
  public Outcome authenticate(RequestHead head, byte[] body, int offset, int length) {
    if (form.authenticate(head, body, offset, length) instanceof Outcome.Refused refused) {
      return refused;
    }
    SignatureClaim claim = SignatureClaim.of(head);
    Instant date;
    try {
      date = LocalDateTime.parse(claim.date(), STAMP).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      return refused(
          ErrorCode.INCOMPLETE_SIGNATURE,
          "Date must be in ISO-8601 'basic format'. Got '"
              + claim.date()
              + "'. See http://en.wikipedia.org/wiki/ISO_8601");
    }
    ApiError untimely = untimely(claim, date);
    if (untimely != null) {
      return new Outcome.Refused(untimely);
    }
    ApiError unsigned = unsigned(head, claim);
    if (unsigned != null) {
      return new Outcome.Refused(unsigned);
    }
    if (!claim.algorithm().equals(ALGORITHM)) {
      return refused(
          ErrorCode.INCOMPLETE_SIGNATURE,
          "Unsupported AWS 'algorithm': '"
              + claim.algorithm()
              + "' (only AWS4-HMAC-SHA256 for now). ");
    }
    String[] scope = claim.credential().split("/", -1);
    if (scope.length != 5) {
      return refused(
          ErrorCode.INCOMPLETE_SIGNATURE,
          "Credential must have exactly 5 slash-delimited elements, e.g."
              + " keyid/date/region/service/term, got '"
              + claim.credential()
              + "'");
    }
    String elsewhere = elsewhere(head.path(), scope, claim.date());
    if (!elsewhere.isEmpty()) {
      return refused(ErrorCode.INVALID_SIGNATURE, elsewhere);
    }
    return compare(head, claim, scope, bodyHash(body, offset, length));
  }

  private @Nullable ApiError untimely(SignatureClaim claim, Instant date) {
    Instant now = clock.instant();
    if (claim.expires().isPresent()) {
      long seconds = seconds(claim.expires().get());
      if (seconds < 0) {
        return new ApiError(
            ErrorCode.INCOMPLETE_SIGNATURE,
            "X-Amz-Expires must be a whole number of seconds, at most " + EXPIRES_SECONDS_MAX);
      }
      Instant end = date.plusSeconds(seconds);
      if (now.isAfter(end)) {
        return new ApiError(
            ErrorCode.INVALID_SIGNATURE,
            "Signature expired: "
                + STAMP.format(end)
                + " is now earlier than "
                + STAMP.format(now));
      }
    } else if (date.isBefore(now.minus(SKEW))) {
      return new ApiError(
          ErrorCode.INVALID_SIGNATURE,
          "Signature expired: "
              + claim.date()
              + " is now earlier than "
              + STAMP.format(now.minus(SKEW))
              + " ("
              + STAMP.format(now)
              + " - 15 min.)");
    }
    if (date.isAfter(now.plus(SKEW))) {
      return new ApiError(
          ErrorCode.INVALID_SIGNATURE,
          "Signature not yet current: "
              + claim.date()
              + " is still later than "
              + STAMP.format(now.plus(SKEW))
              + " ("
              + STAMP.format(now)
              + " + 15 min.)");
    }
    return null;
  }

  /** −1 when it is none. AWS takes an address without the parameter for one of fifteen minutes. */
  private static long seconds(String expires) {
    if (expires.isEmpty()) {
      return SKEW.toSeconds();
    }
    try {
      long seconds = Long.parseLong(expires);
      return seconds > EXPIRES_SECONDS_MAX ? -1 : seconds;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static @Nullable ApiError unsigned(RequestHead head, SignatureClaim claim) {
    if (!claim.signedHeaders().contains("host")) {
      return mustBeSigned("Host");
    }
    for (String name : MEANINGFUL) {
      if (head.header(name) != null && !claim.signedHeaders().contains(name)) {
        return mustBeSigned(name);
      }
    }
    return null;
  }

  private static ApiError mustBeSigned(String header) {
    return new ApiError(
        ErrorCode.INVALID_SIGNATURE,
        "'" + header + "' must be a 'SignedHeader' in the AWS Authorization.");
  }

  private String elsewhere(String path, String[] scope, String date) {
    StringBuilder wrong = new StringBuilder();
    if (!scope[2].equals(region)) {
      wrong
          .append("Credential should be scoped to a valid region, not '")
          .append(scope[2])
          .append("'. ");
    }
    if (!scope[3].equals(DYNAMODB) && (path.equals("/") || !scope[3].equals(LAMBDA))) {
      wrong
          .append("Credential should be scoped to correct service: '")
          .append(DYNAMODB)
          .append("'. ");
    }
    if (!scope[4].equals(TERMINATOR)) {
      wrong
          .append("Credential should be scoped with a valid terminator: 'aws4_request', not '")
          .append(scope[4])
          .append("'. ");
    }
    if (!date.startsWith(scope[1]) || scope[1].length() != 8) {
      wrong
          .append("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date")
          .append(" from HTTP: '")
          .append(scope[1])
          .append("' != '")
          .append(date, 0, 8)
          .append("', from '")
          .append(date)
          .append("'.");
    }
    return wrong.toString();
  }

  private Outcome compare(RequestHead head, SignatureClaim claim, String[] scope, String bodyHash) {
    String accessKeyId = scope[0];
    Optional<Secret> secret = credentials.find(accessKeyId);
    String canonical = CanonicalRequest.of(head, claim.signedHeaders(), bodyHash);
    String toSign =
        ALGORITHM
            + "\n"
            + claim.date()
            + "\n"
            + String.join("/", scope[1], scope[2], scope[3], scope[4])
            + "\n"
            + sha256(CanonicalRequest.bytes(canonical));
    // The empty id stands for all unknown ones: what clients send must not fill the memory.
    byte[] signature =
        SigningKeys.hmac(
            keys.of(
                secret.isPresent() ? accessKeyId : "",
                secret.orElse(NOBODY),
                scope[1],
                region,
                secret.isPresent() ? scope[3] : DYNAMODB),
            toSign);
    boolean matches =
        MessageDigest.isEqual(
            HexFormat.of()
                .formatHex(signature)
                .getBytes(java.nio.charset.StandardCharsets.US_ASCII),
            CanonicalRequest.bytes(claim.signature()));
    if (secret.isEmpty()) {
      return refused(
          ErrorCode.UNRECOGNIZED_CLIENT, "The security token included in the request is invalid.");
    }
    if (!matches) {
      return refused(
          ErrorCode.INVALID_SIGNATURE,
          "The request signature we calculated does not match the signature you provided. Check"
              + " your AWS Secret Access Key and signing method. Consult the service documentation"
              + " for details.\n\nThe Canonical String for this request should have been\n'"
              + canonical
              + "'\n\nThe String-to-Sign should have been\n'"
              + toSign
              + "'\n");
    }
    if (claim.sessionToken().isPresent()) {
      return refused(
          ErrorCode.UNRECOGNIZED_CLIENT, "The security token included in the request is invalid");
    }
    return new Outcome.Accepted(new Caller(accountId, accessKeyId));
  }

  private static Outcome refused(ErrorCode code, String message) {
    return new Outcome.Refused(new ApiError(code, message));
  }

  private static String bodyHash(byte[] body, int offset, int length) {
    MessageDigest digest = digest();
    digest.update(body, offset, length);
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(digest().digest(bytes));
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
