package io.equator.replication.sim;

import org.jspecify.annotations.Nullable;

/**
 * One operation of a client, as it saw it.
 *
 * @param client who
 * @param invoked when it was sent
 * @param returned when the answer came; {@link #NEVER} when none did or it said "unknown": then the
 *     operation may have taken effect at any time since, or not at all
 * @param input what was asked
 * @param output what was answered; null when unknown
 * @param <I> inputs
 * @param <O> outputs
 */
public record Operation<I, O>(
    int client, long invoked, long returned, I input, @Nullable O output) {

  /** The time of an answer that did not come. */
  public static final long NEVER = Long.MAX_VALUE;

  /** An operation whose fate is not known. */
  public static <I, O> Operation<I, O> unknown(int client, long invoked, I input) {
    return new Operation<>(client, invoked, NEVER, input, null);
  }

  /** Whether its fate is not known. */
  public boolean isUnknown() {
    return returned == NEVER;
  }
}
