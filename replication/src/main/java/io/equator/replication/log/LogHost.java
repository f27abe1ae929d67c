package io.equator.replication.log;

import io.equator.partitioner.NodeId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** All replicas of one node. May be called from any thread. */
public interface LogHost extends AutoCloseable {

  /** This node. */
  NodeId node();

  /**
   * Opens this node's replica of a group: an existing log goes on behind the machine's durable
   * position, otherwise an empty one begins with these members.
   *
   * <p>The machine may be called, also with {@link LogMachine#leadershipChanged}, before this
   * returns.
   *
   * @param members all members, this node among them, or nobody: then the group takes this node in
   *     later; used only when the log is new
   * @throws IOException when the log cannot be read or written
   */
  ReplicatedLog open(GroupId group, LogMachine machine, List<Peer> members) throws IOException;

  /** The open replica of a group. */
  Optional<ReplicatedLog> replica(GroupId group);

  /**
   * The current term of this node's replica of the group, or 0 when it has none that runs: the
   * answer to {@link TermProbe#terms}.
   */
  long currentTerm(GroupId group);

  /** Whether this node has a log of this group, open or not. */
  boolean has(GroupId group);

  /**
   * Prepares the log of a replica that is not open for a state that did not come from it. If the
   * log has the entry with which the state ends, it goes on behind that one, as it is. Otherwise it
   * is behind the state, or went another way than the group: then its entries are thrown away,
   * since the state holds everything that counts of them. The votes of this node stay.
   *
   * @param state where the state ends, which must be an entry that the group has committed
   */
  void align(GroupId group, LogPosition state) throws IOException;

  /**
   * Begins an empty log without members, for a replica that is to have a state before its group
   * takes it in: {@link #has} from now on. Does nothing where there is a log. May be lost with the
   * power, like a log that has never been opened.
   */
  void begin(GroupId group) throws IOException;

  /** Closes this node's replica of a group, if it is open, and throws its log away. */
  void discard(GroupId group) throws IOException;

  /** Closes every replica. Idempotent. */
  @Override
  void close();

  /**
   * Learns that a replica has stopped itself and why; it serves nothing until it is opened again.
   */
  @FunctionalInterface
  interface FailureListener {
    /** Called once per failure, on any thread; must not block. */
    void replicaFailed(GroupId group, Throwable cause);
  }
}
