package io.equator.coordinator.cluster;

import java.time.Duration;

/**
 * How replicas are looked after.
 *
 * @param suspectAfter a node that has not answered for this long gets no replicas
 * @param repairAfter a node that has not answered for this long loses its replicas to others
 * @param movesMax changes of replicas under way at a time
 * @param catalogMembers voters of the catalog group, as soon as there are nodes enough; odd
 */
public record ReplicaRules(
    Duration suspectAfter, Duration repairAfter, int movesMax, int catalogMembers) {

  /** 5 s, 10 minutes, 2 moves, 3 members. */
  public static final ReplicaRules DEFAULT =
      new ReplicaRules(Duration.ofSeconds(5), Duration.ofMinutes(10), 2, 3);

  /** Checks the bounds. */
  public ReplicaRules {
    if (!suspectAfter.isPositive() || repairAfter.compareTo(suspectAfter) <= 0) {
      throw new IllegalArgumentException(
          "repair-after must be more than " + suspectAfter + ", was " + repairAfter);
    }
    if (movesMax < 1) {
      throw new IllegalArgumentException("moves-max must be > 0, was " + movesMax);
    }
    if (catalogMembers < 1 || catalogMembers % 2 == 0) {
      throw new IllegalArgumentException(
          "catalog-members must be odd: an even number survives no more losses than one less; was "
              + catalogMembers);
    }
  }
}
