package io.equator.coordinator.federation;

import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.RegionDescriptor;
import io.equator.replication.catalog.CatalogSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which regions have been silent for so long that their replicas are given up. Pure.
 *
 * <p>A region is stale when more than half of all regions, this one among them, say that they have
 * not heard from it for the configured time, and nobody who can be asked says otherwise. That only
 * one way is broken is no reason, and those who are cut off from most others decide nothing: the
 * document in which they gave up everybody else would win when they come back. What follows is done
 * through the documents of global tables ({@code coordinator.globaltables}): the region is a member
 * of no table any more, so nobody keeps tombstones and changes for it, and what it still sends is
 * refused. When it comes back it learns so, keeps its tables to itself, and gets one back only as a
 * new replica, which is filled. So a deletion that it has not seen cannot be undone by it.
 *
 * <p>Of two regions none is more than half, so there an operator must decide ({@link Leaving}).
 */
final class StaleRegions {
  private StaleRegions() {}

  /**
   * Their names.
   *
   * @param reported for how many milliseconds each other region has not heard from each; of regions
   *     that have answered just now
   * @param after the configured time; zero: never
   */
  static Set<String> of(
      CatalogSnapshot copy, Map<String, Map<String, Long>> reported, Duration after) {
    if (after.isZero()) {
      return Set.of();
    }
    String own = copy.cluster().map(ClusterDescriptor::getRegion).orElse("");
    List<RegionDescriptor> others =
        copy.regions().stream()
            .map(CatalogObject::getRegion)
            .filter(region -> !region.getRemoved() && !region.getName().equals(own))
            .toList();
    Set<String> silent = new TreeSet<>();
    for (RegionDescriptor region : others) {
      if (RegionSilences.silence(copy, region).getSilentMillis() >= after.toMillis()) {
        silent.add(region.getName());
      }
    }
    Set<String> stale = new TreeSet<>();
    for (String candidate : silent) {
      List<String> asked =
          others.stream()
              .map(RegionDescriptor::getName)
              .filter(other -> !silent.contains(other))
              .toList();
      boolean agreed =
          asked.stream()
              .allMatch(
                  other ->
                      reported.getOrDefault(other, Map.of()).getOrDefault(candidate, 0L)
                          >= after.toMillis());
      int all = others.size() + 1;
      if (agreed && 2 * (asked.size() + 1) > all) {
        stale.add(candidate);
      }
    }
    return stale;
  }
}
