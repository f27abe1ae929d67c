package io.equator.server.admin.cluster;

import io.equator.coordinator.federation.Leaving;
import io.equator.coordinator.federation.NotLetInException;
import io.equator.proto.RegionDescriptor;
import io.equator.server.Refusal;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code equator admin region remove}: takes another region out of the federation. */
@Command(
    name = "remove",
    sortOptions = false,
    description = {
      "Take another region out of the federation, for ever. Its cluster is believed no more; one"
          + " that is founded anew may join under the same name and is filled.",
      ""
    })
public final class RegionRemoveCommand implements Runnable {
  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Parameters(paramLabel = "REGION", description = "The region.")
  private String region = "";

  @Option(
      names = "--force",
      description =
          "Also when it has replicas of tables: what was written there and is nowhere else is"
              + " lost.")
  private boolean force;

  @Override
  public void run() {
    try (ClusterConnection cluster = options.connect()) {
      RegionDescriptor removed =
          new Leaving(cluster.catalog(), InstantSource.system()).remove(region, force);
      boolean told = cluster.tell(removed);
      options.line(
          region
              + (told
                  ? " has left the federation, and knows it."
                  : " has left the federation. It could not be told: stop its cluster if it still"
                      + " runs."));
    } catch (NotLetInException e) {
      throw new Refusal(e.getMessage() + ".", e);
    }
  }
}
