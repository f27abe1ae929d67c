package io.equator.node.sim;

import io.equator.coordinator.router.Plan;
import io.equator.coordinator.router.Routed;
import io.equator.coordinator.transactions.PartitionAccess;
import io.equator.model.error.ApiError;
import io.equator.model.error.ErrorCode;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.proto.ActionResult;
import io.equator.proto.FinishRequest;
import io.equator.proto.FinishResponse;
import io.equator.proto.FinishResults;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResponse;
import io.equator.proto.GetResults;
import io.equator.proto.Page;
import io.equator.proto.PartitionRef;
import io.equator.proto.PrepareRequest;
import io.equator.proto.PrepareResponse;
import io.equator.proto.PrepareResults;
import io.equator.proto.ReadPageRequest;
import io.equator.proto.ReadPageResponse;
import io.equator.proto.Redirect;
import io.equator.proto.TransactReadResponse;
import io.equator.proto.TransactReadResults;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.proto.WriteResult;
import io.equator.proto.WriteResults;
import io.equator.proto.Written;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.sim.Simulation;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A coordinator process's way to the partitions: messages that take their time, get lost, and come
 * again long after they were answered; calls that are asked again until their deadline. The process
 * may pause, and it may die: then nothing that it waits for comes any more.
 */
final class SimulatedAccess implements PartitionAccess {
  private static final long PATIENCE = 300 * Simulation.MILLIS;

  /** More than a first attempt may take and still not be looked up; see PartitionWriter. */
  private static final long PATIENCE_WRITE = 1_500 * Simulation.MILLIS;

  private static final long DEADLINE = 2_500 * Simulation.MILLIS;
  private static final long LATE_MAX = 5_000 * Simulation.MILLIS;
  private static final ApiError INTERNAL =
      new ApiError(ErrorCode.INTERNAL_SERVER_ERROR, "Internal server error");

  private final TransactionWorld run;
  private final Simulation simulation;
  private boolean dead;
  private long pausedUntil;

  SimulatedAccess(TransactionWorld run, Simulation simulation) {
    this.run = run;
    this.simulation = simulation;
  }

  /** The process is gone. */
  void die() {
    dead = true;
  }

  boolean isDead() {
    return dead;
  }

  /** The process stands still for a while. */
  void pause(long nanos) {
    pausedUntil = Math.max(pausedUntil, simulation.now() + nanos);
  }

  /** Runs something in this process, when it is awake. */
  private void here(Runnable what) {
    if (dead) {
      return;
    }
    if (simulation.now() < pausedUntil) {
      simulation.after(pausedUntil - simulation.now(), () -> here(what));
      return;
    }
    what.run();
  }

  @Override
  public CatalogSnapshot catalog() {
    return run.catalog();
  }

  @Override
  public void later(long millis, Runnable task) {
    simulation.after(millis * Simulation.MILLIS, () -> here(task));
  }

  @Override
  public long nowMillis() {
    return run.millis();
  }

  @Override
  public CompletableFuture<Routed<PrepareResults>> prepare(Plan<PrepareRequest.Builder> plan) {
    return prepare(
        plan, true, (node, request) -> (reply) -> node.transactions().prepare(request, reply));
  }

  @Override
  public CompletableFuture<Routed<PrepareResults>> transactWrite(
      Plan<PrepareRequest.Builder> plan) {
    return prepare(
        plan,
        false,
        (node, request) -> (reply) -> node.transactions().transactWrite(request, reply));
  }

  private CompletableFuture<Routed<PrepareResults>> prepare(
      Plan<PrepareRequest.Builder> plan,
      boolean duplicates,
      Service<PrepareRequest, PrepareResponse> service) {
    Call<PrepareRequest.Builder, PrepareRequest, PrepareResponse, PrepareResults> call =
        new Call<>(
            plan,
            (builder, partition) -> builder.setPartition(partition).build(),
            service,
            response -> response.hasRedirect() ? response.getRedirect() : null,
            PrepareResponse::getResults);
    CompletableFuture<Routed<PrepareResults>> answer =
        (duplicates ? call : call.withoutDuplicates()).start();
    return run.has(TransactionBug.OVERHEAR_A_REFUSAL)
        ? answer.thenApply(SimulatedAccess::consenting)
        : answer;
  }

  private static Routed<PrepareResults> consenting(Routed<PrepareResults> routed) {
    if (routed instanceof Routed.Answer<PrepareResults>(PrepareResults results)
        && results.getVote() == PrepareResults.Vote.REFUSED) {
      PrepareResults.Builder consent =
          results.toBuilder().setVote(PrepareResults.Vote.ACCEPTED).clearActions();
      for (int i = 0; i < results.getActionsCount(); i++) {
        consent.addActions(ActionResult.newBuilder().setWritten(Written.getDefaultInstance()));
      }
      return new Routed.Answer<>(consent.build());
    }
    return routed;
  }

