package io.equator.coordinator.federation;

import io.equator.proto.CatalogComparison;
import io.equator.proto.CatalogObject;
import io.equator.proto.CatalogReadResponse;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.RegionDescriptor;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.clock.HybridTimestamp;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything in the catalog at one revision, as the steps of joining and leaving need it. Read
 * whole, which only an operator's commands may afford.
 */
final class FederationView {
  private final Map<String, CatalogObject> objects = new LinkedHashMap<>();

  private FederationView(CatalogReadResponse read) {
    read.getObjectsList().forEach(object -> objects.put(object.getKey(), object));
  }

  static FederationView read(CatalogClient catalog) {
    return new FederationView(catalog.read(List.of()));
  }

  Optional<CatalogObject> object(String key) {
    return Optional.ofNullable(objects.get(key));
  }

  ClusterDescriptor cluster() {
    return object(CatalogKeys.CLUSTER).map(CatalogObject::getCluster).orElseThrow();
  }

  List<RegionDescriptor> regions() {
    return objects.values().stream()
        .filter(CatalogObject::hasRegion)
        .map(CatalogObject::getRegion)
        .toList();
  }

  Optional<RegionDescriptor> region(String name) {
    return object(CatalogKeys.region(name)).map(CatalogObject::getRegion);
  }

  /** Other regions that are in the federation now. */
  List<RegionDescriptor> others() {
    return regions().stream()
        .filter(region -> !region.getRemoved() && !region.getName().equals(cluster().getRegion()))
        .toList();
  }

  List<GlobalTableDescriptor> globalTables() {
    return objects.values().stream()
        .filter(CatalogObject::hasGlobalTable)
        .map(CatalogObject::getGlobalTable)
        .toList();
  }

  /** Names of tables that replicate, or are to. */
  List<String> replicatedTables() {
    return objects.values().stream()
        .filter(CatalogObject::hasTable)
        .map(CatalogObject::getTable)
        .filter(TableDescriptor::hasReplication)
        .map(TableDescriptor::getName)
        .toList();
  }

  /** Where other regions reach this one. */
  List<String> addresses() {
    return addresses(
        objects.values().stream()
            .filter(CatalogObject::hasNode)
            .map(CatalogObject::getNode)
            .toList());
  }

  /** Where other regions reach the coordinators among these nodes, each address once. */
  static List<String> addresses(List<NodeDescriptor> nodes) {
    return nodes.stream()
        .map(NodeDescriptor::getRegionAddress)
        .filter(address -> !address.isEmpty())
        .distinct()
        .sorted()
        .toList();
  }

  /** That an object is still as it was read, or still not there. */
  CatalogComparison unchanged(String key) {
    return CatalogComparison.newBuilder()
        .setKey(key)
        .setVersion(object(key).map(CatalogObject::getVersion).orElse(0L))
        .build();
  }

  /** A version above that of the document it replaces, and not before the wall's time. */
  static long versionAfter(Optional<RegionDescriptor> before, long wallMillis) {
    long now = HybridTimestamp.of(wallMillis, 0).bits();
    long next = before.map(RegionDescriptor::getVersion).orElse(0L) + 1;
    return Long.compareUnsigned(now, next) > 0 ? now : next;
  }

  static CatalogObject object(RegionDescriptor region) {
    return CatalogObject.newBuilder()
        .setKey(CatalogKeys.region(region.getName()))
        .setRegion(region)
        .build();
  }
}
