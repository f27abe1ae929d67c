package io.equator.server.admin;

import io.equator.node.dump.StoreDump;
import io.equator.server.dev.OfflineFolder;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code equator admin dump store}: a node's partitions and how much they hold. */
@Command(
    name = "store",
    sortOptions = false,
    description = {
      "Print a node's partitions, how far each is applied, and what it counts.",
      "",
      "A store shows what was durable at its last flush; what came after stands in the logs, and a"
          + " start applies it again.",
      ""
    })
final class DumpStoreCommand implements Runnable {

  private static final HexFormat HEX = HexFormat.of();

  @Mixin private final DumpOptions options = new DumpOptions();

  @Option(
      names = "--rows",
      description = "Print every row of every column family as well, in hexadecimal.")
  private boolean rows;

  @Override
  public void run() {
    options.look(this::print);
  }

  private void print(OfflineFolder folder) {
    try (StoreDump dump = StoreDump.open(folder.store(options.node()))) {
      if (options.json()) {
        dump.partitions(options::line);
      } else {
        dump.describe(options::line);
      }
      Map<String, long[]> families = new TreeMap<>();
      dump.everyRow(
          (family, key, value) -> {
            long[] counts = families.computeIfAbsent(family, _ -> new long[2]);
            counts[0]++;
            counts[1] += key.length + value.length;
            if (rows) {
              options.line(row(family, HEX.formatHex(key), HEX.formatHex(value)));
            }
          });
      families.forEach((family, counts) -> options.line(family(family, counts[0], counts[1])));
    }
  }

  private String row(String family, String key, String value) {
    return options.json()
        ? "{\"family\":\"" + family + "\",\"key\":\"" + key + "\",\"value\":\"" + value + "\"}"
        : family + "  " + key + "  " + value;
  }

  private String family(String family, long count, long bytes) {
    return options.json()
        ? "{\"family\":\"" + family + "\",\"rows\":" + count + ",\"bytes\":" + bytes + "}"
        : "family %-15s %12d rows  %16d bytes".formatted(family, count, bytes);
  }
}
