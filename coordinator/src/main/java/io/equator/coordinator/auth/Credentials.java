package io.equator.coordinator.auth;

import java.util.Optional;

/** The credentials that requests may be signed with. */
@FunctionalInterface
public interface Credentials {

  /**
   * The secret of one.
   *
   * @param key the secret access key
   * @param version changes when the secret does
   */
  record Secret(String key, long version) {
    @Override
    public String toString() {
      return "Secret[hidden]";
    }
  }

  /** The secret of an access key that may be used; empty when there is none. Must not block. */
  Optional<Secret> find(String accessKeyId);

  /** A single pair, for a development server. */
  static Credentials of(String accessKeyId, String secretAccessKey) {
    Secret secret = new Secret(secretAccessKey, 0);
    return id -> id.equals(accessKeyId) ? Optional.of(secret) : Optional.empty();
  }
}
