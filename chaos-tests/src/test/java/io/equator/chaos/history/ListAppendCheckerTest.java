package io.equator.chaos.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Protects the judge of transactions: known anomalies, and random histories that are correct. */
class ListAppendCheckerTest {
  private final List<ListTransaction> history = new ArrayList<>();

  @Test
  void aCorrectHistoryPasses() {
    write(0, 10, Map.of("x", 1L, "y", 2L));
    read(11, 20, Map.of("x", List.of(1L), "y", List.of(2L)));
    write(12, 30, Map.of("x", 3L));
    read(31, 40, Map.of("x", List.of(1L, 3L), "y", List.of(2L)));
    assertCorrect();
  }

  @Test
  void aTransactionThatIsSeenByHalfIsFound() {
    write(0, 100, Map.of("x", 1L, "y", 2L));
    read(10, 20, Map.of("x", List.of(1L), "y", List.of()));
    read(200, 210, Map.of("x", List.of(1L), "y", List.of(2L)));
    assertWrong("no order explains");
  }

  @Test
  void aLostWriteIsFound() {
    write(0, 10, Map.of("x", 1L));
    read(11, 20, Map.of("x", List.of()));
    assertWrong("no order explains");
  }

  @Test
  void aStaleReadIsFound() {
    write(0, 10, Map.of("x", 1L));
    read(11, 12, Map.of("x", List.of(1L)));
    read(13, 14, Map.of("x", List.of()));
    assertWrong("no order explains");
  }

  @Test
  void anUpdateThatOverwritesAnotherIsFound() {
    write(0, 10, Map.of("x", 1L));
    write(0, 10, Map.of("x", 2L));
    read(11, 12, Map.of("x", List.of(1L)));
    assertWrong("no order explains");
  }

  @Test
  void aReadOfWhatWasRefusedIsFound() {
    history.add(new ListTransaction(history.size(), 0, 5, Map.of("x", 1L), Map.of(), Fate.REFUSED));
    read(11, 12, Map.of("x", List.of(1L)));
    assertWrong("was refused");
  }

  @Test
  void anElementFromNowhereIsFound() {
    read(11, 12, Map.of("x", List.of(7L)));
    assertWrong("nobody wrote 7");
  }

  @Test
  void anElementThatWasAppendedTwiceIsFound() {
    write(0, 10, Map.of("x", 1L));
    read(11, 12, Map.of("x", List.of(1L, 1L)));
    assertWrong("stands twice");
  }

  @Test
  void readsThatDoNotAgreeAreFound() {
    write(0, 10, Map.of("x", 1L));
    write(0, 10, Map.of("x", 2L));
    read(11, 12, Map.of("x", List.of(1L, 2L)));
    read(11, 12, Map.of("x", List.of(2L)));
    assertWrong("do not agree");
  }

  /** Each sees the other's absence: write skew, possible under snapshot isolation. */
  @Test
  void writeSkewIsFound() {
    both(0, 10, Map.of("x", 1L), Map.of("y", List.of()));
    both(0, 10, Map.of("y", 2L), Map.of("x", List.of()));
    read(20, 21, Map.of("x", List.of(1L), "y", List.of(2L)));
    assertWrong("no order explains");
  }

  /** Two readers see two independent writes in opposite orders: the long fork. */
  @Test
  void aLongForkIsFound() {
    write(0, 100, Map.of("x", 1L));
    write(0, 100, Map.of("y", 2L));
    read(10, 90, Map.of("x", List.of(1L), "y", List.of()));
    read(10, 90, Map.of("x", List.of(), "y", List.of(2L)));
    read(200, 210, Map.of("x", List.of(1L), "y", List.of(2L)));
    assertWrong("no order explains");
  }

  @Test
  void whatIsUnknownMayHappenLateOrNever() {
    history.add(new ListTransaction(history.size(), 0, 0, Map.of("x", 1L), Map.of(), Fate.UNKNOWN));
    history.add(new ListTransaction(history.size(), 0, 0, Map.of("x", 2L), Map.of(), Fate.UNKNOWN));
    read(10, 11, Map.of("x", List.of()));
    read(50, 51, Map.of("x", List.of(2L)));
    assertCorrect();
  }

  @Test
  void whatIsUnknownMustNotHappenByHalf() {
    history.add(
        new ListTransaction(
            history.size(), 0, 0, Map.of("x", 1L, "y", 2L), Map.of(), Fate.UNKNOWN));
    read(10, 11, Map.of("x", List.of(1L), "y", List.of()));
    assertWrong("no order explains");
  }

