package io.equator.replication.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.replication.sim.RegisterRun.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Protects the judge: known histories, and random ones against a naive twin. */
class LinearizabilityCheckerTest {

  private static final LinearizabilityChecker<Integer, Request, Integer> CHECKER =
      new LinearizabilityChecker<>(RegisterRun.REGISTER);

  private final List<Operation<Request, Integer>> history = new ArrayList<>();

  @Test
  void nothingIsLinearizable() {
    assertThat(CHECKER.check(history)).isTrue();
  }

  @Test
  void aReadSeesTheWriteBeforeIt() {
    write(1, 0, 10);
    read(1, 11, 12);
    assertThat(CHECKER.check(history)).isTrue();
  }

  @Test
  void aReadAfterAWriteMustNotSeeTheStateBefore() {
    write(1, 0, 10);
    read(0, 11, 12);
    assertThat(CHECKER.check(history)).isFalse();
  }

  @Test
  void aReadDuringAWriteMaySeeEither() {
    write(1, 0, 10);
    read(0, 1, 2);
    read(1, 3, 4);
    assertThat(CHECKER.check(history)).isTrue();
  }

  @Test
  void whatWasSeenOnceMustNotVanish() {
    write(1, 0, 10);
    read(1, 1, 2);
    read(0, 3, 4);
    assertThat(CHECKER.check(history)).isFalse();
  }

  @Test
  void anUnknownWriteMayNeverHappen() {
    unknownWrite(1, 0);
    read(0, 100, 101);
    read(0, 200, 201);
    assertThat(CHECKER.check(history)).isTrue();
  }

  @Test
  void anUnknownWriteMayHappenLate() {
    unknownWrite(1, 0);
    read(0, 100, 101);
    read(1, 200, 201);
    assertThat(CHECKER.check(history)).isTrue();
  }

  @Test
  void anUnknownWriteMustNotHappenTwice() {
    unknownWrite(1, 0);
    read(1, 100, 101);
    write(2, 102, 103);
    read(1, 200, 201);
    assertThat(CHECKER.check(history)).isFalse();
  }

  @Test
  void anUnknownWriteMustNotHappenBeforeItWasAsked() {
    read(1, 0, 1);
    unknownWrite(1, 2);
    assertThat(CHECKER.check(history)).isFalse();
  }

  @Test
  void oneOfTwoRacingSwapsFails() {
    swap(0, 1, 0, 10, 1);
    swap(0, 2, 1, 11, 1);
    assertThat(CHECKER.check(history)).isFalse();
    history.removeLast();
    swap(0, 2, 1, 11, 0);
    assertThat(CHECKER.check(history)).isTrue();
  }

  @Test
  void agreesWithTryingEveryOrder() {
    SplittableRandom random = new SplittableRandom(7);
    int linearizable = 0;
    for (int round = 0; round < 4_000; round++) {
      history.clear();
      for (int i = 0; i < 5; i++) {
        long invoked = random.nextInt(12);
        long returned = invoked + 1 + random.nextInt(8);
        switch (random.nextInt(4)) {
          case 0 -> write(random.nextInt(3), invoked, returned);
          case 1 ->
              swap(random.nextInt(3), random.nextInt(3), invoked, returned, random.nextInt(2));
          case 2 -> unknownWrite(random.nextInt(3), invoked);
          default -> read(random.nextInt(3), invoked, returned);
        }
      }
      boolean expected = everyOrder(history, 0);
      assertThat(CHECKER.check(history)).as("round %s: %s", round, history).isEqualTo(expected);
      linearizable += expected ? 1 : 0;
    }
    assertThat(linearizable).as("histories of both kinds were tried").isBetween(400, 3_600);
  }

  /** The definition itself: some order of some of the unknown and all other operations fits. */
  private static boolean everyOrder(List<Operation<Request, Integer>> open, int state) {
    if (open.stream().allMatch(Operation::isUnknown)) {
      return true;
    }
    for (Operation<Request, Integer> first : open) {
      List<Operation<Request, Integer>> rest = new ArrayList<>(open);
      rest.remove(first);
      boolean inTime = rest.stream().noneMatch(other -> other.returned() < first.invoked());
      boolean fits =
          first.output() == null
              || RegisterRun.REGISTER.allows(state, first.input(), first.output());
      if (inTime && fits && everyOrder(rest, RegisterRun.REGISTER.next(state, first.input()))) {
        return true;
      }
    }
    return false;
  }

  private void read(int value, long invoked, long returned) {
    history.add(new Operation<>(0, invoked, returned, new Request.Read(0), value));
  }

  private void write(int value, long invoked, long returned) {
    history.add(new Operation<>(1, invoked, returned, new Request.Write(0, value), 1));
  }

  private void swap(int expected, int value, long invoked, long returned, int done) {
    history.add(
        new Operation<>(2, invoked, returned, new Request.CompareAndSet(0, expected, value), done));
  }

  private void unknownWrite(int value, long invoked) {
    history.add(Operation.unknown(3, invoked, new Request.Write(0, value)));
  }
}
