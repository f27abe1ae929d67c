package io.equator.server.dev;

import io.equator.proto.RegionDescriptor;
import io.equator.replication.regions.RegionChannels;
import io.equator.server.roles.PromptChannel;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** The regions of one process, and the ways between them. */
final class InProcessRegions implements AutoCloseable {

  private static final Duration TRIES_APART = Duration.ofMillis(10);

  /** The same part in every process that founds the same regions: whoever reads one knows it. */
  private static final long FOUNDED = 1;

  /** Two federations in one process do not meet: tests run several. */
  private final String name = UUID.randomUUID().toString();

  private final List<String> regions;
  private final ScheduledExecutorService timer = RegionLink.timer();
  private final ExecutorService threads = RegionLink.threads();
  private final Map<String, RegionClock> clocks = new LinkedHashMap<>();
  private final Map<String, Map<String, Way>> ways = new LinkedHashMap<>();

  private record Way(RegionLink link, PromptChannel channel, Channel used) {}

  /**
   * Regions of these names, numbered in this order.
   *
   * @param oneWay how long a message takes between two of them
   */
  InProcessRegions(List<String> regions, Duration oneWay) {
    this.regions = List.copyOf(regions);
    for (String from : regions) {
      clocks.put(from, new RegionClock(InstantSource.system()));
      Map<String, Way> fromHere = new LinkedHashMap<>();
      for (String to : regions) {
        if (!to.equals(from)) {
          RegionLink link = new RegionLink(oneWay, timer, threads);
          PromptChannel channel =
              new PromptChannel(
                  InProcessChannelBuilder.forName(serverName(to)).executor(threads).build(),
                  TRIES_APART);
          fromHere.put(to, new Way(link, channel, ClientInterceptors.intercept(channel, link)));
        }
      }
      ways.put(from, fromHere);
    }
  }

  /** The place of a region. */
  RegionSeat seat(String region) {
    return new RegionSeat(
        regions.indexOf(region) + 1,
        descriptors(),
        channelsFrom(region),
        serverName(region),
        clock(region));
  }

  private List<RegionDescriptor> descriptors() {
    List<RegionDescriptor> all = new ArrayList<>();
    for (String region : regions) {
      all.add(
          RegionDescriptor.newBuilder()
              .setName(region)
              .setNumber(regions.indexOf(region) + 1)
              .addAddresses(region)
              .setVersion(FOUNDED)
              .setVersionRegion(regions.indexOf(region) + 1)
              .build());
    }
    return all;
  }

  private String serverName(String region) {
    return name + "/region/" + region;
  }

  private RegionChannels channelsFrom(String from) {
    return to -> {
      Way way = way(from, to);
      return way == null ? Optional.empty() : Optional.of(way.used);
    };
  }

  private @Nullable Way way(String from, String to) {
    return ways.getOrDefault(from, Map.of()).get(to);
  }

  /** The wall's time of a region, which can be set apart from that of the others. */
  RegionClock clock(String region) {
    return Optional.ofNullable(clocks.get(region)).orElseThrow();
  }

  /** Cuts a region off from all others in both directions, or lets it back. */
  void isolate(String region, boolean isolated) {
    for (String other : regions) {
      cut(region, other, isolated);
      cut(other, region, isolated);
    }
  }

  private void cut(String from, String to, boolean cut) {
    Way way = way(from, to);
    if (way != null) {
      way.link.cut(cut);
    }
  }

  @Override
  public void close() {
    ways.values().forEach(from -> from.values().forEach(way -> way.channel.close()));
    timer.shutdownNow();
    threads.shutdownNow();
  }
}
