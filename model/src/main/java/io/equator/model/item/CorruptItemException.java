package io.equator.model.item;

/**
 * Bytes that should be an item, a value or a stored value are not: damaged, cut off, or written by
 * a version that this one does not know. Never caused by a request's content.
 */
public final class CorruptItemException extends RuntimeException {
  /** What is wrong, for people. */
  public CorruptItemException(String message) {
    super(message);
  }
}
