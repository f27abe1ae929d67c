package io.equator.server.regions;

import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.RegionDescriptor;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.regions.RegionChannels;
import io.grpc.Channel;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Channels to the regions that the catalog names, as it names them now. */
public final class NetworkRegions implements RegionChannels, AutoCloseable {
  /** A message between regions carries 1 MB of items and what belongs to them. */
  static final int MESSAGE_BYTES_MAX = 32 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(NetworkRegions.class);

  /** How a region is reached: another way when one of these changes. */
  private record Way(RegionDescriptor region, AnyOfChannels channel) {
    boolean leadsTo(RegionDescriptor now) {
      return region.getClusterId().equals(now.getClusterId())
          && region.getRoots().equals(now.getRoots())
          && region.getAddressesList().equals(now.getAddressesList());
    }
  }

  private final RegionSecurity security;
  private volatile Map<String, Way> ways = Map.of();
  private boolean closed;

  /** Channels from a process with this certificate; to nobody until {@link #follow}. */
  public NetworkRegions(RegionSecurity security) {
    this.security = security;
  }

  /** The documents of a copy of the catalog. */
  public static Collection<RegionDescriptor> regions(CatalogSnapshot copy) {
    return copy.regions().stream().map(CatalogObject::getRegion).toList();
  }

  /** Who is there by the newest copy. */
  public synchronized void follow(CatalogSnapshot copy) {
    if (closed) {
      return;
    }
    String own = copy.cluster().map(ClusterDescriptor::getRegion).orElse("");
    Map<String, Way> before = ways;
    Map<String, Way> after = new LinkedHashMap<>();
    for (RegionDescriptor region : regions(copy)) {
      if (region.getRemoved() || region.getName().equals(own) || region.getAddressesCount() == 0) {
        continue;
      }
      Way known = before.get(region.getName());
      if (known != null && known.leadsTo(region)) {
        after.put(region.getName(), known);
      } else {
        connect(region).ifPresent(way -> after.put(region.getName(), way));
      }
    }
    ways = Map.copyOf(after);
    before.forEach(
        (name, way) -> {
          if (!way.equals(after.get(name))) {
            way.channel.close();
          }
        });
  }

  private Optional<Way> connect(RegionDescriptor region) {
    try {
      return Optional.of(
          new Way(region, AnyOfChannels.to(region.getAddressesList(), security.client(region))));
    } catch (IOException e) {
      LOG.error("{} cannot be called, because our own certificate cannot be read", region, e);
      return Optional.empty();
    }
  }

  @Override
  public Optional<Channel> region(String region) {
    return Optional.ofNullable(ways.get(region)).map(Way::channel);
  }

  @Override
  public synchronized void close() {
    closed = true;
    ways.values().forEach(way -> way.channel.close());
    ways = Map.of();
  }
}