  @Override
  public CompletableFuture<Routed<FinishResults>> finish(Plan<FinishRequest.Builder> plan) {
    CompletableFuture<Routed<FinishResults>> answer =
        new Call<FinishRequest.Builder, FinishRequest, FinishResponse, FinishResults>(
                plan,
                (builder, partition) -> builder.setPartition(partition).build(),
                (node, request) -> (reply) -> node.transactions().finish(request, reply),
                response -> response.hasRedirect() ? response.getRedirect() : null,
                FinishResponse::getResults)
            .start();
    if (run.has(SplitBug.TELL_ONE_HALF)) {
      // One message for all who were one partition when they were grouped.
      answer =
          answer.thenApply(
              routed ->
                  routed instanceof Routed.Scattered<FinishResults>
                      ? new Routed.Answer<>(FinishResults.newBuilder().setCommitted(true).build())
                      : routed);
    }
    return run.has(TransactionBug.ANSWER_BEFORE_ALL_HAVE_COMMITTED)
        ? CompletableFuture.completedFuture(
            new Routed.Answer<>(FinishResults.newBuilder().setCommitted(true).build()))
        : answer;
  }

  @Override
  public CompletableFuture<Routed<TransactReadResults>> transactRead(
      Plan<GetRequest.Builder> plan) {
    return new Call<GetRequest.Builder, GetRequest, TransactReadResponse, TransactReadResults>(
            plan,
            (builder, partition) -> builder.setPartition(partition).setConsistent(true).build(),
            (node, request) -> (reply) -> node.transactions().transactRead(request, reply),
            response -> response.hasRedirect() ? response.getRedirect() : null,
            TransactReadResponse::getResults)
        .start()
        .thenApply(routed -> run.has(TransactionBug.READ_ONCE) ? unversioned(routed) : routed);
  }

  /** Every version looks the same, so the second round cannot object. */
  private static Routed<TransactReadResults> unversioned(Routed<TransactReadResults> routed) {
    if (!(routed instanceof Routed.Answer<TransactReadResults>(TransactReadResults results))) {
      return routed;
    }
    TransactReadResults.Builder blind = TransactReadResults.newBuilder();
    results
        .getResultsList()
        .forEach(result -> blind.addResults(result.toBuilder().setVersion(1).setLocked(false)));
    return new Routed.Answer<>(blind.build());
  }

  @Override
  public CompletableFuture<Routed<WriteResults>> write(Plan<WriteRequest.Builder> plan) {
    long id = run.nextRequestId();
    long sent = run.millis();
    int[] attempt = {0};
    CompletableFuture<Routed<WriteResults>> answer =
        new Call<WriteRequest.Builder, WriteRequest, WriteResponse, WriteResults>(
                plan,
                (builder, partition) ->
                    builder
                        .setPartition(partition)
                        .setRequestIdHigh(1)
                        .setRequestIdLow(id)
                        .setAttempt(attempt[0]++)
                        .setFirstSentMillis(sent)
                        .build(),
                (node, request) -> (reply) -> run.write(node, request, reply),
                response -> response.hasRedirect() ? response.getRedirect() : null,
                WriteResponse::getResults)
            .start();
    return run.has(TransactionBug.COMMIT_WITHOUT_THE_LEDGER)
        ? answer.thenApply(SimulatedAccess::allMade)
        : answer;
  }

  /** A compare-and-set never seems to fail. */
  private static Routed<WriteResults> allMade(Routed<WriteResults> routed) {
    if (!(routed instanceof Routed.Answer<WriteResults>(WriteResults results))) {
      return routed;
    }
    WriteResults.Builder made = WriteResults.newBuilder();
    for (WriteResult result : results.getResultsList()) {
      made.addResults(
          result.hasConditionFailed()
              ? WriteResult.newBuilder().setWritten(Written.getDefaultInstance()).build()
              : result);
    }
    return new Routed.Answer<>(made.build());
  }

  @Override
  public CompletableFuture<Routed<GetResults>> get(Plan<GetRequest.Builder> plan) {
    return new Call<GetRequest.Builder, GetRequest, GetResponse, GetResults>(
            plan,
            (builder, partition) -> builder.setPartition(partition).setConsistent(true).build(),
            (node, request) -> (reply) -> node.endpoint().get(request, reply),
            response -> response.hasRedirect() ? response.getRedirect() : null,
            GetResponse::getResults)
        .start();
  }

