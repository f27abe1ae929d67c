package io.equator.node.snapshots;

import com.google.protobuf.ByteString;
import io.equator.node.core.EntryOutcome;
import io.equator.node.core.FencedStore;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.PartitionMachine;
import io.equator.node.core.SplitRows;
import io.equator.node.core.StoreException;
import io.equator.node.core.StoreFlusher;
import io.equator.partitioner.NodeId;
import io.equator.proto.PartitionOrigin;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.LogMachine;
import io.equator.replication.log.LogPosition;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log of a partition drives: the machine of its state, which is another one after the
 * state was replaced by that of another replica.
 *
 * <pre>
 *   serving ──asked to install──▶ fetching (serving what it has) ──all there──▶ replacing ──▶ serving
 *                                    └ nobody gives one ──▶ serving                 └ failed ──▶ broken
 * </pre>
 *
 * <p>A machine keeps much of its state in memory. Instead of telling each part of it to forget, the
 * machine is closed and a new one made from the store, as when the partition is opened; with it
 * everything that reads its state is made anew ({@link Host#show}).
 *
 * <p>Threads: {@link #applying} is held while an entry is applied and while the state is replaced;
 * it comes before the machine's own monitor. The monitor of this object guards the fields.
 */
public final class ReplicaMachine implements LogMachine, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaMachine.class);

  /** Whoever serves requests from the state. */
  public interface Host {
    /**
     * The state can be served from now on.
     *
     * @param view the store, as long as the state is this one
     */
    void show(PartitionMachine machine, FencedStore view);

    /** The state is about to be replaced: nothing is to be served from it any more. */
    void hide();

    /**
     * Whether this node has, or is about to open, a replica of another partition: the one that this
     * one is split off; or has something left of one, which would take rows along, when it goes,
     * that came before.
     */
    default boolean keeps(long partition) {
      return false;
    }

    /** Nodes with a replica of this partition, without this one. */
    default List<NodeId> sources() {
      return List.of();
    }
  }

  private final long partition;
  private final Descriptor descriptor;
  private final StoreFlusher flusher;
  private final Installer installer;
  private final Host host;
  private final Executor installs;
  private final Object applying = new Object();

  private volatile PartitionMachine machine;
  private FencedStore view;
  private volatile boolean broken;
  private boolean closed;
  private @Nullable Leadership leadership;
  private @Nullable CompletableFuture<Optional<LogPosition>> installing;
  private @Nullable Thread installerThread;

  /**
   * The replica of a partition whose state stands whole in the installer's store; not shown yet.
   */
  public ReplicaMachine(
      long partition, Descriptor descriptor, StoreFlusher flusher, Installer installer, Host host) {
    // A platform thread: the store's calls hold a carrier.
    this(
        partition,
        descriptor,
        flusher,
        installer,
        host,
        install -> Thread.ofPlatform().daemon().name("install-" + partition).start(install));
  }

  /**
   * The same.
   *
   * @param installs runs what fetches and replaces a state, which takes long; at once is as good
   *     where nothing blocks
   */
  public ReplicaMachine(
      long partition,
      Descriptor descriptor,
      StoreFlusher flusher,
      Installer installer,
      Host host,
      Executor installs) {
    this.installs = installs;
    this.partition = partition;
    this.descriptor = descriptor;
    this.flusher = flusher;
    this.installer = installer;
    this.host = host;
    this.view = new FencedStore(installer.store());
    this.machine = new PartitionMachine(partition, descriptor, installer.store(), flusher);
  }

  /** Shows the state, when the log is open; again after each replacement. */
  public void show() {
    synchronized (applying) {
      synchronized (this) {
        if (!closed && !broken) {
          host.show(machine, view);
        }
      }
    }
  }

  /**
   * An embryo's activation waits for this node's replica of the parent. When there is none, or it
   * came to its seal without the rows (as files from a replica that had given them away), this
   * replica gets its state from another one, in which the activation is applied.
   */
  @Override
  public boolean mayApply(long term, long index, ByteString entry) {
    if (!machine.waits()) {
      return true;
    }
    synchronized (applying) {
      if (sound().mayApply(term, index, entry)) {
        return true;
      }
      if (!parentWillGive()) {
        var _ = install(index, host.sources());
      }
      return false;
    }
  }

  /** Whether the parent's rows are still to come to this store by the parent's own log. */
  private boolean parentWillGive() {
    PartitionOrigin origin = machine.origin();
    if (origin == null) {
      return false;
    }
    long parent = origin.getParentPartitionId();
    return host.keeps(parent) && SplitRows.sealed(installer.store(), parent) == null;
  }

  @Override
  public Object apply(long term, long index, ByteString entry) {
    synchronized (applying) {
      Object outcome = sound().apply(term, index, entry);
      if (outcome == EntryOutcome.ACTIVATED) {
        readAnew();
      }
      return outcome;
    }
  }

  /** The partition owns its tokens from now on, and is served. */
  private void readAnew() {
    host.hide();
    view.lower();
    synchronized (this) {
      machine = machine.anew();
      view = new FencedStore(installer.store());
      if (closed) {
        machine.close();
      } else {
        host.show(machine, view);
      }
    }
  }

  @Override
  public void advance(long term, long index) {
    synchronized (applying) {
      sound().advance(term, index);
    }
  }

  private PartitionMachine sound() {
    if (broken) {
      throw new StoreException("the state of partition " + partition + " was half replaced");
    }
    return machine;
  }

  @Override
  public LogPosition durablePosition() {
    return machine.durablePosition();
  }

  @Override
  public LogPosition flush() {
    synchronized (applying) {
      return sound().flush();
    }
  }

  @Override
  public void leadershipChanged(Leadership now) {
    PartitionMachine told;
    synchronized (this) {
      leadership = now;
      told = machine;
    }
    told.leadershipChanged(now);
  }

  // ---- another state ---------------------------------------------------------------------------

  @Override
  public synchronized CompletableFuture<Optional<LogPosition>> install(
      long atLeastIndex, List<NodeId> sources) {
    LogPosition durable = machine.durablePosition();
    if (!broken && durable.index() >= Math.max(atLeastIndex, 0)) {
      return CompletableFuture.completedFuture(Optional.of(durable));
    }
    if (machine.waits() && parentWillGive()) {
      // The parent's replica here still writes under the tokens whose rows would be replaced.
      return CompletableFuture.completedFuture(Optional.empty());
    }
    if (closed || broken || (atLeastIndex < 0 && machine.appliedPosition().index() < 0)) {
      // In the last case the log has everything from the beginning.
      return CompletableFuture.completedFuture(Optional.empty());
    }
    CompletableFuture<Optional<LogPosition>> running = installing;
    if (running == null) {
      CompletableFuture<Optional<LogPosition>> started = new CompletableFuture<>();
      installing = started;
      running = started;
      installs.execute(() -> install(atLeastIndex, sources, started));
    }
    return running;
  }

  private void install(
      long atLeastIndex, List<NodeId> sources, CompletableFuture<Optional<LogPosition>> result) {
    Optional<LogPosition> position = Optional.empty();
    Throwable failure = null;
    synchronized (this) {
      if (closed) {
        result.complete(position);
        return;
      }
      installerThread = Thread.currentThread();
    }
    try {
      position = flushOrReplace(atLeastIndex, sources);
    } catch (IOException e) {
      LOG.error("the state of partition {} cannot be fetched", partition, e);
    } catch (InterruptedException e) {
      LOG.info("fetching the state of partition {} ends", partition);
    } catch (Throwable e) {
      failure = e;
    }
    synchronized (this) {
      installing = null;
      installerThread = null;
    }
    if (failure != null) {
      result.completeExceptionally(failure);
    } else {
      result.complete(position);
    }
  }

  private Optional<LogPosition> flushOrReplace(long atLeastIndex, List<NodeId> sources)
      throws IOException, InterruptedException {
    if (machine.appliedPosition().index() >= atLeastIndex) {
      return Optional.of(flush());
    }
    Optional<ArrivedState> state = installer.fetch(partition, descriptor, atLeastIndex, sources);
    if (state.isEmpty()) {
      return Optional.empty();
    }
    synchronized (applying) {
      return replace(state.get());
    }
  }

  private Optional<LogPosition> replace(ArrivedState state) throws InterruptedException {
    synchronized (this) {
      if (closed || Thread.interrupted()) {
        throw new InterruptedException();
      }
      // From here on closing waits.
      installerThread = null;
    }
    if (machine.appliedPosition().index() >= state.position().index()) {
      // Entries came after all, from a leader that had kept more of them.
      return Optional.of(machine.flush());
    }
    long began = System.nanoTime();
    host.hide();
    view.lower();
    machine.close();
    try {
      installer.replace(partition, descriptor, state);
    } catch (RuntimeException e) {
      broken = true;
      throw e;
    }
    synchronized (this) {
      machine = new PartitionMachine(partition, descriptor, installer.store(), flusher);
      view = new FencedStore(installer.store());
      if (leadership != null) {
        machine.leadershipChanged(leadership);
      }
      if (!closed) {
        host.show(machine, view);
      } else {
        machine.close();
      }
    }
    LogPosition position = machine.durablePosition();
    LOG.info(
        "the state of partition {} was replaced by another replica's, at {}, in {} ms",
        partition,
        position,
        (System.nanoTime() - began) / 1_000_000);
    return Optional.of(position);
  }

  /** Ends fetching, waits for a replacement, frees the machine; the log must have stopped. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (installerThread != null) {
        installerThread.interrupt();
      }
    }
    synchronized (applying) {
      view.lower();
      machine.close();
    }
  }
}
