package io.equator.replication.sim;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.LogMachine;
import io.equator.replication.log.Proposal;
import io.equator.replication.log.ReplicatedLog;
import io.equator.replication.log.TermConfirmer;
import io.equator.replication.log.Voters;
import io.equator.replication.sim.SimulatedDisk.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The model of a replicated log: Raft as in the paper (Ongaro and Ousterhout 2014, figure 2), on
 * virtual time, without changes of members and without cutting the log.
 *
 * <p>It shows its users what the real one shows: leaders that do not know yet that they are none,
 * entries that are appended and lost, or appended and committed by the next leader; outcomes that
 * are not known; followers that lag; replicas that come back with an older state and apply again.
 * Disks take time, and what is not flushed is lost in a crash.
 *
 * <p>The outcomes are as the Ratis shell gives them: a leader that steps down answers all that it
 * has not applied with {@code Indeterminate}.
 */
final class SimulatedReplica implements ReplicatedLog {

  private static final long TICK = 10 * Simulation.MILLIS;
  private static final long HEARTBEAT = 25 * Simulation.MILLIS;
  private static final long ELECTION_MIN = 100 * Simulation.MILLIS;
  private static final long ELECTION_MAX = 250 * Simulation.MILLIS;
  private static final long STEP_DOWN = 300 * Simulation.MILLIS;
  private static final long DISK_MAX = 3 * Simulation.MILLIS;
  private static final long APPLY_MAX = 2 * Simulation.MILLIS;
  private static final double ANSWER_LOST = 0.01;
  private static final double OVERLOADED = 0.01;

  private enum Role {
    FOLLOWER,
    CANDIDATE,
    LEADER
  }

  private final SimulatedCluster cluster;
  private final Simulation simulation;
  private final NodeId node;
  private final GroupId group;
  private final LogMachine machine;
  private final TermConfirmer confirmer;
  private final Voters voters;
  private final List<NodeId> others;
  private final SimulatedDisk disk;

  private boolean alive = true;
  private Role role = Role.FOLLOWER;
  private @Nullable NodeId leader;
  private long readyTerm = -1;
  private int commit;
  private int applied;
  private boolean applying;
  private long heard;
  private long electionTimeout;
  private long lastHeartbeat;
  private long proposals;
  private @Nullable Leadership told;

  private final Set<NodeId> votes = new HashSet<>();
  private final Map<NodeId, Integer> next = new HashMap<>();
  private final Map<NodeId, Integer> match = new HashMap<>();
  private final Map<NodeId, Long> answered = new HashMap<>();
  private final TreeMap<Integer, Pending> pending = new TreeMap<>();

  private record Pending(long term, long mark, CompletableFuture<Proposal> outcome) {}

  SimulatedReplica(
      SimulatedCluster cluster,
      NodeId node,
      GroupId group,
      LogMachine machine,
      TermConfirmer confirmer,
      Voters voters) {
    this.cluster = cluster;
    this.simulation = cluster.simulation();
    this.node = node;
    this.group = group;
    this.machine = machine;
    this.confirmer = confirmer;
    this.voters = voters;
    this.others = voters.all().stream().filter(member -> !member.equals(node)).toList();
    this.disk = cluster.disk(node, group);
    this.applied = (int) machine.durablePosition().index();
    this.commit = applied;
  }

  void start() {
    hearLeader();
    tell();
    simulation.after(simulation.between(0, TICK), this::tick);
  }

  void crash() {
    alive = false;
    disk.lose(machine.durablePosition().index());
  }

  // ---- time ------------------------------------------------------------------------------------

  private void tick() {
    if (!alive) {
      return;
    }
    long now = simulation.now();
    if (role == Role.LEADER) {
      if (!hearsMajority(now)) {
        follow(disk.term, null);
      } else if (now - lastHeartbeat >= HEARTBEAT) {
        replicate();
      }
    } else if (now - heard > electionTimeout) {
      stand();
    }
    simulation.after(TICK, this::tick);
  }

  private boolean hearsMajority(long now) {
    long mask = voters.bit(node);
    for (NodeId other : others) {
      if (now - answered.getOrDefault(other, 0L) < STEP_DOWN) {
        mask |= voters.bit(other);
      }
    }
    return voters.majority(mask);
  }

