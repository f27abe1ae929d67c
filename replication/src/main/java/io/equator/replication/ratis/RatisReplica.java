package io.equator.replication.ratis;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.LogMachine;
import io.equator.replication.log.LogPosition;
import io.equator.replication.log.LogStatistics;
import io.equator.replication.log.MembershipChange;
import io.equator.replication.log.Peer;
import io.equator.replication.log.Proposal;
import io.equator.replication.log.ReplicatedLog;
import io.equator.replication.log.TermConfirmer;
import io.equator.replication.log.Voters;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replica, over its Ratis division.
 *
 * <p>Leadership. Ratis tells the role and the term separately, and between the two reads a leader
 * of term 3 can have become a follower in term 5. So "leads and is ready in term t" is taken only
 * from the event of applying t's first own entry ({@link #ready}); together with "the current term
 * is still t" it is exact, because a term has one leader.
 *
 * <p>Confirmation. The marks order proposals and reads of this replica: a read takes the count of
 * proposals begun before it, a proposal takes the next number; an applied proposal confirms the
 * reads with a smaller mark.
 */
final class RatisReplica implements ReplicatedLog, GroupMachine.Events {

  private static final Logger LOG = LoggerFactory.getLogger(RatisReplica.class);

  /** What is under way when leadership is handed over has so long to come to its end. */
  private static final Duration END_WITHIN = Duration.ofMillis(500);

  /** The group writes down within this time who is to lead it. */
  private static final Duration NAMED_WITHIN = Duration.ofSeconds(1);

  private static final CompletableFuture<Boolean> YES = CompletableFuture.completedFuture(true);
  private static final CompletableFuture<Boolean> NO = CompletableFuture.completedFuture(false);

  private final GroupId group;
  private final LogMachine machine;
  private final RatisLogHost host;
  private final TermConfirmer confirmer;
  private final AtomicLong proposals = new AtomicLong();
  private final ProposalGate gate = new ProposalGate();

  /** Keeps the order in which the machine learns of changes. Taken last; no other lock within. */
  private final Object telling = new Object();

  private @Nullable Leadership told;

  /** Guarded by {@link #telling}. */
  private @Nullable NodeId lastLeader;

  private volatile long firstTerm;
  private final AtomicLong leaderChanges = new AtomicLong();
  private final AtomicLong electionsWon = new AtomicLong();

  private volatile RaftServer.@Nullable Division division;
  private volatile Leadership.Leader ready = new Leadership.Leader(-1, true);
  private volatile KnownVoters voters = new KnownVoters(null, Voters.of(List.of()));
  private volatile boolean closed;

  /** Members that Ratis has been asked for and has not answered about. */
  private final List<List<NodeId>> takingIn = new CopyOnWriteArrayList<>();

  RatisReplica(GroupId group, LogMachine machine, RatisLogHost host, TermConfirmer confirmer) {
    this.group = group;
    this.machine = machine;
    this.host = host;
    this.confirmer = confirmer;
  }

  /** Called once, when Ratis has made the division. */
  void attach(RaftServer.Division ours) {
    this.firstTerm = term(ours);
    this.division = ours;
    tell();
  }

  @Override
  public GroupId group() {
    return group;
  }

  // ---- proposals -------------------------------------------------------------------------------

  @Override
  public CompletableFuture<Proposal> propose(long expectedTerm, ByteString entry) {
    if (entry.size() > ENTRY_BYTES_MAX) {
      throw new IllegalArgumentException(
          "an entry has at most " + ENTRY_BYTES_MAX + " bytes, was " + entry.size());
    }
    RaftServer.Division ours = division;
    Leadership.Leader leader = ready;
    if (ours == null || closed || leader.term() != expectedTerm || term(ours) != expectedTerm) {
      return CompletableFuture.completedFuture(new Proposal.NotLeader(leaderHint()));
    }
    if (!gate.enter()) {
      return CompletableFuture.completedFuture(new Proposal.NotLeader(Optional.empty()));
    }
    PendingEntry pending = new PendingEntry(entry, expectedTerm, proposals.incrementAndGet());
    var _ = pending.outcome.whenComplete((_, _) -> gate.leave());
    submit(ours, pending);
    return pending.outcome;
  }

  private void submit(RaftServer.Division ours, PendingEntry pending) {
    RaftClientRequest request = host.newWrite(group, pending);
    CompletableFuture<RaftClientReply> reply;
    try {
      // The division itself, not the server: that way takes another thread, and waits for it.
      reply = ((RaftClientAsynchronousProtocol) ours).submitClientRequestAsync(request);
    } catch (IOException | RuntimeException e) {
      pending.outcome.complete(whyNot(pending, e));
      return;
    }
    var _ =
        reply.whenComplete(
            (value, failure) -> {
              // A success was told by applied() already, before Ratis wrote its reply.
              if (!pending.outcome.isDone()) {
                pending.outcome.complete(
                    whyNot(pending, failure != null ? failure : value.getException()));
              }
            });
  }

