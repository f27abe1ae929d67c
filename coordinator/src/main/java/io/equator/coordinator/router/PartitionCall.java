package io.equator.coordinator.router;

import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.trace.CurrentRequest;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.proto.Redirect;
import io.equator.proto.RequestTrace;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way: bound, sent, and sent again until an answer or the deadline.
 *
 * <p>At most one attempt is in flight, so the fields need no lock; gRPC orders the callbacks of one
 * call, and the next call starts from the last callback of the one before (or from a timer that
 * this callback has set).
 *
 * <table>
 *   <caption>What follows from an answer</caption>
 *   <tr><td>results</td><td>done; the node is remembered as leader when leadership was needed</td></tr>
 *   <tr><td>NOT_LEADER with a hint</td><td>the hint at once, a few times; then with pauses</td></tr>
 *   <tr><td>NOT_LEADER, UNAVAILABLE, transport</td><td>the next replica, after a pause</td></tr>
 *   <tr><td>WRONG_PARTITION, STALE_SCHEMA, UNKNOWN_TABLE</td><td>bind again: at once when a newer catalog copy is here, else after a
 *       pause</td></tr>
 *   <tr><td>no capacity left</td><td>refused before anything is sent</td></tr>
 *   <tr><td>OVERLOADED</td><td>refused: asking again would feed the overload; the SDKs back off</td></tr>
 *   <tr><td>READ_ONLY</td><td>refused as unavailable: a node that frees space answers later attempts of the client; not when an
 *       earlier attempt may have written</td></tr>
 *   <tr><td>INDETERMINATE, attempt timed out</td><td>a write asks again under its request id, which the partition remembers; if the
 *       deadline comes first: InternalServerError, which tells clients that the write may have happened</td></tr>
 * </table>
 *
 * @param <Q> the request under construction
 * @param <A> the message that comes back
 * @param <R> the results in it
 */
abstract class PartitionCall<Q, A, R> implements StreamObserver<A>, Runnable {
  /** Redirects followed without a pause, one after the other. */
  private static final int IMMEDIATE_HOPS_MAX = 4;

  private static final ApiError INTERNAL =
      new ApiError(ErrorCode.INTERNAL_SERVER_ERROR, "Internal server error");

  final Router router;
  private final Plan<Q> plan;
  private final boolean leaderOnly;
  private final CompletableFuture<Routed<R>> result = new CompletableFuture<>();
  private final long deadlineNanos;

  /** The client's request that this call is part of. */
  final RequestTrace trace = CurrentRequest.trace();

  private int attempt;

  private int hops;
  private int pauses;
  private int replicaIndex;
  private long boundRevision;
  private @Nullable NodeId hint;

  /** An attempt was sent of which it is not known that it did nothing. */
  private boolean perhapsExecuted;

  private @Nullable Partition partition;
  private @Nullable NodeId target;
  private @Nullable A answer;

  /** What was sent last, and by which copy of the catalog; null when nobody will ask. */
  private @Nullable Q sent;

  private @Nullable CatalogSnapshot sentBy;

