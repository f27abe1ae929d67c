package io.equator.coordinator.json;

import java.util.Base64;

/** Base64 as the API's front end reads it: padded, in the standard alphabet, with no loose bits. */
final class Base64Text {
  private static final String BAD = "Invalid last non-pad Base64 character dectected";

  private Base64Text() {}

  /** Decodes, or refuses with the text that DynamoDB uses. */
  static byte[] decode(String text) {
    int length = text.length();
    if (length % 4 != 0) {
      throw TypeErrors.wrong(
          "Base64 encoded length is expected a multiple of 4 bytes but found: " + length);
    }
    if (length == 0) {
      return new byte[0];
    }
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException _) {
      throw TypeErrors.wrong(BAD);
    }
    if (looseBits(text, length)) {
      throw TypeErrors.wrong(BAD);
    }
    return bytes;
  }

  /** Whether the last character before the padding has bits that belong to no byte. */
  private static boolean looseBits(String text, int length) {
    if (text.charAt(length - 1) != '=') {
      return false;
    }
    if (text.charAt(length - 2) == '=') {
      return (sextet(text.charAt(length - 3)) & 0x0f) != 0;
    }
    return (sextet(text.charAt(length - 2)) & 0x03) != 0;
  }

  private static int sextet(char c) {
    if (c >= 'A' && c <= 'Z') {
      return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
      return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
      return c - '0' + 52;
    }
    return c == '+' ? 62 : 63;
  }
}
