package io.equator.coordinator.federation;

import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogComparison;
import io.equator.proto.CatalogObject;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.RegionDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogKeys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The documents of the federation in this region's catalog. What is taken in is joined with what is
 * there, by compare-and-set, so two that take in at the same time lose nothing.
 */
public final class FederationCatalog {
  /** Conflicts come from others that take in the same; the next read then has nothing to do. */
  private static final int ATTEMPTS_MAX = 20;

  private final CatalogClient catalog;

  /** Documents that are kept in this catalog. */
  public FederationCatalog(CatalogClient catalog) {
    this.catalog = catalog;
  }

  /** Takes documents of regions in; answers as the other one. */
  public long takeIn(List<RegionDescriptor> regions) {
    return takeIn(regions, List.of());
  }

  /**
   * Takes documents in.
   *
   * @return the catalog's revision that has them; 0 when there was nothing new
   * @throws CatalogClient.CatalogUnavailableException when the outcome is not known
   */
  public long takeIn(List<RegionDescriptor> regions, List<GlobalTableDescriptor> tables) {
    List<String> keys = new ArrayList<>();
    regions.forEach(region -> keys.add(CatalogKeys.region(region.getName())));
    tables.forEach(table -> keys.add(CatalogKeys.globalTable(table.getTableName())));
    if (keys.isEmpty()) {
      return 0;
    }
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      Map<String, CatalogObject> found = new HashMap<>();
      catalog.read(keys).getObjectsList().forEach(object -> found.put(object.getKey(), object));
      CatalogCommitRequest.Builder commit = CatalogCommitRequest.newBuilder();
      regions.forEach(region -> joined(region, found).ifPresent(next -> add(commit, next, found)));
      tables.forEach(table -> joined(table, found).ifPresent(next -> add(commit, next, found)));
      if (commit.getPutsCount() == 0) {
        return 0;
      }
      var answer = catalog.commit(commit.build());
      if (answer.getOutcome() == Outcome.COMMITTED) {
        return answer.getRevision();
      }
    }
    return 0;
  }

  private static void add(
      CatalogCommitRequest.Builder commit, CatalogObject next, Map<String, CatalogObject> found) {
    CatalogObject before = found.get(next.getKey());
    commit
        .addComparisons(
            CatalogComparison.newBuilder()
                .setKey(next.getKey())
                .setVersion(before == null ? 0 : before.getVersion()))
        .addPuts(next);
  }

  private static Optional<CatalogObject> joined(
      RegionDescriptor region, Map<String, CatalogObject> found) {
    String key = CatalogKeys.region(region.getName());
    CatalogObject before = found.get(key);
    RegionDescriptor next = before == null ? region : Documents.join(before.getRegion(), region);
    return before != null && next.equals(before.getRegion())
        ? Optional.empty()
        : Optional.of(CatalogObject.newBuilder().setKey(key).setRegion(next).build());
  }

  private static Optional<CatalogObject> joined(
      GlobalTableDescriptor table, Map<String, CatalogObject> found) {
    String key = CatalogKeys.globalTable(table.getTableName());
    CatalogObject before = found.get(key);
    GlobalTableDescriptor next =
        before == null ? table : Documents.join(before.getGlobalTable(), table);
    return before != null && next.equals(before.getGlobalTable())
        ? Optional.empty()
        : Optional.of(CatalogObject.newBuilder().setKey(key).setGlobalTable(next).build());
  }
}