  private void hearLeader() {
    heard = simulation.now();
    electionTimeout = simulation.between(ELECTION_MIN, ELECTION_MAX);
  }

  // ---- elections -------------------------------------------------------------------------------

  private void stand() {
    disk.term++;
    disk.votedFor = node;
    role = Role.CANDIDATE;
    leader = null;
    votes.clear();
    votes.add(node);
    hearLeader();
    long term = disk.term;
    int lastIndex = disk.lastIndex();
    long lastTerm = disk.termAt(lastIndex);
    for (NodeId other : others) {
      send(other, peer -> peer.onVoteAsked(node, term, lastIndex, lastTerm));
    }
    tell();
    countVotes();
  }

  private void onVoteAsked(NodeId candidate, long term, int lastIndex, long lastTerm) {
    if (term > disk.term) {
      follow(term, null);
    }
    long ownLastTerm = disk.termAt(disk.lastIndex());
    boolean upToDate =
        lastTerm > ownLastTerm || (lastTerm == ownLastTerm && lastIndex >= disk.lastIndex());
    boolean granted =
        term == disk.term
            && upToDate
            && role == Role.FOLLOWER
            && (disk.votedFor == null || disk.votedFor.equals(candidate));
    if (granted) {
      disk.votedFor = candidate;
      hearLeader();
    }
    long answerTerm = disk.term;
    send(candidate, peer -> peer.onVote(node, answerTerm, granted));
  }

  private void onVote(NodeId voter, long term, boolean granted) {
    if (term > disk.term) {
      follow(term, null);
    } else if (role == Role.CANDIDATE && term == disk.term && granted) {
      votes.add(voter);
      countVotes();
    }
  }

  private void countVotes() {
    long mask = 0;
    for (NodeId voter : votes) {
      mask |= voters.bit(voter);
    }
    if (voters.majority(mask)) {
      lead();
    }
  }

  private void lead() {
    simulation.note(node + " leads " + group + " in term " + disk.term);
    cluster.ledger(group).elected(disk.term, node);
    role = Role.LEADER;
    leader = node;
    for (NodeId other : others) {
      next.put(other, disk.log.size());
      match.put(other, -1);
      answered.put(other, simulation.now());
    }
    if (cluster.has(PlantedBug.READY_TOO_EARLY)) {
      readyTerm = disk.term;
    }
    append(new Entry(disk.term, null));
    tell();
  }

  private void follow(long term, @Nullable NodeId newLeader) {
    boolean led = role == Role.LEADER;
    if (term > disk.term) {
      disk.term = term;
      disk.votedFor = null;
    }
    role = Role.FOLLOWER;
    leader = newLeader;
    if (led) {
      simulation.note(node + " leads " + group + " no more");
      hearLeader();
      List<Pending> lost = List.copyOf(pending.values());
      pending.clear();
      tell();
      lost.forEach(each -> each.outcome.complete(new Proposal.Indeterminate()));
    } else {
      tell();
    }
  }

  // ---- replication -----------------------------------------------------------------------------

  private int append(Entry entry) {
    disk.log.add(entry);
    int index = disk.lastIndex();
    flush(entry, index, () -> advanceCommit());
    replicate();
    if (cluster.has(PlantedBug.ANSWER_BEFORE_COMMIT)) {
      commitTo(index);
    }
    return index;
  }

  /** Takes the disk's time; a crash or a truncation before its end takes the entry away. */
  @SuppressWarnings("ReferenceEquality") // The very entry, not one that looks like it.
  private void flush(Entry entry, int index, Runnable done) {
    simulation.after(
        simulation.between(0, DISK_MAX),
        () -> {
          if (alive && index <= disk.lastIndex() && disk.log.get(index) == entry) {
            disk.flushed = Math.max(disk.flushed, index);
            done.run();
          }
        });
  }

  private void replicate() {
    lastHeartbeat = simulation.now();
    for (NodeId other : others) {
      sendEntries(other);
    }
  }

