package io.equator.coordinator.triggers.core;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * What becomes of one batch: which records are sent next, when a failure is tried again, where the
 * batch is cut, and which records are given up.
 *
 * <p>The shell asks {@link #next} what to do, does it, and says how it went: {@link #answered}
 * after a {@link Step.Send}, {@link #discarded} after a {@link Step.Discard}. The rules are
 * Lambda's for streams:
 *
 * <ul>
 *   <li>A batch that fails is sent again, until it succeeds or has been tried {@code 1 +
 *       retriesMax} times, or its records are too old; then it is discarded.
 *   <li>With {@code bisect}, a failed batch of several records is cut in two halves and each is
 *       sent by itself; a cut is not counted as a retry.
 *   <li>A function that reports the first record that failed has done those before it; what is left
 *       is a batch of its own, with all of its retries.
 *   <li>Records older than {@code ageMillisMax} are discarded before they are sent.
 * </ul>
 *
 * <p>What is left is always a tail of the batch, so {@link #done} tells how far a checkpoint may
 * move.
 */
public final class BatchDelivery {
  /** The pause before the first retry, and after a cut; doubled with each further retry. */
  static final long RETRY_FIRST_MILLIS = 100;

  /** The longest pause before a retry. */
  static final long RETRY_MAX_MILLIS = 30_000;

  /** Enough of them to reach the longest pause. */
  private static final int DOUBLINGS_MAX = 16;

  /**
   * How failures are treated.
   *
   * @param retriesMax -1: as many as it takes
   * @param ageMillisMax -1: any age
   */
  public record Rules(int retriesMax, long ageMillisMax, boolean bisect) {}

  /** Why records were given up; spelled as in Lambda's record of it. */
  public enum Cause {
    /** All retries are used up. */
    RETRIES("RetryAttemptsExhausted"),
    /** They were too old. */
    AGE("RecordAgeExceeded");

    private final String condition;

    Cause(String condition) {
      this.condition = condition;
    }

    /** The text of {@code requestContext.condition}. */
    public String condition() {
      return condition;
    }
  }

  /** What to do next; records are named by their index in the batch, {@code to} excluded. */
  public sealed interface Step {
    /** Call the function with these records, for the {@code attempt}th time. */
    record Send(int from, int to, int attempt) implements Step {}

    /** Nothing before this time, in milliseconds since the epoch. */
    record Pause(long untilMillis) implements Step {}

    /**
     * Give these records up, and tell it to whom it concerns.
     *
     * @param invocations how often the function was called with them
     * @param last the last answer to them, if they were sent
     */
    record Discard(
        int from, int to, Cause cause, int invocations, Optional<FunctionAnswer.Failed> last)
        implements Step {}

    /** All is delivered or given up. */
    record Done() implements Step {}
  }

  /** Records that are sent together. */
  private record Range(
      int from,
      int to,
      int retries,
      int invocations,
      long notBeforeMillis,
      Optional<FunctionAnswer.Failed> last) {

    Range of(int start, int end) {
      return new Range(start, end, retries, invocations, notBeforeMillis, last);
    }
  }

  private final long[] createdMillis;
  private final Rules rules;
  private final Deque<Range> left = new ArrayDeque<>();

  /**
   * A batch of which nothing is done.
   *
   * @param createdMillis when each record came about, not decreasing, milliseconds since the epoch
   */
  public BatchDelivery(long[] createdMillis, Rules rules) {
    this.createdMillis = createdMillis.clone();
    this.rules = rules;
    if (createdMillis.length > 0) {
      left.add(new Range(0, createdMillis.length, 0, 0, 0, Optional.empty()));
    }
  }

  /** What to do at this time, in milliseconds since the epoch. */
  public Step next(long nowMillis) {
    Range head = left.peek();
    if (head == null) {
      return new Step.Done();
    }
    int live = firstLive(head, nowMillis);
    if (live > head.from()) {
      return new Step.Discard(head.from(), live, Cause.AGE, head.invocations(), head.last());
    }
    if (rules.retriesMax() >= 0 && head.retries() > rules.retriesMax()) {
      return new Step.Discard(
          head.from(), head.to(), Cause.RETRIES, head.invocations(), head.last());
    }
    return nowMillis < head.notBeforeMillis()
        ? new Step.Pause(head.notBeforeMillis())
        : new Step.Send(head.from(), head.to(), head.invocations() + 1);
  }

  private int firstLive(Range range, long nowMillis) {
    int at = range.from();
    if (rules.ageMillisMax() >= 0) {
      while (at < range.to() && nowMillis - createdMillis[at] > rules.ageMillisMax()) {
        at++;
      }
    }
    return at;
  }

  /** What the function said to the last {@link Step.Send}. */
  public void answered(FunctionAnswer answer, long nowMillis) {
    Range sent = left.remove();
    switch (answer) {
      case FunctionAnswer.Succeeded() -> {}
      case FunctionAnswer.FailedFrom(int index, FunctionAnswer.Failed failed) -> {
        if (index == 0) {
          failed(sent, failed, nowMillis);
        } else {
          left.addFirst(
              new Range(
                  sent.from() + index,
                  sent.to(),
                  0,
                  1,
                  nowMillis + RETRY_FIRST_MILLIS,
                  Optional.of(failed)));
        }
      }
      case FunctionAnswer.Failed failed -> failed(sent, failed, nowMillis);
    }
  }

  private void failed(Range sent, FunctionAnswer.Failed failure, long nowMillis) {
    int invocations = sent.invocations() + 1;
    Optional<FunctionAnswer.Failed> last = Optional.of(failure);
    if (rules.bisect() && sent.to() - sent.from() > 1) {
      long retryAt = nowMillis + RETRY_FIRST_MILLIS;
      int middle = (sent.from() + sent.to()) >>> 1;
      Range halves = new Range(sent.from(), sent.to(), sent.retries(), invocations, retryAt, last);
      left.addFirst(halves.of(middle, sent.to()));
      left.addFirst(halves.of(sent.from(), middle));
      return;
    }
    int retries = sent.retries() + 1;
    left.addFirst(
        new Range(
            sent.from(), sent.to(), retries, invocations, nowMillis + pauseBefore(retries), last));
  }

  /** How long to wait before the retry of this number, counted from 1. */
  static long pauseBefore(int retry) {
    return retry > DOUBLINGS_MAX
        ? RETRY_MAX_MILLIS
        : Math.min(RETRY_FIRST_MILLIS << (retry - 1), RETRY_MAX_MILLIS);
  }

  /** The records of the last {@link Step.Discard} are told and done with. */
  public void discarded(Step.Discard discard) {
    Range head = left.remove();
    if (discard.to() < head.to()) {
      left.addFirst(head.of(discard.to(), head.to()));
    }
  }

  /** How many records from the start of the batch are done with. */
  public int done() {
    Range head = left.peek();
    return head == null ? createdMillis.length : head.from();
  }
}
