package io.equator.coordinator.regions;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.KeyElement;
import io.equator.proto.KeyType;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.PassTombstonesRequest;
import io.equator.proto.PassTombstonesResponse;
import io.equator.proto.RegionNodeServiceGrpc;
import io.equator.proto.ReplicationProgress;
import io.equator.proto.ReplicationProgressRequest;
import io.equator.proto.ReplicationProgressResponse;
import io.equator.proto.ReplicationResolvedRequest;
import io.equator.proto.ReplicationResolvedResponse;
import io.equator.proto.ReplicationServiceGrpc;
import io.equator.proto.ReplicationSource;
import io.equator.proto.ReplicationTarget;
import io.equator.proto.RingDescriptor;
import io.equator.proto.ScalarType;
import io.equator.proto.TableDescriptor;
import io.equator.proto.TableReplication;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.regions.RegionChannels;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Up to when tombstones may go: the least that any region says of any other, and never while one of
 * them says nothing. This region is {@code west}, with one node and two partitions; {@code east}
 * and {@code north} are scripted.
 */
final class HorizonKeeperTest {
  private static final Duration WITHIN = Duration.ofSeconds(60);
  private static final int TABLE = 7;
  private static final List<ReplicationTarget> OTHERS =
      List.of(target("east", 3), target("north", 4));

  /** A timestamp with the sign bit, so that signed comparisons are found out. */
  private static final long LATE = Long.MIN_VALUE + 5;

  private final List<AutoCloseable> opened = new ArrayList<>();

  /** What this region's node says of each partition and target. */
  private final Map<String, ReplicationProgress> progress = new ConcurrentHashMap<>();

  private final BlockingQueue<PassTombstonesRequest> passed = new LinkedBlockingQueue<>();
  private final BlockingQueue<Integer> askedTables = new LinkedBlockingQueue<>();
  private final Map<String, OtherRegion> regions = new ConcurrentHashMap<>();
  private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
  private ManagedChannel node;

  private static ReplicationTarget target(String region, long generation) {
    return ReplicationTarget.newBuilder().setRegion(region).setGeneration(generation).build();
  }

  /** Says one answer each time it is asked, and that it was asked. */
  private static final class OtherRegion extends ReplicationServiceGrpc.ReplicationServiceImplBase {
    private final BlockingQueue<ReplicationSource> asked = new LinkedBlockingQueue<>();
    private volatile Optional<Long> said = Optional.of(0L);

    @Override
    public void resolved(
        ReplicationResolvedRequest request, StreamObserver<ReplicationResolvedResponse> answer) {
      asked.add(request.getSource());
      Optional<Long> now = said;
      if (now.isEmpty()) {
        answer.onError(Status.UNAVAILABLE.asRuntimeException());
        return;
      }
      answer.onNext(ReplicationResolvedResponse.newBuilder().setResolved(now.get()).build());
      answer.onCompleted();
    }
  }

  private final class OwnNode extends RegionNodeServiceGrpc.RegionNodeServiceImplBase {
    @Override
    public void progress(
        ReplicationProgressRequest request, StreamObserver<ReplicationProgressResponse> answer) {
      ReplicationProgressResponse.Builder all = ReplicationProgressResponse.newBuilder();
      askedTables.add(request.getTableId());
      all.addAllProgress(progress.values());
      answer.onNext(all.build());
      answer.onCompleted();
    }

    @Override
    public void passTombstones(
        PassTombstonesRequest request, StreamObserver<PassTombstonesResponse> answer) {
      passed.add(request);
      answer.onNext(PassTombstonesResponse.getDefaultInstance());
      answer.onCompleted();
    }
  }

  private ManagedChannel open(BindableService service) throws IOException {
    String name = InProcessServerBuilder.generateName();
    Server server =
        InProcessServerBuilder.forName(name).directExecutor().addService(service).build().start();
    ManagedChannel channel = InProcessChannelBuilder.forName(name).directExecutor().build();
    opened.add(server::shutdownNow);
    opened.add(channel::shutdownNow);
    return channel;
  }