  @Test
  void whatIsDoneInOneOrderPassesAndOneForgottenAppendDoesNot() {
    for (int seed = 0; seed < 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      history.clear();
      Map<String, List<Long>> lists = new HashMap<>();
      int appends = 0;
      for (int i = 0; i < 60; i++) {
        // Done at 10 i, asked up to three turns before, answered up to three turns later.
        long invoked = 10L * i - random.nextInt(30);
        long returned = 10L * i + 1 + random.nextInt(30);
        Map<String, Long> written = new HashMap<>();
        Map<String, List<Long>> seen = new HashMap<>();
        for (String key : List.of("a", "b", "c")) {
          switch (random.nextInt(3)) {
            case 0 -> written.put(key, 100L * i + key.charAt(0) - 'a');
            case 1 -> seen.put(key, List.copyOf(lists.getOrDefault(key, List.of())));
            default -> {}
          }
        }
        appends += written.size();
        written.forEach(
            (key, value) -> lists.computeIfAbsent(key, _ -> new ArrayList<>()).add(value));
        history.add(
            new ListTransaction(history.size(), invoked, returned, written, seen, Fate.DONE));
      }
      assertThat(appends).isPositive();
      Map<String, List<Long>> end = new HashMap<>();
      lists.forEach((key, list) -> end.put(key, List.copyOf(list)));
      read(10_000, 10_001, end);
      assertCorrect();

      String victim = end.keySet().iterator().next();
      List<Long> forgetful = end.get(victim).subList(0, end.get(victim).size() - 1);
      read(10_002, 10_003, Map.of(victim, forgetful));
      assertWrong("no order explains");
    }
  }

  @Test
  void singleReadsMaySeeATransactionThatIsBeingFinished() {
    write(0, 100, Map.of("x", 1L, "y", 2L));
    single(10, 20, Map.of("x", List.of(1L)));
    single(30, 40, Map.of("y", List.of()));
    read(200, 210, Map.of("x", List.of(1L), "y", List.of(2L)));
    assertCorrect();
  }

  @Test
  void aTransactionMustNotSeeAnotherBeingFinished() {
    write(0, 100, Map.of("x", 1L, "y", 2L));
    single(10, 20, Map.of("x", List.of(1L)));
    read(30, 40, Map.of("x", List.of(1L), "y", List.of()));
    read(200, 210, Map.of("x", List.of(1L), "y", List.of(2L)));
    assertWrong("no order explains");
  }

  @Test
  void singleReadsOfOneItemDoNotGoBack() {
    write(0, 100, Map.of("x", 1L, "y", 2L));
    single(10, 20, Map.of("x", List.of(1L)));
    single(30, 40, Map.of("x", List.of()));
    assertWrong("no order explains");
  }

  @Test
  void aSingleReadSeesATransactionOfItsItemThatWasAnswered() {
    write(0, 20, Map.of("x", 1L, "y", 2L));
    single(30, 40, Map.of("y", List.of()));
    read(200, 210, Map.of("x", List.of(1L), "y", List.of(2L)));
    assertWrong("no order explains");
  }

  @Test
  void whatATransactionSawOfAnotherIsThereForSingleReadsOfItsItems() {
    write(0, 100, Map.of("x", 1L, "y", 2L));
    read(10, 20, Map.of("x", List.of(1L), "y", List.of(2L)));
    single(30, 40, Map.of("y", List.of()));
    assertWrong("no order explains");
  }

  private void single(long invoked, long returned, Map<String, List<Long>> reads) {
    history.add(
        new ListTransaction(history.size(), invoked, returned, Map.of(), reads, Fate.DONE, false));
  }

  private void write(long invoked, long returned, Map<String, Long> appends) {
    both(invoked, returned, appends, Map.of());
  }

  private void read(long invoked, long returned, Map<String, List<Long>> reads) {
    both(invoked, returned, Map.of(), reads);
  }

  private void both(
      long invoked, long returned, Map<String, Long> appends, Map<String, List<Long>> reads) {
    history.add(new ListTransaction(history.size(), invoked, returned, appends, reads, Fate.DONE));
  }

  private void assertCorrect() {
    assertThat(ListAppendChecker.check(history)).isEmpty();
  }

  private void assertWrong(String words) {
    assertThat(ListAppendChecker.check(history)).anyMatch(found -> found.contains(words));
  }
}
