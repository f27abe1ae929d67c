package io.equator.server.admin.cluster;

import io.equator.partitioner.Partition;
import io.equator.partitioner.Ring;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code equator admin ring}: which tokens each partition owns. */
@Command(
    name = "ring",
    sortOptions = false,
    description = {"List the ranges of tokens, in their order, and the share of each.", ""})
public final class RingCommand implements Runnable {
  private static final double TOKENS = 0x1p64;

  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Override
  public void run() {
    try (ClusterConnection cluster = options.connect()) {
      Listing listing =
          new Listing("ring", "first token", "last token", "share", "partition", "replicas");
      for (Ring ring : cluster.snapshot().partitions().rings()) {
        for (Partition partition : ring.partitions()) {
          long first = partition.range().first().bits();
          long last = partition.range().last().bits();
          double tokens = unsigned(last - first) + 1;
          listing.add(
              (long) ring.id(),
              String.format(Locale.ROOT, "%016x", first),
              String.format(Locale.ROOT, "%016x", last),
              String.format(Locale.ROOT, "%.2f %%", 100 * tokens / TOKENS),
              partition.id().value(),
              partition.replicas().stream().map(node -> node.value()).toList());
        }
      }
      options.print(listing);
    }
  }

  private static double unsigned(long value) {
    return value >= 0 ? value : value + TOKENS;
  }
}
