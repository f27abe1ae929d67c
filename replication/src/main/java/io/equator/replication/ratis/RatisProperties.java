package io.equator.replication.ratis;

import io.equator.replication.log.ReplicatedLog;
import io.equator.replication.ratis.RatisConfig.Durability;
import io.equator.replication.ratis.RatisConfig.LogKept;
import io.equator.replication.ratis.RatisConfig.Transport;
import java.io.File;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/**
 * The settings of Ratis 3.3.0 and why. What is not named here keeps Ratis's default.
 *
 * <p>Its defaults are made for a few large groups: 8 MB of direct memory and 4 MB of preallocated
 * file for each, a log that is never cut, 150 ms election timeouts that turn a pause of the JVM
 * into a storm of elections.
 */
final class RatisProperties {

  /** Room for an entry's own header in the log. */
  private static final int ENTRY_OVERHEAD = 4 << 10;

  private static final Duration FIRST_ELECTION_ALONE_MIN = Duration.ofMillis(1);
  private static final Duration FIRST_ELECTION_ALONE_MAX = Duration.ofMillis(5);
  private static final Duration FIRST_ELECTION_MIN = Duration.ofMillis(60);
  private static final Duration FIRST_ELECTION_MAX = Duration.ofMillis(360);

  private RatisProperties() {}

  /** The properties of a server. */
  static RaftProperties of(RatisConfig config) {
    RaftProperties to = new RaftProperties();
    transport(to, config.transport());
    elections(to, config);
    log(to, config.durability(), config.logKept());
    memory(to, config.logKept());
    return to;
  }

  /** Where the groups stand; see {@link RatisLogHost} for why this is set late. */
  static void directory(RaftProperties to, File directory) {
    RaftServerConfigKeys.setStorageDir(to, List.of(directory));
  }

  /**
   * How long a group waits before its first election, read by Ratis when it opens the group: alone
   * there is nobody to wait for; with others the spread avoids split votes.
   */
  static void firstElection(RaftProperties to, int members) {
    boolean alone = members == 1;
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(
        to, time(alone ? FIRST_ELECTION_ALONE_MIN : FIRST_ELECTION_MIN));
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(
        to, time(alone ? FIRST_ELECTION_ALONE_MAX : FIRST_ELECTION_MAX));
  }

  private static void transport(RaftProperties to, Transport transport) {
    switch (transport) {
      case Transport.Grpc(String host, int port, var _) -> {
        RaftConfigKeys.Rpc.setType(to, SupportedRpcType.GRPC);
        GrpcConfigKeys.Server.setHost(to, host);
        GrpcConfigKeys.Server.setPort(to, port);
        GrpcConfigKeys.Server.setAsyncRequestThreadPoolCached(to, true);
        // Threads per event loop are taken from the number of processors otherwise.
        GrpcConfigKeys.Server.setWorkerGroupSize(to, 2);
        GrpcConfigKeys.Server.setBossGroupSize(to, 1);
        GrpcConfigKeys.Client.setWorkerGroupSize(to, 2);
      }
      case Transport.InProcess _ ->
          to.set(RaftConfigKeys.Rpc.TYPE_KEY, InProcessRpc.class.getName());
    }
  }

  private static void elections(RaftProperties to, RatisConfig config) {
    RaftServerConfigKeys.Rpc.setTimeoutMin(to, time(config.electionTimeoutMin()));
    RaftServerConfigKeys.Rpc.setTimeoutMax(to, time(config.electionTimeoutMax()));
    // A leader that lost its majority does not stand again for this long.
    RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(
        to, TimeDuration.valueOf(5, TimeUnit.SECONDS));
    // Strong reads are confirmed by ourselves; this only bounds what Ratis might do.
    RaftServerConfigKeys.Read.setTimeout(to, TimeDuration.valueOf(2, TimeUnit.SECONDS));
  }

