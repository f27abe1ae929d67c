package io.equator.coordinator.fake;

import io.equator.coordinator.api.ApiCall;
import io.equator.coordinator.api.Caller;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.api.RequestContext;
import io.equator.coordinator.api.RequestId;
import io.equator.coordinator.batch.BatchGetItem;
import io.equator.coordinator.batch.BatchWriteItem;
import io.equator.coordinator.items.DeleteItem;
import io.equator.coordinator.items.ExpressionCache;
import io.equator.coordinator.items.GetItem;
import io.equator.coordinator.items.PutItem;
import io.equator.coordinator.items.UpdateItem;
import io.equator.coordinator.json.WireWriter;
import io.equator.coordinator.query.Query;
import io.equator.coordinator.query.Scan;
import io.equator.coordinator.router.Router;
import io.equator.coordinator.router.RouterConfig;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.proto.NodeServiceGrpc;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * All item operations over one {@link MemoryNode}, as text in and text out. Requests are written
 * with {@code '} for {@code "}; an answer is its JSON, a refusal is {@code Code: message}, with the
 * item behind it when there is one.
 */
public final class DataPlane implements AutoCloseable {
  private static final RequestContext CONTEXT =
      new RequestContext(
          RequestId.random(new Random(1)), new Caller("000000000000", "key"), "localhost");

  private volatile CatalogSnapshot catalog;
  private final MemoryNode node;
  private final Server server;
  private final ManagedChannel channel;
  private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
  private final Map<String, Operation> operations = new HashMap<>();

  /** The operations on {@link TestCatalog}'s tables with this many partitions. */
  public DataPlane(int partitions) {
    catalog = TestCatalog.of(partitions);
    node = new MemoryNode(() -> catalog);
    String address = InProcessServerBuilder.generateName();
    try {
      server =
          InProcessServerBuilder.forName(address).directExecutor().addService(node).build().start();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    channel = InProcessChannelBuilder.forName(address).directExecutor().build();
    NodeServiceStub stub = NodeServiceGrpc.newStub(channel);
    Router router =
        new Router(() -> catalog, _ -> stub, RouterConfig.DEFAULT, timers, InstantSource.system());
    ExpressionCache cache = new ExpressionCache(1 << 16);
    for (Operation operation :
        List.of(
            new PutItem(router, cache),
            new GetItem(router, cache),
            new UpdateItem(router, cache),
            new DeleteItem(router, cache),
            new Query(router, cache),
            new Scan(router, cache),
            new BatchGetItem(router, cache),
            new BatchWriteItem(router))) {
      operations.put(operation.name(), operation);
    }
  }

  /** The node, to look into and to disturb. */
  public MemoryNode node() {
    return node;
  }

  /** Gives coordinator and node a catalog with other partitions, whose numbers are new too. */
  public void split(int partitions) {
    catalog = TestCatalog.of(partitions, 100 * partitions);
  }

  /** Runs one request. */
  public String call(String operation, String body) {
    byte[] bytes = body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return callRaw(operation, bytes);
  }

  /** Runs one request whose body is taken as it is. */
  public String callRaw(String operation, byte[] bytes) {
    Operation found = operations.get(operation);
    if (found == null) {
      throw new IllegalArgumentException(operation);
    }
    try {
      CompletableFuture<ReplyBody> reply = found.run(new ApiCall(bytes, 0, bytes.length, CONTEXT));
      WireWriter out = new WireWriter();
      reply.get(10, TimeUnit.SECONDS).writeTo(out);
      return out.toString().replace('"', '\'');
    } catch (ApiException e) {
      return text(e.error());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ApiException refused) {
        return text(refused.error());
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs one request that succeeds; writes the answer to {@code out} and says how long it is. */
  public int answer(String operation, byte[] body, WireWriter out) {
    Operation found = operations.get(operation);
    if (found == null) {
      throw new IllegalArgumentException(operation);
    }
    out.reset();
    found.run(new ApiCall(body, 0, body.length, CONTEXT)).join().writeTo(out);
    return out.length();
  }

  private static String text(ApiError error) {
    String text = error.code().code() + ": " + error.message();
    if (error.item() == null) {
      return text;
    }
    WireWriter out = new WireWriter();
    out.item(error.item());
    return text + " " + out.toString().replace('"', '\'');
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    timers.shutdownNow();
  }
}