  private void sendEntries(NodeId to) {
    long term = disk.term;
    int previous = next.getOrDefault(to, 0) - 1;
    long previousTerm = disk.termAt(previous);
    List<Entry> entries = List.copyOf(disk.log.subList(previous + 1, disk.log.size()));
    int committed = commit;
    // Sent in the hope that they arrive; a refusal or the next heartbeat corrects it.
    next.put(to, disk.log.size());
    send(to, peer -> peer.onEntries(node, term, previous, previousTerm, entries, committed));
  }

  private void onEntries(
      NodeId from, long term, int previous, long previousTerm, List<Entry> entries, int committed) {
    if (term < disk.term) {
      answer(from, term, -1, disk.log.size());
      return;
    }
    if (term > disk.term || role != Role.FOLLOWER || leader == null) {
      follow(term, from);
    }
    hearLeader();
    if (previous > disk.lastIndex() || disk.termAt(previous) != previousTerm) {
      answer(from, term, -1, Math.min(disk.log.size(), previous));
      return;
    }
    for (int i = 0; i < entries.size(); i++) {
      int index = previous + 1 + i;
      if (index <= disk.lastIndex() && disk.termAt(index) != entries.get(i).term()) {
        if (index <= applied) {
          throw new AssertionError("an applied entry is to be truncated at " + index);
        }
        disk.truncate(index);
      }
      if (index > disk.lastIndex()) {
        disk.log.add(entries.get(i));
      }
    }
    int last = previous + entries.size();
    commitTo(Math.min(committed, last));
    if (last <= disk.flushed || cluster.has(PlantedBug.ACKNOWLEDGE_BEFORE_FLUSH)) {
      answer(from, term, last, 0);
    }
    if (last > disk.flushed) {
      flush(disk.log.get(last), last, () -> answer(from, term, last, 0));
    }
  }

  /** Answers entries: match ≥ 0 when they stand here, else from where to send again. */
  private void answer(NodeId to, long ofTerm, int matched, int retryFrom) {
    long term = disk.term;
    if (matched < 0 || term == ofTerm) {
      send(to, peer -> peer.onAnswer(node, ofTerm, term, matched, retryFrom));
    }
  }

  private void onAnswer(NodeId from, long ofTerm, long term, int matched, int retryFrom) {
    if (term > disk.term) {
      follow(term, null);
    } else if (role == Role.LEADER && ofTerm == disk.term) {
      answered.put(from, simulation.now());
      if (matched >= 0) {
        match.merge(from, matched, Math::max);
        next.merge(from, matched + 1, Math::max);
        advanceCommit();
      } else {
        next.put(
            from,
            Math.max(
                match.getOrDefault(from, -1) + 1, Math.min(retryFrom, next.getOrDefault(from, 0))));
        sendEntries(from);
      }
    }
  }

  private void advanceCommit() {
    if (role != Role.LEADER) {
      return;
    }
    for (int index = disk.lastIndex(); index > commit; index--) {
      if (disk.termAt(index) != disk.term) {
        return;
      }
      long mask = disk.flushed >= index ? voters.bit(node) : 0;
      for (NodeId other : others) {
        mask |= match.getOrDefault(other, -1) >= index ? voters.bit(other) : 0;
      }
      if (voters.majority(mask)) {
        commitTo(index);
        return;
      }
    }
  }

  private void commitTo(int index) {
    if (index > commit) {
      commit = index;
      scheduleApply();
    }
  }

  // ---- applying --------------------------------------------------------------------------------

  private void scheduleApply() {
    if (!applying) {
      applying = true;
      simulation.after(
          simulation.between(0, APPLY_MAX),
          () -> {
            applying = false;
            if (alive && applied < commit) {
              if (!mayApply()) {
                scheduleApply();
                return;
              }
              applyNext();
              if (applied < commit) {
                scheduleApply();
              }
            }
          });
    }
  }

  private boolean mayApply() {
    Entry next = disk.log.get(applied + 1);
    return next.payload() == null || machine.mayApply(next.term(), applied + 1, next.payload());
  }

