package io.equator.replication.ratis;

import org.apache.ratis.protocol.exceptions.StateMachineException;

/** Stops an append whose term is no longer the leader's; part of the protocol, not a failure. */
final class TermChangedException extends StateMachineException {

  private static final long serialVersionUID = 1;

  TermChangedException(long expected, long current) {
    super("decided in term " + expected + ", now in term " + current, false);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
