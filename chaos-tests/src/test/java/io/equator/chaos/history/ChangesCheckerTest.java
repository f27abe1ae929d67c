package io.equator.chaos.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.chaos.history.ChangesChecker.Change;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Protects the judge of stream readers. */
class ChangesCheckerTest {
  private static final Change MADE = change(1, "", "1");
  private static final Change CHANGED = change(2, "1", "2");
  private static final Change DELETED = change(3, "2", "");

  @Test
  void aWholeChainPassesAlsoWhenPartsComeAgain() {
    assertThat(ChangesChecker.check(List.of(MADE, CHANGED, MADE, CHANGED, DELETED), Map.of()))
        .isEmpty();
    assertThat(ChangesChecker.check(List.of(MADE, CHANGED), Map.of("a", "2"))).isEmpty();
  }

  @Test
  void aMissingRecordIsFoundWhereverItIs() {
    assertThat(ChangesChecker.check(List.of(CHANGED, DELETED), Map.of())).hasSize(1);
    assertThat(ChangesChecker.check(List.of(MADE, DELETED), Map.of())).hasSize(1);
    assertThat(ChangesChecker.check(List.of(MADE, CHANGED), Map.of())).hasSize(1);
    assertThat(ChangesChecker.check(List.of(), Map.of("a", "1"))).hasSize(1);
  }

  @Test
  void aRecordThatComesAgainAsAnotherIsFound() {
    assertThat(ChangesChecker.check(List.of(MADE, change(1, "", "9")), Map.of("a", "1")))
        .hasSize(1);
  }

  private static Change change(int sequence, String before, String after) {
    return new Change("a", BigInteger.valueOf(sequence), before, after);
  }
}
