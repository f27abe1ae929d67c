package io.equator.coordinator.tables;

import io.equator.coordinator.api.ApiCall;
import io.equator.coordinator.api.Caller;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.api.RequestContext;
import io.equator.coordinator.api.RequestId;
import io.equator.coordinator.catalog.MemoryCatalog;
import io.equator.coordinator.json.WireWriter;
import io.equator.model.error.ApiException;
import io.equator.partitioner.NodeId;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.clock.HybridClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The operations on tables over a catalog in memory, called with JSON text.
 *
 * <p>Requests are written with {@code '} for {@code "}. Answers are JSON, or {@code Code: message}
 * for an error. The clock stands still until it is set.
 */
final class Tables implements AutoCloseable {
  static final Instant START = Instant.parse("2026-01-02T03:04:05.678Z");

  private final MemoryCatalog catalog;
  private final TableOperations operations;
  private final Map<String, Operation> byName;
  private @Nullable TableReconciler reconciler;
  private volatile Instant now = START;

  /** Operations over the catalog in this directory; nothing is reconciled yet. */
  Tables(Path directory) {
    this(directory, _ -> null);
  }

  Tables(Path directory, Function<NodeId, @Nullable NodeServiceStub> nodes) {
    catalog = new MemoryCatalog(directory);
    InstantSource clock = () -> now;
    operations =
        new TableOperations(
            catalog.client(),
            catalog.follower(),
            nodes,
            clock,
            TableOperations.TTL_CHANGE_INTERVAL,
            new HybridClock(() -> now.toEpochMilli(), HybridClock.DEFAULT_OFFSET_MAX),
            OtherRegions.NONE);
    byName =
        operations.all().stream().collect(Collectors.toMap(Operation::name, Function.identity()));
  }

  /** Starts the reconciler. */
  Tables reconciled() {
    reconciler = new TableReconciler(catalog.client(), catalog.follower(), _ -> true, () -> now);
    reconciler.start();
    return this;
  }

  MemoryCatalog catalog() {
    return catalog;
  }

  void set(Instant instant) {
    now = instant;
  }

  /** Calls an operation and waits for its answer. */
  String call(String operation, String request) {
    byte[] body = request.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    ApiCall call =
        new ApiCall(
            body,
            0,
            body.length,
            new RequestContext(new RequestId(1, 2, 3, 4), new Caller("123456789012", "AKID"), ""));
    try {
      ReplyBody reply =
          Objects.requireNonNull(byName.get(operation))
              .run(call)
              .orTimeout(30, TimeUnit.SECONDS)
              .join();
      WireWriter out = new WireWriter();
      reply.writeTo(out);
      return out.toString();
    } catch (ApiException e) {
      return text(e);
    } catch (CompletionException e) {
      if (e.getCause() instanceof ApiException refused) {
        return text(refused);
      }
      throw e;
    }
  }

  private static String text(ApiException e) {
    return e.error().code().code() + ": " + e.error().message();
  }

  /** The table as the catalog holds it. */
  TableDescriptor descriptor(String table) {
    return catalog.follower().snapshot().table(table).orElseThrow().descriptor();
  }

  /** Waits until the local copy of the catalog is like this. */
  void await(Predicate<CatalogSnapshot> condition) {
    await(catalog.follower(), condition);
  }

  static void await(CatalogFollower follower, Predicate<CatalogSnapshot> condition) {
    CompletableFuture<CatalogSnapshot> reached = new CompletableFuture<>();
    follower.listen(
        snapshot -> {
          if (condition.test(snapshot)) {
            reached.complete(snapshot);
          }
        });
    reached.orTimeout(30, TimeUnit.SECONDS).join();
  }

  /** Waits until nothing is under way in this table, or it is gone. */
  void awaitSettled(String table) {
    await(
        snapshot ->
            snapshot
                .table(table)
                .map(view -> !TableLifecycle.isPending(view.descriptor()))
                .orElse(true));
  }

  /** Creates a table and waits until it is ACTIVE. */
  void create(String request) {
    String answer = call("CreateTable", request);
    if (!answer.startsWith("{")) {
      throw new AssertionError(answer);
    }
    await(
        snapshot ->
            snapshot.tables().values().stream()
                .noneMatch(view -> TableLifecycle.isPending(view.descriptor())));
  }

  @Override
  public void close() {
    if (reconciler != null) {
      reconciler.close();
    }
    operations.close();
    catalog.close();
  }
}
