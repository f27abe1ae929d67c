package io.equator.replication.sim;

import io.equator.partitioner.NodeId;
import java.util.HashSet;
import java.util.Set;

/**
 * Carries messages between nodes: each takes its own time, so they overtake one another; some are
 * lost; all are between nodes that are cut off.
 */
public final class SimulatedNetwork {

  private final Simulation simulation;
  private final Faults faults;
  private final Set<NodeId> isolated = new HashSet<>();
  private boolean healed;

  /**
   * How bad it is.
   *
   * @param delayNanosMax a usual message takes up to this long
   * @param slow share of messages that take ten times as long
   * @param lost share of messages that never arrive
   */
  public record Faults(long delayNanosMax, double slow, double lost) {
    /** A network that does its best. */
    public static final Faults NONE = new Faults(2 * Simulation.MILLIS, 0, 0);
  }

  /** A network with these faults. */
  public SimulatedNetwork(Simulation simulation, Faults faults) {
    this.simulation = simulation;
    this.faults = faults;
  }

  /** Delivers something to a node, perhaps. */
  public void send(NodeId from, NodeId to, Runnable delivery) {
    if (cut(from, to) || (!healed && simulation.chance(faults.lost))) {
      return;
    }
    simulation.after(
        delay(),
        () -> {
          if (!cut(from, to)) {
            delivery.run();
          }
        });
  }

  /** A message's time. */
  public long delay() {
    long nanos = simulation.between(faults.delayNanosMax / 10, faults.delayNanosMax);
    return !healed && simulation.chance(faults.slow) ? nanos * 10 : nanos;
  }

  /** Cuts a node off from all others (clients still reach it). */
  public void isolate(NodeId node) {
    simulation.note("isolate " + node);
    isolated.add(node);
  }

  /** Lets a node take part again. */
  public void rejoin(NodeId node) {
    simulation.note("rejoin " + node);
    isolated.remove(node);
  }

  /** Ends all faults, so that what must come in the end can come. */
  public void heal() {
    healed = true;
    isolated.clear();
  }

  private boolean cut(NodeId from, NodeId to) {
    return !from.equals(to) && (isolated.contains(from) || isolated.contains(to));
  }
}
