package io.equator.chaos.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.chaos.history.MembersChecker.Change;
import io.equator.chaos.history.MembersChecker.Life;
import io.equator.chaos.history.MembersChecker.Scan;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Protects the judge of scans. */
class MembersCheckerTest {
  private static final Life STAYS = new Life("a", done(0, 10), null);
  private static final Life GOES = new Life("a", done(0, 10), done(50, 60));

  @Test
  void aMemberThatIsThereMustBeSeen() {
    assertThat(check(STAYS, scan(11, 12, "a"))).isEmpty();
    assertThat(check(STAYS, scan(11, 12))).hasSize(1);
  }

  @Test
  void aMemberThatComesOrGoesMeanwhileMayBeSeenOrNot() {
    for (Scan scan : List.of(scan(5, 6), scan(5, 6, "a"), scan(0, 90), scan(55, 56, "a"))) {
      assertThat(check(GOES, scan)).isEmpty();
    }
  }

  @Test
  void aMemberThatWentMustNotBeSeen() {
    assertThat(check(GOES, scan(61, 62))).isEmpty();
    assertThat(check(GOES, scan(61, 62, "a"))).hasSize(1);
  }

  @Test
  void whatIsUnknownMayBeSeenOrNot() {
    Life life = new Life("a", new Change(0, 0, Fate.UNKNOWN), null);
    assertThat(check(life, scan(100, 101))).isEmpty();
    assertThat(check(life, scan(100, 101, "a"))).isEmpty();
    Life leaving = new Life("a", done(0, 1), new Change(5, 0, Fate.UNKNOWN));
    assertThat(check(leaving, scan(100, 101))).isEmpty();
    assertThat(check(leaving, scan(100, 101, "a"))).isEmpty();
    assertThat(check(leaving, scan(2, 3))).hasSize(1);
  }

  @Test
  void whatWasRefusedOrNeverAskedMustNotBeSeen() {
    Life refused = new Life("a", new Change(0, 1, Fate.REFUSED), null);
    assertThat(check(refused, scan(100, 101, "a"))).hasSize(1);
    assertThat(check(STAYS, scan(100, 101, "a", "b"))).hasSize(1);
  }

  private static List<String> check(Life life, Scan scan) {
    return MembersChecker.check(List.of(life), List.of(scan));
  }

  private static Change done(long invoked, long returned) {
    return new Change(invoked, returned, Fate.DONE);
  }

  private static Scan scan(long invoked, long returned, String... members) {
    return new Scan(invoked, returned, Set.of(members));
  }
}
