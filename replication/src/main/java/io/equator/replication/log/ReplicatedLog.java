package io.equator.replication.log;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** This node's replica of one group's log. All methods may be called from any thread. */
public interface ReplicatedLog extends AutoCloseable {

  /**
   * The largest entry, in bytes: room for one item of 400 KB with its rows in five local indexes,
   * or for many small effects.
   */
  int ENTRY_BYTES_MAX = 3 << 20;

  /** The group. */
  GroupId group();

  /**
   * Asks that the entry be appended. Entries proposed in one term from one thread are appended in
   * that order.
   *
   * @param expectedTerm the term in which the caller decided; if this replica leads in another one
   *     now, nothing is appended
   * @param entry at most {@link #ENTRY_BYTES_MAX} bytes; the caller must not change what backs them
   * @return completes normally, always, with the outcome; {@code Applied} on the applying thread
   *     right after {@link LogMachine#apply}, so what hangs on it must be short and must not block
   */
  CompletableFuture<Proposal> propose(long expectedTerm, ByteString entry);

  /** What this replica believes, without asking anyone: a volatile read. */
  Leadership leadership();

  /**
   * The term this replica is in: it has voted in none greater, and will take part in none smaller.
   * This is what it answers when another node confirms its own leadership.
   */
  long currentTerm();

  /**
   * Confirms leadership for a strong read that arrived just now.
   *
   * <p>True: at some moment after this call this replica still led, so everything that any leader
   * acknowledged before the call stands in this replica's applied state: read that state at any
   * time after the call, and use what was read only when true has come. False: not the leader, not
   * ready, or not confirmed in time; nothing is known. With one member the answer is there when
   * this returns.
   */
  CompletableFuture<Boolean> confirmLeadership();

  /** Figures for those who watch it; cheap enough to be asked for every few seconds. */
  default LogStatistics statistics() {
    return LogStatistics.STOPPED;
  }

  /**
   * Lets go of the log behind the machine's durable position; to be called after a flush. A part is
   * kept for followers that are a little behind. Returns at once. Without it the log is cut, and
   * the machine flushed when needed, every some ten thousand entries.
   */
  void requestSnapshot();

  /**
   * Gives up leadership if this replica has it, so that another one is elected. Returns at once.
   */
  void stepDown();

  /** The voters of the newest configuration that this replica has, in order. */
  List<NodeId> members();

  /**
   * Everybody whose votes count by the newest configuration that this replica has, and those whom
   * it is taking in as the leader. When leadership is confirmed after the question, nobody else can
   * come to count who does not answer any more.
   */
  default List<NodeId> counted() {
    return members();
  }

  /**
   * Whether those before {@link #members} may still be counted: the newest configuration that this
   * replica has is joint with them, or not known here to be committed. Who leaves is needed for as
   * long, and at a leader that says no, nobody else can ever be needed again.
   */
  default boolean areMembersChanging() {
    return false;
  }

  /**
   * Changes who votes in this group, if this replica leads it and {@code before} are the voters: a
   * joint change of the Raft thesis, §4.3. New members must have opened the group without members;
   * they are brought up to date first, which may take long.
   *
   * @param after at most one more and one fewer than {@code before}: a majority of new members
   *     could leave the group without a leader
   */
  CompletableFuture<MembershipChange> changeMembers(List<Peer> before, List<Peer> after);

  /**
   * Asks that another voter lead, as soon as it is up to date. Returns at once; whether it came
   * about shows in {@link #leadership}.
   */
  void transferTo(NodeId successor);

  /** Stops this replica; its log stays on disk. Idempotent. */
  @Override
  void close();
}
