package io.equator.server.observe;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What an orchestrator wants to know of a process, and honest answers.
 *
 * <ul>
 *   <li><b>live</b>: it can still do its work. False means that only a new process helps, so
 *       nothing that heals by itself makes it false: not a missing leader, not a catalog that is
 *       away.
 *   <li><b>ready</b>: it can do its work now. False keeps requests away from it.
 *   <li><b>started</b>: it has been ready once. Until then nobody should judge whether it lives.
 * </ul>
 *
 * <p>Threads: any. Checks are asked on the caller's thread and may block for a short while.
 */
public final class Probes {

  /** One thing that must hold. */
  @FunctionalInterface
  public interface Check {
    /** What is missing, in words for a person; empty when all is well. */
    Optional<String> missing();
  }

  private static final String STARTING = "the process is still starting";
  private static final String STOPPING = "the process is stopping";

  private final List<Check> live = new CopyOnWriteArrayList<>();
  private final List<Check> ready = new CopyOnWriteArrayList<>();
  private volatile boolean startedUp;
  private volatile boolean stopping;
  private volatile boolean wasReady;

  /** Nothing is there yet. */
  public Probes() {}

  /** Adds something without which the process is dead; it goes when the result is run. */
  public Runnable addLive(Check check) {
    live.add(check);
    return () -> live.remove(check);
  }

  /** Adds something without which the process is not ready; it goes when the result is run. */
  public Runnable addReady(Check check) {
    ready.add(check);
    return () -> ready.remove(check);
  }

  /** Everything that the process is made of has been started, and its checks are here. */
  public void startedUp() {
    startedUp = true;
  }

  /** From now on the process is not ready, since it ends. */
  public void stopping() {
    stopping = true;
  }

  /** Why the process is dead; empty when it lives. */
  public List<String> whyDead() {
    return missing(live);
  }

  /** Why the process is not ready; empty when it is. */
  public List<String> whyNotReady() {
    List<String> missing = new ArrayList<>(missing(ready));
    if (stopping) {
      missing.addFirst(STOPPING);
    } else if (!startedUp) {
      missing.addFirst(STARTING);
    }
    if (missing.isEmpty()) {
      wasReady = true;
    }
    return missing;
  }

  /** Why the process has not been ready yet; empty from the first time on. */
  public List<String> whyNotStarted() {
    return wasReady ? List.of() : whyNotReady();
  }

  private static List<String> missing(List<Check> checks) {
    return checks.stream().map(Probes::missing).flatMap(Optional::stream).toList();
  }

  private static Optional<String> missing(Check check) {
    try {
      return check.missing();
    } catch (RuntimeException e) {
      return Optional.of("a check failed: " + e);
    }
  }
}
