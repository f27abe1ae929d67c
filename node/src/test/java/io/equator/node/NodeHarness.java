package io.equator.node;

import static io.equator.node.core.TestTables.plain;

import com.google.protobuf.ByteString;
import io.equator.node.rocksdb.RocksConfig;
import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.CatalogReadRequest;
import io.equator.proto.CatalogReadResponse;
import io.equator.proto.CatalogServiceGrpc;
import io.equator.proto.CatalogWatchRequest;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.NodeServiceGrpc;
import io.equator.proto.NodeServiceGrpc.NodeServiceBlockingStub;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.PartitionRef;
import io.equator.proto.RingDescriptor;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.log.TermProbe;
import io.equator.replication.ratis.InProcessNetwork;
import io.equator.replication.ratis.RatisConfig;
import io.equator.replication.ratis.RatisConfig.Durability;
import io.equator.replication.ratis.RatisLogHost;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * One storage node as a process has it: Ratis, RocksDB, gRPC, and a catalog that the test writes.
 */
final class NodeHarness implements AutoCloseable {
  static final PartitionRef PARTITION =
      PartitionRef.newBuilder().setPartitionId(1).setEpoch(1).build();
  static final NodeId NODE = new NodeId("n1");

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final List<Server> servers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final TestCatalog catalog;
  private final CatalogFollower follower;
  private final RatisLogHost logs;
  private final StorageNode node;
  private final NodeServiceBlockingStub stub;

  NodeHarness(Path directory, TestCatalog catalog) throws IOException {
    this.catalog = catalog;
    ReplicaFailures failures = new ReplicaFailures();
    this.follower = new CatalogFollower(List.of(CatalogServiceGrpc.newStub(serve(catalog))), timer);
    follower.start();
    this.logs =
        RatisLogHost.start(
            RatisConfig.of(
                NODE,
                directory.resolve("raft"),
                new RatisConfig.Transport.InProcess(new InProcessNetwork()),
                Durability.FSYNC),
            TermProbe.NONE,
            failures);
    this.node =
        StorageNode.open(
            NodeConfig.of(NODE, directory.resolve("data"))
                .withStore(new RocksConfig(32 << 20, 8 << 20, 8 << 20, 1)),
            logs,
            failures,
            follower,
            id -> follower.snapshot().partitionDescriptor(id),
            new HybridClock(),
            _ -> null,
            io.equator.replication.regions.RegionChannels.NONE,
            io.equator.node.service.CallObserver.NONE);
    this.stub = NodeServiceGrpc.newBlockingStub(serve(node.service()));
    await(
        () -> {
          var partition = node.partition(1);
          return partition != null && partition.leads();
        },
        "the partition has no leader");
  }

  private ManagedChannel serve(io.grpc.BindableService service) throws IOException {
    String name = InProcessServerBuilder.generateName();
    servers.add(
        InProcessServerBuilder.forName(name).directExecutor().addService(service).build().start());
    ManagedChannel channel = InProcessChannelBuilder.forName(name).directExecutor().build();
    channels.add(channel);
    return channel;
  }

  StorageNode node() {
    return node;
  }

  NodeServiceBlockingStub stub() {
    return stub;
  }

  /** Changes the catalog and waits until the node has heard of it. */
  void publish(CatalogEvent.Builder change) {
    long revision = catalog.publish(change);
    follower.awaitRevision(revision, Duration.ofSeconds(10)).join();
  }

  void createTable(TableDescriptor table) {
    publish(
        CatalogEvent.newBuilder()
            .addPuts(
                CatalogObject.newBuilder().setKey("table/" + table.getName()).setTable(table)));
  }

  static void await(BooleanSupplier condition, String otherwise) {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(otherwise);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    servers.forEach(Server::shutdownNow);
    follower.close();
    node.close();
    logs.close();
    timer.shutdownNow();
  }

  /** A catalog with one node and one partition, that tells its watchers what the test says. */
  static final class TestCatalog extends CatalogServiceGrpc.CatalogServiceImplBase {
    private final List<CatalogEvent> history = new ArrayList<>();
    private final List<StreamObserver<CatalogEvent>> watchers = new ArrayList<>();
    private boolean confirmed;

    TestCatalog() {
      publish(
          CatalogEvent.newBuilder()
              .setFull(true)
              .addPuts(
                  CatalogObject.newBuilder()
                      .setKey("cluster")
                      .setCluster(ClusterDescriptor.newBuilder().setNextTableId(1_000)))
              .addPuts(
                  CatalogObject.newBuilder()
                      .setKey("node/n1")
                      .setNode(NodeDescriptor.newBuilder().setNodeId("n1").setRaftAddress("n1:1")))
              .addPuts(
                  CatalogObject.newBuilder()
                      .setKey("ring/1")
                      .setRing(
                          RingDescriptor.newBuilder()
                              .setRingId(1)
                              .setHashAlgorithm(1)
                              .setHashSeed(ByteString.copyFrom(new byte[16]))
                              .addPartitionIds(1)))
              .addPuts(
                  CatalogObject.newBuilder()
                      .setKey("partition/1")
                      .setPartition(
                          PartitionDescriptor.newBuilder()
                              .setPartitionId(1)
                              .setEpoch(1)
                              .setRingId(1)
                              .setFirstToken(0)
                              .setLastToken(-1L)
                              .addReplicaNodeIds("n1")))
              .addPuts(CatalogObject.newBuilder().setKey("table/table7").setTable(plain(7))));
    }

    /** From now on it says, when it is asked, that what it has told is the newest. */
    synchronized TestCatalog confirmed() {
      confirmed = true;
      return this;
    }

    @Override
    public synchronized void read(
        CatalogReadRequest request, StreamObserver<CatalogReadResponse> answer) {
      if (confirmed) {
        answer.onNext(CatalogReadResponse.newBuilder().setRevision(history.size()).build());
        answer.onCompleted();
      } else {
        answer.onError(Status.UNAVAILABLE.asRuntimeException());
      }
    }

    synchronized long publish(CatalogEvent.Builder change) {
      CatalogEvent event = change.setRevision(history.size() + 1L).build();
      history.add(event);
      watchers.forEach(watcher -> watcher.onNext(event));
      return event.getRevision();
    }

    @Override
    public synchronized void watch(
        CatalogWatchRequest request, StreamObserver<CatalogEvent> watcher) {
      history.forEach(watcher::onNext);
      watchers.add(watcher);
    }
  }
}
