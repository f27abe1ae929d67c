package io.equator.server.dev;

import io.equator.coordinator.api.AnyCredentials;
import io.equator.coordinator.api.ApiFrame;
import io.equator.coordinator.api.DescribeEndpoints;
import io.equator.coordinator.api.DescribeLimits;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.OperationTable;
import io.equator.coordinator.api.RequestObserver;
import io.equator.coordinator.batch.BatchGetItem;
import io.equator.coordinator.batch.BatchWriteItem;
import io.equator.coordinator.http.HttpServer;
import io.equator.coordinator.http.HttpServerConfig;
import io.equator.coordinator.items.DeleteItem;
import io.equator.coordinator.items.ExpressionCache;
import io.equator.coordinator.items.GetItem;
import io.equator.coordinator.items.PutItem;
import io.equator.coordinator.items.UpdateItem;
import io.equator.coordinator.partiql.BatchExecuteStatement;
import io.equator.coordinator.partiql.ExecuteStatement;
import io.equator.coordinator.partiql.ExecuteTransaction;
import io.equator.coordinator.partiql.StatementCache;
import io.equator.coordinator.query.Query;
import io.equator.coordinator.query.Scan;
import io.equator.coordinator.router.Router;
import io.equator.coordinator.router.RouterConfig;
import io.equator.coordinator.streams.IteratorSecret;
import io.equator.coordinator.streams.StreamOperations;
import io.equator.coordinator.tables.IndexBuildReader;
import io.equator.coordinator.tables.TableOperations;
import io.equator.coordinator.tables.TableReconciler;
import io.equator.coordinator.tls.SelfSignedCertificate;
import io.equator.coordinator.tls.TlsFiles;
import io.equator.coordinator.transactions.RouterAccess;
import io.equator.coordinator.transactions.TransactGetItems;
import io.equator.coordinator.transactions.TransactWriteItems;
import io.equator.coordinator.transactions.TransactionEngine;
import io.equator.coordinator.transactions.TransactionLimits;
import io.equator.coordinator.transactions.TransactionSweeper;
import io.equator.node.core.StoreException;
import io.equator.partitioner.NodeId;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.log.Peer;
import io.equator.replication.ratis.InProcessNetwork;
import io.equator.replication.ratis.RatisConfig.Transport;
import io.equator.server.Refusal;
import io.equator.server.dev.DataFolder.Shape;
import io.equator.server.dev.DevOptions.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * A one-region cluster in this process: the list of its parts, in the order in which they start.
 *
 * <p>Every part is the one that a real cluster is made of; only how they reach one another differs:
 * by method calls, without a socket. Each node has its own logs and its own store, and what the
 * leader sends is on a majority of the logs' disks before it is answered, as between machines.
 */
public final class EmbeddedCluster implements AutoCloseable {

  /** How long the nodes may take to elect a leader of the catalog. */
  private static final Duration CATALOG_WITHIN = Duration.ofSeconds(20);

  /** Text of parsed expressions that is remembered, for each kind of expression. */
  private static final long EXPRESSION_CHARACTERS_MAX = 1_000_000;

  /** Requests that may be unanswered at a time; more are told to come back. */
  private static final int IN_FLIGHT_MAX = 4096;

  private final Parts parts = new Parts();
  private final DevOptions options;
  private final DataFolder folder;
  private final Shape shape;
  private final EmbeddedNodes nodes;
  private final HttpServer http;

