package io.equator.chaos.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Decides whether scans of a set saw what they must. A scan is no snapshot: a member that comes or
 * goes while it runs may be seen or not. One that was there the whole time must be seen, one that
 * was away the whole time must not.
 */
public final class MembersChecker {

  /**
   * A member's life: it comes once and goes at most once.
   *
   * @param gone null while nobody has asked it to go
   */
  public record Life(String member, Change come, @org.jspecify.annotations.Nullable Change gone) {}

  /** A change, as its client saw it; {@code returned} counts only when it is done. */
  public record Change(long invoked, long returned, Fate fate) {}

  /** A strongly consistent scan of everything. */
  public record Scan(long invoked, long returned, Set<String> members) {}

  private MembersChecker() {}

  /** What is wrong; nothing when all scans are explained. */
  public static List<String> check(List<Life> lives, List<Scan> scans) {
    List<String> violations = new ArrayList<>();
    for (Scan scan : scans) {
      int known = 0;
      for (Life life : lives) {
        boolean seen = scan.members().contains(life.member());
        known += seen ? 1 : 0;
        if (seen && mustBeAway(life, scan)) {
          violations.add(life + " was seen by a scan " + times(scan));
        } else if (!seen && mustBeThere(life, scan)) {
          violations.add(life + " was missed by a scan " + times(scan));
        }
      }
      if (known < scan.members().size()) {
        violations.add("a scan " + times(scan) + " saw what nobody wrote");
      }
    }
    return violations;
  }

  private static boolean mustBeThere(Life life, Scan scan) {
    Change gone = life.gone();
    return life.come().fate() == Fate.DONE
        && life.come().returned() < scan.invoked()
        && (gone == null || gone.fate() == Fate.REFUSED || gone.invoked() > scan.returned());
  }

  private static boolean mustBeAway(Life life, Scan scan) {
    Change gone = life.gone();
    return life.come().fate() == Fate.REFUSED
        || life.come().invoked() > scan.returned()
        || (gone != null && gone.fate() == Fate.DONE && gone.returned() < scan.invoked());
  }

  private static String times(Scan scan) {
    return "from " + scan.invoked() + " to " + scan.returned();
  }
}