  private void applyNext() {
    int index = applied + 1;
    Entry entry = disk.log.get(index);
    cluster.ledger(group).applied(index, entry);
    ByteString payload = entry.payload();
    if (payload == null) {
      machine.advance(entry.term(), index);
      applied = index;
      if (role == Role.LEADER && entry.term() == disk.term) {
        readyTerm = disk.term;
        tell();
      }
      return;
    }
    Object result;
    try {
      result = machine.apply(entry.term(), index, payload);
    } catch (RuntimeException e) {
      alive = false;
      cluster.failures().replicaFailed(group, e);
      return;
    }
    applied = index;
    Pending own = pending.remove(index);
    if (own != null && role == Role.LEADER && own.term == disk.term) {
      confirmer.committed(group, own.term, own.mark);
      own.outcome.complete(
          simulation.chance(ANSWER_LOST)
              ? new Proposal.Indeterminate()
              : new Proposal.Applied(entry.term(), index, result));
    }
  }

  // ---- the port --------------------------------------------------------------------------------

  @Override
  public GroupId group() {
    return group;
  }

  @Override
  public CompletableFuture<Proposal> propose(long expectedTerm, ByteString entry) {
    boolean termHolds = expectedTerm == disk.term || cluster.has(PlantedBug.IGNORE_EXPECTED_TERM);
    if (!alive || role != Role.LEADER || readyTerm != disk.term || !termHolds) {
      return CompletableFuture.completedFuture(new Proposal.NotLeader(hint()));
    }
    if (simulation.chance(OVERLOADED)) {
      return CompletableFuture.completedFuture(new Proposal.Overloaded());
    }
    CompletableFuture<Proposal> outcome = new CompletableFuture<>();
    proposals++;
    // Pending first: a bug may apply it at once.
    pending.put(disk.log.size(), new Pending(disk.term, proposals, outcome));
    append(new Entry(disk.term, entry));
    return outcome;
  }

  @Override
  public Leadership leadership() {
    return alive && role == Role.LEADER
        ? new Leadership.Leader(disk.term, readyTerm == disk.term)
        : new Leadership.Follower(alive ? disk.term : 0, hint());
  }

  @Override
  public long currentTerm() {
    return alive ? disk.term : 0;
  }

  @Override
  public CompletableFuture<Boolean> confirmLeadership() {
    if (!alive || readyTerm != disk.term || role != Role.LEADER) {
      return CompletableFuture.completedFuture(false);
    }
    if (voters.alone(node) || cluster.has(PlantedBug.CONFIRM_WITHOUT_ASKING)) {
      return CompletableFuture.completedFuture(true);
    }
    return confirmer.confirm(group, disk.term, proposals, voters);
  }

  @Override
  public void requestSnapshot() {}

  @Override
  public java.util.List<io.equator.partitioner.NodeId> members() {
    return java.util.List.of();
  }

  @Override
  public CompletableFuture<io.equator.replication.log.MembershipChange> changeMembers(
      java.util.List<io.equator.replication.log.Peer> before,
      java.util.List<io.equator.replication.log.Peer> after) {
    throw new UnsupportedOperationException("its members do not change");
  }

  @Override
  public void transferTo(io.equator.partitioner.NodeId successor) {
    throw new UnsupportedOperationException("it has no other members");
  }

  @Override
  public void stepDown() {
    if (alive && role == Role.LEADER) {
      follow(disk.term, null);
    }
  }

  @Override
  public void close() {
    if (alive) {
      alive = false;
      disk.flushed = disk.lastIndex();
      List<Pending> lost = new ArrayList<>(pending.values());
      pending.clear();
      confirmer.forget(group);
      lost.forEach(each -> each.outcome.complete(new Proposal.Indeterminate()));
    }
  }

  private Optional<NodeId> hint() {
    return node.equals(leader) ? Optional.empty() : Optional.ofNullable(leader);
  }

  private void tell() {
    Leadership now = leadership();
    if (!now.equals(told)) {
      told = now;
      machine.leadershipChanged(now);
    }
  }

  /** Sends something to the same group's replica on another node, if it is there by then. */
  private void send(NodeId to, java.util.function.Consumer<SimulatedReplica> message) {
    cluster
        .network()
        .send(
            node,
            to,
            () -> {
              SimulatedHost host = cluster.host(to);
              SimulatedReplica peer = host == null ? null : host.simulated(group);
              if (peer != null && peer.alive) {
                message.accept(peer);
              }
            });
  }
}
