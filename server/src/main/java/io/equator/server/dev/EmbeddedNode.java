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

  private final NodeId id;
  private final Parts parts = new Parts();

  private EmbeddedNode(NodeId id) {
    this.id = id;
  }

  /**
   * Starts the node; it joins its groups as soon as the catalog names them.
   *
   * @param inMemory nothing is forced to disk
   * @throws IOException when the folder cannot be used or the Raft port is taken
   */
  static EmbeddedNode start(
      NodeId id,
      Path folder,
      boolean inMemory,
      Transport transport,
      List<Peer> members,
      InProcessChannels channels,
      CatalogFollower catalog,
      Executor senders)
      throws IOException {
    EmbeddedNode node = new EmbeddedNode(id);
    try {
      node.startParts(folder, inMemory, transport, members, channels, catalog, senders);
      return node;
    } catch (IOException | RuntimeException e) {
      node.close();
      throw e;
    }
  }

  private void startParts(
      Path folder,
      boolean inMemory,
      Transport transport,
      List<Peer> members,
      InProcessChannels channels,
      CatalogFollower catalog,
      Executor senders)
      throws IOException {
    RatisConfig raft =
        RatisConfig.of(
            id, folder.resolve("raft"), transport, inMemory ? Durability.NONE : Durability.FSYNC);
    RatisLogHost logs =
        parts.add(
            RatisLogHost.start(
                raft,
                new GrpcTermProbe(channels::stub, raft.electionTimeoutMin()),
                (group, cause) ->
                    LOG.error("{}: the replica of {} has stopped", id, group, cause)));

    CatalogMachine machine = new CatalogMachine(folder.resolve("catalog"), !inMemory);
    ReplicatedLog catalogLog = logs.open(GroupId.CATALOG, machine, members);

    StorageNode storage =
        parts.add(
            StorageNode.open(
                NodeConfig.of(id, folder.resolve("store")).withInMemory(inMemory),
                logs,
                catalog,
                new HybridClock()));

    Server services =
        InProcessServerBuilder.forName(channels.serverName(id))
            .directExecutor()
            .addService(storage.service())
            .addService(new CatalogEndpoint(catalogLog, machine, senders))
            .build()
            .start();
    parts.add(services::shutdownNow);
  }

  NodeId id() {
    return id;
  }

  @Override
  public void close() {
    parts.close();
  }
}
