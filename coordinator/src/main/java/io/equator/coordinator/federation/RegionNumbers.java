package io.equator.coordinator.federation;

import io.equator.proto.RegionDescriptor;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The number that a region gets when it joins. Pure.
 *
 * <p>No two regions of a federation have the same number, because it breaks ties between versions;
 * and a region that comes back under a name has a greater one than its predecessor, because the
 * greater number is the newer region ({@link Documents}).
 *
 * <p>Every cluster is founded as number 1 and may keep its number while nobody else has it. Who
 * must take another one begins to look at a place that the name says: two regions that are let in
 * at the same moment, at two ends of the world, do not both get the next number in a row.
 */
final class RegionNumbers {
  /** Versions hold sixteen bits of it. */
  static final int MAX = 0xFFFF;

  /** Half of them: what comes back goes upwards from here. */
  private static final int FIRST_TRIES = 0x7FFF;

  private RegionNumbers() {}

  /**
   * The number of a region that joins.
   *
   * @param others all that are known, those that have left among them
   * @throws IllegalStateException when none is left
   */
  static int choose(Collection<RegionDescriptor> others, String name, int present) {
    Set<Integer> taken =
        others.stream()
            .filter(other -> !other.getName().equals(name))
            .map(RegionDescriptor::getNumber)
            .collect(Collectors.toSet());
    int former =
        others.stream()
            .filter(other -> other.getName().equals(name))
            .mapToInt(RegionDescriptor::getNumber)
            .max()
            .orElse(0);
    if (present > former && present <= MAX && !taken.contains(present)) {
      return present;
    }
    int number = former > 0 ? former + 1 : 2 + Math.floorMod(name.hashCode(), FIRST_TRIES);
    while (taken.contains(number)) {
      number++;
    }
    if (number > MAX) {
      throw new IllegalStateException("no region number is left for " + name);
    }
    return number;
  }
}
