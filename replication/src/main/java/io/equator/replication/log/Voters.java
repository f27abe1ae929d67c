package io.equator.replication.log;

import io.equator.partitioner.NodeId;
import java.util.List;
import java.util.TreeSet;

/**
 * The members whose votes elect a leader: one set, or two while a change of members is under way
 * (then a majority of each is needed; Raft thesis §4.3, joint consensus).
 *
 * <p>Sets of members are bit masks over {@link #all}.
 */
public final class Voters {

  private final List<NodeId> all;
  private final long[] sets;

  private Voters(List<List<NodeId>> sets) {
    TreeSet<NodeId> union = new TreeSet<>();
    sets.forEach(union::addAll);
    if (union.size() > Long.SIZE) {
      throw new IllegalArgumentException("at most 64 members, were " + union.size());
    }
    this.all = List.copyOf(union);
    this.sets = new long[sets.size()];
    for (int i = 0; i < this.sets.length; i++) {
      for (NodeId member : sets.get(i)) {
        this.sets[i] |= bit(member);
      }
    }
  }

  /** One set of members. */
  public static Voters of(List<NodeId> members) {
    return new Voters(List.of(members));
  }

  /** The members while they change. */
  public static Voters joint(List<NodeId> current, List<NodeId> previous) {
    return new Voters(List.of(current, previous));
  }

  /** Every member once, in order. */
  public List<NodeId> all() {
    return all;
  }

  /** Whether this node is the only member, so that its word is the majority. */
  public boolean alone(NodeId node) {
    return all.size() == 1 && all.getFirst().equals(node);
  }

  /** The mask of one member, 0 for a node that is none. */
  public long bit(NodeId member) {
    int index = all.indexOf(member);
    return index < 0 ? 0 : 1L << index;
  }

  /** Whether the members in this mask are a majority, of each set. */
  public boolean majority(long mask) {
    for (long set : sets) {
      if (Long.bitCount(mask & set) <= Long.bitCount(set) / 2) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return all.toString();
  }
}
