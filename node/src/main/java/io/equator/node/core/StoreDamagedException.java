package io.equator.node.core;

/**
 * The files of a store do not hold what was written to them: rows cannot be read, not even to be
 * deleted.
 */
public final class StoreDamagedException extends StoreException {
  private static final long serialVersionUID = 1;

  /** A read that failed for that reason. */
  public StoreDamagedException(String message, Throwable cause) {
    super(message, cause);
  }
}
