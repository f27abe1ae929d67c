package io.equator.replication.catalog;

import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogReadRequest;
import io.equator.proto.CatalogReadResponse;
import io.equator.proto.CatalogServiceGrpc.CatalogServiceStub;
import io.equator.proto.CatalogWatchRequest;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the newest {@link CatalogSnapshot} by watching the catalog group.
 *
 * <p>When a watch ends it begins again at the next member, {@value #RETRY_MILLIS} ms later, with a
 * full copy. A copy that is older than the one held (another member may lag) is ignored, so
 * revisions only grow. While the group is away the last snapshot stands.
 *
 * <p>The member that is watched may be cut off from the others and not know it, and then its watch
 * is silent for ever. So every {@value #AUDIT_MILLIS} ms one member is asked for the catalog's
 * revision, which only a confirmed leader tells; when the copy has not reached it after {@value
 * #AUDIT_PATIENCE_MILLIS} ms, the watch moves on to the next member.
 *
 * <p>Listeners are called in revision order on the watch's thread, and must not block.
 */
public final class CatalogFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogFollower.class);
  private static final long RETRY_MILLIS = 100;
  private static final long AUDIT_MILLIS = 2_000;
  private static final long AUDIT_PATIENCE_MILLIS = 500;

  private final Supplier<List<CatalogServiceStub>> members;
  private final ScheduledExecutorService timer;
  private final List<Consumer<CatalogSnapshot>> listeners = new CopyOnWriteArrayList<>();
  private final List<Waiter> waiters = new CopyOnWriteArrayList<>();
  private volatile CatalogSnapshot snapshot = CatalogSnapshot.empty();
  private volatile boolean closed;
  private @Nullable ClientCallStreamObserver<CatalogWatchRequest> call;
  private final AtomicInteger nextMember = new AtomicInteger();
  private final AtomicInteger nextAudited = new AtomicInteger();

  /** The newest question of an audit whose answer the copy has not reached yet. */
  private long askedNanos;

  private long askedRevision = Long.MAX_VALUE;

  /**
   * When the newest question was asked whose answer the copy has reached; null before the first.
   */
  private volatile @Nullable Long confirmedNanos;

  private record Waiter(long revision, CompletableFuture<CatalogSnapshot> reached) {}

  /**
   * @param members stubs of the catalog's members as they are known at the moment, tried in turn
   * @param timer runs the retries; owned by the caller
   */
  public CatalogFollower(
      Supplier<List<CatalogServiceStub>> members, ScheduledExecutorService timer) {
    this.members = members;
    this.timer = timer;
  }

  /** The same, with members that do not change. */
  public CatalogFollower(List<CatalogServiceStub> members, ScheduledExecutorService timer) {
    this(fixed(members), timer);
  }

  private static Supplier<List<CatalogServiceStub>> fixed(List<CatalogServiceStub> members) {
    if (members.isEmpty()) {
      throw new IllegalArgumentException("a catalog follower needs at least one member to watch");
    }
    List<CatalogServiceStub> copy = List.copyOf(members);
    return () -> copy;
  }

  /**
   * Begins with a copy that was kept, before {@link #start}. It may be old; the watch goes on
   * behind it, and {@link #coversAllBefore} says nothing of it.
   */
  public void seed(CatalogEvent copy) {
    accept(copy);
  }

  /** Begins to watch. */
  public void start() {
    watch();
    later(this::audit, AUDIT_MILLIS);
  }

  /** The newest snapshot; {@link CatalogSnapshot#empty()} before the first copy arrived. */
  public CatalogSnapshot snapshot() {
    return snapshot;
  }

  /**
   * Whether the copy holds everything that the catalog held at a moment, or is newer: a member that
   * leads was asked after that moment, and the copy has reached what it answered. A copy by itself
   * says nothing of the kind; the first one after a start may come from a member that has not
   * replayed its own log yet.
   *
   * @param nanos a {@link System#nanoTime}
   */
  public boolean coversAllBefore(long nanos) {
    Long confirmed = confirmedNanos;
    return confirmed != null && confirmed - nanos >= 0;
  }

  /** Calls {@code listener} with every snapshot from now on, and at once with the present one. */
  public synchronized void listen(Consumer<CatalogSnapshot> listener) {
    listeners.add(listener);
    listener.accept(snapshot);
  }

  /**
   * Completes with the first snapshot at or after {@code revision}, which the catalog is known to
   * have reached, or exceptionally with a {@link java.util.concurrent.TimeoutException} when that
   * takes longer than {@code limit}.
   */
  public CompletableFuture<CatalogSnapshot> awaitRevision(long revision, Duration limit) {
    CatalogSnapshot now = snapshot;
    if (now.revision() >= revision) {
      return CompletableFuture.completedFuture(now);
    }
    Waiter waiter = new Waiter(revision, new CompletableFuture<>());
    waiters.add(waiter);
    completeWaiters();
    expect(revision);
    return waiter
        .reached()
        .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((_, _) -> waiters.remove(waiter));
  }

  /** Not under the monitor: in one process the call runs into the catalog and back. */
  private void watch() {
    if (closed) {
      return;
    }
    List<CatalogServiceStub> known = members.get();
    if (known.isEmpty()) {
      later(this::watch, RETRY_MILLIS);
      return;
    }
    CatalogServiceStub member =
        known.get(Math.floorMod(nextMember.getAndIncrement(), known.size()));
    member.watch(
        CatalogWatchRequest.newBuilder().setAfterRevision(snapshot.revision()).build(),
        new Watch());
  }

  private synchronized void accept(CatalogEvent event) {
    CatalogSnapshot held = snapshot;
    if (event.getRevision() <= held.revision()) {
      return;
    }
    CatalogSnapshot next = held.with(event);
    snapshot = next;
    confirm();
    for (Consumer<CatalogSnapshot> listener : listeners) {
      tell(listener, next);
    }
    completeWaiters();
  }

  /** One listener's fault must not keep the others, or the next revision, from being told. */
  private static void tell(Consumer<CatalogSnapshot> listener, CatalogSnapshot snapshot) {
    try {
      listener.accept(snapshot);
    } catch (RuntimeException e) {
      LOG.error("a listener failed at catalog revision {}", snapshot.revision(), e);
    }
  }

  private void completeWaiters() {
    CatalogSnapshot now = snapshot;
    for (Waiter waiter : waiters) {
      if (waiter.revision() <= now.revision()) {
        waiter.reached().complete(now);
      }
    }
  }

  private void watchAgain(@Nullable Throwable cause) {
    if (closed) {
      return;
    }
    LOG.debug("the catalog watch ended at revision {}; watching again", snapshot.revision(), cause);
    later(this::watch, RETRY_MILLIS);
  }

  private void later(Runnable task, long delayMillis) {
    try {
      var _ = timer.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("the process ends: the catalog is not watched any more", e);
    }
  }

  // ---- audit

  private void audit() {
    if (closed) {
      return;
    }
    List<CatalogServiceStub> known = members.get();
    if (known.isEmpty()) {
      later(this::audit, AUDIT_MILLIS);
      return;
    }
    CatalogServiceStub member =
        known.get(Math.floorMod(nextAudited.getAndIncrement(), known.size()));
    member
        .withDeadlineAfter(Duration.ofMillis(AUDIT_MILLIS))
        .read(CatalogReadRequest.newBuilder().addKeys(CatalogKeys.CLUSTER).build(), new Audit());
  }

  private synchronized void answered(long asked, long revision) {
    askedNanos = asked;
    askedRevision = revision;
    confirm();
  }

  /** Under the monitor. */
  private void confirm() {
    if (snapshot.revision() >= askedRevision) {
      confirmedNanos = askedNanos;
    }
  }

  /** The catalog is known to have reached this revision. */
  private void expect(long revision) {
    if (revision > snapshot.revision()) {
      later(() -> moveOnUnlessReached(revision), AUDIT_PATIENCE_MILLIS);
    }
  }

  private void moveOnUnlessReached(long revision) {
    ClientCallStreamObserver<CatalogWatchRequest> watched;
    synchronized (this) {
      watched = call;
    }
    if (!closed && watched != null && snapshot.revision() < revision) {
      LOG.info(
          "the watched catalog member is silent at revision {}, the catalog is at {}: the next one"
              + " is watched",
          snapshot.revision(),
          revision);
      watched.cancel("the member lags behind", null);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (call != null) {
      call.cancel("closed", null);
    }
  }

  /** The answer of one audit; whatever it is, the next one follows. */
  private final class Audit implements StreamObserver<CatalogReadResponse> {
    private final long asked = System.nanoTime();

    @Override
    public void onNext(CatalogReadResponse answer) {
      if (!answer.hasLeaderNodeId()) {
        answered(asked, answer.getRevision());
        expect(answer.getRevision());
      }
    }

    @Override
    public void onError(Throwable cause) {
      later(CatalogFollower.this::audit, AUDIT_MILLIS);
    }

    @Override
    public void onCompleted() {
      later(CatalogFollower.this::audit, AUDIT_MILLIS);
    }
  }

  private final class Watch implements ClientResponseObserver<CatalogWatchRequest, CatalogEvent> {
    @Override
    public void beforeStart(ClientCallStreamObserver<CatalogWatchRequest> stream) {
      synchronized (CatalogFollower.this) {
        call = stream;
        if (closed) {
          stream.cancel("closed", null);
        }
      }
    }

    @Override
    public void onNext(CatalogEvent event) {
      try {
        accept(event);
      } catch (RuntimeException e) {
        LOG.error(
            "catalog revision {} cannot be followed; still at {}",
            event.getRevision(),
            snapshot.revision(),
            e);
        throw e;
      }
    }

    @Override
    public void onError(Throwable cause) {
      watchAgain(cause);
    }

    @Override
    public void onCompleted() {
      watchAgain(null);
    }
  }
}
