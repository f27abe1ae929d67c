package io.equator.node.sim;

import io.equator.replication.sim.SequentialSpec;
import java.util.Optional;

/** What a client asks of one item; the item is a number, or is not there. */
sealed interface ItemRequest {

  /** Which item. */
  int key();

  /** GetItem, consistent; answers the number. */
  record Get(int key) implements ItemRequest {}

  /** PutItem; answers the number before. */
  record Put(int key, long value) implements ItemRequest {}

  /** PutItem under the condition that the number is {@code expected}. */
  record PutIf(int key, long expected, long value) implements ItemRequest {}

  /** PutItem under the condition that there is none. */
  record PutIfAbsent(int key, long value) implements ItemRequest {}

  /** UpdateItem ADD; answers the number after. Made twice it would be seen. */
  record Add(int key, long value) implements ItemRequest {}

  /** DeleteItem; answers the number before. */
  record Delete(int key) implements ItemRequest {}

  /** What came back: a number or none, or that the condition was false. */
  record Answer(Optional<Long> value, boolean refused) {
    static Answer of(Optional<Long> value) {
      return new Answer(value, false);
    }

    static final Answer REFUSED = new Answer(Optional.empty(), true);
  }

  /** How one item behaves. */
  SequentialSpec<Optional<Long>, ItemRequest, Answer> ITEM =
      new SequentialSpec<>() {
        @Override
        public Optional<Long> initial() {
          return Optional.empty();
        }

        @Override
        public Optional<Long> next(Optional<Long> state, ItemRequest input) {
          return switch (input) {
            case Get _ -> state;
            case Put(_, long value) -> Optional.of(value);
            case PutIf(_, long expected, long value) ->
                holds(state, expected) ? Optional.of(value) : state;
            case PutIfAbsent(_, long value) -> state.isPresent() ? state : Optional.of(value);
            case Add(_, long value) -> Optional.of(state.orElse(0L) + value);
            case Delete _ -> Optional.empty();
          };
        }

        @Override
        public boolean allows(Optional<Long> state, ItemRequest input, Answer output) {
          return output.equals(
              switch (input) {
                case Get _, Put _, Delete _ -> Answer.of(state);
                case PutIf(_, long expected, _) ->
                    holds(state, expected) ? Answer.of(state) : Answer.REFUSED;
                case PutIfAbsent _ -> state.isPresent() ? Answer.REFUSED : Answer.of(state);
                case Add _ -> Answer.of(next(state, input));
              });
        }

        private boolean holds(Optional<Long> state, long expected) {
          return state.isPresent() && state.get() == expected;
        }
      };
}
