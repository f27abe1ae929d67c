package io.equator.server;

/** Makes the headers that say in whose name a request is sent. */
@FunctionalInterface
public interface RequestSigner {

  /**
   * The lines {@code X-Amz-Date} and {@code Authorization}, each with its line end, for a {@code
   * POST /} of {@code body}. The caller may not change the array.
   */
  byte[] headers(String host, String target, byte[] body);
}
