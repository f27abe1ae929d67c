package io.equator.server.identity;

import com.google.protobuf.ByteString;
import io.equator.coordinator.auth.CredentialSeal;
import io.equator.proto.CatalogObject;
import io.equator.proto.CredentialDescriptor;
import io.equator.replication.catalog.CatalogKeys;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;

/**
 * A credential that has just been made; the only time that its secret is to be seen.
 *
 * @param accessKeyId twenty characters, in the form of AWS's
 * @param secretAccessKey forty characters, 240 random bits
 * @param object as the catalog is to have it
 */
public record NewCredential(String accessKeyId, String secretAccessKey, CatalogObject object) {
  private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final String PREFIX = "AKEQ";
  private static final int ID_LENGTH = 20;
  private static final int SECRET_BYTES = 30;

  /** Makes one. */
  public static NewCredential make(
      CredentialSeal seal, String description, Instant now, SecureRandom random) {
    StringBuilder id = new StringBuilder(PREFIX);
    while (id.length() < ID_LENGTH) {
      id.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    String secret = Base64.getEncoder().encodeToString(bytes);
    return new NewCredential(
        id.toString(),
        secret,
        CatalogObject.newBuilder()
            .setKey(CatalogKeys.credential(id.toString()))
            .setCredential(
                CredentialDescriptor.newBuilder()
                    .setAccessKeyId(id.toString())
                    .setSealedSecret(ByteString.copyFrom(seal.seal(id.toString(), secret, random)))
                    .setDescription(description)
                    .setCreatedMillis(now.toEpochMilli()))
            .build());
  }

  @Override
  public String toString() {
    return "NewCredential[" + accessKeyId + "]";
  }
}
