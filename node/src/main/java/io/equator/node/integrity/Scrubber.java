package io.equator.node.integrity;

import io.equator.node.core.Redirects;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.HostedPartitions;
import io.equator.partitioner.NodeId;
import io.equator.proto.DigestRequest;
import io.equator.proto.DigestResponse;
import io.equator.proto.DigestResponse.Outcome;
import io.equator.proto.Effect;
import io.equator.proto.IntegrityServiceGrpc;
import io.equator.proto.PartitionRef;
import io.equator.proto.Redirect;
import io.equator.proto.RepairRequest;
import io.equator.proto.RepairResponse;
import io.equator.proto.ReplicaDigest;
import io.equator.proto.ScrubReport;
import io.equator.proto.ScrubReport.Verdict;
import io.equator.proto.ScrubRequest;
import io.equator.proto.ScrubResponse;
import io.equator.proto.TakeDigest;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the replicas of the partitions that this node leads: each from time to time, and at once
 * one in which something damaged was read.
 *
 * <p>One replica is repaired at a time: until it is whole again the group does without it, and it
 * could not do without two.
 *
 * <p>Threads: one of its own looks after the times; {@link #scrub} blocks its caller, any thread.
 */
public final class Scrubber implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Scrubber.class);
  private static final long LOOK_MILLIS = 1_000;
  private static final long POLL_MILLIS = 100;
  private static final Duration APPLIED_WITHIN = Duration.ofSeconds(30);

  /** A replica that has not come to the entry by then is too far behind to be compared. */
  private static final Duration SEEN_WITHIN = Duration.ofMinutes(1);

  /** A node that does not answer may be starting; after so long it is away. */
  private static final Duration BACK_WITHIN = Duration.ofSeconds(10);

  private static final Duration CALL_WITHIN = Duration.ofSeconds(10);
  private static final Duration GONE_WITHIN = Duration.ofSeconds(10);

  /** The first repair of several is followed by another scrub after so long. */
  private static final Duration AGAIN_AFTER = Duration.ofMinutes(1);

  private final NodeId self;
  private final HostedPartitions partitions;
  private final Function<NodeId, @Nullable Channel> peers;
  private final long intervalNanos;
  private final Map<Long, Long> due = new ConcurrentHashMap<>();
  private final Map<Long, Long> suspected = new ConcurrentHashMap<>();
  private final Set<Long> suspects = ConcurrentHashMap.newKeySet();
  private final Set<Long> running = ConcurrentHashMap.newKeySet();
  private final Semaphore wakes = new Semaphore(0);
  private final LongAdder equal = new LongAdder();
  private final LongAdder incomplete = new LongAdder();
  private final LongAdder different = new LongAdder();
  private final LongAdder noMajority = new LongAdder();
  private final LongAdder condemned = new LongAdder();
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Starts to look after the times.
   *
   * @param peers channels to every node, this one among them; null for one that is not known
   * @param interval between two scrubs of a partition; zero: only when asked, or in doubt
   */
  public Scrubber(
      NodeId self,
      HostedPartitions partitions,
      Function<NodeId, @Nullable Channel> peers,
      Duration interval) {
    this.self = self;
    this.partitions = partitions;
    this.peers = peers;
    this.intervalNanos = interval.toNanos();
    this.thread = Thread.ofVirtual().name("scrubber-" + self.value()).unstarted(this::run);
  }

  /** Begins. */
  public void start() {
    thread.start();
  }

  /** Something damaged was read from a partition here: its replicas are compared at once. */
  public void suspect(long partition) {
    long now = System.nanoTime();
    Long before = suspected.get(partition);
    if (before != null && now - before < AGAIN_AFTER.toNanos()) {
      // It is being looked after; every read of the same row would come here.
      return;
    }
    suspected.put(partition, now);
    suspects.add(partition);
    wakes.release();
  }

  /** A replica of this node was taken out. */
  void countCondemned() {
    condemned.increment();
  }

  /** What came of it so far. */
  public IntegrityStatistics statistics() {
    return new IntegrityStatistics(
        equal.sum(), incomplete.sum(), different.sum(), noMajority.sum(), condemned.sum());
  }

  private void run() {
    try {
      while (!closed) {
        for (long partition : Set.copyOf(suspects)) {
          suspects.remove(partition);
          ask(partition);
        }
        for (HostedPartition partition : partitions.all()) {
          if (!closed && isDue(partition)) {
            var _ = scrub(partition);
          }
        }
        if (wakes.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
          wakes.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Each partition at a time of its own, so that a node that starts does not scrub all at once. */
  private boolean isDue(HostedPartition partition) {
    if (!partition.leads()) {
      return false;
    }
    long now = System.nanoTime();
    Long at = due.get(partition.machine().partition());
    if (at == null) {
      if (intervalNanos == 0) {
        return false;
      }
      at = now + ThreadLocalRandom.current().nextLong(intervalNanos);
      due.put(partition.machine().partition(), at);
    }
    return now - at >= 0;
  }

  /** Scrubs a partition that is in doubt, or asks its leader to. */
  private void ask(long id) throws InterruptedException {
    HostedPartition partition = partitions.partition(id);
    if (partition == null) {
      return;
    }
    if (partition.leads()) {
      var _ = scrub(partition);
      return;
    }
    Optional<Channel> leader = partition.leaderHint().map(peers);
    if (leader.isEmpty()) {
      LOG.error("partition {} is in doubt and has no leader that could compare it", id);
      return;
    }
    try {
      var _ =
          IntegrityServiceGrpc.newBlockingStub(leader.get())
              .withDeadlineAfter(SEEN_WITHIN)
              .scrub(ScrubRequest.newBuilder().setPartition(reference(partition)).build());
    } catch (StatusRuntimeException e) {
      LOG.error("the leader of partition {} was asked to compare it: {}", id, e.getStatus());
    }
  }

  private static PartitionRef reference(HostedPartition partition) {
    return PartitionRef.newBuilder()
        .setPartitionId(partition.machine().partition())
        .setEpoch(partition.descriptor().epoch())
        .build();
  }

  /** Compares the replicas of a partition that this node leads, and begins a repair if need be. */
  public ScrubResponse scrub(HostedPartition partition) throws InterruptedException {
    long id = partition.machine().partition();
    if (!running.add(id)) {
      return redirected(Redirect.Reason.OVERLOADED, "partition " + id + " is being compared");
    }
    try {
      ScrubResponse response = compare(partition);
      if (response.hasReport()) {
        note(partition, response.getReport());
      }
      return response;
    } finally {
      running.remove(id);
    }
  }

  private static ScrubResponse redirected(Redirect.Reason reason, String detail) {
    return ScrubResponse.newBuilder().setRedirect(Redirects.of(reason, detail)).build();
  }

  private void note(HostedPartition partition, ScrubReport report) {
    switch (report.getVerdict()) {
      case EQUAL -> equal.increment();
      case NO_MAJORITY -> noMajority.increment();
      case INCOMPLETE -> incomplete.increment();
      case REPAIRING, VERDICT_UNSPECIFIED, UNRECOGNIZED -> {}
    }
    long wait = report.getVerdict() == Verdict.REPAIRING ? AGAIN_AFTER.toNanos() : intervalNanos;
    if (wait > 0) {
      due.put(partition.machine().partition(), System.nanoTime() + wait);
    } else {
      due.remove(partition.machine().partition());
    }
  }

  private ScrubResponse compare(HostedPartition partition) throws InterruptedException {
    long id = partition.machine().partition();
    long digestId = ThreadLocalRandom.current().nextLong();
    Effect effect =
        Effect.newBuilder().setTakeDigest(TakeDigest.newBuilder().setDigestId(digestId)).build();
    try {
      if (!partition
          .writer()
          .submit(effect)
          .get(APPLIED_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        return redirected(Redirect.Reason.UNAVAILABLE, "the digest was not asked for");
      }
    } catch (ExecutionException | TimeoutException e) {
      return redirected(Redirect.Reason.UNAVAILABLE, "the digest was not asked for: " + e);
    }
    DigestRequest request =
        DigestRequest.newBuilder().setPartition(reference(partition)).setDigestId(digestId).build();
    Map<NodeId, DigestResponse> digests = new TreeMap<>(Comparator.comparing(NodeId::value));
    for (NodeId member : partition.log().members()) {
      digests.put(member, digest(member, request));
    }
    Comparison comparison = Comparison.of(digests);
    report(id, digests, comparison);
    if (comparison.verdict() == Verdict.REPAIRING) {
      repair(partition, request, comparison);
    }
    ScrubReport.Builder report =
        ScrubReport.newBuilder().setPartitionId(id).setVerdict(comparison.verdict());
    digests.forEach(
        (node, digest) -> {
          report.setLogIndex(Math.max(report.getLogIndex(), digest.getLogIndex()));
          report.addReplicas(ReplicaDigest.newBuilder().setNodeId(node.value()).setDigest(digest));
        });
    return ScrubResponse.newBuilder().setReport(report).build();
  }

  private static void report(long id, Map<NodeId, DigestResponse> digests, Comparison comparison) {
    switch (comparison.verdict()) {
      case EQUAL -> LOG.debug("the replicas of partition {} are equal", id);
      case INCOMPLETE ->
          LOG.warn("not every replica of partition {} could be compared: {}", id, inWords(digests));
      case REPAIRING ->
          LOG.error(
              "the replicas of partition {} on {} differ from the majority: {}",
              id,
              comparison.bad(),
              inWords(digests));
      case NO_MAJORITY, VERDICT_UNSPECIFIED, UNRECOGNIZED ->
          LOG.error(
              "no majority of the replicas of partition {} is equal and sound; nothing is changed."
                  + " {}: {}",
              id,
              comparison.complete()
                  ? "Restore it from a backup"
                  : "Compare them again when all of them answer",
              inWords(digests));
    }
  }

  private static Map<NodeId, String> inWords(Map<NodeId, DigestResponse> digests) {
    Map<NodeId, String> text = new TreeMap<>(Comparator.comparing(NodeId::value));
    digests.forEach(
        (node, digest) ->
            text.put(
                node,
                digest.getOutcome()
                    + " "
                    + digest.getDetail()
                    + " at "
                    + digest.getLogIndex()
                    + ", rows "
                    + digest.getRows()));
    return text;
  }

  /** Asks until the replica has read its rows, which takes as long as it takes. */
  private DigestResponse digest(NodeId node, DigestRequest request) throws InterruptedException {
    DigestResponse last = away("the node is not known");
    long begin = System.nanoTime();
    long end = begin + SEEN_WITHIN.toNanos();
    while (!closed && System.nanoTime() - end < 0) {
      Channel channel = peers.apply(node);
      if (channel == null) {
        return last;
      }
      try {
        last =
            IntegrityServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL_WITHIN)
                .digest(request);
      } catch (StatusRuntimeException e) {
        if (System.nanoTime() - begin > BACK_WITHIN.toNanos()) {
          return away(e.getStatus().toString());
        }
        last = unknown(e.getStatus().toString());
      }
      switch (last.getOutcome()) {
        case COMPUTED, DAMAGED, AWAY -> {
          return last;
        }
        // As long as it reads it is waited for.
        case COMPUTING -> end = System.nanoTime() + SEEN_WITHIN.toNanos();
        case UNKNOWN, OUTCOME_UNSPECIFIED, UNRECOGNIZED -> {}
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    return last;
  }

  private static DigestResponse away(String detail) {
    return DigestResponse.newBuilder().setOutcome(Outcome.AWAY).setDetail(detail).build();
  }

  private static DigestResponse unknown(String detail) {
    return DigestResponse.newBuilder().setOutcome(Outcome.UNKNOWN).setDetail(detail).build();
  }

  private void repair(HostedPartition partition, DigestRequest request, Comparison comparison)
      throws InterruptedException {
    different.add(comparison.bad().size());
    // This replica last: as long as it leads it can see to the others.
    List<NodeId> bad = comparison.bad();
    NodeId first = bad.stream().filter(node -> !node.equals(self)).findFirst().orElse(self);
    if (first.equals(self)) {
      handOver(partition, comparison);
    }
    Channel channel = peers.apply(first);
    if (channel == null) {
      return;
    }
    try {
      RepairResponse response =
          IntegrityServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(CALL_WITHIN)
              .repair(
                  RepairRequest.newBuilder()
                      .setPartition(request.getPartition())
                      .setDigestId(request.getDigestId())
                      .addAllFamilies(comparison.majority())
                      .build());
      if (!response.getBegun()) {
        LOG.error(
            "{} does not repair its replica of partition {}: {}",
            first,
            request.getPartition().getPartitionId(),
            response.getDetail());
      }
    } catch (StatusRuntimeException e) {
      LOG.error("{} was asked to repair a replica: {}", first, e.getStatus());
    }
  }

  /** A replica that is to be taken out should not lead any more. */
  private static void handOver(HostedPartition partition, Comparison comparison)
      throws InterruptedException {
    partition.log().members().stream()
        .filter(node -> !comparison.bad().contains(node))
        .findFirst()
        .ifPresent(partition.log()::transferTo);
    long end = System.nanoTime() + GONE_WITHIN.toNanos();
    while (partition.leads() && System.nanoTime() - end < 0) {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  /** Ends looking; what is on its way gives up. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