  /** One page of a range of one partition, from its leader. */
  CompletableFuture<Routed<Page>> readPage(Plan<ReadPageRequest.Builder> plan) {
    return new Call<ReadPageRequest.Builder, ReadPageRequest, ReadPageResponse, Page>(
            plan,
            (builder, partition) -> builder.setPartition(partition).setConsistent(true).build(),
            (node, request) -> (reply) -> node.endpoint().readPage(request, reply),
            response -> response.hasRedirect() ? response.getRedirect() : null,
            ReadPageResponse::getPage)
        .start();
  }

  /** How a node is asked. */
  private interface Service<M, A> {
    Consumer<StreamObserver<A>> to(TransactionWorld.Node node, M message);
  }

  private interface Complete<Q, M> {
    M message(Q builder, PartitionRef partition);
  }

  /** One call until its answer or its deadline. */
  private final class Call<Q, M, A, R> {
    private final Plan<Q> plan;
    private final Complete<Q, M> complete;
    private final Service<M, A> service;
    private final Function<A, @Nullable Redirect> redirectOf;
    private final Function<A, R> resultsOf;
    private final CompletableFuture<Routed<R>> result = new CompletableFuture<>();
    private final long deadline = simulation.now() + DEADLINE;
    private Optional<NodeId> hint = Optional.empty();
    private boolean duplicates = true;
    private int attempts;
    private boolean perhapsDone;

    Call(
        Plan<Q> plan,
        Complete<Q, M> complete,
        Service<M, A> service,
        Function<A, @Nullable Redirect> redirectOf,
        Function<A, R> resultsOf) {
      this.plan = plan;
      this.complete = complete;
      this.service = service;
      this.redirectOf = redirectOf;
      this.resultsOf = resultsOf;
    }

    /** Its messages may be late, but come once: as they do over a connection. */
    Call<Q, M, A, R> withoutDuplicates() {
      duplicates = false;
      return this;
    }

    CompletableFuture<Routed<R>> start() {
      attempt();
      return result;
    }

    private void attempt() {
      if (simulation.now() >= deadline) {
        result.complete(new Routed.Refused<>(INTERNAL));
        return;
      }
      Plan.Bound<Q> bound = plan.bind(catalog());
      if (bound == null) {
        result.complete(perhapsDone ? new Routed.Refused<>(INTERNAL) : new Routed.Scattered<>());
        return;
      }
      Partition owner = catalog().partitions().partitionOf(bound.ringId(), bound.token());
      NodeId node = hint.orElseGet(run::anyNode);
      hint = Optional.empty();
      if (bound.request() instanceof PrepareRequest.Builder prepare) {
        prepare.setAttempt(attempts);
      }
      M message =
          complete.message(
              bound.request(),
              PartitionRef.newBuilder()
                  .setPartitionId(owner.id().value())
                  .setEpoch(owner.epoch().value())
                  .build());
      boolean[] over = {false};
      BiConsumer<@Nullable Redirect, @Nullable A> end =
          (redirect, answer) ->
              here(
                  () -> {
                    if (over[0]) {
                      return;
                    }
                    over[0] = true;
                    perhapsDone |=
                        redirect == null || redirect.getReason() == Redirect.Reason.INDETERMINATE;
                    if (answer != null && redirect == null) {
                      result.complete(new Routed.Answer<>(resultsOf.apply(answer)));
                    } else {
                      if (redirect != null && !redirect.getLeaderNodeId().isEmpty()) {
                        hint = Optional.of(new NodeId(redirect.getLeaderNodeId()));
                      }
                      long pause =
                          simulation.between(2 * Simulation.MILLIS, 30 * Simulation.MILLIS);
                      simulation.after(pause, () -> here(this::attempt));
                    }
                  });
      boolean single = message instanceof WriteRequest;
      long late =
          !single && run.isFaulty() && simulation.chance(0.05)
              ? simulation.between(0, LATE_MAX)
              : 0;
      attempts++;
      run.deliver(
          node,
          late,
          target -> service.to(target, message),
          (A answer) -> end.accept(redirectOf.apply(answer), answer));
      simulation.after(single ? PATIENCE_WRITE : PATIENCE, () -> end.accept(null, null));
      if (!single && duplicates && run.isFaulty() && simulation.chance(0.1)) {
        // A copy that comes late, perhaps very late, and whose answer nobody waits for.
        simulation.after(
            simulation.between(0, LATE_MAX),
            () ->
                run.deliver(run.anyNode(), 0, target -> service.to(target, message), (A _) -> {}));
      }
    }
  }
}
