package io.equator.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.api.RequestAuthenticator.Outcome;
import io.equator.model.error.ApiError;
import io.equator.model.error.ErrorCode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What must look like a signature, and what is said when it does not. */
class AnyCredentialsTest {
  private static final String NEEDS_CREDENTIAL =
      "Authorization header requires 'Credential' parameter. ";
  private static final String NEEDS_SIGNATURE =
      "Authorization header requires 'Signature' parameter. ";
  private static final String NEEDS_HEADERS =
      "Authorization header requires 'SignedHeaders' parameter. ";
  private static final String NEEDS_DATE =
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";

  private final AnyCredentials authenticator = new AnyCredentials("000000000000");

  private Outcome authenticate(Map<String, String> headers, String query) {
    return authenticator.authenticate(new HeadOf(headers, query), new byte[0], 0, 0);
  }

  private Outcome authenticate(@Nullable String authorization, boolean dated) {
    Map<String, String> headers = new HashMap<>();
    if (authorization != null) {
      headers.put("authorization", authorization);
    }
    if (dated) {
      headers.put("x-amz-date", "20260101T000000Z");
    }
    return authenticate(headers, "");
  }

  private static Outcome refused(ErrorCode code, String message) {
    return new Outcome.Refused(new ApiError(code, message));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AWS4-HMAC-SHA256 Credential=AKID/20260101/r/dynamodb/aws4_request, SignedHeaders=host,"
            + " Signature=00",
        "AWS4-HMAC-SHA256 Signature=00,SignedHeaders=host,Credential=AKID/x",
        "AWS4-HMAC-SHA256 Credential=AKID, , SignedHeaders=a;b Signature=00==",
      })
  void acceptsWhateverLooksSigned(String authorization) {
    assertThat(authenticate(authorization, true))
        .isEqualTo(new Outcome.Accepted(new Caller("000000000000", "AKID")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Basic abc", "aws4-hmac", "AWS"})
  void missesTheToken(String authorization) {
    Outcome missing =
        refused(ErrorCode.MISSING_AUTHENTICATION_TOKEN, "Request is missing Authentication Token");

    assertThat(authenticate(authorization, true)).isEqualTo(missing);
    assertThat(authenticate(null, true)).isEqualTo(missing);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          AWS4-                                             | true  | CSH
          AWS4-                                             | false | CSHD
          AWS4- Signature=b Credential=a                    | true  | H
          AWS4- Signature=b, Credential=a                   | false | HD
          AWS4- Signature=,Credential=a,SignedHeaders=h     | true  | S
          AWS4- Signature=b,Credential=,SignedHeaders=      | true  | CH
          AWS4- Signature=b,Credential=c,SignedHeaders=h    | false | D
          """)
  void tellsWhichPartsAreMissing(String authorization, boolean dated, String missing) {
    String message =
        (missing.contains("C") ? NEEDS_CREDENTIAL : "")
            + (missing.contains("S") ? NEEDS_SIGNATURE : "")
            + (missing.contains("H") ? NEEDS_HEADERS : "")
            + (missing.contains("D") ? NEEDS_DATE : "")
            + "Authorization="
            + authorization;

    assertThat(authenticate(authorization, dated))
        .isEqualTo(refused(ErrorCode.INCOMPLETE_SIGNATURE, message));
  }

  @Test
  void tellsWhichPartIsNoPair() {
    String authorization = "AWS4-HMAC-SHA256 Signature=b,    Credential,    SignedHeaders";

    assertThat(authenticate(authorization, true))
        .isEqualTo(
            refused(
                ErrorCode.INCOMPLETE_SIGNATURE,
                "'Credential' not a valid key=value pair (missing equal-sign) in Authorization"
                    + " header: '"
                    + authorization
                    + "'."));
  }

  @Test
  void refusesTwoSignatures() {
    assertThat(
            authenticate(
                Map.of("authorization", "AWS4-HMAC-SHA256 Credential=a"), "X-Amz-Algorithm"))
        .isEqualTo(
            refused(
                ErrorCode.INVALID_SIGNATURE,
                "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP"
                    + " header."));
  }

  @Test
  void readsSignaturesFromTheQuery() {
    String complete =
        "X-Amz-Algorithm=A&X-Amz-Credential=AKID%2Fx&X-Amz-Signature=0&X-Amz-SignedHeaders=h"
            + "&X-Amz-Date=d";
    assertThat(authenticate(Map.of(), complete))
        .isEqualTo(new Outcome.Accepted(new Caller("000000000000", "AKID")));

    assertThat(authenticate(Map.of(), "a=b&X-Amz-Algorithm=&X-Amz-Credential=a&X-Amz-Signature=b"))
        .isEqualTo(
            refused(
                ErrorCode.INCOMPLETE_SIGNATURE,
                "AWS query-string parameters must include 'X-Amz-Algorithm'. "
                    + "AWS query-string parameters must include 'X-Amz-SignedHeaders'. "
                    + "AWS query-string parameters must include 'X-Amz-Date'. "
                    + "Re-examine the query-string parameters."));
    assertThat(authenticate(Map.of(), "X-Amz-Credential=a"))
        .isEqualTo(
            refused(
                ErrorCode.MISSING_AUTHENTICATION_TOKEN, "Request is missing Authentication Token"));
  }
}
