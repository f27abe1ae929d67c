package io.equator.coordinator.federation;

import com.google.protobuf.ByteString;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.RegionDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.catalog.CatalogSnapshot;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this region's own document as its nodes are: a coordinator that comes, goes or moves
 * changes where other regions call.
 *
 * <p>Every coordinator does so; one of them is first, and the others find nothing to do.
 */
public final class OwnRegion implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OwnRegion.class);

  private final CatalogFollower catalog;
  private final CatalogClient client;
  private final InstantSource clock;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("own-region").factory());

  /** Of the region whose catalog this is; {@link #start} begins. */
  public OwnRegion(CatalogFollower catalog, CatalogClient client, InstantSource clock) {
    this.catalog = catalog;
    this.client = client;
    this.clock = clock;
  }

  /** Looks whenever the catalog has changed. */
  public void start() {
    catalog.listen(this::look);
  }

  private void look(CatalogSnapshot copy) {
    if (isBehind(copy)) {
      try {
        thread.execute(this::follow);
      } catch (RejectedExecutionException _) {
        LOG.debug("closed");
      }
    }
  }

  private static boolean isBehind(CatalogSnapshot copy) {
    List<String> addresses = FederationView.addresses(List.copyOf(copy.nodes()));
    return !addresses.isEmpty()
        && copy.cluster()
            .map(ClusterDescriptor::getRegion)
            .flatMap(KnownDocuments.of(copy)::region)
            .filter(own -> !own.getAddressesList().equals(addresses))
            .isPresent();
  }

  private void follow() {
    if (!isBehind(catalog.snapshot())) {
      return;
    }
    try {
      FederationView view = FederationView.read(client);
      Optional<RegionDescriptor> before = view.region(view.cluster().getRegion());
      if (before.isEmpty() || before.get().getRemoved()) {
        return;
      }
      RegionDescriptor next =
          document(
              view.cluster(), before, view.addresses(), before.get().getRoots(), clock.millis());
      if (!next.equals(before.get())) {
        // A conflict comes with a change of the catalog, and so with another look.
        client.commit(
            CatalogCommitRequest.newBuilder()
                .addComparisons(view.unchanged(CatalogKeys.region(next.getName())))
                .addPuts(FederationView.object(next))
                .build());
      }
    } catch (CatalogUnavailableException e) {
      LOG.warn("other regions do not learn yet where this one is: {}", e.getMessage());
    }
  }

  /** The document of a cluster's own region; the one before when nothing has changed. */
  static RegionDescriptor document(
      ClusterDescriptor cluster,
      Optional<RegionDescriptor> before,
      List<String> addresses,
      ByteString roots,
      long wallMillis) {
    RegionDescriptor same =
        before.orElseGet(
            () ->
                RegionDescriptor.newBuilder()
                    .setName(cluster.getRegion())
                    .setNumber(Math.max(1, cluster.getRegionNumber()))
                    .build());
    RegionDescriptor next =
        same.toBuilder()
            .setClusterId(cluster.getClusterId())
            .clearAddresses()
            .addAllAddresses(addresses)
            .setRoots(roots)
            .build();
    return before.isPresent() && next.equals(same)
        ? same
        : next.toBuilder()
            .setVersion(FederationView.versionAfter(before, wallMillis))
            .setVersionRegion(next.getNumber())
            .build();
  }

  /** Looks no more. Idempotent. */
  @Override
  public void close() {
    thread.shutdownNow();
    thread.close();
  }
}