  PartitionCall(Router router, Plan<Q> plan, boolean leaderOnly) {
    this.router = router;
    this.plan = plan;
    this.leaderOnly = leaderOnly;
    this.deadlineNanos = System.nanoTime() + router.config().requestTimeout().toNanos();
    this.replicaIndex =
        leaderOnly ? 0 : ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE >> 1);
  }

  /** Sends one attempt; the call itself receives the answer. */
  abstract void send(NodeServiceStub stub, Partition partition, Q request, int attempt);

  /** Why the node did not execute the request, or null when {@code answer} holds results. */
  abstract @Nullable Redirect redirectOf(A answer);

  /** The results of an answer without redirect. */
  abstract R resultsOf(A answer);

  /**
   * Why the request is throttled before it is sent; null when it is not. Not asked for when
   * capacity is not enforced.
   *
   * @param first nothing was sent yet; later attempts, and the rest of a request, are let through
   */
  @Nullable ApiError throttled(CatalogSnapshot snapshot, Q request, boolean first) {
    return null;
  }

  /** The request was answered: what it took of capacities. Not asked for when that is all one. */
  void metered(CatalogSnapshot snapshot, Q request, R results) {}

  final CompletableFuture<Routed<R>> start() {
    run();
    return result;
  }

  /** One attempt. */
  @Override
  public final void run() {
    CatalogSnapshot snapshot = router.catalog();
    boundRevision = snapshot.revision();
    Bound<Q> bound;
    Partition owner;
    try {
      bound = plan.bind(snapshot);
      if (bound == null) {
        // Sent anew in groups it would have other ids, and could not be recognised.
        complete(perhapsExecuted ? new Routed.Refused<>(INTERNAL) : new Routed.Scattered<>());
        return;
      }
      owner = snapshot.partitions().partitionOf(bound.ringId(), bound.token());
    } catch (ApiException e) {
      complete(new Routed.Refused<>(e.error()));
      return;
    } catch (RuntimeException e) {
      // A mistake of ours must end the request, also when a timer runs this attempt.
      fail(e);
      return;
    }
    if (!router.metering().isOff()) {
      ApiError throttled =
          throttled(snapshot, bound.request(), attempt == 0 && plan.charge() == Plan.Charge.BEGINS);
      if (throttled != null) {
        complete(new Routed.Refused<>(throttled));
        return;
      }
      sent = bound.request();
      sentBy = snapshot;
    }
    partition = owner;
    NodeId node = choose(owner);
    NodeServiceStub stub = router.channels().stub(node);
    target = node;
    if (stub == null) {
      router.forgetLeader(owner.id(), node);
      tryNextReplica();
      return;
    }
    answer = null;
    long attemptNanos =
        Math.min(router.config().attemptTimeout().toNanos(), deadlineNanos - System.nanoTime());
    send(
        stub.withDeadlineAfter(Math.max(1, attemptNanos), TimeUnit.NANOSECONDS),
        owner,
        bound.request(),
        attempt++);
  }

  private NodeId choose(Partition owner) {
    NodeId named = hint;
    hint = null;
    if (named != null) {
      return named;
    }
    List<NodeId> replicas = owner.replicas();
    // Any replica may answer an eventually consistent read, but the leader is the one that has seen
    // the caller's last write: followers learn of a commit only with the next message from it.
    if (leaderOnly || attempt == 0) {
      NodeId known = router.leaderHint(owner.id());
      if (known != null && replicas.contains(known)) {
        return known;
      }
    }
    return replicas.get(replicaIndex % replicas.size());
  }

  @Override
  public final void onNext(A value) {
    answer = value;
  }

  @Override
  public final void onCompleted() {
    A value = answer;
    if (value == null) {
      perhapsExecuted = true;
      tryNextReplica();
      return;
    }
    Redirect redirect = redirectOf(value);
    if (redirect != null) {
      follow(redirect);
      return;
    }
    if (leaderOnly && partition != null && target != null) {
      router.learnLeader(partition.id(), target);
    }
    R results = resultsOf(value);
    if (sent != null && sentBy != null && plan.charge() != Plan.Charge.REPEATS) {
      metered(sentBy, sent, results);
    }
    complete(new Routed.Answer<>(results));
  }

  @Override
  public final void onError(Throwable failure) {
    if (Status.fromThrowable(failure).getCode() == Status.Code.RESOURCE_EXHAUSTED) {
      refuseOverload();
      return;
    }
    perhapsExecuted = true;
    tryNextReplica();
  }

  private void follow(Redirect redirect) {
    switch (redirect.getReason()) {
      case NOT_LEADER -> {
        String leader = redirect.getLeaderNodeId();
        forgetTarget();
        if (leader.isEmpty()) {
          tryNextReplica();
        } else {
          hint = new NodeId(leader);
          hopOrPause();
        }
      }
      case WRONG_PARTITION, STALE_SCHEMA, UNKNOWN_TABLE -> {
        if (router.catalog().revision() > boundRevision) {
          hopOrPause();
        } else {
          pause();
        }
      }
      case OVERLOADED -> refuseOverload();
      case READ_ONLY -> {
        if (perhapsExecuted) {
          tryNextReplica();
        } else {
          complete(new Routed.Refused<>(Overload.READ_ONLY));
        }
      }
      case INDETERMINATE -> {
        perhapsExecuted = true;
        tryNextReplica();
      }
      case UNAVAILABLE, REASON_UNSPECIFIED, UNRECOGNIZED -> tryNextReplica();
    }
  }

  private void tryNextReplica() {
    forgetTarget();
    replicaIndex++;
    pause();
  }

  private void forgetTarget() {
    if (partition != null && target != null) {
      router.forgetLeader(partition.id(), target);
    }
  }

  private void hopOrPause() {
    if (hops++ < IMMEDIATE_HOPS_MAX && System.nanoTime() < deadlineNanos) {
      run();
    } else {
      pause();
    }
  }

  /**
   * Exponential, with the lower half fixed and the upper half random, so that callers neither
   * hammer nor march in step.
   */
  private void pause() {
    long first = router.config().backoffFirst().toNanos();
    long ceiling =
        Math.min(router.config().backoffMax().toNanos(), first << Math.min(pauses++, 20));
    long delay = ceiling / 2 + ThreadLocalRandom.current().nextLong(ceiling / 2 + 1);
    if (System.nanoTime() + delay >= deadlineNanos) {
      complete(new Routed.Refused<>(INTERNAL));
      return;
    }
    if (!router.after(delay, this)) {
      complete(new Routed.Refused<>(INTERNAL));
    }
  }

  /** What hangs on the result works for the same request, whatever thread the answer came on. */
  private void complete(Routed<R> outcome) {
    CurrentRequest.run(trace, () -> result.complete(outcome));
  }

  private void fail(RuntimeException failure) {
    CurrentRequest.run(trace, () -> result.completeExceptionally(failure));
  }

  private void refuseOverload() {
    complete(new Routed.Refused<>(Overload.ERROR));
  }
}
