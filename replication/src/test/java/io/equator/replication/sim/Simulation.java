package io.equator.replication.sim;

import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * Virtual time and the one source of chance: events run in order of their time, and of their making
 * where times are equal.
 */
public final class Simulation {

  /** One millisecond of virtual time. */
  public static final long MILLIS = 1_000_000;

  private final long seed;
  private final SplittableRandom random;
  private final Trace trace = new Trace();
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long now;
  private long made;

  /** A run of this seed. */
  public Simulation(long seed) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
  }

  /** The seed, to be printed when the run fails. */
  public long seed() {
    return seed;
  }

  /** Nanoseconds since the run began. */
  public long now() {
    return now;
  }

  /** The run's chance. */
  public RandomGenerator random() {
    return random;
  }

  /** True with this probability. */
  public boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  /** A whole number of nanoseconds between two bounds. */
  public long between(long from, long to) {
    return random.nextLong(from, to + 1);
  }

  /** Does something later. */
  public void after(long nanos, Runnable what) {
    events.add(new Event(now + nanos, made++, what));
  }

  /** Does what it is given at once after the present event, never inside it. */
  public Executor executor() {
    return what -> after(0, what);
  }

  /** Notes what happened. */
  public void note(String what) {
    trace.add(now, what);
  }

  /** What happened so far. */
  public Trace trace() {
    return trace;
  }

  /** Runs events up to a time. */
  public void runUntil(long until) {
    while (!events.isEmpty() && events.peek().time <= until) {
      Event next = events.remove();
      now = next.time;
      next.what.run();
    }
    now = until;
  }

  private record Event(long time, long order, Runnable what) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return time != other.time ? Long.compare(time, other.time) : Long.compare(order, other.order);
    }
  }
}
