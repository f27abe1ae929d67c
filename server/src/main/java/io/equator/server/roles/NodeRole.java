package io.equator.server.roles;

import io.equator.coordinator.catalog.GrpcCatalogImages;
import io.equator.node.ReplicaFailures;
import io.equator.node.StorageNode;
import io.equator.node.confirm.GrpcTermProbe;
import io.equator.node.health.DiskState;
import io.equator.node.service.HostedPartition;
import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogObject;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.LogHost;
import io.equator.replication.log.Peer;
import io.equator.replication.log.ReplicatedLog;
import io.equator.replication.ratis.RatisConfig;
import io.equator.replication.ratis.RatisConfig.Durability;
import io.equator.replication.ratis.RatisConfig.LogKept;
import io.equator.replication.ratis.RatisConfig.Transport;
import io.equator.replication.ratis.RatisLogHost;
import io.equator.replication.regions.RegionChannels;
import io.equator.server.observe.Observation;
import io.grpc.BindableService;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The role {@code node}: a Raft server, a storage node, and the member of the catalog group if this
 * node is one.
 *
 * <pre>
 * raft/      logs of all groups
 * catalog/   image of the catalog, at its members
 * store/     items
 * </pre>
 */
public final class NodeRole implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeRole.class);

  /**
   * What a node is made with; enough to start it again.
   *
   * @param id its name
   * @param folder its files
   * @param inMemory nothing is forced to disk
   * @param transport how its Raft server is reached
   * @param logKept how much stays of its logs when they are cut
   * @param founders all founding members of the catalog group, this one among them; empty for a
   *     node that founds nothing
   * @param channels to all nodes
   * @param catalog the process's copy of the catalog
   * @param catalogClient asks the catalog itself
   * @param senders runs the sending to watchers of the catalog, a thread for each task
   * @param timer runs short tasks later
   * @param regions to other regions, for what runs beside the data
   * @param clock the wall's time
   * @param tuning what an operator may set
   */
  public record Setup(
      NodeId id,
      Path folder,
      boolean inMemory,
      Transport transport,
      LogKept logKept,
      List<Peer> founders,
      ClusterChannels channels,
      CatalogFollower catalog,
      CatalogClient catalogClient,
      Executor senders,
      ScheduledExecutorService timer,
      RegionChannels regions,
      InstantSource clock,
      NodeTuning tuning) {}

  private static final Duration HAND_OVER_WITHIN = Duration.ofSeconds(5);
  private static final Duration HAND_OVER_ATTEMPT = Duration.ofMillis(1_500);

  private final Setup setup;
  private final RatisLogHost logs;
  private final StorageNode storage;
  private final Runnable endObservation;
  private @Nullable CatalogMember catalogMember;

  /** Its log could not be written, and it has stopped itself. */
  private volatile boolean catalogFailed;

  /**
   * Starts the node; it joins its groups as soon as the catalog names them.
   *
   * @throws IOException when the folder cannot be used or the Raft port is taken
   */
  public NodeRole(Setup setup) throws IOException {
    this(setup, Observation.none());
  }

  /** The same, watched. */
  public NodeRole(Setup setup, Observation observation) throws IOException {
    this.setup = setup;
    Parts parts = new Parts();
    try {
      ReplicaFailures failures = new ReplicaFailures();
      LogHost.FailureListener listener =
          (group, cause) -> {
            if (group.equals(GroupId.CATALOG)) {
              catalogFailed = true;
            } else {
              failures.replicaFailed(group, cause);
            }
          };
      RatisConfig raft =
          RatisConfig.of(
                  setup.id,
                  setup.folder.resolve("raft"),
                  setup.transport,
                  setup.inMemory ? Durability.NONE : Durability.FSYNC)
              .withLogKept(setup.logKept);
      logs =
          parts.add(
              RatisLogHost.start(
                  raft,
                  new GrpcTermProbe(setup.channels::stub, raft.electionTimeoutMin()),
                  listener));
      if (!setup.founders.isEmpty()) {
        parts.add(joinCatalog(setup.founders));
      }
      storage =
          parts.add(
              StorageNode.open(
                  setup.tuning.config(setup.id, setup.folder, setup.inMemory),
                  logs,
                  failures,
                  setup.catalog,
                  id ->
                      setup
                          .catalogClient
                          .read(List.of(CatalogKeys.partition(id)))
                          .getObjectsList()
                          .stream()
                          .map(CatalogObject::getPartition)
                          .findFirst(),
                  new HybridClock(setup.clock::millis, HybridClock.DEFAULT_OFFSET_MAX),
                  setup.channels::channel,
                  setup.regions,
                  observation.calls(setup.id)));
      endObservation = observation.node(storage, setup.catalog);
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  /**
   * Opens this node's member of the catalog group.
   *
   * @param founders see {@link Setup#founders}; nobody when the others will take this node in
   */
  public synchronized CatalogMember joinCatalog(List<Peer> founders) throws IOException {
    CatalogMember member = catalogMember;
    if (member == null) {
      member =
          new CatalogMember(
              logs,
              setup.folder.resolve("catalog"),
              !setup.inMemory,
              new GrpcCatalogImages(setup.channels::channel),
              founders,
              setup.senders,
              setup.timer);
      catalogMember = member;
    }
    return member;
  }

  /**
   * Opens the member of the catalog group again if it has stopped itself, as it does when its log
   * cannot be written, unless the disk is still full.
   *
   * @return the new member, whose services take the place of the old one's
   */
  public synchronized Optional<CatalogMember> reopenCatalog() throws IOException {
    CatalogMember member = catalogMember;
    if (!catalogFailed || member == null || storage.health().disk() != DiskState.ROOM) {
      return Optional.empty();
    }
    LOG.warn("{} opens its member of the catalog again", setup.id);
    member.close();
    member.log().close();
    catalogMember = null;
    catalogFailed = false;
    try {
      return Optional.of(joinCatalog(List.of()));
    } catch (IOException | RuntimeException e) {
      catalogMember = member;
      catalogFailed = true;
      throw e;
    }
  }

  /** Throws away this node's member of the catalog group, which has let it go. */
  public synchronized void leaveCatalog() throws IOException {
    CatalogMember member = catalogMember;
    if (member != null) {
      catalogMember = null;
      member.close();
      logs.discard(GroupId.CATALOG);
      member.deleteImage();
    }
  }

  /** This node's member of the catalog group, if it has one. */
  public synchronized Optional<CatalogMember> catalogMember() {
    return Optional.ofNullable(catalogMember);
  }

  /** The Raft server. */
  public LogHost logs() {
    return logs;
  }

  /** The storage. */
  public StorageNode storage() {
    return storage;
  }

  /** The services of the storage node; the catalog's member has its own. */
  public List<BindableService> services() {
    return List.of(
        storage.service(),
        storage.transactionService(),
        storage.indexService(),
        storage.streamService(),
        storage.regionService(),
        storage.snapshotService(),
        storage.integrityService(),
        storage.splitService(),
        storage.healthService());
  }

  /** Gives away what this node leads, before it stops; takes some seconds at most. */
  public void handOver() {
    Map<GroupId, ReplicatedLog> groups = new HashMap<>();
    logs.replica(GroupId.CATALOG).ifPresent(log -> groups.put(GroupId.CATALOG, log));
    for (HostedPartition partition : storage.all()) {
      groups.put(GroupId.ofPartition(partition.machine().partition()), partition.log());
    }
    new HandOver(groups, HAND_OVER_WITHIN, HAND_OVER_ATTEMPT).run();
  }

  /** Stops as a crash would: nothing is made durable that is not yet. */
  public void crash() {
    endObservation.run();
    catalogMember().ifPresent(CatalogMember::close);
    logs.close();
    storage.abandon();
  }

  @Override
  public void close() {
    endObservation.run();
    catalogMember()
        .ifPresent(
            member -> {
              member.close();
              member.writeImage();
            });
    storage.close();
    logs.close();
  }
}
