package io.equator.coordinator.json;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/**
 * Damages bytes at random: flips, cuts, doubles and swaps, and puts in what parsers stumble over.
 */
public final class Mutations {
  private static final String[] TOKENS = {
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "null",
    "true",
    "1e999",
    "-",
    "0",
    "\\ud800",
    "\\u0000",
    "\r\n",
    "\r\n\r\n",
    "\n",
    " ",
    "\u0000",
    "\u00ff",
    "\u00ed\u00a0\u0080",
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Expect: 100-continue\r\n",
    "Connection: close\r\n",
    "0\r\n\r\n",
    "HTTP/1.0",
    "99999999999",
    "{\"L\":[",
    "{\"M\":{\"a\":",
    "\"S\":",
    "\"N\":"
  };

  private final Random random;

  /** The same seed does the same damage. */
  public Mutations(Random random) {
    this.random = random;
  }

  /** A damaged copy. */
  public byte[] of(byte[] original) {
    byte[] bytes = original;
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      bytes = once(bytes);
    }
    return bytes;
  }

  /** Bytes without any sense. */
  public byte[] noise() {
    byte[] bytes = new byte[random.nextInt(200)];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] once(byte[] bytes) {
    int from = random.nextInt(bytes.length + 1);
    int to = Math.min(bytes.length, from + random.nextInt(12));
    return switch (random.nextInt(6)) {
      case 0 -> flipped(bytes);
      case 1 -> joined(bytes, from, new byte[0], to);
      case 2 -> joined(bytes, from, Arrays.copyOfRange(bytes, from, to), from);
      case 3 -> Arrays.copyOf(bytes, from);
      case 4 -> joined(bytes, from, token(), to);
      default -> joined(bytes, from, token(), from);
    };
  }

  private byte[] token() {
    String token = TOKENS[random.nextInt(TOKENS.length)];
    int times = random.nextInt(20) == 0 ? 600 : 1;
    return token.repeat(times).getBytes(StandardCharsets.ISO_8859_1);
  }

  private byte[] flipped(byte[] bytes) {
    byte[] copy = bytes.clone();
    if (copy.length > 0) {
      copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return copy;
  }

  /** The bytes up to {@code from}, then {@code middle}, then those after {@code to}. */
  private static byte[] joined(byte[] bytes, int from, byte[] middle, int to) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, from);
    out.write(middle, 0, middle.length);
    out.write(bytes, to, bytes.length - to);
    return out.toByteArray();
  }
}
