package io.equator.replication.sim;

/**
 * What one object does when its operations come one after the other.
 *
 * @param <S> its state; immutable, with {@code equals} and {@code hashCode}
 * @param <I> inputs
 * @param <O> outputs
 */
public interface SequentialSpec<S, I, O> {

  /** Before any operation. */
  S initial();

  /** The state after the operation. */
  S next(S state, I input);

  /** Whether the operation, asked of this state, may answer so. */
  boolean allows(S state, I input, O output);
}
