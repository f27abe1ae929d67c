package io.equator.coordinator.catalog;

import com.google.protobuf.ByteString;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogObject;
import io.equator.proto.CatalogServiceGrpc;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.RingDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogKeys;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A whole catalog of one member for tests: the real machine, endpoint, client and follower over
 * gRPC's in-process transport, with a log in memory.
 *
 * <p>The cluster is founded: account 123456789012, region us-west-2, one node, one ring with two
 * partitions.
 */
public final class MemoryCatalog implements AutoCloseable {
  /** How long a call looks for a leader. */
  public static final Duration LIMIT = Duration.ofSeconds(10);

  private final ExecutorService sender = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final CatalogMachine machine;
  private final MemoryLog log;
  private final Server server;
  private final ManagedChannel channel;
  private final CatalogClient client;
  private final CatalogFollower follower;

  /** Opens the catalog whose image stands in this directory, and founds a cluster if it is new. */
  public MemoryCatalog(Path directory) {
    machine = new CatalogMachine(directory, false);
    log = new MemoryLog(machine);
    String name = InProcessServerBuilder.generateName();
    try {
      server =
          InProcessServerBuilder.forName(name)
              .directExecutor()
              .addService(new CatalogEndpoint(log, machine, sender))
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    channel = InProcessChannelBuilder.forName(name).directExecutor().build();
    client = new CatalogClient(Map.of("n1", CatalogServiceGrpc.newBlockingStub(channel)), LIMIT);
    follower = newFollower();
    if (machine.revision() == 0) {
      found();
    }
    follower.awaitRevision(machine.revision(), LIMIT).join();
  }

  private void found() {
    ClusterDescriptor cluster =
        ClusterDescriptor.newBuilder()
            .setClusterId("00112233445566778899aabbccddeeff")
            .setRegion("us-west-2")
            .setAccountId("123456789012")
            .setNextTableId(1)
            .setNextPartitionId(3)
            .setRegionNumber(1)
            .build();
    client.commit(
        CatalogCommitRequest.newBuilder()
            .addPuts(object(CatalogKeys.CLUSTER).setCluster(cluster))
            .addPuts(
                object(CatalogKeys.node("n1"))
                    .setNode(NodeDescriptor.newBuilder().setNodeId("n1").setCatalogMember(true)))
            .addPuts(
                object(CatalogKeys.ring(1))
                    .setRing(
                        RingDescriptor.newBuilder()
                            .setRingId(1)
                            .setHashAlgorithm(1)
                            .setHashSeed(ByteString.copyFrom(new byte[16]))
                            .addAllPartitionIds(List.of(1L, 2L))))
            .addPuts(object(CatalogKeys.partition(1)).setPartition(partition(1, 0, (1L << 63) - 1)))
            .addPuts(object(CatalogKeys.partition(2)).setPartition(partition(2, 1L << 63, -1)))
            .build());
  }

  private static CatalogObject.Builder object(String key) {
    return CatalogObject.newBuilder().setKey(key);
  }

  private static PartitionDescriptor partition(long id, long first, long last) {
    return PartitionDescriptor.newBuilder()
        .setPartitionId(id)
        .setEpoch(1)
        .setRingId(1)
        .setFirstToken(first)
        .setLastToken(last)
        .addReplicaNodeIds("n1")
        .build();
  }

  /** Another follower of the same catalog, as another process would have. */
  public CatalogFollower newFollower() {
    return newFollower(List.of());
  }

  /** A follower that knows these other members too, and watches them first. */
  CatalogFollower newFollower(List<CatalogServiceGrpc.CatalogServiceStub> others) {
    List<CatalogServiceGrpc.CatalogServiceStub> members = new ArrayList<>(others);
    members.add(CatalogServiceGrpc.newStub(channel));
    CatalogFollower another = new CatalogFollower(members, timer);
    another.start();
    return another;
  }

  /** Commits and reads. */
  public CatalogClient client() {
    return client;
  }

  /** The process's copy. */
  public CatalogFollower follower() {
    return follower;
  }

  /** Whether the only member leads. */
  public void lead(boolean now) {
    log.lead(now);
  }

  /** The next commits are made, and their outcome is not told. */
  public void loseAnswers(int count) {
    log.loseAnswers(count);
  }

  /** The next commits are refused for overload. */
  public void refuse(int count) {
    log.refuse(count);
  }

  /** Writes the image, so that the directory can be opened again. */
  public void flush() {
    machine.flush();
  }

  @Override
  public void close() {
    follower.close();
    channel.shutdownNow();
    server.shutdownNow();
    try {
      channel.awaitTermination(10, TimeUnit.SECONDS);
      server.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sender.shutdownNow();
    timer.shutdownNow();
  }
}
