package io.equator.coordinator.auth;

import io.equator.coordinator.api.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request in the form over which Signature Version 4 is made (AWS General Reference, "Create a
 * canonical request"), from its raw parts as they came over the wire.
 *
 * <p>Characters here are bytes (ISO 8859-1), as the head reads them, so that what a client signed
 * is what is hashed, whatever its encoding was.
 */
final class CanonicalRequest {
  private static final String HEX = "0123456789ABCDEF";

  private CanonicalRequest() {}

  /**
   * The canonical form.
   *
   * @param signedHeaders lower-case names, as the client lists them
   * @param bodyHash SHA-256 of the body, in hexadecimal
   */
  static String of(RequestHead head, List<String> signedHeaders, String bodyHash) {
    StringBuilder text = new StringBuilder(512);
    text.append(head.methodName()).append('\n');
    text.append(path(head.path())).append('\n');
    text.append(query(head.query())).append('\n');
    for (String name : signedHeaders) {
      String value = head.header(name);
      text.append(name).append(':').append(value == null ? "" : collapsed(value)).append('\n');
    }
    return text.append('\n')
        .append(String.join(";", signedHeaders))
        .append('\n')
        .append(bodyHash)
        .toString();
  }

  /** Each segment encoded once more: only S3 signs paths as they are sent. */
  private static String path(String raw) {
    if (raw.isEmpty() || raw.equals("/")) {
      return "/";
    }
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < raw.length(); i++) {
      encode(raw.charAt(i), raw.charAt(i) == '/', path);
    }
    return path.toString();
  }

  /** Sorted by name, then by value, without the signature itself. */
  private static String query(String raw) {
    if (raw.isEmpty()) {
      return "";
    }
    List<String> parameters = new ArrayList<>();
    for (String part : raw.split("&", -1)) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals);
      if (!part.isEmpty() && !name.equals("X-Amz-Signature")) {
        String value = equals < 0 ? "" : part.substring(equals + 1);
        // Names sort before longer ones that begin with them: '=' would not, so a lower sign does.
        parameters.add(encoded(decoded(name)) + "\u0001" + encoded(decoded(value)));
      }
    }
    parameters.sort(null);
    return String.join("&", parameters).replace('\u0001', '=');
  }

  private static String encoded(String text) {
    StringBuilder encoded = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      encode(text.charAt(i), false, encoded);
    }
    return encoded.toString();
  }

  private static void encode(char c, boolean asIs, StringBuilder to) {
    boolean unreserved =
        (c >= 'A' && c <= 'Z')
            || (c >= 'a' && c <= 'z')
            || (c >= '0' && c <= '9')
            || c == '-'
            || c == '.'
            || c == '_'
            || c == '~';
    if (unreserved || asIs) {
      to.append(c);
    } else {
      to.append('%').append(HEX.charAt((c >> 4) & 15)).append(HEX.charAt(c & 15));
    }
  }

  /** Percent signs resolved; what is not in order stays as it is. */
  static String decoded(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    StringBuilder decoded = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
      int low = high >= 0 ? Character.digit(text.charAt(i + 2), 16) : -1;
      if (low >= 0) {
        decoded.append((char) ((high << 4) | low));
        i += 2;
      } else {
        decoded.append(c);
      }
    }
    return decoded.toString();
  }

  /** Without blanks at its ends, and one where there are several. */
  private static String collapsed(String value) {
    String stripped = value.strip();
    if (!stripped.contains("  ") && stripped.indexOf('\t') < 0) {
      return stripped;
    }
    return stripped.replaceAll("[ \t]+", " ");
  }

  /** The value of a query parameter, decoded; null when it is not there. */
  static @Nullable String parameter(String query, String name) {
    for (String part : query.split("&", -1)) {
      if (part.startsWith(name + "=")) {
        return decoded(part.substring(name.length() + 1));
      }
    }
    return null;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
