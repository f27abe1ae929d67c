package io.equator.node.core;

/**
 * The store could not be read or written, or holds what it must not.
 *
 * <p>While applying it stops the replica (fail-stop); while reading it fails the request, and the
 * store says by itself whether it is still fit to lead.
 */
public class StoreException extends RuntimeException {
  /** A failure with its cause. */
  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }

  /** A broken invariant of stored bytes. */
  public StoreException(String message) {
    super(message);
  }
}
