package io.equator.coordinator.auth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Hides secret access keys in the catalog, with a key that every node of the cluster has and the
 * catalog has not: images, logs, dumps and copies of the catalog give nothing away. Signature
 * Version 4 needs the secret itself, so a hash as of a password would not do.
 *
 * <p>AES-256 in GCM, with the access key's id as additional data, so a secret cannot be moved to
 * another id.
 *
 * <pre>
 * offset  size  what
 * 0       1     format version: 1
 * 1       12    nonce, random
 * 13      n+16  the secret in UTF-8, encrypted, and the tag
 * </pre>
 */
public final class CredentialSeal {
  /** Bytes of the key. */
  public static final int KEY_BYTES = 32;

  private static final byte VERSION = 1;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final SecretKeySpec key;

  /**
   * @param key {@value #KEY_BYTES} random bytes
   */
  public CredentialSeal(byte[] key) {
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException("the key must have 32 bytes, has " + key.length);
    }
    this.key = new SecretKeySpec(key.clone(), "AES");
  }

  /** Hides a secret. */
  public byte[] seal(String accessKeyId, String secret, SecureRandom random) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] hidden =
          cipher(Cipher.ENCRYPT_MODE, accessKeyId, nonce)
              .doFinal(secret.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.allocate(1 + NONCE_BYTES + hidden.length)
          .put(VERSION)
          .put(nonce)
          .put(hidden)
          .array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES in GCM", e);
    }
  }

  /**
   * Shows a secret again.
   *
   * @throws IllegalArgumentException when it was hidden with another key, for another id, or
   *     changed
   */
  public String open(String accessKeyId, byte[] sealed) {
    if (sealed.length <= 1 + NONCE_BYTES || sealed[0] != VERSION) {
      throw new IllegalArgumentException("the secret of " + accessKeyId + " has no known format");
    }
    byte[] nonce = Arrays.copyOfRange(sealed, 1, 1 + NONCE_BYTES);
    try {
      byte[] secret =
          cipher(Cipher.DECRYPT_MODE, accessKeyId, nonce)
              .doFinal(sealed, 1 + NONCE_BYTES, sealed.length - 1 - NONCE_BYTES);
      return new String(secret, StandardCharsets.UTF_8);
    } catch (AEADBadTagException e) {
      throw new IllegalArgumentException(
          "the secret of " + accessKeyId + " was hidden with another key", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES in GCM", e);
    }
  }

  private Cipher cipher(int mode, String accessKeyId, byte[] nonce)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(accessKeyId.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
