package io.equator.server.dev;

import io.equator.coordinator.catalog.CatalogEndpoint;
import io.equator.coordinator.catalog.CatalogMachine;
import io.equator.node.NodeConfig;
import io.equator.node.StorageNode;
import io.equator.node.confirm.GrpcTermProbe;
import io.equator.partitioner.NodeId;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Peer;
import io.equator.replication.log.ReplicatedLog;
import io.equator.replication.ratis.RatisConfig;
import io.equator.replication.ratis.RatisConfig.Durability;
import io.equator.replication.ratis.RatisConfig.Transport;
import io.equator.replication.ratis.RatisLogHost;
import io.grpc.Server;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node of an embedded cluster: a Raft server, a member of the catalog group, a storage node,
 * and the gRPC services of both under the node's name.
 *
 * <pre>
 * raft/      logs of all groups
 * catalog/   image of the catalog
 * store/     items
 * </pre>
 */
final class EmbeddedNode implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedNode.class);

  /** How often the catalog's image is written and its log cut behind it. */
  private static final long CATALOG_SNAPSHOT_SECONDS = 60;

  /**
   * What a node is made with; enough to start it again.
   *
   * @param id its name
   * @param folder its files
   * @param inMemory nothing is forced to disk
   * @param transport how its Raft server is reached
   * @param members all members of the catalog group, this one among them
   * @param channels to all nodes
   * @param catalog the process's copy of the catalog
   * @param senders runs the sending to watchers of the catalog, a thread for each task
   * @param timer runs short tasks later
   */
  record Setup(
      NodeId id,
      Path folder,
      boolean inMemory,
      Transport transport,
      List<Peer> members,
      InProcessChannels channels,
      CatalogFollower catalog,
      Executor senders,
      ScheduledExecutorService timer) {}

  private final RatisLogHost logs;
  private final StorageNode storage;
  private final Server services;
  private final ScheduledFuture<?> catalogSnapshots;
  private final Runnable writeCatalogImage;

  /**
   * Starts the node; it joins its groups as soon as the catalog names them.
   *
   * @throws IOException when the folder cannot be used or the Raft port is taken
   */
  EmbeddedNode(Setup setup) throws IOException {
    Parts parts = new Parts();
    try {
      RatisConfig raft =
          RatisConfig.of(
              setup.id,
              setup.folder.resolve("raft"),
              setup.transport,
              setup.inMemory ? Durability.NONE : Durability.FSYNC);
      logs =
          parts.add(
              RatisLogHost.start(
                  raft,
                  new GrpcTermProbe(setup.channels::stub, raft.electionTimeoutMin()),
                  (group, cause) ->
                      LOG.error("{}: the replica of {} has stopped", setup.id, group, cause)));

      CatalogMachine machine = new CatalogMachine(setup.folder.resolve("catalog"), !setup.inMemory);
      ReplicatedLog catalogLog = logs.open(GroupId.CATALOG, machine, setup.members);
      writeCatalogImage = () -> writeImage(setup.id, machine, catalogLog);
      catalogSnapshots =
          setup.timer.scheduleWithFixedDelay(
              () -> setup.senders.execute(writeCatalogImage),
              CATALOG_SNAPSHOT_SECONDS,
              CATALOG_SNAPSHOT_SECONDS,
              TimeUnit.SECONDS);
      parts.add(() -> catalogSnapshots.cancel(false));

      storage =
          parts.add(
              StorageNode.open(
                  NodeConfig.of(setup.id, setup.folder.resolve("store"))
                      .withInMemory(setup.inMemory),
                  logs,
                  setup.catalog,
                  new HybridClock(),
                  setup.channels::channel));

      services =
          InProcessServerBuilder.forName(setup.channels.serverName(setup.id))
              .directExecutor()
              .addService(storage.service())
              .addService(storage.transactionService())
              .addService(storage.indexService())
              .addService(storage.streamService())
              .addService(new CatalogEndpoint(catalogLog, machine, setup.senders))
              .build()
              .start();
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  /** Does nothing when nothing has changed since the last time. */
  private static void writeImage(NodeId node, CatalogMachine machine, ReplicatedLog log) {
    try {
      machine.flush();
      log.requestSnapshot();
    } catch (RuntimeException e) {
      LOG.error("{}: the catalog's image cannot be written, its log keeps growing", node, e);
    }
  }

  /** Stops as a crash would: nobody is told, and nothing is made durable that is not yet. */
  void crash() {
    services.shutdownNow();
    catalogSnapshots.cancel(false);
    logs.close();
    storage.abandon();
  }

  @Override
  public void close() {
    services.shutdownNow();
    catalogSnapshots.cancel(false);
    writeCatalogImage.run();
    storage.close();
    logs.close();
  }
}
