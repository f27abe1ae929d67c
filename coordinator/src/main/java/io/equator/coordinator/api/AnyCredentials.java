package io.equator.coordinator.api;

import io.equator.model.error.ApiError;
import io.equator.model.error.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Accepts every signature, as a development server does: a request must look signed, as from any
 * SDK, but nothing is verified.
 *
 * <p>What is refused, and in which words, is what DynamoDB says before it looks at a key: no token
 * at all, two kinds of signature at once, or parts that are missing.
 */
public final class AnyCredentials implements RequestAuthenticator {
  private static final Outcome MISSING =
      refused(ErrorCode.MISSING_AUTHENTICATION_TOKEN, "Request is missing Authentication Token");
  private static final String[] QUERY_PARTS = {
    "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"
  };

  private final String accountId;

  /** Makes every caller belong to this account. */
  public AnyCredentials(String accountId) {
    this.accountId = accountId;
  }

  @Override
  public Outcome authenticate(RequestHead head, byte[] body, int offset, int length) {
    String header = head.header("authorization");
    String query = head.query();
    boolean inQuery = !query.isEmpty() && queryValue(query, "X-Amz-Algorithm") != null;
    if (header == null) {
      return inQuery ? fromQuery(query) : MISSING;
    }
    if (inQuery && !header.isEmpty()) {
      return refused(
          ErrorCode.INVALID_SIGNATURE,
          "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP"
              + " header.");
    }
    return header.startsWith("AWS4-") ? fromHeader(header, head) : MISSING;
  }

  /** {@code AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…}. */
  private Outcome fromHeader(String header, RequestHead head) {
    String credential = null;
    boolean signature = false;
    boolean signedHeaders = false;
    int end = header.length();
    int start = endOfPart(header, 0);
    while (start < end) {
      int next = endOfPart(header, start + 1);
      int from = start + 1;
      start = next;
      if (from == next) {
        continue;
      }
      int equals = header.indexOf('=', from);
      if (equals < 0 || equals > next) {
        return refused(
            ErrorCode.INCOMPLETE_SIGNATURE,
            "'"
                + header.substring(from, next)
                + "' not a valid key=value pair (missing equal-sign) in Authorization header: '"
                + header
                + "'.");
      }
      boolean present = equals + 1 < next;
      if (header.startsWith("Credential=", from)) {
        credential = present ? header.substring(equals + 1, next) : null;
      } else if (header.startsWith("Signature=", from)) {
        signature = present;
      } else if (header.startsWith("SignedHeaders=", from)) {
        signedHeaders = present;
      }
    }
    boolean dated = head.header("x-amz-date") != null || head.header("date") != null;
    if (credential != null && signature && signedHeaders && dated) {
      return accepted(credential);
    }
    return refused(
        ErrorCode.INCOMPLETE_SIGNATURE,
        (credential == null ? "Authorization header requires 'Credential' parameter. " : "")
            + (signature ? "" : "Authorization header requires 'Signature' parameter. ")
            + (signedHeaders ? "" : "Authorization header requires 'SignedHeaders' parameter. ")
            + (dated
                ? ""
                : "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date'"
                    + " header. ")
            + "Authorization="
            + header);
  }

  private Outcome fromQuery(String query) {
    StringBuilder missing = new StringBuilder();
    for (String part : QUERY_PARTS) {
      String value = queryValue(query, part);
      if (value == null || value.isEmpty()) {
        missing.append("AWS query-string parameters must include '").append(part).append("'. ");
      }
    }
    if (!missing.isEmpty()) {
      missing.append("Re-examine the query-string parameters.");
      return refused(ErrorCode.INCOMPLETE_SIGNATURE, missing.toString());
    }
    String credential = queryValue(query, "X-Amz-Credential");
    return accepted(credential == null ? "" : credential.replace("%2F", "/"));
  }

  private Outcome accepted(String credential) {
    int slash = credential.indexOf('/');
    String accessKeyId = slash < 0 ? credential : credential.substring(0, slash);
    return new Outcome.Accepted(new Caller(accountId, accessKeyId));
  }

  private static Outcome refused(ErrorCode code, String message) {
    return new Outcome.Refused(new ApiError(code, message));
  }

  /** Where the part ends that begins at {@code from}: at a comma, a blank or the end. */
  private static int endOfPart(String header, int from) {
    int at = from;
    while (at < header.length() && header.charAt(at) != ',' && header.charAt(at) != ' ') {
      at++;
    }
    return at;
  }

  /** The value of a parameter, not decoded; null when it is not there. */
  private static @Nullable String queryValue(String query, String name) {
    int at = 0;
    while (at <= query.length()) {
      int end = query.indexOf('&', at);
      if (end < 0) {
        end = query.length();
      }
      if (query.startsWith(name, at)) {
        int equals = at + name.length();
        if (equals == end) {
          return "";
        }
        if (equals < end && query.charAt(equals) == '=') {
          return query.substring(equals + 1, end);
        }
      }
      at = end + 1;
    }
    return null;
  }
}
