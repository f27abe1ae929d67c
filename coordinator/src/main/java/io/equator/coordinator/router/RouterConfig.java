package io.equator.coordinator.router;

import java.time.Duration;

/**
 * How long the router tries.
 *
 * @param requestTimeout a request that has no answer by then ends in {@code InternalServerError}
 * @param attemptTimeout one call to one node; a write that exceeds it may have happened, and is
 *     asked again under the same request id
 * @param backoffFirst pause before the second attempt that follows a failure without a hint;
 *     doubled each time, with jitter
 * @param backoffMax longest such pause
 */
public record RouterConfig(
    Duration requestTimeout, Duration attemptTimeout, Duration backoffFirst, Duration backoffMax) {

  /** What a cluster in one data centre wants: the SDKs' own timeouts are longer than this. */
  public static final RouterConfig DEFAULT =
      new RouterConfig(
          Duration.ofSeconds(10),
          Duration.ofSeconds(4),
          Duration.ofMillis(5),
          Duration.ofMillis(250));

  public RouterConfig {
    requirePositive("router.request-timeout", requestTimeout);
    requirePositive("router.attempt-timeout", attemptTimeout);
    requirePositive("router.backoff-first", backoffFirst);
    requirePositive("router.backoff-max", backoffMax);
  }

  private static void requirePositive(String key, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(key + " must be > 0, was " + value);
    }
  }
}
