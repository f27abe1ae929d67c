package io.equator.coordinator.streams;

import io.equator.proto.ChangePlace;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Where a reader of a shard goes on, as it is handed out: opaque, and nobody else can make one.
 *
 * <pre>
 *   base64url( 1 (1) | table (4) | stream (8) | partition (8) | log index (8) | position (4)
 *              | issued, milliseconds (8) | first half of HMAC-SHA256 of all before (16) )
 * </pre>
 *
 * @param from the first place that is not read yet
 * @param issuedMillis milliseconds since the epoch
 */
record ShardIterator(int table, long stream, long partition, ChangePlace from, long issuedMillis) {
  /** How long an iterator can be used (API page of GetShardIterator). */
  static final long VALID_MILLIS = 15 * 60 * 1000;

  private static final byte VERSION = 1;
  private static final int CONTENT = 41;
  private static final int SEAL = 16;

  /**
   * @param key the cluster's secret
   */
  String encode(byte[] key) {
    byte[] content =
        ByteBuffer.allocate(CONTENT)
            .put(VERSION)
            .putInt(table)
            .putLong(stream)
            .putLong(partition)
            .putLong(from.getLogIndex())
            .putInt(from.getPosition())
            .putLong(issuedMillis)
            .array();
    byte[] whole = Arrays.copyOf(content, CONTENT + SEAL);
    System.arraycopy(seal(content, key), 0, whole, CONTENT, SEAL);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(whole);
  }

  /** The iterator of a text; empty when it was not made with this key. */
  static Optional<ShardIterator> decode(String text, byte[] key) {
    byte[] whole;
    try {
      whole = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
    if (whole.length != CONTENT + SEAL || whole[0] != VERSION) {
      return Optional.empty();
    }
    byte[] content = Arrays.copyOf(whole, CONTENT);
    byte[] seal = Arrays.copyOf(seal(content, key), SEAL);
    if (!MessageDigest.isEqual(seal, Arrays.copyOfRange(whole, CONTENT, whole.length))) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(content, 1, CONTENT - 1);
    return Optional.of(
        new ShardIterator(
            in.getInt(),
            in.getLong(),
            in.getLong(),
            ChangePlace.newBuilder().setLogIndex(in.getLong()).setPosition(in.getInt()).build(),
            in.getLong()));
  }

  private static byte[] seal(byte[] content, byte[] key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(content);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HMAC-SHA256", e);
    }
  }
}
