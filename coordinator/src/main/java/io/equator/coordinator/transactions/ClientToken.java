package io.equator.coordinator.transactions;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What makes a repeated request known.
 *
 * @param account whose token it is
 * @param token ClientRequestToken
 * @param fingerprint a hash of everything else in the request
 */
public record ClientToken(String account, String token, ByteString fingerprint) {
  /** Where the transaction's row stands in the ledger. */
  ByteString ledgerKey() {
    MessageDigest digest = sha256();
    digest.update(account.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    digest.update(token.getBytes(StandardCharsets.UTF_8));
    return ByteString.copyFrom(digest.digest());
  }

  /** A SHA-256. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