  @BeforeEach
  void everybodyKnows() throws IOException {
    node = open(new OwnNode());
    for (ReplicationTarget target : OTHERS) {
      OtherRegion region = new OtherRegion();
      region.said = Optional.of(LATE);
      regions.put(target.getRegion(), region);
      channels.put(target.getRegion(), open(region));
      for (long partition = 1; partition <= 2; partition++) {
        say(partition, target, LATE, true);
      }
    }
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closed : opened.reversed()) {
      closed.close();
    }
  }

  private void say(long partition, ReplicationTarget target, long resolved, boolean walked) {
    progress.put(
        partition + target.getRegion(),
        ReplicationProgress.newBuilder()
            .setPartitionId(partition)
            .setRegion(target.getRegion())
            .setGeneration(target.getGeneration())
            .setWalked(walked)
            .setResolved(resolved)
            .build());
  }

  private OtherRegion region(String name) {
    return Optional.ofNullable(regions.get(name)).orElseThrow();
  }

  private static PartitionDescriptor partition(long id, long first, long last) {
    return PartitionDescriptor.newBuilder()
        .setPartitionId(id)
        .setEpoch(1)
        .setRingId(1)
        .setFirstToken(first)
        .setLastToken(last)
        .addReplicaNodeIds("a")
        .build();
  }

  private static CatalogObject.Builder object(String key) {
    return CatalogObject.newBuilder().setKey(key);
  }

  private static TableDescriptor table(int id, List<ReplicationTarget> targets) {
    return TableDescriptor.newBuilder()
        .setTableId(id)
        .setSchemaVersion(1)
        .setName("table" + id)
        .setStatus("ACTIVE")
        .setRingId(1)
        .addKey(
            KeyElement.newBuilder()
                .setAttributeName("pk")
                .setKeyType(KeyType.HASH)
                .setAttributeType(ScalarType.S))
        .setReplication(
            TableReplication.newBuilder().setGlobalTableId("global").addAllTargets(targets))
        .build();
  }

  private static CatalogSnapshot catalog() {
    CatalogEvent.Builder event =
        CatalogEvent.newBuilder()
            .setRevision(1)
            .setFull(true)
            .addPuts(object("cluster").setCluster(ClusterDescriptor.newBuilder().setRegion("west")))
            .addPuts(
                object("ring/1")
                    .setRing(
                        RingDescriptor.newBuilder()
                            .setRingId(1)
                            .setHashAlgorithm(1)
                            .setHashSeed(ByteString.copyFrom(new byte[16]))
                            .addAllPartitionIds(List.of(1L, 2L))))
            .addPuts(object("partition/1").setPartition(partition(1, 0, Long.MAX_VALUE)))
            .addPuts(object("partition/2").setPartition(partition(2, Long.MIN_VALUE, -1)))
            .addPuts(object("table/table6").setTable(table(6, List.of())))
            .addPuts(object("table/table7").setTable(table(TABLE, OTHERS)));
    return CatalogSnapshot.empty().with(event.build());
  }

  private HorizonKeeper keeper() {
    CatalogSnapshot catalog = catalog();
    RegionChannels reached = region -> Optional.ofNullable(channels.get(region));
    return new HorizonKeeper(
        () -> catalog, reached, new ProgressReader(() -> catalog, _ -> node), Duration.ofMillis(1));
  }

  /** The first horizon that is passed. */
  private PassTombstonesRequest pass() throws InterruptedException {
    try (HorizonKeeper keeper = keeper()) {
      keeper.start();
      PassTombstonesRequest first = passed.poll(WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      assertThat(first).isNotNull();
      return first;
    }
  }

  /** Nothing is passed in two whole looks: each takes the catalog twice. */
  private void nothingIsPassed() throws InterruptedException {
    CountDownLatch looks = new CountDownLatch(5);
    CatalogSnapshot catalog = catalog();
    RegionChannels reached = region -> Optional.ofNullable(channels.get(region));
    try (HorizonKeeper keeper =
        new HorizonKeeper(
            () -> {
              looks.countDown();
              return catalog;
            },
            reached,
            new ProgressReader(() -> catalog, _ -> node),
            Duration.ofMillis(1))) {
      keeper.start();
      assertThat(looks.await(WITHIN.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    }
    assertThat(passed).isEmpty();
  }

  @Test
  void theHorizonIsTheLeastThatThisRegionSays() throws Exception {
    say(2, OTHERS.get(1), 17, true);
    say(1, OTHERS.get(0), 18, true);
    assertThat(pass())
        .isEqualTo(
            PassTombstonesRequest.newBuilder()
                .setTableId(TABLE)
                .setHorizon(17)
                .addAllTargets(OTHERS)
                .build());
  }

  @Test
  void theHorizonIsTheLeastThatAnotherRegionSays() throws Exception {
    region("north").said = Optional.of(12L);
    region("east").said = Optional.of(13L);
    assertThat(pass().getHorizon()).isEqualTo(12);
  }

  @Test
  void timestampsAreUnsigned() throws Exception {
    region("north").said = Optional.of(LATE - 1);
    assertThat(pass().getHorizon()).isEqualTo(LATE - 1);
    region("north").said = Optional.of(Long.MAX_VALUE);
    passed.clear();
    assertThat(pass().getHorizon()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void eachRegionIsAskedForThePairItFormsWithThisOne() throws Exception {
    pass();
    for (ReplicationTarget target : OTHERS) {
      assertThat(region(target.getRegion()).asked)
          .isNotEmpty()
          .allSatisfy(
              source ->
                  assertThat(source)
                      .isEqualTo(
                          ReplicationSource.newBuilder()
                              .setRegion("west")
                              .setGlobalTableId("global")
                              .setGeneration(target.getGeneration())
                              .build()));
    }
  }

  @Test
  void everyTombstoneStaysWhileARegionSaysNothing() throws Exception {
    region("north").said = Optional.of(0L);
    nothingIsPassed();
    assertThat(region("north").asked).isNotEmpty();
  }

  @Test
  void everyTombstoneStaysWhileARegionIsAway() throws Exception {
    region("north").said = Optional.empty();
    nothingIsPassed();
    assertThat(region("north").asked).isNotEmpty();
    region("north").said = Optional.of(11L);
    assertThat(pass().getHorizon()).as("it comes back").isEqualTo(11);
  }

  @Test
  void everyTombstoneStaysWhileARegionIsNotKnown() throws Exception {
    channels.remove("north");
    nothingIsPassed();
  }

  @Test
  void everyTombstoneStaysWhileARegionIsBeingFilled() throws Exception {
    say(1, OTHERS.get(1), LATE, false);
    nothingIsPassed();
  }

  @Test
  void whatIsSaidOfAnEarlierMembershipDoesNotCount() throws Exception {
    progress.remove("1north");
    say(1, target("north", 3), LATE, true);
    nothingIsPassed();
    say(1, OTHERS.get(1), 9, true);
    assertThat(pass().getHorizon()).isEqualTo(9);
  }

  @Test
  void everyTombstoneStaysWhileNobodySpeaksForAPartition() throws Exception {
    progress.keySet().removeIf(lane -> lane.startsWith("2"));
    nothingIsPassed();
  }

  @Test
  void aTableOfOneRegionIsLeftAlone() throws Exception {
    pass();
    assertThat(askedTables).isNotEmpty().containsOnly(TABLE);
  }
}
