package io.equator.replication.sim;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Decides whether a history of one object is linearizable (Herlihy and Wing 1990): whether each
 * operation can be put at one moment between its invocation and its return, so that the object,
 * doing them in that order, gives the answers that were seen.
 *
 * <p>The search of Wing and Gong with Lowe's memory ("Testing for linearizability", 2017): take any
 * operation that was invoked before the earliest return of those not yet placed, place it if the
 * object allows its answer, go on, and come back when stuck; a pair of (placed operations, state)
 * that was reached before is not searched again. Operations of unknown fate may be placed at any
 * time after their invocation, or never.
 *
 * <p>Linearizability is local: a history of many keys is checked key by key.
 *
 * @param <S> states
 * @param <I> inputs
 * @param <O> outputs
 */
public final class LinearizabilityChecker<S, I, O> {

  private final SequentialSpec<S, I, O> spec;

  /** A checker against this object. */
  public LinearizabilityChecker(SequentialSpec<S, I, O> spec) {
    this.spec = spec;
  }

  /** Whether the history, in any order, is linearizable. */
  public boolean check(List<Operation<I, O>> history) {
    List<Operation<I, O>> operations = new ArrayList<>(history);
    operations.sort(Comparator.comparingLong(Operation::invoked));
    BitSet open = new BitSet(operations.size());
    open.set(0, operations.size());
    return search(operations, open, spec.initial(), new HashSet<>());
  }

  private boolean search(
      List<Operation<I, O>> operations, BitSet open, S state, Set<Reached<S>> reached) {
    long earliestReturn = earliestReturn(operations, open);
    if (earliestReturn == Operation.NEVER) {
      // Only unknown ones are left, and they may never have happened.
      return true;
    }
    if (!reached.add(new Reached<>((BitSet) open.clone(), state))) {
      return false;
    }
    for (int i = open.nextSetBit(0); i >= 0; i = open.nextSetBit(i + 1)) {
      Operation<I, O> operation = operations.get(i);
      if (operation.invoked() > earliestReturn) {
        return false;
      }
      if (operation.output() == null || spec.allows(state, operation.input(), operation.output())) {
        open.clear(i);
        if (search(operations, open, spec.next(state, operation.input()), reached)) {
          return true;
        }
        open.set(i);
      }
    }
    return false;
  }

  private long earliestReturn(List<Operation<I, O>> operations, BitSet open) {
    long earliest = Operation.NEVER;
    for (int i = open.nextSetBit(0); i >= 0; i = open.nextSetBit(i + 1)) {
      Operation<I, O> operation = operations.get(i);
      if (operation.invoked() > earliest) {
        break;
      }
      earliest = Math.min(earliest, operation.returned());
    }
    return earliest;
  }

  private record Reached<S>(BitSet open, S state) {}
}
