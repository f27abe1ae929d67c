package io.equator.replication.sim;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

/**
 * Runs a simulation with many seeds, on all processors. Runs share nothing, so which run beside
 * which does not matter: each seed gives the same run alone.
 */
public final class Seeds {
  private Seeds() {}

  /**
   * Runs each seed; after the first that fails, only those that have begun.
   *
   * @param run runs a seed, and says what is wrong; empty when nothing is
   * @throws AssertionError that names the smallest seed that failed, and why
   */
  public static void each(long first, int count, LongFunction<String> run) {
    Map<Long, Throwable> failed = new ConcurrentSkipListMap<>();
    LongStream.range(first, first + count)
        .parallel()
        .filter(_ -> failed.isEmpty())
        .forEach(
            seed -> {
              try {
                String wrong = run.apply(seed);
                if (!wrong.isEmpty()) {
                  failed.put(seed, new AssertionError(wrong));
                }
              } catch (AssertionError | RuntimeException e) {
                failed.put(seed, e);
              }
            });
    for (Map.Entry<Long, Throwable> entry : failed.entrySet()) {
      throw new AssertionError(
          "seed " + entry.getKey() + ": " + entry.getValue().getMessage(), entry.getValue());
    }
  }
}