  private Proposal whyNot(PendingEntry pending, @Nullable Throwable cause) {
    if (pending.mayBeAppended()) {
      return new Proposal.Indeterminate();
    }
    Throwable bare = cause instanceof CompletionException ? cause.getCause() : cause;
    if (bare instanceof ResourceUnavailableException) {
      return new Proposal.Overloaded();
    }
    if (bare instanceof NotLeaderException notLeader && notLeader.getSuggestedLeader() != null) {
      return new Proposal.NotLeader(Optional.of(toNode(notLeader.getSuggestedLeader().getId())));
    }
    return new Proposal.NotLeader(leaderHint());
  }

  @Override
  public void applied(PendingEntry pending, long term, long index, Object result) {
    confirmer.committed(group, term, pending.mark);
    pending.outcome.complete(new Proposal.Applied(term, index, result));
  }

  // ---- leadership ------------------------------------------------------------------------------

  @Override
  public long currentTerm() {
    RaftServer.Division ours = division;
    return ours == null || closed ? 0 : term(ours);
  }

  @Override
  public Leadership leadership() {
    RaftServer.Division ours = division;
    if (ours == null || closed) {
      return new Leadership.Follower(0, Optional.empty());
    }
    DivisionInfo info = ours.getInfo();
    Leadership.Leader leader = ready;
    boolean leads = info.isLeader();
    long term = info.getCurrentTerm();
    if (leads && leader.term() == term) {
      return leader;
    }
    return leads ? new Leadership.Leader(term, false) : new Leadership.Follower(term, leaderHint());
  }

  @Override
  public void leaderReady(long term) {
    electionsWon.incrementAndGet();
    ready = new Leadership.Leader(term, true);
    tell();
  }

  @Override
  public void roleChanged() {
    tell();
  }

  @Override
  public void stopped() {
    closed = true;
    confirmer.forget(group);
    tell();
  }

  private void tell() {
    synchronized (telling) {
      Leadership now = leadership();
      countLeader(now);
      if (!now.equals(told)) {
        told = now;
        machine.leadershipChanged(now);
      }
    }
  }

  /** Knowing no leader for a while is no change, when it is the same one afterwards. */
  private void countLeader(Leadership now) {
    NodeId leader =
        switch (now) {
          case Leadership.Leader _ -> host.node();
          case Leadership.Follower(_, Optional<NodeId> known) -> known.orElse(null);
        };
    if (leader != null && !leader.equals(lastLeader)) {
      if (lastLeader != null) {
        leaderChanges.incrementAndGet();
      }
      lastLeader = leader;
    }
  }

  private Optional<NodeId> leaderHint() {
    RaftServer.Division ours = division;
    RaftPeerId leader = ours == null ? null : ours.getInfo().getLeaderId();
    return leader == null || leader.equals(host.peerId())
        ? Optional.empty()
        : Optional.of(toNode(leader));
  }

  // ---- strong reads ----------------------------------------------------------------------------

  @Override
  public CompletableFuture<Boolean> confirmLeadership() {
    RaftServer.Division ours = division;
    if (ours == null || closed) {
      return NO;
    }
    // The mark first: proposals begun from here on confirm this read.
    long mark = proposals.get();
    long leaderTerm = ready.term();
    if (term(ours) != leaderTerm) {
      return NO;
    }
    Voters electorate = voters(ours);
    return electorate.alone(host.node())
        ? YES
        : confirmer.confirm(group, leaderTerm, mark, electorate);
  }

  @SuppressWarnings("ReferenceEquality") // Ratis makes a new object for each configuration.
  private Voters voters(RaftServer.Division ours) {
    RaftConfiguration configuration = ours.getRaftConf();
    KnownVoters known = voters;
    if (known.configuration != configuration) {
      List<NodeId> current = nodes(configuration.getCurrentPeers());
      Collection<RaftPeer> previous = configuration.getPreviousPeers();
      known =
          new KnownVoters(
              configuration,
              previous.isEmpty() ? Voters.of(current) : Voters.joint(current, nodes(previous)));
      voters = known;
    }
    return known.voters;
  }

  private static List<NodeId> nodes(Collection<RaftPeer> peers) {
    List<NodeId> nodes = new ArrayList<>(peers.size());
    for (RaftPeer peer : peers) {
      nodes.add(toNode(peer.getId()));
    }
    return nodes;
  }

  // ---- the rest --------------------------------------------------------------------------------

  @Override
  public LogStatistics statistics() {
    RaftServer.Division ours = division;
    if (ours == null || closed) {
      return LogStatistics.STOPPED;
    }
    DivisionInfo info = ours.getInfo();
    RaftLog log = ours.getRaftLog();
    TermIndex last = log.getLastEntryTermIndex();
    long committed = log.getLastCommittedIndex();
    return new LogStatistics(
        info.isAlive(),
        info.getCurrentTerm(),
        Math.max(0, info.getCurrentTerm() - firstTerm),
        leaderChanges.get(),
        electionsWon.get(),
        last == null ? -1 : last.getIndex(),
        committed,
        info.getLastAppliedIndex(),
        info.isLeader() ? behind(info, committed) : Map.of());
  }

