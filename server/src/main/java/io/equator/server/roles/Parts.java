package io.equator.server.roles;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has been started, to be closed in the reverse order. Idempotent. */
public final class Parts implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Parts.class);

  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  /** Nothing yet. */
  public Parts() {}

  /** Remembers a part that has been started. */
  public synchronized <T extends AutoCloseable> T add(T part) {
    started.push(part);
    return part;
  }

  /** Closes all of them; one that fails does not keep the others open. */
  @Override
  public synchronized void close() {
    while (!started.isEmpty()) {
      AutoCloseable part = started.pop();
      long begun = System.nanoTime();
      try {
        part.close();
        LOG.debug("closed {} in {} ms", part, (System.nanoTime() - begun) / 1_000_000);
      } catch (Exception e) {
        LOG.error("could not close {}", part, e);
      }
    }
  }
}
