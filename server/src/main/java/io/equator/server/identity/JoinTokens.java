package io.equator.server.identity;

import com.google.protobuf.ByteString;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogComparison;
import io.equator.proto.CatalogObject;
import io.equator.proto.JoinToken;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.server.Refusal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;

/**
 * Tokens with which one node joins, once.
 *
 * <p>A token is {@code <id>.<secret>.<fingerprint of the cluster's root>}. The catalog keeps a hash
 * of the secret; the fingerprint tells the node that joins whether it speaks to the right cluster,
 * before it sends the secret.
 *
 * @param id names the token in the catalog
 * @param secret 64 hexadecimal digits
 * @param root SHA-256 of the root, hexadecimal; {@value #NO_TLS} in a cluster without certificates
 */
public record JoinTokens(String id, String secret, String root) {
  /** Stands for the fingerprint in a cluster without certificates. */
  public static final String NO_TLS = "plaintext";

  /**
   * Makes a token and writes it to the catalog.
   *
   * @param root the fingerprint of the cluster's root, or {@link #NO_TLS}
   */
  public static JoinTokens issue(
      CatalogClient catalog, String root, Duration lifetime, Instant now, SecureRandom random) {
    byte[] id = new byte[8];
    byte[] secret = new byte[32];
    random.nextBytes(id);
    random.nextBytes(secret);
    JoinTokens token =
        new JoinTokens(HexFormat.of().formatHex(id), HexFormat.of().formatHex(secret), root);
    String key = CatalogKeys.joinToken(token.id);
    CatalogCommitRequest commit =
        CatalogCommitRequest.newBuilder()
            .addComparisons(CatalogComparison.newBuilder().setKey(key))
            .addPuts(
                CatalogObject.newBuilder()
                    .setKey(key)
                    .setJoinToken(
                        JoinToken.newBuilder()
                            .setTokenId(token.id)
                            .setSecretHash(hash(token.secret))
                            .setExpiresMillis(now.plus(lifetime).toEpochMilli())))
            .build();
    if (catalog.commit(commit).getOutcome() != Outcome.COMMITTED) {
      throw new Refusal("the token could not be written; try again.");
    }
    return token;
  }

  /**
   * Reads a token.
   *
   * @throws Refusal when the text is none
   */
  public static JoinTokens parse(String text) {
    String[] parts = text.strip().split("\\.", -1);
    if (parts.length != 3 || parts[0].isEmpty() || parts[1].isEmpty() || parts[2].isEmpty()) {
      throw new Refusal("join.token is no token; make one with `equator admin token`.");
    }
    return new JoinTokens(parts[0], parts[1], parts[2]);
  }

  /** What the catalog keeps of a secret. */
  static ByteString hash(String secret) {
    try {
      return ByteString.copyFrom(
          MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The token as it is given to a node. */
  public String text() {
    return id + "." + secret + "." + root;
  }

  @Override
  public String toString() {
    return "JoinTokens[" + id + ", (hidden)]";
  }
}
