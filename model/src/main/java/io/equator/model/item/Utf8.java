package io.equator.model.item;

import java.nio.charset.StandardCharsets;

/** Strings in the order and length of their UTF-8 bytes, which is how DynamoDB sees them. */
public final class Utf8 {
  private Utf8() {}

  /** The UTF-8 bytes; a lone surrogate becomes a question mark. */
  public static byte[] encode(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The string of UTF-8 bytes. */
  public static String decode(byte[] array, int offset, int length) {
    return new String(array, offset, length, StandardCharsets.UTF_8);
  }

  /** How many bytes {@link #encode} would give. */
  public static int length(String text) {
    int length = text.length();
    int bytes = length;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        continue;
      }
      if (c < 0x800) {
        bytes++;
      } else if (!Character.isSurrogate(c)) {
        bytes += 2;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < length
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        bytes += 2; // two chars, four bytes
        i++;
      }
    }
    return bytes;
  }

  /**
   * Compares by UTF-8 bytes, that is, by code point. {@code String.compareTo} differs: it puts
   * characters beyond the basic plane before U+E000..U+FFFF.
   */
  public static int compare(String left, String right) {
    int common = Math.min(left.length(), right.length());
    for (int i = 0; i < common; i++) {
      char a = left.charAt(i);
      char b = right.charAt(i);
      if (a != b) {
        boolean beyondA = Character.isSurrogate(a);
        boolean beyondB = Character.isSurrogate(b);
        return beyondA == beyondB ? Character.compare(a, b) : beyondA ? 1 : -1;
      }
    }
    return Integer.compare(left.length(), right.length());
  }
}
