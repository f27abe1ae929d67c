package io.equator.replication.ratis;

import java.io.IOException;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppenderBase;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.util.Timestamp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A leader's thread for one follower in the same process: one append at a time, each with all that
 * has gathered while the follower's disk was busy.
 *
 * <p>It differs from Ratis's own simple appender in three ways: it tells the follower of a new
 * commit index at once, not with the next heartbeat, so that reads at followers are fresh; it
 * notifies a follower that is too far behind instead of sending it files; and it says only once
 * that a follower is away.
 */
final class InProcessAppender extends LogAppenderBase {

  private static final Logger LOG = LoggerFactory.getLogger(InProcessAppender.class);
  private static final long AWAY_RETRY_MILLIS = 50;
  private static final long TOO_FAR_BEHIND_RETRY_MILLIS = 1_000;

  private boolean away;
  private long commitTold = RaftLog.INVALID_LOG_INDEX;

  InProcessAppender(RaftServer.Division server, LeaderState leaderState, FollowerInfo follower) {
    super(server, leaderState, follower);
  }

  @Override
  public long getCallId() {
    return CallId.get();
  }

  @Override
  public Comparator<Long> getCallIdComparator() {
    return CallId.getComparator();
  }

  @Override
  public void run() throws InterruptedException, IOException {
    while (isRunning()) {
      if (shouldSendAppendEntries() || commitIsNews()) {
        TermIndex firstInLog = shouldNotifyToInstallSnapshot();
        if (firstInLog != null) {
          askToInstall(firstInLog);
        } else {
          append();
        }
      }
      if (isRunning() && !hasAppendEntries() && !commitIsNews()) {
        getEventAwaitForSignal().await(getHeartbeatWaitTimeMs(), TimeUnit.MILLISECONDS);
      }
      getLeaderState().checkHealth(getFollower());
    }
  }

  private boolean commitIsNews() {
    return commitTold < getRaftLog().getLastCommittedIndex();
  }

  private void append() throws InterruptedException, IOException {
    long commit = getRaftLog().getLastCommittedIndex();
    AppendEntriesRequestProto request =
        newAppendEntriesRequest(CallId.getAndIncrement(), !hasAppendEntries());
    if (request == null) {
      return;
    }
    boolean empty = request.getEntriesCount() == 0;
    resetHeartbeatTrigger();
    Timestamp sent = Timestamp.currentTime();
    getFollower().updateLastRpcSendTime(empty);
    AppendEntriesReplyProto reply;
    try {
      reply = getServerRpc().appendEntries(request);
    } catch (IOException e) {
      sayAway(e);
      TimeUnit.MILLISECONDS.sleep(AWAY_RETRY_MILLIS);
      return;
    }
    away = false;
    commitTold = commit;
    getFollower().updateLastRpcResponseTime();
    getFollower().updateLastRespondedAppendEntriesSendTime(sent);
    getLeaderState().onFollowerCommitIndex(getFollower(), reply.getFollowerCommit());
    take(request, reply);
    getLeaderState().onAppendEntriesReply(this, reply);
  }

  private void take(AppendEntriesRequestProto request, AppendEntriesReplyProto reply) {
    FollowerInfo follower = getFollower();
    switch (reply.getResult()) {
      case SUCCESS -> {
        // An empty append only says that the entries before it stand in the follower's log, not
        // that they are on its disk: it must not count for the commit.
        if (request.getEntriesCount() > 0) {
          long next = reply.getNextIndex();
          if (next > follower.getNextIndex()) {
            follower.increaseNextIndex(next);
          }
          if (follower.updateMatchIndex(next - 1)) {
            getLeaderState().onFollowerSuccessAppendEntries(follower);
          }
        }
      }
      case INCONSISTENCY -> {
        long first =
            request.getEntriesCount() > 0
                ? request.getEntries(0).getIndex()
                : RaftLog.INVALID_LOG_INDEX;
        follower.setNextIndex(getNextIndexForInconsistency(first, reply.getNextIndex()));
      }
      case NOT_LEADER -> onFollowerTerm(reply.getTerm());
      case UNRECOGNIZED -> LOG.warn("{}: an answer that is not known: {}", this, reply);
    }
  }

  /** The follower's state must come from elsewhere; it answers how far it got with that. */
  private void askToInstall(TermIndex firstInLog) throws InterruptedException {
    FollowerInfo follower = getFollower();
    InstallSnapshotReplyProto reply;
    try {
      follower.updateLastRpcSendTime(false);
      reply = getServerRpc().installSnapshot(newInstallSnapshotNotificationRequest(firstInLog));
    } catch (IOException e) {
      sayAway(e);
      TimeUnit.MILLISECONDS.sleep(AWAY_RETRY_MILLIS);
      return;
    }
    away = false;
    follower.updateLastRpcResponseTime();
    switch (reply.getResult()) {
      case ALREADY_INSTALLED, SNAPSHOT_INSTALLED -> {
        follower.setSnapshotIndex(reply.getSnapshotIndex());
        follower.setAttemptedToInstallSnapshot();
        getLeaderState().onFollowerCommitIndex(follower, reply.getSnapshotIndex());
      }
      case NOT_LEADER -> onFollowerTerm(reply.getTerm());
      case SUCCESS, SNAPSHOT_UNAVAILABLE, SNAPSHOT_EXPIRED -> {
        follower.setAttemptedToInstallSnapshot();
        TimeUnit.MILLISECONDS.sleep(TOO_FAR_BEHIND_RETRY_MILLIS);
      }
      case IN_PROGRESS -> TimeUnit.MILLISECONDS.sleep(AWAY_RETRY_MILLIS);
      case CONF_MISMATCH, UNRECOGNIZED -> {
        LOG.error("{}: the follower cannot install a snapshot: {}", this, reply.getResult());
        TimeUnit.MILLISECONDS.sleep(TOO_FAR_BEHIND_RETRY_MILLIS);
      }
    }
  }

  private void sayAway(IOException e) {
    if (!away) {
      away = true;
      LOG.info("{}: the follower is away: {}", this, e.getMessage());
    }
  }
}
