package io.equator.coordinator.federation;

import io.equator.coordinator.globaltables.core.GlobalTables;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.RegionDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogKeys;
import java.time.InstantSource;
import java.util.List;

/**
 * Takes a region out of the federation, as seen from one that stays.
 *
 * <p>Its document stays, marked: no old copy brings the region back, and its number is never given
 * again. Every region then ends its part in each global table by itself ({@code
 * coordinator.globaltables}), forgets the tombstones that were kept for it, and believes its root
 * no more. That is why it cannot come back as it is: it may hold items whose deletion nobody
 * remembers. A cluster of the same name joins with nothing, and is filled.
 */
public final class Leaving {
  private static final int ATTEMPTS_MAX = 20;

  private final CatalogClient catalog;
  private final InstantSource clock;

  /** From the catalog of a region that stays. */
  public Leaving(CatalogClient catalog, InstantSource clock) {
    this.catalog = catalog;
    this.clock = clock;
  }

  /** The tables of which a region is still to have a replica, by name. */
  public static List<String> replicas(List<GlobalTableDescriptor> tables, String region) {
    return tables.stream()
        .filter(table -> GlobalTables.isPresentIn(table, region))
        .map(GlobalTableDescriptor::getTableName)
        .sorted()
        .toList();
  }

  /**
   * Takes it out.
   *
   * @param force also when it has replicas of tables
   * @return its document, as it is from now on
   * @throws NotLetInException when it may not be taken out, or is not there
   */
  public RegionDescriptor remove(String region, boolean force) throws NotLetInException {
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      FederationView view = FederationView.read(catalog);
      if (region.equals(view.cluster().getRegion())) {
        throw new NotLetInException(
            "a region is taken out by another one; this one is " + region + " itself");
      }
      RegionDescriptor before =
          view.region(region)
              .filter(known -> !known.getRemoved())
              .orElseThrow(() -> new NotLetInException("there is no region " + region + " here"));
      List<String> tables = replicas(view.globalTables(), region);
      if (!tables.isEmpty() && !force) {
        throw new NotLetInException(
            region
                + " has replicas of "
                + String.join(", ", tables)
                + "; take them away first (update-table with ReplicaUpdates), or use --force when"
                + " the region is lost for ever");
      }
      RegionDescriptor after =
          before.toBuilder()
              .setRemoved(true)
              .setVersion(
                  FederationView.versionAfter(java.util.Optional.of(before), clock.millis()))
              .setVersionRegion(Math.max(1, view.cluster().getRegionNumber()))
              .build();
      CatalogCommitRequest commit =
          CatalogCommitRequest.newBuilder()
              .addComparisons(view.unchanged(CatalogKeys.region(region)))
              .addPuts(FederationView.object(after))
              .build();
      if (catalog.commit(commit).getOutcome() == Outcome.COMMITTED) {
        return after;
      }
    }
    throw new NotLetInException("others change the same all the time; try again");
  }
}
