package io.equator.server.serve;

import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogServiceGrpc;
import io.equator.proto.CatalogServiceGrpc.CatalogServiceBlockingStub;
import io.equator.proto.CatalogServiceGrpc.CatalogServiceStub;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.NodeServiceGrpc;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.server.identity.ClusterCertificates;
import io.equator.server.identity.NodeSecurity;
import io.equator.server.roles.ClusterChannels;
import io.equator.server.roles.PromptChannel;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Channels to the nodes that the catalog names, and to the last known members of the catalog before
 * there is a copy of it. With certificates a channel only speaks to the node that it is for,
 * whatever lives at its address.
 */
public final class NodeChannels implements ClusterChannels, AutoCloseable {
  /** The largest message: a transaction of 4 MB, or a batch of 16 MB, with its frame. */
  static final int MESSAGE_BYTES_MAX = 32 << 20;

  private static final long KEEPALIVE_SECONDS = 10;
  private static final long KEEPALIVE_TIMEOUT_SECONDS = 5;
  private static final Duration TRIES_APART = Duration.ofSeconds(1);

  private record Open(String address, PromptChannel channel, NodeServiceStub stub) {}

  private final ChannelCredentials credentials;
  private final boolean tls;
  private final Optional<NodeId> self;
  private final String selfName;
  private volatile Map<NodeId, Open> open = Map.of();
  private volatile List<NodeId> catalogMembers = List.of();
  private boolean closed;

  /**
   * Channels from this process.
   *
   * @param self this node, reached without a socket under {@code selfName}; empty for a process
   *     that serves nothing
   */
  public NodeChannels(NodeSecurity security, Optional<NodeId> self, String selfName)
      throws IOException {
    this.credentials = security.client();
    this.tls = security.certificates().isPresent();
    this.self = self;
    this.selfName = selfName;
  }

  /** Before there is a copy of the catalog: who is thought to keep it, by node id. */
  public void expectCatalogAt(Map<String, String> addresses) {
    Map<NodeId, String> byNode = new TreeMap<>();
    addresses.forEach((node, address) -> byNode.put(new NodeId(node), address));
    set(byNode, List.copyOf(byNode.keySet()));
  }

  /** Who is there by the newest copy. */
  public void follow(CatalogSnapshot snapshot) {
    if (snapshot.cluster().isEmpty()) {
      return;
    }
    Map<NodeId, String> byNode = new TreeMap<>();
    List<NodeId> members = new ArrayList<>();
    for (NodeDescriptor node : snapshot.nodes()) {
      NodeId id = new NodeId(node.getNodeId());
      byNode.put(id, node.getServiceAddress());
      if (node.getCatalogMember()) {
        members.add(id);
      }
    }
    set(byNode, members);
  }

  private synchronized void set(Map<NodeId, String> addresses, List<NodeId> members) {
    if (closed) {
      // The last news of the catalog may come when everything ends.
      return;
    }
    Map<NodeId, Open> before = open;
    Map<NodeId, Open> after = new LinkedHashMap<>();
    addresses.forEach(
        (node, address) -> {
          Open known = before.get(node);
          after.put(
              node,
              known != null && known.address.equals(address) ? known : connect(node, address));
        });
    open = Map.copyOf(after);
    catalogMembers = List.copyOf(members);
    before.forEach(
        (node, known) -> {
          if (!known.equals(after.get(node))) {
            known.channel.shutdown();
          }
        });
  }

  private Open connect(NodeId node, String address) {
    ManagedChannel managed =
        self.equals(Optional.of(node))
            ? InProcessChannelBuilder.forName(selfName)
                .directExecutor()
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .build()
            : network(node, address);
    PromptChannel channel = new PromptChannel(managed, TRIES_APART);
    return new Open(address, channel, NodeServiceGrpc.newStub(channel));
  }

  private ManagedChannel network(NodeId node, String address) {
    ManagedChannelBuilder<?> builder =
        Grpc.newChannelBuilder(address, credentials)
            .directExecutor()
            .maxInboundMessageSize(MESSAGE_BYTES_MAX)
            .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .keepAliveWithoutCalls(true);
    if (tls) {
      builder.overrideAuthority(ClusterCertificates.nameOf(node.value()));
    }
    return builder.build();
  }

  @Override
  public @Nullable NodeServiceStub stub(NodeId node) {
    Open known = open.get(node);
    return known == null ? null : known.stub;
  }

  @Override
  public @Nullable Channel channel(NodeId node) {
    Open known = open.get(node);
    return known == null ? null : known.channel;
  }

  /** The catalog's members, for a follower. */
  public List<CatalogServiceStub> catalogStubs() {
    List<CatalogServiceStub> stubs = new ArrayList<>();
    for (NodeId member : catalogMembers) {
      Channel channel = channel(member);
      if (channel != null) {
        stubs.add(CatalogServiceGrpc.newStub(channel));
      }
    }
    return stubs;
  }

  /** The catalog's members by node id, for a client. */
  public Map<String, CatalogServiceBlockingStub> blockingCatalogStubs() {
    Map<String, CatalogServiceBlockingStub> stubs = new TreeMap<>();
    for (NodeId member : catalogMembers) {
      Channel channel = channel(member);
      if (channel != null) {
        stubs.put(member.value(), CatalogServiceGrpc.newBlockingStub(channel));
      }
    }
    return stubs;
  }

  @Override
  public synchronized void close() {
    closed = true;
    open.values().forEach(known -> known.channel.close());
    open = Map.of();
    catalogMembers = List.of();
  }
}
