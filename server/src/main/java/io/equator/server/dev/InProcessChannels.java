package io.equator.server.dev;

import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogServiceGrpc;
import io.equator.proto.CatalogServiceGrpc.CatalogServiceBlockingStub;
import io.equator.proto.CatalogServiceGrpc.CatalogServiceStub;
import io.equator.proto.NodeServiceGrpc;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.server.roles.ClusterChannels;
import io.equator.server.roles.PromptChannel;
import io.grpc.Channel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * gRPC channels to the nodes of this process: no socket and no thread of their own, a call runs on
 * the caller's thread.
 */
final class InProcessChannels implements ClusterChannels, AutoCloseable {

  private static final Duration TRIES_APART = Duration.ofMillis(10);

  /** Two clusters in one process do not meet: tests run several. */
  private final String cluster = UUID.randomUUID().toString();

  private final Map<NodeId, PromptChannel> channels = new LinkedHashMap<>();
  private final Map<NodeId, NodeServiceStub> nodes = new LinkedHashMap<>();
  private final SequencedMap<NodeId, CatalogServiceStub> catalog = new LinkedHashMap<>();
  private final SequencedMap<NodeId, CatalogServiceBlockingStub> blockingCatalog =
      new LinkedHashMap<>();

  /** Channels to these nodes, which need not have started. */
  InProcessChannels(List<NodeId> ids) {
    for (NodeId id : ids) {
      PromptChannel channel =
          new PromptChannel(
              InProcessChannelBuilder.forName(serverName(id)).directExecutor().build(),
              TRIES_APART);
      channels.put(id, channel);
      nodes.put(id, NodeServiceGrpc.newStub(channel));
      catalog.put(id, CatalogServiceGrpc.newStub(channel));
      blockingCatalog.put(id, CatalogServiceGrpc.newBlockingStub(channel));
    }
  }

  /** The name under which a node's services stand in this process. */
  String serverName(NodeId id) {
    return cluster + "/" + id;
  }

  @Override
  public @Nullable NodeServiceStub stub(NodeId id) {
    return nodes.get(id);
  }

  @Override
  public @Nullable Channel channel(NodeId id) {
    return channels.get(id);
  }

  /** The catalog's members, for a follower. */
  List<CatalogServiceStub> catalogMembers() {
    return List.copyOf(catalog.values());
  }

  /** The catalog's members by name, for a client. */
  Map<String, CatalogServiceBlockingStub> blockingCatalogMembers() {
    Map<String, CatalogServiceBlockingStub> byName = new LinkedHashMap<>();
    blockingCatalog.forEach((id, stub) -> byName.put(id.value(), stub));
    return byName;
  }

  @Override
  public void close() {
    channels.values().forEach(PromptChannel::close);
  }
}
