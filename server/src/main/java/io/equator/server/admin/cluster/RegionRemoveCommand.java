package io.equator.server.admin.cluster;

import io.equator.coordinator.federation.Leaving;
import io.equator.coordinator.federation.NotLetInException;
import io.equator.proto.RegionDescriptor;
import io.equator.server.Refusal;
import java.time.Duration;
import java.time.Instant;
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

  @Option(
      names = "--dry-run",
      description = "Only say what would be lost, as far as that is known here.")
  private boolean dryRun;

  /** What the region said when it was heard last; what it has written since nobody here knows. */
  private String atRisk(ClusterConnection cluster) {
    RegionFigures figures = RegionFigures.of(cluster, region);
    String heard =
        figures.silentMillis() == 0
            ? "now"
            : figures.heardMillis() == 0
                ? "not since its silence is counted"
                : "at " + Instant.ofEpochMilli(figures.heardMillis());
    return "Heard last: "
        + heard
        + ". Changes that it then had and that are not here, at most: "
        + figures.unsentRecords()
        + (figures.silentMillis() == 0
            ? "."
            : "; and what it has written since, for "
                + Duration.ofMillis(figures.silentMillis()).toMinutes()
                + " min at least.");
  }

  @Override
  public void run() {
    try (ClusterConnection cluster = options.connect()) {
      if (dryRun) {
        options.line(atRisk(cluster));
        return;
      }
      if (force) {
        options.line(atRisk(cluster));
      }
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
