package io.equator.coordinator.partiql;

import io.equator.model.error.ApiException;
import io.equator.model.item.EncodedItem;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Where a SELECT goes on. It is for the statement and the parameters that it was made for only.
 *
 * <pre>
 *   version (1 byte, 1) · hash of statement and parameters (16) · item collection (2) · start key
 *   start key := nothing, to begin at its end, or an encoded item
 * </pre>
 *
 * in URL-safe base64 without padding.
 *
 * @param collection which of the statement's item collections is next; 0 when everything is read
 * @param start where the page ended; null at the beginning of a collection
 */
record NextToken(int collection, @Nullable EncodedItem start) {
  /** Characters of a token. */
  static final int LENGTH_MAX = 32_768;

  private static final byte VERSION = 1;
  private static final int HASH = 16;
  private static final int HEADER = 1 + HASH + Short.BYTES;

  /** The token for a statement with this fingerprint. */
  String encode(byte[] fingerprint) {
    int keyLength = start == null ? 0 : start.length();
    ByteBuffer bytes = ByteBuffer.allocate(HEADER + keyLength);
    bytes.put(VERSION).put(fingerprint, 0, HASH).putShort((short) collection);
    if (start != null) {
      bytes.put(start.array(), start.offset(), start.length());
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
  }

  /**
   * Reads a token.
   *
   * @throws ApiException when it is none of this statement
   */
  static NextToken decode(String text, byte[] fingerprint) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException _) {
      throw mismatch();
    }
    if (bytes.length < HEADER
        || bytes[0] != VERSION
        || !Arrays.equals(bytes, 1, 1 + HASH, fingerprint, 0, HASH)) {
      throw mismatch();
    }
    int collection = ByteBuffer.wrap(bytes).getShort(1 + HASH);
    if (bytes.length == HEADER) {
      return new NextToken(collection, null);
    }
    try {
      EncodedItem start = EncodedItem.wrap(bytes, HEADER, bytes.length - HEADER);
      start.verify();
      return new NextToken(collection, start);
    } catch (RuntimeException _) {
      throw mismatch();
    }
  }

  static ApiException mismatch() {
    return ApiException.validation("NextToken does not match request");
  }
}
