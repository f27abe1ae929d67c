package io.equator.server.admin.cluster;

import com.google.protobuf.ByteString;
import io.equator.coordinator.cluster.NodeWatch;
import io.equator.coordinator.cluster.ReplicaSteps;
import io.equator.coordinator.cluster.ReplicaSteps.Step;
import io.equator.coordinator.cluster.SplitSteps;
import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogObject;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.RegionDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.server.Refusal;
import io.equator.server.config.ServeConfig;
import io.equator.server.identity.ClusterCertificates;
import io.equator.server.identity.Identity;
import io.equator.server.identity.NodeFolder;
import io.equator.server.identity.NodeSecurity;
import io.equator.server.regions.Farewell;
import io.equator.server.regions.RegionSecurity;
import io.equator.server.roles.Parts;
import io.equator.server.serve.NodeChannels;
import io.grpc.Channel;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** A connection to a running cluster, with a node's own certificate. */
final class ClusterConnection implements AutoCloseable {
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(15);

  private final Parts parts = new Parts();
  private final NodeChannels channels;
  private final CatalogFollower follower;
  private final CatalogClient catalog;
  private final Optional<ClusterCertificates> certificates;

  private ClusterConnection(ServeConfig config, Identity identity) throws IOException {
    certificates =
        identity.tls()
            ? Optional.of(new ClusterCertificates(config.node().data()))
            : Optional.empty();
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("timer").daemon().factory());
    parts.add(timer::shutdownNow);
    channels = parts.add(new NodeChannels(new NodeSecurity(certificates), Optional.empty(), ""));
    Map<String, String> known = new TreeMap<>(identity.catalogMembers());
    if (known.isEmpty()) {
      known.put(identity.nodeId(), config.internal().serviceAddress());
    }
    channels.expectCatalogAt(known);
    follower = new CatalogFollower(channels::catalogStubs, timer);
    catalog = new CatalogClient(channels::blockingCatalogStubs, ANSWER_WITHIN);
    follower.listen(channels::follow);
    parts.add(follower).start();
  }

  /**
   * Connects, and waits for a copy of the catalog.
   *
   * @throws Refusal when the folder belongs to no cluster, or nobody answers
   */
  static ClusterConnection open(ServeConfig config) {
    Identity identity =
        NodeFolder.read(config.node().data())
            .orElseThrow(
                () ->
                    new Refusal("the folder " + config.node().data() + " belongs to no cluster."));
    try {
      ClusterConnection connection = new ClusterConnection(config, identity);
      try {
        connection.follower.awaitRevision(1, ANSWER_WITHIN).get();
        return connection;
      } catch (ExecutionException e) {
        connection.close();
        throw new Refusal(
            "nobody who keeps the catalog answers; asked: " + identity.catalogMembers() + ".", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        connection.close();
        throw new Refusal("interrupted.", e);
      }
    } catch (IOException e) {
      throw new Refusal("the node's certificate cannot be used: " + e.getMessage() + ".", e);
    }
  }

  CatalogSnapshot snapshot() {
    return follower.snapshot();
  }

  CatalogClient catalog() {
    return catalog;
  }

  Optional<ClusterCertificates> certificates() {
    return certificates;
  }

  /** The cluster's root, PEM; empty in a cluster without certificates. */
  ByteString root() {
    try {
      return certificates.isEmpty()
          ? ByteString.EMPTY
          : ByteString.copyFrom(Files.readAllBytes(certificates.get().root()));
    } catch (IOException e) {
      throw new Refusal("the cluster's root cannot be read: " + e.getMessage() + ".", e);
    }
  }

  /** Tells a region that it has been taken out; whether it has heard. */
  boolean tell(RegionDescriptor removed) {
    String own = snapshot().cluster().orElseThrow().getRegion();
    return snapshot().regions().stream()
        .map(CatalogObject::getRegion)
        .filter(region -> region.getName().equals(own))
        .anyMatch(self -> Farewell.tell(self, removed, new RegionSecurity(certificates)));
  }

  ReplicaSteps steps() {
    return new ReplicaSteps(catalog);
  }

  SplitSteps splitSteps() {
    return new SplitSteps(catalog, System::currentTimeMillis);
  }

  /** A partition as it stands in the catalog itself at this moment. */
  PartitionDescriptor partitionNow(long id) {
    return catalog.read(List.of(CatalogKeys.partition(id))).getObjectsList().stream()
        .map(CatalogObject::getPartition)
        .findFirst()
        .orElseThrow(() -> new Refusal("there is no partition " + id + "."));
  }

  /** What every node says at this moment. */
  NodeWatch.View view() {
    return new NodeWatch(channels::channel, System::nanoTime).look(snapshot());
  }

  /**
   * Which node leads a partition at this moment; 0 is the catalog.
   *
   * @throws Refusal when nobody does
   */
  NodeId leaderOf(long partition) {
    return view()
        .leaderOf(partition)
        .orElseThrow(() -> new Refusal("partition " + partition + " has no leader."));
  }

  Channel channel(NodeId node) {
    Channel channel = channels.channel(node);
    if (channel == null) {
      throw new Refusal("there is no node " + node + ".");
    }
    return channel;
  }

  PartitionDescriptor partition(long id) {
    return snapshot().partitionDescriptors().stream()
        .filter(partition -> partition.getPartitionId() == id)
        .findFirst()
        .orElseThrow(() -> new Refusal("there is no partition " + id + "."));
  }

  /** Throws when a step was refused. */
  static void made(Step step) {
    if (step instanceof Step.Refused(String why)) {
      throw new Refusal(why + ".");
    }
  }

  @Override
  public void close() {
    parts.close();
  }
}
