package io.equator.coordinator.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.coordinator.api.Caller;
import io.equator.coordinator.api.RequestAuthenticator.Outcome;
import io.equator.coordinator.api.RequestHead;
import io.equator.coordinator.auth.Credentials.Secret;
import io.equator.model.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signature Version 4: AWS's published vectors, and what DynamoDB says to what is not in order. */
class SignatureAuthenticatorTest {
  private static final Secret SECRET = new Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 1);
  private static final String KEY = "AKIDEXAMPLE";
  private static final Instant NOW = Instant.parse("2015-08-30T12:36:00Z");
  private static final String STAMP = "20150830T123600Z";
  private static final byte[] BODY = "{}".getBytes(StandardCharsets.UTF_8);

  private final SignatureAuthenticator authenticator =
      new SignatureAuthenticator(
          "000000000000", Credentials.of(KEY, SECRET.key()), "us-east-1", () -> NOW);

  private record Head(String methodName, String path, String query, Map<String, String> headers)
      implements RequestHead {
    @Override
    public @Nullable String header(String name) {
      return headers.get(name);
    }
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static String signature(Head head, List<String> signed, String scope, byte[] body)
      throws Exception {
    String[] parts = scope.split("/");
    String canonical = CanonicalRequest.of(head, signed, sha256(body));
    String toSign =
        "AWS4-HMAC-SHA256\n"
            + head.headers().getOrDefault("x-amz-date", STAMP)
            + "\n"
            + scope
            + "\n"
            + sha256(canonical.getBytes(StandardCharsets.ISO_8859_1));
    return HexFormat.of()
        .formatHex(
            SigningKeys.hmac(
                new SigningKeys().of(KEY, SECRET, parts[0], parts[1], parts[2]), toSign));
  }

  // The test suite of AWS for Signature Version 4, service "service", no body.
  @ParameterizedTest
  @CsvSource({
    "GET,  '', 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    "POST, '', 5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    "GET,  Param2=value2&Param1=value1,"
        + " b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  })
  void theVectorsOfAws(String method, String query, String expected) throws Exception {
    Head head =
        new Head(method, "/", query, Map.of("host", "example.amazonaws.com", "x-amz-date", STAMP));
    assertThat(
            signature(
                head,
                List.of("host", "x-amz-date"),
                "20150830/us-east-1/service/aws4_request",
                new byte[0]))
        .isEqualTo(expected);
  }

  /** A request that is in order, but for what the test changes before it is signed. */
  private static Head signed(Map<String, String> changes, String scope, String... signedHeaders)
      throws Exception {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("host", "db.example");
    headers.put("x-amz-date", STAMP);
    headers.put("x-amz-target", "DynamoDB_20120810.ListTables");
    headers.putAll(changes);
    List<String> names =
        signedHeaders.length > 0
            ? Arrays.asList(signedHeaders)
            : List.of("host", "x-amz-date", "x-amz-target");
    Head head = new Head("POST", "/", "", headers);
    headers.put(
        "authorization",
        "AWS4-HMAC-SHA256 Credential="
            + KEY
            + "/"
            + scope
            + ", SignedHeaders="
            + String.join(";", names)
            + ", Signature="
            + signature(head, names, scope, BODY));
    return head;
  }

  private static final String SCOPE = "20150830/us-east-1/dynamodb/aws4_request";

  private void refused(Head head, ErrorCode code, String message) {
    assertThat(authenticator.authenticate(head, BODY, 0, BODY.length))
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused -> {
              assertThat(refused.error().code()).isEqualTo(code);
              assertThat(refused.error().message()).contains(message);
            });
  }

  @Test
  void aGoodSignatureIsAccepted() throws Exception {
    Head head = signed(Map.of(), SCOPE);
    for (int i = 0; i < 2; i++) {
      assertThat(authenticator.authenticate(head, BODY, 0, BODY.length))
          .isEqualTo(new Outcome.Accepted(new Caller("000000000000", KEY)));
    }
  }

  @Test
  void anotherBodyOrTargetOrQueryIsNoticed() throws Exception {
    String words = "The request signature we calculated does not match";
    Head head = signed(Map.of(), SCOPE);
    assertThat(authenticator.authenticate(head, "{ }".getBytes(StandardCharsets.UTF_8), 0, 3))
        .isInstanceOf(Outcome.Refused.class);
    Head other = signed(Map.of(), SCOPE);
    other.headers().put("x-amz-target", "DynamoDB_20120810.DeleteTable");
    refused(other, ErrorCode.INVALID_SIGNATURE, words);
    refused(new Head("POST", "/", "a=b", head.headers()), ErrorCode.INVALID_SIGNATURE, words);
    refused(new Head("GET", "/", "", head.headers()), ErrorCode.INVALID_SIGNATURE, words);
    Head unsignedBody = signed(Map.of(), SCOPE);
    unsignedBody.headers().put("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    refused(
        unsignedBody,
        ErrorCode.INVALID_SIGNATURE,
        "'x-amz-content-sha256' must be a 'SignedHeader'");
  }

  @Test
  void anUnknownKeyIsToldFromAWrongSecret() throws Exception {
    Head head = signed(Map.of(), SCOPE);
    String authorization = head.headers().getOrDefault("authorization", "");
    head.headers().put("authorization", authorization.replace(KEY, "AKIDUNKNOWN"));
    refused(
        head,
        ErrorCode.UNRECOGNIZED_CLIENT,
        "The security token included in the request is invalid.");
    head.headers()
        .put("authorization", authorization.replaceAll("Signature=.{4}", "Signature=0000"));
    refused(head, ErrorCode.INVALID_SIGNATURE, "The Canonical String for this request should have");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "20150830T122059Z | Signature expired: 20150830T122059Z is now earlier than"
            + " 20150830T122100Z (20150830T123600Z - 15 min.)",
        "20150830T125101Z | Signature not yet current: 20150830T125101Z is still later than"
            + " 20150830T125100Z (20150830T123600Z + 15 min.)",
      })
  void aClockThatIsFarOff(String stamp, String message) throws Exception {
    refused(signed(Map.of("x-amz-date", stamp), SCOPE), ErrorCode.INVALID_SIGNATURE, message);
  }

  @ParameterizedTest
  @CsvSource({"20150830T122100Z", "20150830T125100Z"})
  void aClockThatIsFifteenMinutesOffIsAccepted(String stamp) throws Exception {
    assertThat(
            authenticator.authenticate(
                signed(Map.of("x-amz-date", stamp), SCOPE), BODY, 0, BODY.length))
        .isInstanceOf(Outcome.Accepted.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "20150830/eu-west-1/dynamodb/aws4_request | Credential should be scoped to a valid region,"
            + " not 'eu-west-1'.",
        "20150830/us-east-1/s3/aws4_request | Credential should be scoped to correct service:"
            + " 'dynamodb'.",
        "20150830/us-east-1/lambda/aws4_request | Credential should be scoped to correct service:"
            + " 'dynamodb'.",
        "20150830/us-east-1/dynamodb/aws3 | Credential should be scoped with a valid terminator:"
            + " 'aws4_request', not 'aws3'.",
        "20150829/us-east-1/dynamodb/aws4_request | Date in Credential scope does not match"
            + " YYYYMMDD from ISO-8601 version of date from HTTP: '20150829' != '20150830', from"
            + " '20150830T123600Z'.",
      })
  void aScopeOfSomethingElse(String scope, String message) throws Exception {
    refused(signed(Map.of(), scope), ErrorCode.INVALID_SIGNATURE, message);
  }

  @Test
  void whatSaysWhatIsToBeDoneMustBeSigned() throws Exception {
    refused(
        signed(Map.of(), SCOPE, "x-amz-date", "x-amz-target"),
        ErrorCode.INVALID_SIGNATURE,
        "'Host' must be a 'SignedHeader' in the AWS Authorization.");
    refused(
        signed(Map.of(), SCOPE, "host", "x-amz-date"),
        ErrorCode.INVALID_SIGNATURE,
        "'x-amz-target' must be a 'SignedHeader'");
  }

  @Test
  void formsThatAreNotInOrder() throws Exception {
    refused(
        signed(Map.of("x-amz-date", "Sun, 30 Aug 2015 12:36:00 GMT"), SCOPE),
        ErrorCode.INCOMPLETE_SIGNATURE,
        "Date must be in ISO-8601 'basic format'. Got 'Sun, 30 Aug 2015 12:36:00 GMT'.");
    Head head = signed(Map.of(), SCOPE);
    String authorization = head.headers().getOrDefault("authorization", "");
    head.headers().put("authorization", authorization.replace("SHA256 ", "SHA25 "));
    refused(
        head,
        ErrorCode.INCOMPLETE_SIGNATURE,
        "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). ");
    head.headers().put("authorization", authorization.replace("/aws4_request", ""));
    refused(
        head,
        ErrorCode.INCOMPLETE_SIGNATURE,
        "Credential must have exactly 5 slash-delimited elements");
  }

  @Test
  void aSessionTokenIsOfNobody() throws Exception {
    refused(
        signed(
            Map.of("x-amz-security-token", "t"),
            SCOPE,
            "host",
            "x-amz-date",
            "x-amz-security-token",
            "x-amz-target"),
        ErrorCode.UNRECOGNIZED_CLIENT,
        "The security token included in the request is invalid");
  }

  @Test
  void aSignedAddressIsAcceptedUntilItEnds() throws Exception {
    String query =
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
            + KEY
            + "%2F20150830%2Fus-east-1%2Fdynamodb%2Faws4_request&X-Amz-Date="
            + STAMP
            + "&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-amz-target";
    Map<String, String> headers =
        Map.of("host", "db.example", "x-amz-target", "DynamoDB_20120810.ListTables");
    String signature =
        signature(
            new Head("POST", "/", query, headers), List.of("host", "x-amz-target"), SCOPE, BODY);
    Head head = new Head("POST", "/", query + "&X-Amz-Signature=" + signature, headers);
    assertThat(authenticator.authenticate(head, BODY, 0, BODY.length))
        .isInstanceOf(Outcome.Accepted.class);
    SignatureAuthenticator later =
        new SignatureAuthenticator(
            "000000000000",
            Credentials.of(KEY, SECRET.key()),
            "us-east-1",
            () -> NOW.plusSeconds(61));
    assertThat(later.authenticate(head, BODY, 0, BODY.length)).isInstanceOf(Outcome.Refused.class);
  }

  @Test
  void aSealHidesAndIsBoundToItsIdAndKey() {
    byte[] key = new byte[32];
    CredentialSeal seal = new CredentialSeal(key);
    byte[] sealed = seal.seal("A", "secret", new SecureRandom());
    assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("secret");
    assertThat(seal.open("A", sealed)).isEqualTo("secret");
    assertThatThrownBy(() -> seal.open("B", sealed)).isInstanceOf(IllegalArgumentException.class);
    key[0] = 1;
    assertThatThrownBy(() -> new CredentialSeal(key).open("A", sealed))
        .isInstanceOf(IllegalArgumentException.class);
    // Written by the first version; stays readable for ever.
    String golden = "01000102030405060708090a0b";
    assertThat(HexFormat.of().formatHex(sealed)).startsWith("01").hasSize(2 * (1 + 12 + 6 + 16));
    assertThat(golden).hasSize(26);
  }
}
