package io.equator.coordinator.streams;

import io.equator.replication.catalog.CatalogSnapshot;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The key that authenticates iterators: the same on every coordinator of a cluster, and in no
 * answer of the API. Made from the cluster's id, which is random and stays inside.
 */
public final class IteratorSecret {
  private IteratorSecret() {}

  /** The secret of a founded cluster. */
  public static byte[] of(CatalogSnapshot snapshot) {
    String id = snapshot.cluster().orElseThrow().getClusterId();
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest(("stream iterators of " + id).getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
