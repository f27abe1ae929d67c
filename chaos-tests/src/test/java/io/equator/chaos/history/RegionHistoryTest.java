package io.equator.chaos.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.chaos.history.RegionHistory.Attempt;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the judge of regions must find, and what it must let pass. */
class RegionHistoryTest {
  private final RegionHistory history = new RegionHistory();
  private long clock;

  private void write(String region, String value, Fate fate) {
    write(region, Optional.of(value), Optional.empty(), fate);
  }

  private void write(String region, Optional<String> value, Optional<String> saw, Fate fate) {
    history.wrote("k", new Attempt(region, value, saw, fate, ++clock, ++clock));
  }

  private boolean passes(String found) {
    return history.judgeItems(Map.of("k", found)).isEmpty();
  }

  private boolean passesAsGone() {
    return history.judgeItems(Map.of()).isEmpty();
  }

  @Test
  void theLastAnsweredWriteOfASingleRegionStays() {
    write("west", "a", Fate.DONE);
    write("west", "b", Fate.DONE);
    write("west", "c", Fate.REFUSED);
    assertThat(passes("b")).isTrue();
    assertThat(passes("a")).isFalse();
    assertThat(passes("c")).isFalse();
    assertThat(passesAsGone()).isFalse();
  }

  @Test
  void whatIsNotKnownMayHaveHappened() {
    write("west", "a", Fate.DONE);
    write("west", "b", Fate.UNKNOWN);
    assertThat(passes("a")).isTrue();
    assertThat(passes("b")).isTrue();
  }

  @Test
  void ofSeveralRegionsEachLastOneMayStay() {
    write("west", "a", Fate.DONE);
    write("east", "b", Fate.DONE);
    write("west", "c", Fate.DONE);
    assertThat(passes("b")).isTrue();
    assertThat(passes("c")).isTrue();
    assertThat(passes("a")).isFalse();
    assertThat(passes("never")).isFalse();
  }

  @Test
  void whatWasReadIsOlderThanWhatWasWrittenThen() {
    write("west", "a", Fate.DONE);
    write("east", Optional.empty(), Optional.of("a"), Fate.DONE);
    assertThat(passesAsGone()).isTrue();
    assertThat(passes("a")).as("it comes back").isFalse();
  }

  @Test
  void writesAtTheSameTimeHaveNoOrder() {
    history.wrote("k", new Attempt("west", Optional.of("a"), Optional.empty(), Fate.DONE, 1, 5));
    history.wrote("k", new Attempt("west", Optional.of("b"), Optional.empty(), Fate.DONE, 2, 4));
    assertThat(passes("a")).isTrue();
    assertThat(passes("b")).isTrue();
  }

  @Test
  void whatARegionThatIsLostHadAnsweredMayBeLostToo() {
    write("west", "a", Fate.DONE);
    write("east", Optional.of("b"), Optional.of("a"), Fate.DONE);
    history.counted("own", "east", Fate.DONE);
    history.added("set", "east/1", Fate.DONE, false);
    assertThat(passes("a")).isFalse();
    history.lost("east");
    assertThat(passes("a")).isTrue();
    assertThat(passes("b")).isTrue();
    assertThat(passesAsGone()).isFalse();
    assertThat(history.judgeCounters(Map.of())).isEmpty();
    assertThat(history.judgeCounters(Map.of("own", 2L))).hasSize(1);
    assertThat(history.judgeSets(Map.of())).isEmpty();
  }

  @Test
  void countersOfOneRegionLoseNothingThoseOfSeveralMay() {
    for (int i = 0; i < 3; i++) {
      history.counted("own", "west", Fate.DONE);
      history.counted("all", "west", Fate.DONE);
      history.counted("all", "east", Fate.UNKNOWN);
    }
    assertThat(history.judgeCounters(Map.of("own", 3L, "all", 1L))).isEmpty();
    assertThat(history.judgeCounters(Map.of("own", 3L, "all", 6L))).isEmpty();
    assertThat(history.judgeCounters(Map.of("own", 2L, "all", 1L))).hasSize(1);
    assertThat(history.judgeCounters(Map.of("own", 4L, "all", 1L))).hasSize(1);
    assertThat(history.judgeCounters(Map.of("own", 3L, "all", 7L))).hasSize(1);
    assertThat(history.judgeCounters(Map.of("own", 3L))).hasSize(1);
  }

  @Test
  void setsOfOneRegionLoseNothingThoseOfSeveralMay() {
    history.added("own", "1", Fate.DONE, false);
    history.added("own", "2", Fate.UNKNOWN, false);
    history.added("all", "1", Fate.DONE, true);
    assertThat(history.judgeSets(Map.of("own", Set.of("1")))).isEmpty();
    assertThat(history.judgeSets(Map.of("own", Set.of("1", "2")))).isEmpty();
    assertThat(history.judgeSets(Map.of("own", Set.of("2")))).hasSize(1);
    assertThat(history.judgeSets(Map.of("own", Set.of("1"), "all", Set.of("9")))).hasSize(1);
  }
}
