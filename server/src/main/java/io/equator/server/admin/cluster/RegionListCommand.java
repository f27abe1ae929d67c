package io.equator.server.admin.cluster;

import io.equator.proto.CatalogObject;
import io.equator.proto.RegionDescriptor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code equator admin region list}: the regions that this one knows. */
@Command(
    name = "list",
    sortOptions = false,
    description = {"List the regions of the federation, as this one knows them.", ""})
public final class RegionListCommand implements Runnable {
  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Override
  public void run() {
    try (ClusterConnection cluster = options.connect()) {
      String own = cluster.snapshot().cluster().orElseThrow().getRegion();
      Listing listing = new Listing("region", "number", "state", "cluster", "addresses");
      for (CatalogObject object : cluster.snapshot().regions()) {
        RegionDescriptor region = object.getRegion();
        listing.add(
            region.getName(),
            (long) region.getNumber(),
            region.getRemoved() ? "removed" : region.getName().equals(own) ? "this" : "member",
            region.getClusterId(),
            region.getAddressesList().stream().toList());
      }
      options.print(listing);
    }
  }
}
