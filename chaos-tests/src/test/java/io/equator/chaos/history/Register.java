package io.equator.chaos.history;

import io.equator.replication.sim.SequentialSpec;

/** An item with one number. It is absent, which reads as 0, until something above 0 is written. */
public final class Register implements SequentialSpec<Long, Register.Request, Long> {

  /** What a client asks. */
  public sealed interface Request {
    /** A strongly consistent read; answers the number. */
    record Read() implements Request {}

    /** A put without a condition; answers 1. */
    record Write(long value) implements Request {}

    /** A put on the condition that the number is as expected; answers 1, or 0 when it was not. */
    record Swap(long expected, long value) implements Request {}

    /** An update that adds; answers the sum. */
    record Add(long amount) implements Request {}
  }

  @Override
  public Long initial() {
    return 0L;
  }

  @Override
  public Long next(Long state, Request request) {
    return switch (request) {
      case Request.Read() -> state;
      case Request.Write(long value) -> value;
      case Request.Swap(long expected, long value) -> state == expected ? value : state;
      case Request.Add(long amount) -> state + amount;
    };
  }

  @Override
  public boolean allows(Long state, Request request, Long answer) {
    return switch (request) {
      case Request.Read() -> answer.equals(state);
      case Request.Write _ -> answer == 1;
      case Request.Swap(long expected, long _) -> answer == (state == expected ? 1 : 0);
      case Request.Add(long amount) -> answer == state + amount;
    };
  }
}
