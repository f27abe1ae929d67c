package io.equator.node.health;

import io.equator.node.core.Redirects;
import io.equator.partitioner.NodeId;
import io.equator.proto.HealthRequest;
import io.equator.proto.HealthServiceGrpc;
import io.equator.proto.NodeHealth;
import io.equator.proto.Redirect;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.ReplicatedLog;
import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the machine of a node, once a second: what is free, how slow the disk is, how the
 * peers are; and gives leaderships to those that are better off.
 *
 * <p><b>Who takes writes.</b> A leader takes them while it and a majority of its group have room.
 * When it has none but a majority has, it hands the group over; until that is done callers are sent
 * around, not refused. When no majority has room, going on would fill one disk after the other
 * until the group had no majority at all and could not even be read: so it refuses, and nothing
 * grows.
 *
 * <p>A peer that does not say how it is counts as one with room: whether it can be reached is for
 * the log to find out.
 *
 * <p>Threads: one looks; the rest may be asked by any.
 */
public final class HealthWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HealthWatch.class);
  private static final long ROUND_MILLIS = 1_000;

  /** A successor leads within this time, or another one is asked. */
  private static final long TRANSFER_NANOS = 5_000_000_000L;

  private final NodeId self;
  private final HealthConfig config;
  private final List<Path> folders;
  private final Supplier<Collection<ReplicatedLog>> logs;
  private final BooleanSupplier spaceMissed;
  private final Runnable changed;
  private final PeerHealth peers;
  private final DiskGuard guard;
  private final SlowDisk slowDisk;
  private final Optional<ForceProbe> force;
  private final Map<ReplicatedLog, Try> tries = new HashMap<>();
  private final Thread thread;

  /** Groups whose leader here takes no writes; counted anew with each look. */
  private volatile Map<GroupId, Redirect> refusals = Map.of();

  private volatile HealthStatistics now = new HealthStatistics(DiskState.ROOM, 0, 0, 0, false);

  private record Try(int number, long nanos) {}

  /**
   * A watch that has not started.
   *
   * @param folder of the node's store
   * @param logs of all groups that this node is in
   * @param channels to every node
   * @param spaceMissed whether a write of the store has failed for want of space
   * @param changed called when the state of the disk has changed, by the looking thread
   */
  public HealthWatch(
      NodeId self,
      HealthConfig config,
      Path folder,
      Supplier<Collection<ReplicatedLog>> logs,
      Function<NodeId, @Nullable Channel> channels,
      BooleanSupplier spaceMissed,
      Runnable changed) {
    this.self = self;
    this.config = config;
    this.folders = new ArrayList<>(config.logs());
    this.folders.add(folder);
    this.logs = logs;
    this.spaceMissed = spaceMissed;
    this.changed = changed;
    this.peers = new PeerHealth(channels);
    this.guard = new DiskGuard(config.disk());
    this.slowDisk = new SlowDisk(config.slow());
    this.force =
        config.logs().stream()
            .findFirst()
            .filter(_ -> !config.slow().forceAtLeast().isZero())
            .map(path -> new ForceProbe(self.value(), path, config.force()));
    this.thread = Thread.ofPlatform().daemon().name("health-" + self).unstarted(this::run);
  }

  /** Starts; the first look is taken before this returns, so a start on a full disk knows it. */
  public void start() {
    look();
    force.ifPresent(ForceProbe::start);
    thread.start();
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Thread.sleep(ROUND_MILLIS);
        look();
        shed();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        LOG.error("{} could not look after its disk; it tries again", self, e);
      }
    }
  }

  // ---- looking
  // ------------------------------------------------------------------------------------

  private void look() {
    Set<NodeId> others = new TreeSet<>();
    for (ReplicatedLog log : logs.get()) {
      others.addAll(log.members());
    }
    others.remove(self);
    peers.ask(others);
    DiskState before = now.disk();
    boolean wasSlow = now.slow();
    List<DiskSpace> spaces = spaces();
    DiskState disk = guard.look(spaces, spaceMissed.getAsBoolean());
    DiskSpace fullest =
        spaces.stream()
            .min(Comparator.comparingLong(one -> one.freeBytes() - config.disk().least(one)))
            .orElse(new DiskSpace(0, 0));
    long micros = force.map(ForceProbe::micros).orElse(0L);
    List<Long> ofPeers =
        others.stream()
            .flatMap(peer -> peers.of(peer).stream())
            .map(NodeHealth::getForceMicros)
            .filter(one -> one > 0)
            .toList();
    boolean slow = slowDisk.look(System.nanoTime(), micros, ofPeers);
    now =
        new HealthStatistics(disk, fullest.freeBytes(), config.disk().least(fullest), micros, slow);
    refusals = refusals(others);
    tell(before, wasSlow, ofPeers);
  }

  private Map<GroupId, Redirect> refusals(Set<NodeId> others) {
    boolean room = now.disk() == DiskState.ROOM;
    if (room
        && others.stream()
            .allMatch(other -> peers.of(other).map(HealthWatch::hasRoom).orElse(true))) {
      return Map.of();
    }
    Map<GroupId, Redirect> refused = new HashMap<>();
    for (ReplicatedLog log : logs.get()) {
      if (!majorityHasRoom(log)) {
        refused.put(
            log.group(),
            Redirects.of(
                Redirect.Reason.READ_ONLY,
                "the disks of most replicas are full; the partition is read-only"));
      } else if (!room) {
        refused.put(
            log.group(),
            Redirects.of(
                Redirect.Reason.UNAVAILABLE, "the disk is full; another replica is to lead"));
      }
    }
    return Map.copyOf(refused);
  }

  private List<DiskSpace> spaces() {
    List<DiskSpace> spaces = new ArrayList<>();
    for (Path folder : folders) {
      try {
        if (Files.isDirectory(folder)) {
          spaces.add(config.probe().look(folder));
        }
      } catch (IOException e) {
        LOG.warn("{} does not know what is free in {}", self, folder, e);
      }
    }
    return spaces;
  }

  private void tell(DiskState before, boolean wasSlow, List<Long> ofPeers) {
    HealthStatistics is = now;
    if (is.disk() != before) {
      switch (is.disk()) {
        case ROOM ->
            LOG.warn(
                "{}: the disk has room again ({} MiB free): writes are taken",
                self,
                is.freeBytes() >> 20);
        case FULL ->
            LOG.error(
                "{}: the disk is full: {} MiB are free, {} MiB are to stay free"
                    + " (disk.free-bytes-min, disk.free-percent-min). The node is read-only until"
                    + " there is more",
                self,
                is.freeBytes() >> 20,
                is.leastBytes() >> 20);
        case EXHAUSTED ->
            LOG.error(
                "{}: the disk has hardly any room left ({} MiB free): the node follows no leader"
                    + " until there is more",
                self,
                is.freeBytes() >> 20);
      }
      changed.run();
    }
    if (is.slow() != wasSlow) {
      LOG.warn(
          is.slow()
              ? "{}: the disk is slow: a force takes {} ms, those of its peers {} µs. The node"
                  + " gives up its leaderships"
              : "{}: the disk is as fast as others again: a force takes {} ms, those of its peers"
                  + " {} µs",
          self,
          is.forceMicros() / 1000,
          ofPeers);
    }
  }

  // ---- giving leaderships away
  // --------------------------------------------------------------------

  private void shed() {
    Collection<ReplicatedLog> all = logs.get();
    tries.keySet().retainAll(all);
    HealthStatistics is = now;
    if (is.disk() == DiskState.ROOM && !is.slow()) {
      tries.clear();
      return;
    }
    for (ReplicatedLog log : all) {
      if (log.leadership() instanceof Leadership.Leader) {
        List<NodeId> successors = successors(log);
        if (!successors.isEmpty() && (is.disk() == DiskState.ROOM || majorityHasRoom(log))) {
          tries.compute(log, (_, last) -> ask(log, successors, last));
        }
      }
    }
  }

  private Try ask(ReplicatedLog log, List<NodeId> successors, @Nullable Try last) {
    long nanos = System.nanoTime();
    if (last != null && nanos - last.nanos < TRANSFER_NANOS) {
      return last;
    }
    int number = last == null ? 0 : last.number + 1;
    NodeId successor = successors.get(number % successors.size());
    LOG.info("{} hands {} to {}, whose disk is better", self, log.group(), successor);
    log.transferTo(successor);
    return new Try(number, nanos);
  }

  /** Members that are known to be well, the one with most of the log first. */
  private List<NodeId> successors(ReplicatedLog log) {
    Map<NodeId, Long> behind = log.statistics().behind();
    return log.members().stream()
        .filter(member -> !member.equals(self))
        .filter(
            member ->
                peers.of(member).filter(health -> hasRoom(health) && !health.getSlow()).isPresent())
        .sorted(
            Comparator.comparingLong((NodeId member) -> behind.getOrDefault(member, Long.MAX_VALUE))
                .thenComparing(Comparator.naturalOrder()))
        .toList();
  }

  private static boolean hasRoom(NodeHealth health) {
    return health.getDisk() == NodeHealth.Disk.ROOM
        || health.getDisk() == NodeHealth.Disk.DISK_UNSPECIFIED;
  }

  private boolean majorityHasRoom(ReplicatedLog log) {
    List<NodeId> members = log.members();
    long room =
        members.stream()
            .filter(
                member ->
                    member.equals(self)
                        ? now.disk() == DiskState.ROOM
                        : peers.of(member).map(HealthWatch::hasRoom).orElse(true))
            .count();
    return 2 * room > members.size();
  }

  // ---- what others want to know
  // -------------------------------------------------------------------

  /** Why a leader takes no write now, if so; nothing has happened. */
  public Optional<Redirect> refusal(GroupId group) {
    return Optional.ofNullable(refusals.get(group));
  }

  /** How full the disks are. */
  public DiskState disk() {
    return now.disk();
  }

  /** Figures of the last look. */
  public HealthStatistics statistics() {
    return now;
  }

  /** Why the node should get no more work, if so. */
  public Optional<String> strained() {
    HealthStatistics is = now;
    return switch (is.disk()) {
      case FULL -> Optional.of("its disk is full: read-only");
      case EXHAUSTED -> Optional.of("its disk has hardly any room: its replicas are closed");
      case ROOM -> is.slow() ? Optional.of("its disk is slow") : Optional.empty();
    };
  }

  /** Answers peers. */
  public BindableService service() {
    return new HealthServiceGrpc.HealthServiceImplBase() {
      @Override
      public void look(HealthRequest request, StreamObserver<NodeHealth> answer) {
        HealthStatistics is = now;
        answer.onNext(
            NodeHealth.newBuilder()
                .setDisk(
                    switch (is.disk()) {
                      case ROOM -> NodeHealth.Disk.ROOM;
                      case FULL -> NodeHealth.Disk.FULL;
                      case EXHAUSTED -> NodeHealth.Disk.EXHAUSTED;
                    })
                .setForceMicros(is.forceMicros())
                .setSlow(is.slow())
                .build());
        answer.onCompleted();
      }
    };
  }

  @Override
  public void close() {
    thread.interrupt();
    force.ifPresent(ForceProbe::close);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
