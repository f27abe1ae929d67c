package io.equator.server.dev;

import io.equator.coordinator.api.AnyCredentials;
import io.equator.coordinator.capacity.CapacityGate;
import io.equator.coordinator.cluster.PartitionSplits;
import io.equator.coordinator.federation.FederationCatalog;
import io.equator.coordinator.http.HttpServerConfig;
import io.equator.coordinator.tls.SelfSignedCertificate;
import io.equator.coordinator.tls.TlsFiles;
import io.equator.node.core.StoreException;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.SplitRules;
import io.equator.proto.NodeDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.log.Peer;
import io.equator.replication.ratis.InProcessNetwork;
import io.equator.replication.ratis.RatisConfig.LogKept;
import io.equator.replication.ratis.RatisConfig.Transport;
import io.equator.server.Refusal;
import io.equator.server.dev.DataFolder.Shape;
import io.equator.server.dev.DevOptions.Tls;
import io.equator.server.observe.Observation;
import io.equator.server.observe.ObserveOptions;
import io.equator.server.roles.CoordinatorRole;
import io.equator.server.roles.Founding;
import io.equator.server.roles.Founding.Charter;
import io.equator.server.roles.NodeRole;
import io.equator.server.roles.NodeTuning;
import io.equator.server.roles.Parts;
import io.grpc.Server;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
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

  /** There is one in a data folder at a time. */
  private static final String COORDINATOR = "embedded";

  private final Parts parts = new Parts();
  private final DevOptions options;
  private final DataFolder folder;
  private final Shape shape;
  private final EmbeddedNodes nodes;
  private final CoordinatorRole.Setup setup;
  private final CoordinatorRole coordinator;
  private final Observation observation;

  private EmbeddedCluster(
      DevOptions options,
      LogKept logKept,
      ObserveOptions observed,
      RegionSeat seat,
      SplitRules splits,
      NodeTuning tuning)
      throws IOException {
    this.options = options;
    try {
      requirePortIsFree(options);
      observation = parts.add(observe(observed));
      folder = parts.add(options.data().map(DataFolder::open).orElseGet(DataFolder::temporary));
      shape = shapeOf(folder, options);

      boolean inMemory = options.data().isEmpty();
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
      observation.catalog(catalog);
      CatalogClient catalogClient =
          new CatalogClient(channels.blockingCatalogMembers(), CATALOG_WITHIN);

      // The nodes: storage, and members of the catalog group.
      List<EmbeddedNode.Setup> setups = new ArrayList<>();
      for (int i = 0; i < ids.size(); i++) {
        setups.add(
            new EmbeddedNode.Setup(
                new NodeRole.Setup(
                    ids.get(i),
                    folder.node(i + 1),
                    inMemory,
                    raft,
                    logKept,
                    members,
                    channels,
                    catalog,
                    catalogClient,
                    senders,
                    timer,
                    seat.channels(),
                    seat.clock(),
                    tuning),
                channels.serverName(ids.get(i)),
                observation));
      }
      nodes = parts.add(EmbeddedNodes.start(setups));

      // The cluster itself, at the first start. The follower ends before those that it follows.
      parts.add(catalog).start();
      awaitCatalog(
          catalog,
          new Founding(catalogClient, random)
              .found(
                  new Charter(shape.region(), shape.partitions(), Founding.REPLICAS, seat.number()),
                  members.stream().map(EmbeddedCluster::descriptor).toList()));

      awaitCatalog(catalog, new FederationCatalog(catalogClient).takeIn(seat.federation()));

      // One process, so nobody else splits partitions at the same time.
      parts
          .add(new PartitionSplits(() -> true, catalog, catalogClient, channels::channel, splits))
          .start();

      // The coordinator: what brings tables about, the operations, and the way in.
      setup =
          new CoordinatorRole.Setup(
              catalog,
              catalogClient,
              channels,
              timer,
              seat.clock(),
              random,
              httpConfig(),
              options.host() + ":" + options.port(),
              seat.channels(),
              Duration.ZERO,
              options.capacityEnforced() ? new CapacityGate(System::nanoTime) : CapacityGate.OPEN);
      coordinator =
          parts.add(
              new CoordinatorRole(
                  setup, new AnyCredentials(Founding.ACCOUNT_ID), COORDINATOR, observation));
      if (!seat.serverName().isEmpty()) {
        parts.add(serveRegions(seat.serverName()));
      }
      observation.startedUp();
      parts.add(observation::stopping);
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
    return start(options, ObserveOptions.NONE);
  }

  /** The same, and shows of itself what is asked for. */
  public static EmbeddedCluster start(DevOptions options, ObserveOptions observed) {
    return start(options, LogKept.DEFAULT, observed, RegionSeat.ALONE, SplitRules.OFF);
  }

  /** The same as one region of several. */
  static EmbeddedCluster start(DevOptions options, ObserveOptions observed, RegionSeat seat) {
    return start(options, LogKept.DEFAULT, observed, seat, SplitRules.OFF);
  }

  /** The same, whose logs keep more or less when they are cut; for tests. */
  static EmbeddedCluster start(DevOptions options, LogKept logKept) {
    return start(options, logKept, ObserveOptions.NONE, RegionSeat.ALONE, SplitRules.OFF);
  }

  /** The same, which splits partitions by itself; all of them are in one process all the same. */
  static EmbeddedCluster start(DevOptions options, SplitRules splits) {
    return start(options, LogKept.DEFAULT, ObserveOptions.NONE, RegionSeat.ALONE, splits);
  }

  private static EmbeddedCluster start(
      DevOptions options,
      LogKept logKept,
      ObserveOptions observed,
      RegionSeat seat,
      SplitRules splits) {
    return start(options, logKept, observed, seat, splits, NodeTuning.sharedDisk());
  }

  /** The same, whose nodes have other bounds; for tests. */
  static EmbeddedCluster start(DevOptions options, ObserveOptions observed, NodeTuning tuning) {
    return start(options, LogKept.DEFAULT, observed, RegionSeat.ALONE, SplitRules.OFF, tuning);
  }

  private static EmbeddedCluster start(
      DevOptions options,
      LogKept logKept,
      ObserveOptions observed,
      RegionSeat seat,
      SplitRules splits,
      NodeTuning tuning) {
    try {
      return new EmbeddedCluster(options, logKept, observed, seat, splits, tuning);
    } catch (StoreException e) {
      throw new Refusal(e.getMessage() + ".", e);
    } catch (IOException e) {
      throw new Refusal("the cluster cannot start: " + e.getMessage() + ".", e);
    }
  }

  /** What other regions of this process may call. */
  private AutoCloseable serveRegions(String serverName) throws IOException {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    InProcessServerBuilder builder = InProcessServerBuilder.forName(serverName).executor(threads);
    coordinator.regionServices().forEach(builder::addService);
    Server server = builder.build().start();
    return () -> {
      server.shutdownNow();
      threads.shutdownNow();
    };
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

  private static Observation observe(ObserveOptions observed) {
    try {
      return Observation.start(observed);
    } catch (IOException e) {
      throw new Refusal(
          "the admin port at "
              + observed.admin().orElseThrow()
              + " cannot be listened at ("
              + e.getMessage()
              + "); choose another with --admin-port.",
          e);
    }
  }

  private static List<Peer> members(Shape shape) {
    List<Peer> members = new ArrayList<>();
    for (int i = 0; i < shape.nodes(); i++) {
      // Nobody is called at an address within one process.
      members.add(new Peer(new NodeId("node-" + (i + 1)), "localhost:0"));
    }
    return members;
  }

  /** Each embedded node is a zone of its own, so that placement spreads over all of them. */
  private static NodeDescriptor descriptor(Peer member) {
    return NodeDescriptor.newBuilder()
        .setNodeId(member.node().value())
        .setRaftAddress(member.raftAddress())
        .setZone("zone-of-" + member.node().value())
        .setCatalogMember(true)
        .build();
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
    InetSocketAddress bound = coordinator.http().address();
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

  /** Where the admin port listens, if there is one. */
  public Optional<InetSocketAddress> adminAddress() {
    return observation.adminAddress();
  }

  /** The folder that holds everything. */
  public Path data() {
    return folder.path();
  }

  /** Its copy of the catalog. */
  CatalogSnapshot catalog() {
    return setup.catalog().snapshot();
  }

  /** How many connections the endpoint has, for tests. */
  int connectionCount() {
    return coordinator.http().connectionCount();
  }

  /** The coordinator, for tests that end it before the rest. */
  CoordinatorRole coordinator() {
    return coordinator;
  }

  /** A second coordinator on a port of its own, for tests; the caller closes it. */
  CoordinatorRole anotherCoordinator(String name) throws IOException {
    return new CoordinatorRole(
        new CoordinatorRole.Setup(
            setup.catalog(),
            setup.catalogClient(),
            setup.channels(),
            setup.timer(),
            setup.clock(),
            setup.random(),
            HttpServerConfig.of(options.host(), 0, shape.region()),
            setup.endpoint(),
            setup.regions(),
            setup.staleAfter(),
            setup.capacity()),
        new AnyCredentials(Founding.ACCOUNT_ID),
        name);
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
