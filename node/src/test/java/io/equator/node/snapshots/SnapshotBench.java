package io.equator.node.snapshots;

import io.equator.node.core.EveryFamily;
import io.equator.node.core.MetaRows;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.PartitionMachine;
import io.equator.node.core.PartitionReader;
import io.equator.node.core.StateReplacement.StepListener;
import io.equator.node.core.StoreFlusher;
import io.equator.node.rocksdb.RocksConfig;
import io.equator.node.rocksdb.RocksStore;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.HostedPartitions;
import io.equator.partitioner.NodeId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.ReplicatedLog;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Some nodes with a store and two partitions each, the lower half of the tokens and the upper one,
 * that give one another states over gRPC.
 */
final class SnapshotBench implements AutoCloseable {
  static final long LOWER = 1;
  static final long UPPER = 2;
  private static final RocksConfig SMALL = new RocksConfig(8 << 20, 1 << 20, 1 << 20, 1);

  private final Path directory;
  private final SnapshotLimits limits;
  private final Map<String, Node> nodes = new HashMap<>();
  private final List<ClientInterceptor> interceptors;

  SnapshotBench(Path directory, SnapshotLimits limits, ClientInterceptor... interceptors) {
    this.directory = directory;
    this.limits = limits;
    this.interceptors = List.of(interceptors);
  }

  /** Opens a node with what its directory has. */
  Node open(String name) throws IOException {
    return open(name, StepListener.NONE);
  }

  Node open(String name, StepListener steps) throws IOException {
    Node node = new Node(name, steps);
    nodes.put(name, node);
    return node;
  }

  private @Nullable Channel channel(NodeId id) {
    Node node = nodes.get(id.value());
    return node == null || node.channel == null
        ? null
        : ClientInterceptors.intercept(node.channel, interceptors);
  }

  static Descriptor descriptor(long partition) {
    return partition == LOWER ? EveryFamily.LOWER : EveryFamily.UPPER;
  }

  @Override
  public void close() {
    nodes.values().forEach(Node::close);
  }

  /** One node. */
  final class Node implements HostedPartitions {
    final String name;
    final RocksStore store;
    final StoreFlusher flusher;
    final Installer installer;
    final SnapshotEndpoint endpoint;
    final Map<Long, ReplicaMachine> replicas = new HashMap<>();
    private final Map<Long, HostedPartition> shown = new ConcurrentHashMap<>();
    private final Server server;
    private final ManagedChannel channel;
    private boolean closed;

    Node(String name, StepListener steps) throws IOException {
      this.name = name;
      Path own = directory.resolve(name);
      this.store = RocksStore.open(own.resolve("rocksdb"), SMALL);
      this.flusher = new StoreFlusher(store);
      this.installer =
          new Installer(store, own.resolve("arriving"), SnapshotBench.this::channel, steps);
      this.endpoint = new SnapshotEndpoint(this, store, own.resolve("sending"), limits);
      String address = InProcessServerBuilder.generateName();
      this.server =
          InProcessServerBuilder.forName(address)
              .directExecutor()
              .addService(endpoint)
              .build()
              .start();
      this.channel = InProcessChannelBuilder.forName(address).directExecutor().build();
      for (long partition : List.of(LOWER, UPPER)) {
        MetaRows.settle(store, partition, descriptor(partition), name);
        if (!installer.isUnfinished(partition)) {
          openPartition(partition);
        }
      }
    }

    void openPartition(long partition) {
      ReplicaMachine replica =
          new ReplicaMachine(
              partition,
              descriptor(partition),
              flusher,
              installer,
              new ReplicaMachine.Host() {
                @Override
                public void show(PartitionMachine machine, io.equator.node.core.FencedStore view) {
                  shown.put(
                      partition,
                      new HostedPartition(
                          noLog(),
                          machine,
                          noWriter(),
                          new PartitionReader(view, machine.descriptor()),
                          new io.equator.node.core.ChangeReader(machine, view)));
                }

                @Override
                public void hide() {
                  shown.remove(partition);
                }
              });
      replicas.put(partition, replica);
      replica.show();
    }

    @SuppressWarnings("NullAway") // Nobody writes.
    private io.equator.node.core.PartitionWriter noWriter() {
      return null;
    }

    private ReplicatedLog noLog() {
      return (ReplicatedLog)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {ReplicatedLog.class},
              (_, method, _) ->
                  method.getName().equals("leadership")
                      ? new Leadership.Follower(1, Optional.empty())
                      : null);
    }

    NodeId id() {
      return new NodeId(name);
    }

    ReplicaMachine replica(long partition) {
      return java.util.Objects.requireNonNull(replicas.get(partition));
    }

    PartitionMachine machine(long partition) {
      return java.util.Objects.requireNonNull(shown.get(partition)).machine();
    }

    /** Fills a partition with so many entries of a seed. */
    Node fill(long partition, long seed, int entries) {
      new EveryFamily(descriptor(partition), seed).fill(machine(partition), entries);
      return this;
    }

    Map<?, ?> rows(long partition) {
      return EveryFamily.rows(store, partition, descriptor(partition));
    }

    @Override
    public @Nullable HostedPartition partition(long id) {
      return shown.get(id);
    }

    @Override
    public Collection<HostedPartition> all() {
      return shown.values();
    }

    @Override
    public Optional<String> unfit() {
      return Optional.empty();
    }

    /** Ends it so that what is not on disk is lost. */
    void crash() {
      end(true);
    }

    void close() {
      end(false);
    }

    private void end(boolean crash) {
      if (closed) {
        return;
      }
      closed = true;
      channel.shutdownNow();
      server.shutdownNow();
      endpoint.close();
      replicas.values().forEach(ReplicaMachine::close);
      if (crash) {
        store.abandon();
      } else {
        store.close();
      }
    }
  }
}