  private static void log(RaftProperties to, Durability durability, LogKept kept) {
    // Acknowledges before the force. Ratis's async-flush is not used in any mode: it reports what
    // was written by then, not what was forced, even when the force failed.
    RaftServerConfigKeys.Log.setUnsafeFlushEnabled(to, durability == Durability.NONE);
    RaftServerConfigKeys.Log.setForceSyncNum(to, 512);
    // Would add an entry, a force and a round for each commit: 20 to 40 % slower.
    RaftServerConfigKeys.Log.setLogMetadataEnabled(to, false);

    // Each replica cuts its own log behind its own durable position, also while a member is away.
    // The trigger is for machines that nobody flushes; see GroupMachine.takeSnapshot.
    RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(to, true);
    RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(to, 20_000);
    // The owner decides what to flush at the end.
    RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(to, false);
    RaftServerConfigKeys.Snapshot.setTriggerWhenRemoveEnabled(to, false);
    RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(to, true);
    RaftServerConfigKeys.Log.setPurgeGap(to, Math.min(64, kept.entries()));
    // Also keeps a nearly caught-up follower away from the log's very start, where 3.3.0 asks it to
    // install a snapshot for ever (RATIS-2500).
    RaftServerConfigKeys.Log.setPurgePreservationLogNum(to, kept.entries());
    // A member that comes back is tried again within a second or so, however long it was away, not
    // after five: until it has its first entry from there it may be one too few to elect anybody.
    RaftServerConfigKeys.Log.Appender.setRetryPolicy(to, "1ms,10, 1s,1000000");
    // The follower fetches its state itself; Ratis cannot ship a store that groups share.
    RaftServerConfigKeys.Log.Appender.setInstallSnapshotEnabled(to, false);
  }

  private static void memory(RaftProperties to, LogKept kept) {
    int entry = ReplicatedLog.ENTRY_BYTES_MAX + ENTRY_OVERHEAD;
    RaftServerConfigKeys.Log.Appender.setBufferByteLimit(to, SizeInBytes.valueOf(entry));
    // Direct memory for each group, touched at once; must hold one entry with its frame.
    RaftServerConfigKeys.Log.setWriteBufferSize(to, SizeInBytes.valueOf(entry + 64));
    RaftServerConfigKeys.Log.setPreallocatedSize(
        to, SizeInBytes.valueOf(Math.min(1 << 20, kept.fileBytes())));
    RaftServerConfigKeys.Log.setSegmentSizeMax(to, SizeInBytes.valueOf(kept.fileBytes()));
    // The open segment's entries are all on the heap, and so are these.
    RaftServerConfigKeys.Log.setSegmentCacheNumMax(to, 2);
    RaftServerConfigKeys.Log.setSegmentCacheSizeMax(to, SizeInBytes.valueOf("16MB"));

    // Beyond these a proposal is refused as overloaded. The log's queue must hold more: a full one
    // blocks the proposer, with the division's lock in its hand.
    RaftServerConfigKeys.Write.setElementLimit(to, 1024);
    RaftServerConfigKeys.Write.setByteLimit(to, SizeInBytes.valueOf("16MB"));
    RaftServerConfigKeys.Log.setQueueElementLimit(to, 4096);
    RaftServerConfigKeys.Log.setQueueByteLimit(to, SizeInBytes.valueOf("64MB"));

    // Caches of Ratis's own client protocol, which is not used; each keeps something per entry.
    RaftServerConfigKeys.RetryCache.setExpiryTime(to, TimeDuration.valueOf(1, TimeUnit.SECONDS));
    RaftServerConfigKeys.Read.ReadAfterWriteConsistent.setWriteIndexCacheExpiryTime(
        to, TimeDuration.valueOf(1, TimeUnit.SECONDS));
  }

  private static TimeDuration time(Duration duration) {
    return TimeDuration.valueOf(duration.toMillis(), TimeUnit.MILLISECONDS);
  }
}
