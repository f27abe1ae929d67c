package io.equator.node.core;

import java.util.Arrays;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The tokens of some of the last requests of a partition: every sixteenth one, so that a request
 * costs one counter. It says where the load would be halved.
 *
 * <p>Threads: any. What is read while others write may be a mixture of older and newer requests,
 * which is as good.
 */
public final class LoadSample {
  static final int EVERY = 16;
  static final int KEPT = 512;

  /** Fewer say nothing. */
  static final int LEAST = 64;

  private final AtomicLong requests = new AtomicLong();
  private final AtomicLongArray tokens = new AtomicLongArray(KEPT);

  /** A request for a key with this token. */
  public void touch(long token) {
    long number = requests.getAndIncrement();
    if (number % EVERY == 0) {
      tokens.set((int) (number / EVERY % KEPT), token);
    }
  }

  /**
   * The first token of the half that would get about half of the load; empty when too little is
   * known, or one token alone has more than half: splitting would not help it.
   */
  public OptionalLong half() {
    int known = (int) Math.min(KEPT, requests.get() / EVERY);
    if (known < LEAST) {
      return OptionalLong.empty();
    }
    long[] sorted = new long[known];
    for (int i = 0; i < known; i++) {
      // So that the order of signed numbers is that of tokens.
      sorted[i] = tokens.get(i) ^ Long.MIN_VALUE;
    }
    Arrays.sort(sorted);
    int longest = 0;
    int run = 0;
    for (int i = 0; i < known; i++) {
      run = i > 0 && sorted[i] == sorted[i - 1] ? run + 1 : 1;
      longest = Math.max(longest, run);
    }
    if (longest > known / 2) {
      return OptionalLong.empty();
    }
    long middle = sorted[known / 2];
    if (middle == sorted[0]) {
      // One token has almost half, and the least ones: it stays alone below.
      int next = 0;
      while (sorted[next] == middle) {
        next++;
      }
      middle = sorted[next];
    }
    return OptionalLong.of(middle ^ Long.MIN_VALUE);
  }
}