  /** Ratis tells who its followers are and how far they are in two lists of the same order. */
  private static Map<NodeId, Long> behind(DivisionInfo info, long committed) {
    List<ServerRpcProto> followers = info.getRoleInfoProto().getLeaderInfo().getFollowerInfoList();
    long[] matches = info.getFollowerMatchIndices();
    Map<NodeId, Long> behind = new HashMap<>();
    for (int i = 0; i < followers.size() && followers.size() == matches.length; i++) {
      NodeId follower = new NodeId(followers.get(i).getId().getId().toStringUtf8());
      behind.put(follower, Math.max(0, committed - matches[i]));
    }
    return behind;
  }

  @Override
  public void requestSnapshot() {
    RaftServer.Division ours = division;
    LogPosition durable = machine.durablePosition();
    // A machine that is ahead of its log has just installed a state; the log follows by itself.
    if (ours != null
        && !closed
        && durable.index() >= 0
        && durable.index() <= ours.getInfo().getLastAppliedIndex()) {
      // Ratis's own request for a snapshot does nothing when all that is applied is durable.
      var _ = ours.getRaftLog().purge(durable.index());
    }
  }

  @Override
  public List<NodeId> members() {
    RaftServer.Division ours = division;
    return ours == null
        ? List.of()
        : nodes(ours.getRaftConf().getCurrentPeers()).stream().sorted().toList();
  }

  @Override
  public boolean areMembersChanging() {
    RaftServer.Division ours = division;
    if (ours == null || closed) {
      return false;
    }
    RaftConfiguration configuration = ours.getRaftConf();
    return !configuration.getPreviousPeers().isEmpty()
        || configuration.getLogEntryIndex() > ours.getRaftLog().getLastCommittedIndex();
  }

  @Override
  public CompletableFuture<MembershipChange> changeMembers(List<Peer> before, List<Peer> after) {
    if (closed || !(leadership() instanceof Leadership.Leader(_, boolean ready) && ready)) {
      return CompletableFuture.completedFuture(new MembershipChange.NotLeader());
    }
    List<NodeId> now = members();
    if (now.equals(sorted(after))) {
      return CompletableFuture.completedFuture(
          areMembersChanging()
              ? new MembershipChange.Failed("they do not rule alone yet")
              : new MembershipChange.Done());
    }
    if (!now.equals(sorted(before))) {
      return CompletableFuture.completedFuture(new MembershipChange.OtherMembers(now.toString()));
    }
    List<NodeId> wanted = sorted(after);
    takingIn.add(wanted);
    return host.setMembers(group, before, after, Optional.empty())
        .whenComplete((_, _) -> takingIn.remove(wanted));
  }

  @Override
  public List<NodeId> counted() {
    // In this order: who is taken in meanwhile is in the configuration before it is not here.
    TreeSet<NodeId> counted = new TreeSet<>();
    takingIn.forEach(counted::addAll);
    RaftServer.Division ours = division;
    if (ours != null) {
      RaftConfiguration configuration = ours.getRaftConf();
      counted.addAll(nodes(configuration.getCurrentPeers()));
      counted.addAll(nodes(configuration.getPreviousPeers()));
    }
    return List.copyOf(counted);
  }

  private static List<NodeId> sorted(List<Peer> peers) {
    return peers.stream().map(Peer::node).sorted().toList();
  }

  @Override
  public void transferTo(NodeId successor) {
    if (leadership() instanceof Leadership.Leader && gate.shut()) {
      Thread.ofVirtual().name("hand-over-" + group).start(() -> handOver(successor));
    }
  }

  /**
   * From the first step on Ratis may hand over at any moment, so what is under way comes to its end
   * before, and nothing new begins: else nobody would know what became of it.
   */
  private void handOver(NodeId successor) {
    try {
      gate.awaitEmpty(END_WITHIN);
      RaftServer.Division ours = division;
      if (ours == null || closed) {
        return;
      }
      List<Peer> peers = new ArrayList<>();
      for (RaftPeer peer : ours.getRaftConf().getCurrentPeers()) {
        peers.add(new Peer(toNode(peer.getId()), peer.getAddress()));
      }
      MembershipChange change =
          host.setMembers(group, peers, peers, Optional.of(successor))
              .get(NAMED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      if (change instanceof MembershipChange.Failed(String why)) {
        LOG.warn("{} cannot be handed to {}: {}", group, successor, why);
      } else {
        host.transferLeadership(group, successor)
            .get(RatisLogHost.HAND_OVER_MILLIS + NAMED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("{} was not handed to {}: {}", group, successor, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      gate.open();
    }
  }

  @Override
  public void stepDown() {
    if (!closed) {
      host.stepDown(group);
    }
  }

  @Override
  public void close() {
    host.close(this);
  }

  private static long term(RaftServer.Division division) {
    return division.getInfo().getCurrentTerm();
  }

  private static NodeId toNode(RaftPeerId peer) {
    return new NodeId(peer.toString());
  }

  /** The voters of a configuration, so that they are read once. */
  private record KnownVoters(@Nullable RaftConfiguration configuration, Voters voters) {}
}
