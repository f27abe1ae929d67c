package io.equator.server.drill;

import io.equator.server.dev.DevOptions;
import io.equator.server.dev.EmbeddedCluster;
import io.equator.server.dev.EmbeddedRegions;
import io.equator.server.drill.Drill.Plan;
import io.equator.server.observe.ObserveOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Regions of this process, in a temporary folder that is gone afterwards. */
final class EmbeddedGround implements Ground {
  private final Plan plan;
  private final EmbeddedRegions cluster;
  private final List<RegionEndpoint> endpoints;

  EmbeddedGround(Plan plan, Duration delay) {
    this.plan = plan;
    DevOptions options =
        new DevOptions(
            "localhost",
            0,
            Optional.empty(),
            plan.scenario().needsNodes() ? OptionalInt.of(3) : OptionalInt.of(1),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty());
    cluster = EmbeddedRegions.startKept(options, ObserveOptions.NONE, plan.regions(), delay);
    endpoints = cluster.running().stream().map(one -> endpoint(plan, one)).toList();
  }

  private static RegionEndpoint endpoint(Plan plan, EmbeddedCluster one) {
    return new RegionEndpoint(one.region(), one.address(), plan.table());
  }

  private String region() {
    return plan.regions().getFirst();
  }

  @Override
  public List<RegionEndpoint> endpoints() {
    return endpoints;
  }

  @Override
  public void inject() throws IOException {
    switch (plan.scenario()) {
      case REGION_LOSS, REGION_RETURN -> cluster.crash(region());
      case REGION_ISOLATION -> cluster.isolate(region(), true);
      case NODE_LOSS -> cluster.crashNode(region(), 1);
      case ROLLING_RESTART -> {
        for (int node = 1; node <= 3; node++) {
          cluster.crashNode(region(), node);
          cluster.restartNode(region(), node);
          Drill.pass(plan.fault().dividedBy(3));
        }
      }
      case CLOCK_SKEW -> cluster.setAhead(region(), plan.skew());
    }
  }

  @Override
  public void heal() throws IOException {
    switch (plan.scenario()) {
      case REGION_LOSS, REGION_RETURN -> cluster.restart(region());
      case REGION_ISOLATION -> cluster.isolate(region(), false);
      case NODE_LOSS -> cluster.restartNode(region(), 1);
      case ROLLING_RESTART -> {}
      case CLOCK_SKEW -> cluster.setAhead(region(), Duration.ZERO);
    }
  }

  @Override
  public void close() {
    cluster.close();
  }
}
