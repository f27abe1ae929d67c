package io.equator.server.admin;

import io.equator.coordinator.catalog.OfflineCatalog;
import io.equator.server.dev.OfflineFolder;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code equator admin dump catalog}: tables, ring, partitions and nodes. */
@Command(
    name = "catalog",
    sortOptions = false,
    description = {
      "Print the catalog as a node has it: its image, and what its log holds behind that.",
      ""
    })
final class DumpCatalogCommand implements Runnable {

  @Mixin private final DumpOptions options = new DumpOptions();

  @Override
  public void run() {
    options.look(this::print);
  }

  private void print(OfflineFolder folder) throws IOException {
    OfflineCatalog catalog = options.catalog(folder);
    if (options.json()) {
      catalog.objects().forEach(object -> options.line(ProtoJson.line(object)));
    } else {
      catalog.text().lines().forEach(options::line);
    }
  }
}
