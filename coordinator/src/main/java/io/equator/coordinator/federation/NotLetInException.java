package io.equator.coordinator.federation;

/** A cluster may not join the federation as it is; the message says why, for people. */
public final class NotLetInException extends Exception {
  private static final long serialVersionUID = 1;

  NotLetInException(String why) {
    super(why);
  }
}
