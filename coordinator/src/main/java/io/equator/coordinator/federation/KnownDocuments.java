package io.equator.coordinator.federation;

import io.equator.proto.CatalogObject;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.RegionDescriptor;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.List;
import java.util.Optional;

/**
 * The documents of one copy of the catalog. Pure.
 *
 * @param regions also those that have left
 */
record KnownDocuments(List<RegionDescriptor> regions, List<GlobalTableDescriptor> tables) {
  static KnownDocuments of(CatalogSnapshot copy) {
    return new KnownDocuments(
        copy.regions().stream().map(CatalogObject::getRegion).toList(),
        copy.globalTables().stream().map(CatalogObject::getGlobalTable).toList());
  }

  /** The region of this name, unless it has left. */
  Optional<RegionDescriptor> region(String name) {
    return regions.stream().filter(r -> r.getName().equals(name) && !r.getRemoved()).findFirst();
  }

  /** Those of the given documents that say something that these do not. */
  KnownDocuments news(
      List<RegionDescriptor> otherRegions, List<GlobalTableDescriptor> otherTables) {
    return new KnownDocuments(
        otherRegions.stream()
            .filter(
                other ->
                    regions.stream()
                        .filter(own -> own.getName().equals(other.getName()))
                        .noneMatch(own -> Documents.join(own, other).equals(own)))
            .toList(),
        otherTables.stream()
            .filter(
                other ->
                    tables.stream()
                        .filter(own -> own.getTableName().equals(other.getTableName()))
                        .noneMatch(own -> Documents.join(own, other).equals(own)))
            .toList());
  }

  boolean isEmpty() {
    return regions.isEmpty() && tables.isEmpty();
  }
}
