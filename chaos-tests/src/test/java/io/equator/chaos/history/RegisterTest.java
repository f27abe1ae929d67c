package io.equator.chaos.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.chaos.history.Register.Request;
import io.equator.replication.sim.LinearizabilityChecker;
import io.equator.replication.sim.Operation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Protects the judge of single items; the search itself has its test where it lives. */
class RegisterTest {
  private final List<Operation<Request, Long>> history = new ArrayList<>();

  @Test
  void anAdditionThatCountsTwiceIsFound() {
    done(0, 1, new Request.Add(3), 3);
    done(2, 3, new Request.Read(), 3);
    assertThat(check()).isTrue();
    done(4, 5, new Request.Read(), 6);
    assertThat(check()).isFalse();
  }

  @Test
  void anUnknownAdditionMayCountOnce() {
    history.add(Operation.unknown(1, 0, new Request.Add(3)));
    done(1, 2, new Request.Read(), 0);
    done(3, 4, new Request.Add(4), 7);
    assertThat(check()).isTrue();
    done(5, 6, new Request.Read(), 10);
    assertThat(check()).isFalse();
  }

  @Test
  void ofTwoSwapsOnlyOneFindsWhatItExpects() {
    done(0, 9, new Request.Swap(0, 5), 1);
    done(0, 9, new Request.Swap(0, 6), 0);
    assertThat(check()).isTrue();
    done(0, 9, new Request.Swap(0, 7), 1);
    assertThat(check()).isFalse();
  }

  @Test
  void aReadFromAnOldLeaderIsFound() {
    done(0, 1, new Request.Write(5), 1);
    done(2, 3, new Request.Write(6), 1);
    done(4, 5, new Request.Read(), 5);
    assertThat(check()).isFalse();
  }

  private void done(long invoked, long returned, Request request, long answer) {
    history.add(new Operation<>(0, invoked, returned, request, answer));
  }

  private boolean check() {
    return new LinearizabilityChecker<>(new Register()).check(history);
  }
}
