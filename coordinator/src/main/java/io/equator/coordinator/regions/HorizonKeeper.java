package io.equator.coordinator.regions;

import io.equator.proto.ReplicationResolvedRequest;
import io.equator.proto.ReplicationServiceGrpc;
import io.equator.proto.ReplicationSource;
import io.equator.proto.ReplicationTarget;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import io.equator.replication.regions.RegionChannels;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out up to when every region has everything that any of them has written to a table, and
 * lets this region's nodes forget their tombstones up to then.
 *
 * <p>The horizon is the least over all pairs of regions: what this one says of all others, and what
 * each other one says of all others. One that is away, does not know of this one, knows others than
 * this one does, or is being filled makes it 0: then every tombstone stays. Nothing depends on who
 * asks or how often, so each coordinator does it.
 *
 * <p>Threads: one, its own.
 */
public final class HorizonKeeper implements AutoCloseable {
  /** How often: tombstones are small, and their number is what matters. */
  public static final Duration INTERVAL = Duration.ofSeconds(30);

  private static final Logger LOG = LoggerFactory.getLogger(HorizonKeeper.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Supplier<CatalogSnapshot> catalog;
  private final RegionChannels regions;
  private final ProgressReader progress;
  private final Duration interval;
  private final ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor();

  /** Looks at {@code interval}; {@link #start} begins. */
  public HorizonKeeper(
      Supplier<CatalogSnapshot> catalog,
      RegionChannels regions,
      ProgressReader progress,
      Duration interval) {
    this.catalog = catalog;
    this.regions = regions;
    this.progress = progress;
    this.interval = interval;
  }

  /** Begins. */
  public void start() {
    thread.execute(this::run);
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(interval);
        for (TableView table : catalog.get().tables().values()) {
          if (table.descriptor().getReplication().getTargetsCount() > 0) {
            look(table);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(TableView table) {
    try {
      long horizon = horizon(table);
      if (horizon != 0) {
        progress.pass(table, horizon);
      }
    } catch (RuntimeException e) {
      LOG.warn("the tombstones of {} stay for now", table.name(), e);
    }
  }

  /** The least of what all regions say; 0 when one of them does not. */
  private long horizon(TableView table) {
    long least = progress.resolved(table);
    String self = catalog.get().cluster().map(cluster -> cluster.getRegion()).orElse("");
    for (ReplicationTarget target : table.descriptor().getReplication().getTargetsList()) {
      long said = least == 0 ? 0 : ask(table, target, self);
      least = Long.compareUnsigned(said, least) < 0 ? said : least;
    }
    return least;
  }

  private long ask(TableView table, ReplicationTarget target, String self) {
    Optional<Channel> channel = regions.region(target.getRegion());
    if (channel.isEmpty()) {
      return 0;
    }
    ReplicationResolvedRequest request =
        ReplicationResolvedRequest.newBuilder()
            .setSource(
                ReplicationSource.newBuilder()
                    .setRegion(self)
                    .setGlobalTableId(table.descriptor().getReplication().getGlobalTableId())
                    .setGeneration(target.getGeneration()))
            .addAllRegions(GlobalTables.regions(table, self))
            .build();
    try {
      return ReplicationServiceGrpc.newBlockingStub(channel.get())
          .withDeadlineAfter(PATIENCE)
          .resolved(request)
          .getResolved();
    } catch (StatusRuntimeException e) {
      LOG.debug("{} does not say how far it is", target.getRegion(), e);
      return 0;
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    thread.close();
  }
}
