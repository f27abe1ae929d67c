package io.equator.node.sim;

import com.google.protobuf.ByteString;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.Proposal;
import io.equator.replication.log.ReplicatedLog;
import io.equator.replication.sim.Simulation;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A log whose proposers are sometimes held up between their decision and their proposal, as a
 * thread can be: long enough for the leadership to go and come back, and for others to overtake.
 */
final class PausingLog implements ReplicatedLog {

  private static final long PAUSE_MAX = 1_200 * Simulation.MILLIS;

  private final ReplicatedLog log;
  private final Simulation simulation;
  private final double pauses;

  private final Consumer<ByteString> proposed;

  /**
   * Wraps a log.
   *
   * @param pauses share of proposals that are held up
   */
  PausingLog(ReplicatedLog log, Simulation simulation, double pauses) {
    this(log, simulation, pauses, _ -> {});
  }

  /**
   * Wraps a log.
   *
   * @param proposed sees every entry, long before it is committed
   */
  PausingLog(
      ReplicatedLog log, Simulation simulation, double pauses, Consumer<ByteString> proposed) {
    this.proposed = proposed;
    this.pauses = pauses;
    this.log = log;
    this.simulation = simulation;
  }

  @Override
  public CompletableFuture<Proposal> propose(long expectedTerm, ByteString entry) {
    proposed.accept(entry);
    if (!simulation.chance(pauses)) {
      return log.propose(expectedTerm, entry);
    }
    CompletableFuture<Proposal> outcome = new CompletableFuture<>();
    simulation.after(
        simulation.between(0, PAUSE_MAX),
        () -> log.propose(expectedTerm, entry).thenAccept(outcome::complete));
    return outcome;
  }

  @Override
  public GroupId group() {
    return log.group();
  }

  @Override
  public Leadership leadership() {
    return log.leadership();
  }

  @Override
  public long currentTerm() {
    return log.currentTerm();
  }

  @Override
  public CompletableFuture<Boolean> confirmLeadership() {
    return log.confirmLeadership();
  }

  @Override
  public void requestSnapshot() {
    log.requestSnapshot();
  }

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
    log.stepDown();
  }

  @Override
  public void close() {
    log.close();
  }
}
