package io.equator.replication.ratis;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.LogHost.FailureListener;
import io.equator.replication.log.LogMachine;
import io.equator.replication.log.LogPosition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives a {@link LogMachine} from Ratis's callbacks.
 *
 * <p>Threads: Ratis's updater thread of the division calls the applying methods and {@link
 * #takeSnapshot}; the submitting thread calls {@link #startTransaction} and, under the division's
 * lock, {@link #preAppendTransaction}; anything else comes from any thread.
 *
 * <p>What a restart needs: Ratis replays behind {@link #getLatestSnapshot}, not behind the last
 * applied index, so that method reports the machine's durable position. A snapshot is therefore
 * only a promise about durability; it has no files.
 *
 * <p>Fail-stop: Ratis goes on after a failed apply <em>future</em> (the replica would differ from
 * then on, silently) but closes the division after a <em>throw</em>; so apply throws.
 */
final class GroupMachine extends BaseStateMachine {

  private static final Logger LOG = LoggerFactory.getLogger(GroupMachine.class);

  /** Between two looks whether an entry can be applied. */
  private static final long TURN_NANOS = 500_000;

  private static final CompletableFuture<Message> DONE =
      CompletableFuture.completedFuture(Message.EMPTY);

  /** What of this group's events concerns the replica that faces our side. */
  interface Events {
    /** An own proposal was applied. */
    void applied(PendingEntry pending, long term, long index, Object result);

    /** This replica leads, and everything of earlier terms and its first entry is applied. */
    void leaderReady(long term);

    /** The leader or the role changed. */
    void roleChanged();

    /** The division is closing or closed. */
    void stopped();
  }

  private final GroupId group;
  private final NodeId node;
  private final LogMachine machine;
  private final FailureListener failures;
  private final Events events;
  private final AtomicBoolean failed = new AtomicBoolean();
  private final Installation installation;

  /** The term of the entry that made this replica ready to lead; told once that entry counts. */
  private boolean becameReady;

  /** Where the leader's log began when this replica was last said to be too far behind. */
  private volatile long firstInLogTold = RaftLog.INVALID_LOG_INDEX;

  private volatile boolean stopping;

  private long snapshotIndex = RaftLog.INVALID_LOG_INDEX;
  private volatile RaftServer.@Nullable Division division;
  private volatile EmptySnapshot latest = new EmptySnapshot(LogPosition.NONE);

  GroupMachine(
      GroupId group, NodeId node, LogMachine machine, FailureListener failures, Events events) {
    this.group = group;
    this.node = node;
    this.machine = machine;
    this.failures = failures;
    this.events = events;
    this.installation = new Installation(machine, this::stopAfter);
    setLastAppliedTermIndex(toTermIndex(machine.durablePosition()));
  }

  /** Gives access to the division that this machine belongs to. */
  void attach(RaftServer.Division ours) {
    this.division = ours;
  }

  @Override
  public void initialize(RaftServer raftServer, RaftGroupId raftGroupId, RaftStorage storage)
      throws IOException {
    super.initialize(raftServer, raftGroupId, storage);
    getLifeCycle()
        .startAndTransition(
            () -> setLastAppliedTermIndex(toTermIndex(machine.durablePosition())),
            IOException.class);
  }

  // ---- the way of a proposal -------------------------------------------------------------------

  @Override
  public TransactionContext startTransaction(RaftClientRequest request) {
    PendingEntry pending = (PendingEntry) request.getMessage();
    return TransactionContext.newBuilder()
        .setStateMachine(this)
        .setClientRequest(request)
        .setStateMachineContext(pending)
        .build();
  }

  @Override
  public TransactionContext preAppendTransaction(TransactionContext transaction)
      throws IOException {
    PendingEntry pending = (PendingEntry) transaction.getStateMachineContext();
    long term = term();
    // The division's lock is held: the term cannot change before the entry stands in the log.
    if (term != pending.expectedTerm) {
      throw new TermChangedException(pending.expectedTerm, term);
    }
    pending.setAppending();
    return transaction;
  }

  @Override
  public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
    LogEntryProto entry = transaction.getLogEntry();
    long term = entry.getTerm();
    long index = entry.getIndex();
    // Only the leader that appended it in this term has the context; everyone else parses.
    PendingEntry pending =
        transaction.getStateMachineContext() instanceof PendingEntry own ? own : null;
    ByteString bytes =
        pending != null
            ? pending.entry
            : Bytes.fromRatis(entry.getStateMachineLogEntry().getLogData());
    Object result;
    try {
      awaitTurn(term, index, bytes);
      result = machine.apply(term, index, bytes);
    } catch (StoppedWaitingException e) {
      // Nobody's failure: the entry comes again when the group is opened again.
      throw e;
    } catch (Throwable e) {
      fail("applying entry " + index + " of term " + term, e);
      throw e;
    }
    setLastAppliedTermIndex(TermIndex.valueOf(term, index));
    if (pending != null) {
      events.applied(pending, term, index, result);
    }
    return DONE;
  }

  /** An entry of this group that needs another group's on this node waits for it. */
  private void awaitTurn(long term, long index, ByteString entry) {
    while (!machine.mayApply(term, index, entry)) {
      if (stopping) {
        throw new StoppedWaitingException(group + " closes while an entry waits");
      }
      LockSupport.parkNanos(TURN_NANOS);
    }
  }

  /** The division is about to be closed: an entry that waits is not waited for. */
  void stopping() {
    stopping = true;
  }

  private static final class StoppedWaitingException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StoppedWaitingException(String message) {
      super(message);
    }
  }

  @Override
  public void notifyTermIndexUpdated(long term, long index) {
    try {
      machine.advance(term, index);
    } catch (Throwable e) {
      fail("advancing to entry " + index + " of term " + term, e);
      throw e;
    }
    setLastAppliedTermIndex(TermIndex.valueOf(term, index));
    if (becameReady) {
      becameReady = false;
      events.leaderReady(term);
    }
  }

  // ---- snapshots -------------------------------------------------------------------------------

  /**
   * Comes after every some ten thousand entries: reports how far the machine is durable, so that
   * the log is cut there. Flushes only when nothing has become durable since the last time: a
   * machine that is flushed in the background is not held up.
   */
  @Override
  public long takeSnapshot() throws IOException {
    LogPosition durable = machine.durablePosition();
    if (durable.index() <= snapshotIndex) {
      try {
        durable = machine.flush();
      } catch (RuntimeException e) {
        fail("flushing", e);
        throw new IOException("cannot flush " + group + " on " + node, e);
      }
    }
    long applied = getLastAppliedTermIndex().getIndex();
    snapshotIndex = Math.max(snapshotIndex, Math.min(durable.index(), applied));
    return snapshotIndex;
  }

  @Override
  public @Nullable SnapshotInfo getLatestSnapshot() {
    EmptySnapshot known = latest;
    LogPosition durable = machine.durablePosition();
    if (durable.index() > getLastAppliedTermIndex().getIndex()) {
      // A state has been installed that the log has not taken up: Ratis would count entries as
      // committed that its log does not have, and look for them.
      return known.position.index() < 0 ? null : known;
    }
    if (durable.index() < 0) {
      return null;
    }
    if (known.position.index() != durable.index()) {
      known = new EmptySnapshot(durable);
      latest = known;
    }
    return known;
  }

  /**
   * The leader has cut the log behind which this replica stands: its state is copied from another
   * replica, the leader if it can. Ratis refuses entries meanwhile, and asks again and again how
   * far it is. When it is done, the log goes on behind the new position: {@link #pause}, {@link
   * #reinitialize}.
   */
  @Override
  public CompletableFuture<TermIndex> notifyInstallSnapshotFromLeader(
      RoleInfoProto role, TermIndex firstInLog) {
    List<NodeId> sources = sources(role);
    if (firstInLog.getIndex() != firstInLogTold) {
      firstInLogTold = firstInLog.getIndex();
      LOG.warn(
          "{} on {} is too far behind: it has applied {}, the leader's log begins at {}. Its state"
              + " is copied from one of {}.",
          group,
          node,
          getLastAppliedTermIndex(),
          firstInLog,
          sources);
    }
    // What comes before is enough. More would be too much when the leader itself has just got a
    // state with which its log begins: it commits nothing before this replica has that, too.
    return installation.begin(firstInLog.getIndex() - 1, sources);
  }

  private List<NodeId> sources(RoleInfoProto role) {
    Set<NodeId> sources = new LinkedHashSet<>();
    String leader =
        role.getFollowerInfo().getLeaderInfo().getId().getId().toString(StandardCharsets.UTF_8);
    if (!leader.isEmpty()) {
      sources.add(new NodeId(leader));
    }
    RaftServer.Division ours = division;
    if (ours != null) {
      ours.getRaftConf()
          .getCurrentPeers()
          .forEach(peer -> sources.add(new NodeId(peer.getId().toString())));
    }
    sources.remove(node);
    return List.copyOf(sources);
  }

  /**
   * A new state has been installed; the applying thread must come to rest before it is taken up.
   */
  @Override
  public void pause() {
    installation.takenUp();
    setLastAppliedTermIndex(toTermIndex(machine.durablePosition()));
    getLifeCycle().transition(LifeCycle.State.PAUSING);
    getLifeCycle().transition(LifeCycle.State.PAUSED);
  }

  /** Comes on the applying thread. */
  @Override
  public void reinitialize() throws IOException {
    LogPosition at = machine.durablePosition();
    snapshotIndex = at.index();
    firstInLogTold = RaftLog.INVALID_LOG_INDEX;
    getLifeCycle()
        .startAndTransition(() -> setLastAppliedTermIndex(toTermIndex(at)), IOException.class);
    LOG.info("{} on {} goes on from the installed state at {}", group, node, at);
  }

  // ---- events ----------------------------------------------------------------------------------

  @Override
  public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
    installation.leaderChanged();
    events.roleChanged();
  }

  @Override
  public void notifyLeaderReady() {
    // The first entry's position is told right after this, on the same thread.
    becameReady = true;
  }

  @Override
  public void notifyNotLeader(Collection<TransactionContext> pending) {
    events.roleChanged();
  }

  @Override
  public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto entry) {
    stopAfter("writing the log", cause);
  }

  private void stopAfter(String doing, Throwable cause) {
    fail(doing, cause);
    RaftServer.Division ours = division;
    if (ours != null) {
      // Not on the log's own thread: closing waits for it.
      Thread.ofPlatform().daemon().name("stop-" + group).start(() -> closeQuietly(ours));
    }
  }

  @Override
  public void close() {
    getLifeCycle().checkStateAndClose(events::stopped);
  }

  private void closeQuietly(RaftServer.Division ours) {
    try {
      ours.close();
    } catch (RuntimeException e) {
      LOG.warn("closing {} on {} after a failure", group, node, e);
    }
  }

  private void fail(String doing, Throwable cause) {
    if (failed.compareAndSet(false, true)) {
      LOG.error("{} on {} stops: {} failed", group, node, doing, cause);
      failures.replicaFailed(group, cause);
    }
  }

  private long term() {
    RaftServer.Division ours = division;
    return ours == null ? -1 : ours.getInfo().getCurrentTerm();
  }

  private static TermIndex toTermIndex(LogPosition position) {
    return TermIndex.valueOf(position.term(), position.index());
  }

  /** A durable position, in Ratis's form. */
  private record EmptySnapshot(LogPosition position) implements SnapshotInfo {
    @Override
    public TermIndex getTermIndex() {
      return toTermIndex(position);
    }

    @Override
    public List<FileInfo> getFiles() {
      return List.of();
    }
  }
}