  private EmbeddedCluster(DevOptions options) throws IOException {
    this.options = options;
    try {
      requirePortIsFree(options);
      folder = parts.add(options.data().map(DataFolder::open).orElseGet(DataFolder::temporary));
      shape = shapeOf(folder, options);

      boolean inMemory = options.data().isEmpty();
      InstantSource clock = InstantSource.system();
      SecureRandom random = new SecureRandom();

      // Who is there, and how they reach one another.
      List<Peer> members = members(shape);
      List<NodeId> ids = members.stream().map(Peer::node).toList();
      InProcessChannels channels = parts.add(new InProcessChannels(ids));
      Transport raft = new Transport.InProcess(new InProcessNetwork());
      ScheduledExecutorService timer =
          Executors.newSingleThreadScheduledExecutor(
              Thread.ofPlatform().name("timer").daemon().factory());
      parts.add(timer::shutdownNow);
      Executor senders = Thread::startVirtualThread;

      // The copy of the catalog that nodes and coordinator read.
      CatalogFollower catalog = new CatalogFollower(channels.catalogMembers(), timer);

      // The nodes: storage, and members of the catalog group.
      List<EmbeddedNode.Setup> setups = new ArrayList<>();
      for (int i = 0; i < ids.size(); i++) {
        setups.add(
            new EmbeddedNode.Setup(
                ids.get(i),
                folder.node(i + 1),
                inMemory,
                raft,
                members,
                channels,
                catalog,
                senders,
                timer));
      }
      nodes = parts.add(EmbeddedNodes.start(setups));

      // The cluster itself, at the first start. The follower ends before those that it follows.
      parts.add(catalog).start();
      CatalogClient catalogClient =
          new CatalogClient(channels.blockingCatalogMembers(), CATALOG_WITHIN);
      awaitCatalog(catalog, new Founding(catalogClient, random).found(shape, members));

      // The coordinator: what brings tables about, the operations, and the way in.
      TableOperations tables =
          parts.add(
              new TableOperations(
                  catalogClient,
                  catalog,
                  channels::stub,
                  clock,
                  TableOperations.TTL_CHANGE_INTERVAL));
      parts
          .add(
              new TableReconciler(
                  catalogClient,
                  catalog,
                  new IndexBuildReader(catalog::snapshot, channels::channel)::allBuilt))
          .start();
      Router router = new Router(catalog::snapshot, channels, RouterConfig.DEFAULT, timer, clock);
      TransactionEngine transactions =
          new TransactionEngine(
              new RouterAccess(router, clock),
              TransactionLimits.DEFAULT,
              new HybridClock(),
              random);
      parts
          .add(new TransactionSweeper(transactions, router, TransactionLimits.DEFAULT, clock))
          .start();
      StreamOperations streams =
          parts.add(
              new StreamOperations(
                  catalog::snapshot,
                  channels::channel,
                  clock,
                  IteratorSecret.of(catalog.snapshot())));
      ApiFrame frame =
          new ApiFrame(
              OperationTable.of(operations(router, tables, transactions, streams)),
              new AnyCredentials(Founding.ACCOUNT_ID),
              RequestObserver.NONE,
              IN_FLIGHT_MAX);
      http = parts.add(HttpServer.start(httpConfig(), frame));
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  /**
   * Starts everything; when this returns, requests are answered.
   *
   * @throws Refusal when the options, the folder or a port stand in the way
   */
  public static EmbeddedCluster start(DevOptions options) {
    try {
      return new EmbeddedCluster(options);
    } catch (StoreException e) {
      throw new Refusal(e.getMessage() + ".", e);
    } catch (IOException e) {
      throw new Refusal("the cluster cannot start: " + e.getMessage() + ".", e);
    }
  }

  private List<Operation> operations(
      Router router,
      TableOperations tables,
      TransactionEngine transactions,
      StreamOperations streams) {
    ExpressionCache expressions = new ExpressionCache(EXPRESSION_CHARACTERS_MAX);
    List<Operation> operations = new ArrayList<>(tables.all());
    operations.add(new PutItem(router, expressions));
    operations.add(new GetItem(router, expressions));
    operations.add(new UpdateItem(router, expressions));
    operations.add(new DeleteItem(router, expressions));
    operations.add(new Query(router, expressions));
    operations.add(new Scan(router, expressions));
    operations.add(new BatchGetItem(router, expressions));
    operations.add(new BatchWriteItem(router));
    operations.add(new TransactWriteItems(transactions, router::catalog, expressions));
    operations.add(new TransactGetItems(transactions, expressions));
    StatementCache statements = new StatementCache(EXPRESSION_CHARACTERS_MAX);
    operations.add(new ExecuteStatement(router, statements));
    operations.add(new BatchExecuteStatement(router, statements));
    operations.add(new ExecuteTransaction(transactions, router::catalog, statements));
    operations.addAll(streams.all());
    operations.add(new DescribeLimits());
    operations.add(new DescribeEndpoints(options.host() + ":" + options.port()));
    return operations;
  }

  private HttpServerConfig httpConfig() throws IOException {
    HttpServerConfig config = HttpServerConfig.of(options.host(), options.port(), shape.region());
    if (options.tls().isEmpty()) {
      return config;
    }
    Tls tls = options.tls().get();
    if (tls.certificate().isPresent() && tls.key().isPresent()) {
      return config.withTls(new TlsFiles(tls.certificate().get(), tls.key().get()));
    }
    return config.withTls(
        SelfSignedCertificate.in(
            folder.path().resolve("tls"), List.of("localhost", "127.0.0.1"), Clock.systemUTC()));
  }

  private static List<Peer> members(Shape shape) {
    List<Peer> members = new ArrayList<>();
    for (int i = 0; i < shape.nodes(); i++) {
      // Nobody is called at an address within one process.
      members.add(new Peer(new NodeId("node-" + (i + 1)), "localhost:0"));
    }
    return members;
  }

  private static void awaitCatalog(CatalogFollower catalog, long revision) {
    try {
      catalog.awaitRevision(revision, CATALOG_WITHIN).get();
    } catch (ExecutionException e) {
      throw new Refusal(
          "the catalog did not come up within " + CATALOG_WITHIN.toSeconds() + " s.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal("interrupted.", e);
    }
  }

  /** The folder's shape, which the options may repeat but not change; a new folder gets theirs. */
  private static Shape shapeOf(DataFolder folder, DevOptions options) {
    Optional<Shape> found = folder.shape();
    if (found.isPresent()) {
      Shape shape = found.get();
      options.nodes().ifPresent(n -> same(folder, "--nodes", shape.nodes(), n));
      options.partitions().ifPresent(p -> same(folder, "--partitions", shape.partitions(), p));
      options.region().ifPresent(r -> same(folder, "--region", shape.region(), r));
      return shape;
    }
    int nodes = options.nodes().orElse(1);
    Shape shape =
        new Shape(
            options.region().orElse(DevOptions.DEFAULT_REGION),
            nodes,
            options.partitions().orElse(1));
    folder.describe(shape);
    return shape;
  }

  private static void same(DataFolder folder, String option, Object has, Object asked) {
    if (!has.equals(asked)) {
      throw new Refusal(
          "the data folder "
              + folder.path()
              + " was made with "
              + option
              + " "
              + has
              + ", not "
              + asked
              + "; leave the option out, or choose another folder with --data.");
    }
  }

  /** Asked first, because everything else takes longer than to say no. */
  private static void requirePortIsFree(DevOptions options) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      InetSocketAddress address = new InetSocketAddress(options.host(), options.port());
      if (address.isUnresolved()) {
        throw new Refusal(
            "--host " + options.host() + " is not a name or address of this machine.");
      }
      socket.bind(address);
    } catch (IOException e) {
      throw new Refusal(
          "port "
              + options.port()
              + " at "
              + options.host()
              + " cannot be listened at ("
              + e.getMessage()
              + "); stop what uses it, or choose another with --port.",
          e);
    }
  }

  /** Where the endpoint listens. */
  public InetSocketAddress address() {
    InetSocketAddress bound = http.address();
    InetAddress any = bound.getAddress();
    return any != null && any.isAnyLocalAddress()
        ? new InetSocketAddress("localhost", bound.getPort())
        : new InetSocketAddress(options.host(), bound.getPort());
  }

  /** The endpoint, as clients are configured with it. */
  public String url() {
    return (options.tls().isPresent() ? "https://" : "http://")
        + address().getHostString()
        + ":"
        + address().getPort();
  }

  public String region() {
    return shape.region();
  }

  public int nodes() {
    return shape.nodes();
  }

  public int partitions() {
    return shape.partitions();
  }

  /** The folder that holds everything. */
  public Path data() {
    return folder.path();
  }

  /** How many connections the endpoint has, for tests. */
  int connectionCount() {
    return http.connectionCount();
  }

  /** The nodes, for tests that crash one. */
  EmbeddedNodes embeddedNodes() {
    return nodes;
  }

  /** Stops everything in the reverse order of the start. Idempotent. */
  @Override
  public void close() {
    parts.close();
  }
}
