package io.equator.replication.sim;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.LogMachine;
import io.equator.replication.log.LogPosition;
import io.equator.replication.log.MembershipChange;
import io.equator.replication.log.Peer;
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
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The model of a replicated log: Raft as in the paper (Ongaro and Ousterhout 2014, figure 2), on
 * virtual time.
 *
 * <p>It shows its users what the real one shows: leaders that do not know yet that they are none,
 * entries that are appended and lost, or appended and committed by the next leader; outcomes that
 * are not known; followers that lag; replicas that come back with an older state and apply again.
 * Disks take time, and what is not flushed is lost in a crash.
 *
 * <p>Members change as in Ratis: the new ones are brought up to date first, then one joint
 * configuration rules (Raft thesis §4.3), then the new one. A replica that was opened without
 * members waits until a leader speaks to it; until it knows a configuration it neither votes nor
 * stands. When what a follower needs has been cut, its machine is asked to get a state elsewhere.
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
  private static final long STAGING = 2_000 * Simulation.MILLIS;
  private static final int BEHIND_MAX = 3;

  /** Entries that are kept for followers that are a little behind. */
  private static final int KEPT = 2;

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
  private final Set<NodeId> preVotes = new HashSet<>();
  private final Map<NodeId, Integer> next = new HashMap<>();
  private final Map<NodeId, Integer> match = new HashMap<>();
  private final Map<NodeId, Long> answered = new HashMap<>();
  private final TreeMap<Integer, Pending> pending = new TreeMap<>();

  private @Nullable Change change;
  private boolean installing;
  private int reached;

  private record Pending(long term, long mark, CompletableFuture<Proposal> outcome) {}

  /** A change of members that this leader makes; those who come are brought up to date first. */
  private record Change(
      List<NodeId> before,
      List<NodeId> after,
      List<NodeId> comers,
      CompletableFuture<MembershipChange> outcome) {}

  SimulatedReplica(
      SimulatedCluster cluster,
      NodeId node,
      GroupId group,
      LogMachine machine,
      TermConfirmer confirmer,
      Configuration founders) {
    this.cluster = cluster;
    this.simulation = cluster.simulation();
    this.node = node;
    this.group = group;
    this.machine = machine;
    this.confirmer = confirmer;
    this.disk = cluster.disk(node, group);
    if (!disk.isBegun()) {
      disk.begin(founders);
      if (!founders.current().isEmpty()) {
        cluster.founded(group, founders);
      }
    }
    LogPosition durable = machine.durablePosition();
    if (durable.index() > disk.lastIndex()) {
      disk.beginBehind(durable, configurationOf(durable));
    }
    this.applied = (int) durable.index();
    this.commit = applied;
    this.reached = commit;
  }

  /** It comes with the state; here the ledger knows it. */
  private Configuration configurationOf(LogPosition state) {
    SafetyLedger ledger = cluster.ledger(group);
    return ledger.configurationAt((int) state.index(), cluster.founders(group));
  }

  private Voters voters() {
    return disk.configuration().voters();
  }

  /** Everybody to whom entries are sent. */
  private List<NodeId> others() {
    Configuration known = disk.configuration();
    TreeSet<NodeId> all = new TreeSet<>(known.current());
    all.addAll(known.previous());
    if (change != null) {
      all.addAll(change.comers);
    }
    all.remove(node);
    return List.copyOf(all);
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
    } else if (now - heard > electionTimeout && mayStand()) {
      prepareToStand();
    }
    simulation.after(TICK, this::tick);
  }

  private boolean hearsMajority(long now) {
    Voters voters = voters();
    long mask = voters.bit(node);
    for (NodeId other : voters.all()) {
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

  /**
   * In groups whose members change, as in Ratis: who would not be elected raises no terms (Raft
   * thesis §9.6). Otherwise somebody who is no member any more, and does not know, would unseat
   * every leader that speaks to it.
   */
  private void prepareToStand() {
    if (!cluster.preVotes()) {
      stand(false);
      return;
    }
    hearLeader();
    leader = null;
    preVotes.clear();
    preVotes.add(node);
    long term = disk.term;
    int lastIndex = disk.lastIndex();
    long lastTerm = disk.termAt(lastIndex);
    for (NodeId other : others()) {
      send(other, peer -> peer.onPreVoteAsked(node, term, lastIndex, lastTerm));
    }
    countPreVotes();
  }

  private void onPreVoteAsked(NodeId candidate, long term, int lastIndex, long lastTerm) {
    boolean hearsLeader =
        role == Role.LEADER || (leader != null && simulation.now() - heard < ELECTION_MIN);
    if (!hearsLeader && isUpToDate(lastIndex, lastTerm) && knowsMembers()) {
      long own = disk.term;
      send(candidate, peer -> peer.onPreVote(node, term, own));
    }
  }

  private void onPreVote(NodeId voter, long ofTerm, long term) {
    if (role == Role.LEADER || ofTerm != disk.term || leader != null) {
      return;
    }
    if (term > disk.term) {
      follow(term, null);
      return;
    }
    preVotes.add(voter);
    countPreVotes();
  }

  private void countPreVotes() {
    Voters voters = voters();
    long mask = 0;
    for (NodeId voter : preVotes) {
      mask |= voters.bit(voter);
    }
    if (voters.majority(mask)) {
      preVotes.clear();
      stand(false);
    }
  }

  /**
   * Also when it is no member by a configuration that may not be committed: the others may need the
   * entries that only it has (Raft thesis §4.2.2).
   */
  private boolean mayStand() {
    return disk.configuration().counts(node)
        || (knowsMembers() && disk.configurationIndex() > commit);
  }

  private boolean isUpToDate(int lastIndex, long lastTerm) {
    long own = disk.termAt(disk.lastIndex());
    return lastTerm > own || (lastTerm == own && lastIndex >= disk.lastIndex());
  }

  private boolean knowsMembers() {
    return !disk.configuration().current().isEmpty();
  }

  private void stand(boolean asked) {
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
    if (asked) {
      simulation.note(node + " is to lead " + group);
    }
    for (NodeId other : others()) {
      send(other, peer -> peer.onVoteAsked(node, term, lastIndex, lastTerm));
    }
    tell();
    countVotes();
  }

  private void onVoteAsked(NodeId candidate, long term, int lastIndex, long lastTerm) {
    if (!knowsMembers()) {
      return;
    }
    if (term > disk.term) {
      follow(term, null);
    }
    boolean granted =
        term == disk.term
            && isUpToDate(lastIndex, lastTerm)
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
    Voters voters = voters();
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
    next.clear();
    match.clear();
    answered.clear();
    others().forEach(this::meet);
    if (cluster.has(PlantedBug.READY_TOO_EARLY)) {
      readyTerm = disk.term;
    }
    // As in Ratis, whose leaders begin with who votes: so those who are taken in know it.
    append(new Entry(disk.term, null, disk.configuration()));
    tell();
  }

  private void meet(NodeId other) {
    next.put(other, disk.lastIndex() + 1);
    match.put(other, -1);
    answered.put(other, simulation.now());
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
      endChange(new MembershipChange.Failed("it leads no more"));
      tell();
      lost.forEach(each -> each.outcome.complete(new Proposal.Indeterminate()));
    } else {
      tell();
    }
  }

  // ---- replication -----------------------------------------------------------------------------

  private int append(Entry entry) {
    disk.add(entry);
    int index = disk.lastIndex();
    flush(entry, index, this::advanceCommit);
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
          if (alive
              && index <= disk.lastIndex()
              && index >= disk.first()
              && disk.entry(index) == entry) {
            disk.flushed = Math.max(disk.flushed, index);
            done.run();
          }
        });
  }

  private void replicate() {
    lastHeartbeat = simulation.now();
    for (NodeId other : others()) {
      if (!next.containsKey(other)) {
        meet(other);
      }
      sendEntries(other);
    }
  }

  private void sendEntries(NodeId to) {
    long term = disk.term;
    int previous = next.getOrDefault(to, 0) - 1;
    if (previous < disk.first() - 1) {
      int first = disk.first();
      send(to, peer -> peer.onTooFarBehind(node, term, first));
      return;
    }
    long previousTerm = disk.termAt(previous);
    List<Entry> entries = disk.from(previous + 1);
    int committed = commit;
    // Sent in the hope that they arrive; a refusal or the next heartbeat corrects it.
    next.put(to, disk.lastIndex() + 1);
    send(to, peer -> peer.onEntries(node, term, previous, previousTerm, entries, committed));
  }

  private void onEntries(
      NodeId from, long term, int previous, long previousTerm, List<Entry> entries, int committed) {
    if (term < disk.term) {
      answer(from, term, -1, disk.lastIndex() + 1);
      return;
    }
    if (term > disk.term || role != Role.FOLLOWER || leader == null) {
      follow(term, from);
    }
    hearLeader();
    if (installing) {
      return;
    }
    boolean covered = previous < disk.first() - 1;
    if (previous > disk.lastIndex() || (!covered && disk.termAt(previous) != previousTerm)) {
      answer(from, term, -1, Math.min(disk.lastIndex() + 1, previous));
      return;
    }
    for (int i = 0; i < entries.size(); i++) {
      int index = previous + 1 + i;
      if (index < disk.first()) {
        continue;
      }
      if (index <= disk.lastIndex() && disk.termAt(index) != entries.get(i).term()) {
        if (index <= applied) {
          throw new AssertionError("an applied entry is to be truncated at " + index);
        }
        disk.truncate(index);
      }
      if (index > disk.lastIndex()) {
        disk.add(entries.get(i));
      }
    }
    int last = previous + entries.size();
    commitTo(Math.min(committed, last));
    if (last <= disk.flushed || cluster.has(PlantedBug.ACKNOWLEDGE_BEFORE_FLUSH)) {
      answer(from, term, last, 0);
    }
    if (last > disk.flushed) {
      flush(disk.entry(last), last, () -> answer(from, term, last, 0));
    }
  }

  /** The leader has cut its log behind this replica: a state is to come from somebody else. */
  private void onTooFarBehind(NodeId from, long term, int firstInLog) {
    if (term < disk.term) {
      answer(from, term, -1, disk.lastIndex() + 1);
      return;
    }
    if (term > disk.term || role != Role.FOLLOWER || leader == null) {
      follow(term, from);
    }
    hearLeader();
    if (installing) {
      // Alive, and asked again later.
      answer(from, term, -1, 0);
      return;
    }
    installing = true;
    List<NodeId> sources = new ArrayList<>(List.of(from));
    disk.configuration().current().stream()
        .filter(member -> !member.equals(node) && !member.equals(from))
        .forEach(sources::add);
    var _ =
        machine
            .install(firstInLog - 1, sources)
            .thenAccept(
                state -> {
                  installing = false;
                  if (alive) {
                    state.ifPresent(this::goOnBehind);
                    int has = disk.first() - 1;
                    answer(from, term, has < firstInLog - 1 ? -1 : has, disk.lastIndex() + 1);
                  }
                });
  }

  private void goOnBehind(LogPosition state) {
    if (state.index() <= applied) {
      return;
    }
    simulation.note(node + " has the state of " + group + " at " + state.index());
    disk.beginBehind(state, configurationOf(state));
    applied = (int) state.index();
    commit = Math.max(commit, applied);
    reached = Math.max(reached, applied);
    scheduleApply();
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
        takeIn();
        advanceCommit();
      } else {
        int before = next.getOrDefault(from, 0);
        next.put(from, Math.max(match.getOrDefault(from, -1) + 1, Math.min(retryFrom, before)));
        if (next.getOrDefault(from, 0) >= disk.first()) {
          sendEntries(from);
        }
      }
    }
  }

  private void advanceCommit() {
    if (role != Role.LEADER) {
      return;
    }
    Voters voters = voters();
    for (int index = disk.lastIndex(); index > commit; index--) {
      if (disk.termAt(index) != disk.term) {
        break;
      }
      long mask = disk.flushed >= index ? voters.bit(node) : 0;
      for (NodeId other : voters.all()) {
        if (!other.equals(node)) {
          mask |= hasUpTo(other, index) ? voters.bit(other) : 0;
        }
      }
      if (voters.majority(mask)) {
        int from = reached + 1;
        reached = index;
        for (int i = Math.max(from, disk.first()); i <= index; i++) {
          cluster.ledger(group).committed(i, disk.entry(i));
        }
        commitTo(index);
        break;
      }
    }
    goOnChanging();
  }

  private boolean hasUpTo(NodeId other, int index) {
    return match.getOrDefault(other, -1) >= index
        || (cluster.has(PlantedBug.COUNT_NEW_MEMBERS_AT_ONCE)
            && change != null
            && change.comers.contains(other));
  }

  private void commitTo(int index) {
    if (index > commit) {
      commit = index;
      reached = Math.max(reached, index);
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
              if (installing || !mayApply()) {
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
    Entry next = disk.entry(applied + 1);
    return next.payload() == null || machine.mayApply(next.term(), applied + 1, next.payload());
  }

  private void applyNext() {
    int index = applied + 1;
    Entry entry = disk.entry(index);
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
    pending.put(disk.lastIndex() + 1, new Pending(disk.term, proposals, outcome));
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
    Voters voters = voters();
    if (voters.alone(node) || cluster.has(PlantedBug.CONFIRM_WITHOUT_ASKING)) {
      return CompletableFuture.completedFuture(true);
    }
    return confirmer.confirm(group, disk.term, proposals, voters);
  }

  @Override
  public void requestSnapshot() {
    if (alive && !installing) {
      disk.cut((int) Math.min(applied, machine.durablePosition().index()) - KEPT);
    }
  }

  // ---- members ---------------------------------------------------------------------------------

  @Override
  public List<NodeId> members() {
    return disk.configuration().current();
  }

  @Override
  public List<NodeId> counted() {
    TreeSet<NodeId> counted = new TreeSet<>(others());
    if (disk.configuration().counts(node)) {
      counted.add(node);
    }
    return List.copyOf(counted);
  }

  @Override
  public boolean areMembersChanging() {
    return disk.configuration().isJoint() || disk.configurationIndex() > commit;
  }

  @Override
  public CompletableFuture<MembershipChange> changeMembers(List<Peer> before, List<Peer> after) {
    if (!(leadership() instanceof Leadership.Leader(_, boolean ready) && ready)) {
      return CompletableFuture.completedFuture(new MembershipChange.NotLeader());
    }
    List<NodeId> wanted = nodes(after);
    if (change != null || areMembersChanging()) {
      return CompletableFuture.completedFuture(
          new MembershipChange.Failed("another change is under way"));
    }
    if (members().equals(wanted)) {
      return CompletableFuture.completedFuture(new MembershipChange.Done());
    }
    if (!members().equals(nodes(before))) {
      return CompletableFuture.completedFuture(
          new MembershipChange.OtherMembers(members().toString()));
    }
    List<NodeId> comers = wanted.stream().filter(member -> !members().contains(member)).toList();
    Change begun = new Change(members(), wanted, comers, new CompletableFuture<>());
    simulation.note(node + " takes " + group + " from " + members() + " to " + wanted);
    change = begun;
    comers.forEach(this::meet);
    replicate();
    takeIn();
    simulation.after(
        STAGING,
        () -> {
          if (change == begun && members().equals(begun.before)) {
            endChange(new MembershipChange.Failed("the new members are not up to date"));
          }
        });
    return begun.outcome;
  }

  private static List<NodeId> nodes(List<Peer> peers) {
    return peers.stream().map(Peer::node).sorted().toList();
  }

  /** When the new members are up to date, both configurations rule. */
  private void takeIn() {
    Change begun = change;
    if (begun == null
        || role != Role.LEADER
        || !members().equals(begun.before)
        || disk.configuration().isJoint()) {
      return;
    }
    for (NodeId comer : begun.comers) {
      // At least the first entry, which says who votes.
      if (match.getOrDefault(comer, -1) < Math.max(0, commit - BEHIND_MAX)
          && !cluster.has(PlantedBug.COUNT_NEW_MEMBERS_AT_ONCE)) {
        return;
      }
    }
    append(
        new Entry(
            disk.term,
            null,
            cluster.has(PlantedBug.CHANGE_IN_ONE_STEP)
                ? Configuration.of(begun.after)
                : disk.configuration().changingTo(begun.after)));
  }

  /** When the joint configuration is committed the new one follows, whoever leads by then. */
  private void goOnChanging() {
    if (role != Role.LEADER || disk.configurationIndex() > commit) {
      return;
    }
    Configuration ruling = disk.configuration();
    if (ruling.isJoint()) {
      append(new Entry(disk.term, null, Configuration.of(ruling.current())));
      return;
    }
    if (change != null && ruling.current().equals(change.after)) {
      endChange(new MembershipChange.Done());
    }
    if (!ruling.counts(node)) {
      simulation.note(node + " is no member of " + group + " any more");
      // Those who stay learn of it before it goes.
      replicate();
      follow(disk.term, null);
    }
  }

  private void endChange(MembershipChange how) {
    Change ended = change;
    change = null;
    if (ended != null) {
      ended.outcome.complete(how);
    }
  }

  @Override
  public void transferTo(NodeId successor) {
    if (alive && role == Role.LEADER) {
      long term = disk.term;
      send(successor, peer -> peer.onLeadAsked(term));
    }
  }

  private void onLeadAsked(long term) {
    if (term == disk.term && role == Role.FOLLOWER && disk.configuration().counts(node)) {
      stand(true);
    }
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
      endChange(new MembershipChange.Failed("it is closed"));
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
