package io.equator.coordinator.auth;

import io.equator.coordinator.api.RequestHead;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of its signature. Its parts are there: the caller has seen to that.
 *
 * @param algorithm as it stands there
 * @param credential key id, date, region, service and terminator, with slashes between them
 * @param signedHeaders names in lower case, in the order in which they stand there
 * @param signature hexadecimal, as it stands there
 * @param date as it stands there
 * @param expires seconds for which a signed address may be used; empty for a signed header
 * @param sessionToken of temporary credentials
 */
record SignatureClaim(
    String algorithm,
    String credential,
    List<String> signedHeaders,
    String signature,
    String date,
    Optional<String> expires,
    Optional<String> sessionToken) {

  static SignatureClaim of(RequestHead head) {
    String header = head.header("authorization");
    return header == null || header.isEmpty() ? ofQuery(head) : ofHeader(head, header);
  }

  private static SignatureClaim ofHeader(RequestHead head, String header) {
    int blank = header.indexOf(' ');
    String credential = "";
    String signedHeaders = "";
    String signature = "";
    for (String part :
        header.substring(blank < 0 ? header.length() : blank + 1).split("[, ]", -1)) {
      if (part.startsWith("Credential=")) {
        credential = part.substring("Credential=".length());
      } else if (part.startsWith("SignedHeaders=")) {
        signedHeaders = part.substring("SignedHeaders=".length());
      } else if (part.startsWith("Signature=")) {
        signature = part.substring("Signature=".length());
      }
    }
    String date = head.header("x-amz-date");
    return new SignatureClaim(
        blank < 0 ? header : header.substring(0, blank),
        credential,
        List.of(signedHeaders.split(";", -1)),
        signature,
        date != null ? date : text(head.header("date")),
        Optional.empty(),
        Optional.ofNullable(head.header("x-amz-security-token")));
  }

  private static SignatureClaim ofQuery(RequestHead head) {
    String query = head.query();
    String token = CanonicalRequest.parameter(query, "X-Amz-Security-Token");
    return new SignatureClaim(
        text(CanonicalRequest.parameter(query, "X-Amz-Algorithm")),
        text(CanonicalRequest.parameter(query, "X-Amz-Credential")),
        List.of(text(CanonicalRequest.parameter(query, "X-Amz-SignedHeaders")).split(";", -1)),
        text(CanonicalRequest.parameter(query, "X-Amz-Signature")),
        text(CanonicalRequest.parameter(query, "X-Amz-Date")),
        Optional.of(text(CanonicalRequest.parameter(query, "X-Amz-Expires"))),
        Optional.ofNullable(token != null ? token : head.header("x-amz-security-token")));
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }
}
