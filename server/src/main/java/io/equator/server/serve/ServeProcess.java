package io.equator.server.serve;

import com.google.protobuf.ByteString;
import io.equator.coordinator.api.AnyCredentials;
import io.equator.coordinator.api.RequestAuthenticator;
import io.equator.coordinator.auth.CatalogCredentials;
import io.equator.coordinator.auth.SignatureAuthenticator;
import io.equator.coordinator.capacity.CapacityGate;
import io.equator.coordinator.cluster.ClusterReconciler;
import io.equator.coordinator.cluster.PartitionSplits;
import io.equator.coordinator.cluster.ReplicaSteps;
import io.equator.coordinator.http.HttpServerConfig;
import io.equator.coordinator.tls.TlsFiles;
import io.equator.node.core.StoreException;
import io.equator.node.service.MembershipEndpoint;
import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.NodeDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogCopyFile;
import io.equator.replication.catalog.CatalogCopyKeeper;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.Peer;
import io.equator.replication.ratis.RatisConfig.LogKept;
import io.equator.replication.ratis.RatisConfig.Transport;
import io.equator.server.BuildVersion;
import io.equator.server.Refusal;
import io.equator.server.config.ServeConfig;
import io.equator.server.identity.CertificateEndpoint;
import io.equator.server.identity.CertificateRenewal;
import io.equator.server.identity.ClusterCertificates;
import io.equator.server.identity.CredentialsKey;
import io.equator.server.identity.Identity;
import io.equator.server.identity.JoinEndpoint;
import io.equator.server.identity.JoinTokens;
import io.equator.server.identity.Joining;
import io.equator.server.identity.NodeFolder;
import io.equator.server.identity.NodeSecurity;
import io.equator.server.identity.RootCredential;
import io.equator.server.observe.Observation;
import io.equator.server.observe.ObserveOptions;
import io.equator.server.regions.NetworkRegions;
import io.equator.server.regions.RegionSecurity;
import io.equator.server.regions.RegionServer;
import io.equator.server.roles.CoordinatorRole;
import io.equator.server.roles.Founding;
import io.equator.server.roles.NodeRole;
import io.equator.server.roles.Parts;
import io.grpc.BindableService;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process of a cluster: the list of its parts, in the order in which they start.
 *
 * <p>The configuration says who it is, its folder whether it has been let in, the catalog
 * everything else. It starts also when the others are away, and waits for them.
 */
public final class ServeProcess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServeProcess.class);

  /** How long a start waits for a member of the catalog that leads. */
  private static final Duration CATALOG_WITHIN = Duration.ofMinutes(5);

  /** How often it is looked at without a change, because the last look may have failed. */
  private static final long MEMBERSHIP_SECONDS = 5;

  /** How long a start that has a copy of the catalog waits for the catalog itself. */
  private static final Duration CATALOG_BEFORE_COPY = Duration.ofSeconds(10);

  private static final Duration COMMIT_WITHIN = Duration.ofSeconds(20);

  private final Parts parts = new Parts();
  private final ServeConfig config;
  private final Observation observation;
  private final NodeFolder folder;
  private final NodeChannels channels;
  private final NetworkRegions regions;
  private final CatalogFollower catalog;
  private final CatalogClient catalogClient;

  /** Whether it began with a copy of the catalog that it had kept. */
  private final boolean hasCopy;

  private final NodeServer server;
  private final Optional<NodeRole> node;
  private final Optional<CoordinatorRole> coordinator;
  private final ExecutorService changes;
  private volatile Identity identity;

  private ServeProcess(ServeConfig config) throws IOException {
    this.config = config;
    try {
      SecureRandom random = new SecureRandom();
      observation = parts.add(observe(config));
      folder = parts.add(NodeFolder.open(config.node().data()));
      identity = folder.identity().orElseGet(() -> join(config, folder, random));
      checkIdentity();
      if (identity.founder()) {
        CredentialsKey.make(folder.path(), random);
      }
      NodeId self = new NodeId(identity.nodeId());
      NodeSecurity security =
          new NodeSecurity(
              identity.tls()
                  ? Optional.of(
                      new ClusterCertificates(
                          folder.path(), config.internal().certificateLifetime()))
                  : Optional.empty());

      // How the nodes reach one another, and the copy of the catalog.
      String selfName = UUID.randomUUID().toString();
      ScheduledExecutorService timer =
          Executors.newSingleThreadScheduledExecutor(
              Thread.ofPlatform().name("timer").daemon().factory());
      parts.add(timer::shutdownNow);
      channels = parts.add(new NodeChannels(security, Optional.of(self), selfName));
      channels.expectCatalogAt(identity.catalogMembers());
      RegionSecurity regionSecurity = new RegionSecurity(security.certificates());
      regions = parts.add(new NetworkRegions(regionSecurity));
      catalog = new CatalogFollower(channels::catalogStubs, timer);
      CatalogCopyFile copy = new CatalogCopyFile(folder.path().resolve("catalog-copy"));
      hasCopy = seed(copy);
      observation.catalog(catalog);
      catalogClient = new CatalogClient(channels::blockingCatalogStubs, COMMIT_WITHIN);
      server = parts.add(new NodeServer(config.internal(), security, catalog::snapshot, selfName));

      // Storage, and the catalog's member if this node is one.
      node =
          config.roles().node()
              ? Optional.of(parts.add(nodeRole(self, security, timer)))
              : Optional.empty();
      node.ifPresent(role -> addServices(role, self, security));
      server.add(
          new JoinEndpoint(
              catalogClient,
              catalog,
              security.certificates(),
              CredentialsKey.read(folder.path()),
              InstantSource.system()));

      security
          .certificates()
          .ifPresent(
              own -> {
                server.add(new CertificateEndpoint(own, catalog::snapshot, InstantSource.system()));
                observation.certificate(() -> expires(own));
              });

      // Who is there. The follower ends before those that it follows.
      changes = Executors.newSingleThreadExecutor(Thread.ofVirtual().name("membership").factory());
      parts.add(changes::shutdownNow);
      catalog.listen(channels::follow);
      catalog.listen(regions::follow);
      parts.add(catalog).start();
      CatalogSnapshot snapshot = awaitCluster(random);
      introduce(snapshot);
      parts.add(new CatalogCopyKeeper(catalog, copy)).start();
      security
          .certificates()
          .ifPresent(
              own ->
                  parts
                      .add(
                          new CertificateRenewal(
                              self,
                              own,
                              catalog::snapshot,
                              channels::channel,
                              InstantSource.system()))
                      .start());
      catalog.listen(_ -> inTurn(this::followMembership));
      var _ =
          timer.scheduleWithFixedDelay(
              () -> inTurn(this::followMembership),
              MEMBERSHIP_SECONDS,
              MEMBERSHIP_SECONDS,
              TimeUnit.SECONDS);
      node.ifPresent(
          role ->
              parts
                  .add(
                      new PartitionSplits(
                          () -> leadsCatalog(role),
                          catalog,
                          catalogClient,
                          channels::channel,
                          config.splits()))
                  .start());
      node.ifPresent(
          role ->
              parts
                  .add(
                      new ClusterReconciler(
                          () -> leadsCatalog(role),
                          catalog,
                          catalogClient,
                          channels::channel,
                          config.replicas()))
                  .start());

      // The way in for clients.
      coordinator =
          config.roles().coordinator()
              ? Optional.of(parts.add(coordinatorRole(timer, random)))
              : Optional.empty();
      if (coordinator.isPresent()) {
        coordinator.get().clusterServices().forEach(server::add);
        if (config.regions().isPresent()) {
          parts.add(
              new RegionServer(
                  config.regions().get(),
                  regionSecurity,
                  () -> NetworkRegions.regions(catalog.snapshot()),
                  coordinator.get().regionServices()));
        }
      }
      observation.startedUp();
      parts.add(observation::stopping);
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  /**
   * Starts; when this returns, the process serves what its roles serve.
   *
   * @throws Refusal when the configuration, the folder, a port or the cluster stand in the way
   */
  public static ServeProcess start(ServeConfig config) {
    try {
      return new ServeProcess(config);
    } catch (StoreException e) {
      throw new Refusal(e.getMessage() + ".", e);
    } catch (IOException e) {
      throw new Refusal("the process cannot start: " + e.getMessage() + ".", e);
    }
  }

  // ---- identity
  // -----------------------------------------------------------------------------------

  private static Identity join(ServeConfig config, NodeFolder folder, SecureRandom random) {
    if (config.join().token().isEmpty() || config.join().seeds().isEmpty()) {
      throw new Refusal(
          "the folder "
              + folder.path()
              + " belongs to no cluster yet. Found one with `equator admin init`, or set join.seeds"
              + " and join.token (from `equator admin token`) to join one.");
    }
    JoinTokens token = JoinTokens.parse(config.join().token().get());
    boolean tls = !token.root().equals(JoinTokens.NO_TLS);
    if (tls != config.internal().tls()) {
      throw new Refusal(
          "internal.tls is "
              + (config.internal().tls() ? "required" : "off")
              + " here, but the cluster that made the token has it "
              + (tls ? "required." : "off."));
    }
    byte[] incarnation = new byte[16];
    random.nextBytes(incarnation);
    return Joining.join(folder, descriptor(config, incarnation), config.join().seeds(), token);
  }

  /** This node as the catalog is to have it. */
  public static NodeDescriptor descriptor(ServeConfig config, byte[] incarnation) {
    return NodeDescriptor.newBuilder()
        .setNodeId(config.node().id())
        .setZone(config.node().zone())
        .setWeight(config.node().weight())
        .setServiceAddress(config.internal().serviceAddress())
        .setRaftAddress(config.internal().raftAddress())
        .setApiAddress(
            config.roles().coordinator()
                ? config.internal().advertise() + ":" + config.api().port()
                : "")
        .setStoresNothing(!config.roles().node())
        .setRegionAddress(config.regions().map(ServeConfig.Regions::advertise).orElse(""))
        .setIncarnation(ByteString.copyFrom(incarnation))
        .build();
  }

  private void checkIdentity() {
    if (!identity.nodeId().equals(config.node().id())) {
      throw new Refusal(
          "the folder "
              + folder.path()
              + " belongs to "
              + identity.nodeId()
              + ", but node.id is '"
              + config.node().id()
              + "'.");
    }
    if (identity.tls() != config.internal().tls()) {
      throw new Refusal(
          "internal.tls is "
              + (config.internal().tls() ? "required" : "off")
              + ", but the cluster was founded with it "
              + (identity.tls() ? "required." : "off."));
    }
  }

  private static Observation observe(ServeConfig config) {
    ServeConfig.Admin admin = config.admin();
    ObserveOptions options = ObserveOptions.NONE;
    if (admin.port().isPresent()) {
      options = options.withAdmin(new InetSocketAddress(admin.host(), admin.port().getAsInt()));
    }
    if (admin.slowRequest().isPresent()) {
      options = options.withSlowRequest(admin.slowRequest().get());
    }
    try {
      return Observation.start(options);
    } catch (IOException e) {
      throw new Refusal(
          "admin.port "
              + admin.port().orElse(0)
              + " cannot be listened at: "
              + e.getMessage()
              + ".",
          e);
    }
  }

  // ---- parts
  // --------------------------------------------------------------------------------------

  private NodeRole nodeRole(NodeId self, NodeSecurity security, ScheduledExecutorService timer)
      throws IOException {
    boolean hasCatalogLog =
        Files.isDirectory(folder.path().resolve("raft").resolve(GroupId.CATALOG.uuid().toString()));
    if (identity.founder() && !identity.clusterId().isEmpty() && !hasCatalogLog) {
      throw new Refusal(
          "the catalog's log in "
              + folder.path()
              + " is lost: this node must not vote as if it were new. Remove it from the cluster,"
              + " and let it join with an empty folder under another id.");
    }
    List<Peer> founders =
        identity.founder() ? List.of(new Peer(self, config.internal().raftAddress())) : List.of();
    NodeRole role =
        new NodeRole(
            new NodeRole.Setup(
                self,
                folder.path(),
                false,
                new Transport.Grpc(
                    config.internal().host(), config.internal().raftPort(), security.raft()),
                LogKept.DEFAULT,
                founders,
                channels,
                catalog,
                catalogClient,
                Thread::startVirtualThread,
                timer,
                regions,
                InstantSource.system(),
                config.tuning()),
            observation);
    if (role.catalogMember().isEmpty() && role.logs().has(GroupId.CATALOG)) {
      role.joinCatalog(List.of());
    }
    return role;
  }

  private void addServices(NodeRole role, NodeId self, NodeSecurity security) {
    for (BindableService service : role.services()) {
      server.add(service);
    }
    role.catalogMember().ifPresent(member -> member.services().forEach(server::add));
    server.add(
        new MembershipEndpoint(
            new MembershipEndpoint.Self(
                self,
                ByteString.copyFrom(identity.incarnation()),
                BuildVersion.text(),
                System.currentTimeMillis()),
            role.storage(),
            role.logs(),
            () -> catalog.snapshot().revision(),
            System::currentTimeMillis,
            () -> security.certificates().map(own -> expires(own).toEpochMilli()).orElse(0L)));
  }

  private CoordinatorRole coordinatorRole(ScheduledExecutorService timer, SecureRandom random)
      throws IOException {
    HttpServerConfig http =
        HttpServerConfig.of(config.api().host(), config.api().port(), identity.region());
    if (config.api().tlsCertificate().isPresent() && config.api().tlsKey().isPresent()) {
      http =
          http.withTls(
              new TlsFiles(config.api().tlsCertificate().get(), config.api().tlsKey().get()));
    }
    return new CoordinatorRole(
        new CoordinatorRole.Setup(
            catalog,
            catalogClient,
            channels,
            timer,
            InstantSource.system(),
            random,
            http,
            config.internal().advertise() + ":" + config.api().port(),
            regions,
            config.regionsStaleAfter(),
            config.api().capacityEnforced()
                ? new CapacityGate(System::nanoTime)
                : CapacityGate.OPEN),
        authenticator(),
        identity.nodeId(),
        observation);
  }

  private static Instant expires(ClusterCertificates certificates) {
    try {
      return certificates.expires();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private RequestAuthenticator authenticator() {
    return config.api().verified()
        ? new SignatureAuthenticator(
            Founding.ACCOUNT_ID,
            new CatalogCredentials(catalog::snapshot, CredentialsKey.seal(folder.path())),
            identity.region(),
            InstantSource.system())
        : new AnyCredentials(Founding.ACCOUNT_ID);
  }

  // ---- the cluster
  // --------------------------------------------------------------------------------

  /** A process that has been in its cluster before knows enough to start without the catalog. */
  private boolean seed(CatalogCopyFile file) {
    if (identity.clusterId().isEmpty()) {
      return false;
    }
    try {
      Optional<CatalogEvent> copy = file.read(identity.clusterId());
      copy.ifPresent(catalog::seed);
      return copy.isPresent();
    } catch (IOException e) {
      LOG.warn("{}; the catalog is asked instead", e.getMessage());
      return false;
    }
  }

  private List<CatalogObject> rootCredential() {
    try {
      return RootCredential.kept(folder.path());
    } catch (IOException e) {
      throw new Refusal("the root credential cannot be read: " + e.getMessage() + ".", e);
    }
  }

  private CatalogSnapshot awaitCluster(SecureRandom random) {
    long revision = 1;
    if (hasCopy) {
      try {
        revision =
            new CatalogClient(channels::blockingCatalogStubs, CATALOG_BEFORE_COPY)
                .read(List.of(CatalogKeys.CLUSTER))
                .getRevision();
      } catch (CatalogUnavailableException e) {
        LOG.warn(
            "nobody who keeps the catalog answers: the start goes on with the copy of revision {}."
                + " Tables and nodes cannot be changed until one does",
            catalog.snapshot().revision());
        return catalog.snapshot();
      }
    }
    if (identity.founder() && identity.clusterId().isEmpty()) {
      revision =
          new Founding(catalogClient, random)
              .found(
                  new Founding.Charter(
                      identity.region(),
                      config.founding().partitions(),
                      config.founding().replicas(),
                      Founding.REGION_NUMBER),
                  List.of(
                      descriptor(config, identity.incarnation()).toBuilder()
                          .setCatalogMember(true)
                          .build()),
                  rootCredential());
    }
    try {
      return catalog.awaitRevision(revision, CATALOG_WITHIN).get();
    } catch (ExecutionException e) {
      throw new Refusal(
          "nobody who keeps the catalog answered within "
              + CATALOG_WITHIN.toMinutes()
              + " minutes; asked: "
              + identity.catalogMembers()
              + ".",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal("interrupted.", e);
    }
  }

  /** Checks that the cluster is the folder's, and tells it what has changed at this node. */
  private void introduce(CatalogSnapshot snapshot) {
    String clusterId = snapshot.cluster().orElseThrow().getClusterId();
    if (!identity.clusterId().isEmpty() && !identity.clusterId().equals(clusterId)) {
      throw new Refusal(
          "the folder " + folder.path() + " belongs to another cluster than the one that answers.");
    }
    NodeId self = new NodeId(identity.nodeId());
    NodeDescriptor known =
        snapshot
            .node(self)
            .orElseThrow(
                () ->
                    new Refusal(
                        self
                            + " has been removed from the cluster; with an empty folder and a new"
                            + " token it may join as another node."));
    if (!known.getIncarnation().equals(ByteString.copyFrom(identity.incarnation()))) {
      throw new Refusal(
          "the cluster knows "
              + self
              + " by another folder. A node whose folder was lost or copied comes back under"
              + " another id.");
    }
    if (!known.getRaftAddress().equals(config.internal().raftAddress())) {
      throw new Refusal(
          "the Raft address of "
              + self
              + " is "
              + known.getRaftAddress()
              + " and cannot become "
              + config.internal().raftAddress()
              + ": the groups keep the first one that they hear. Give internal.advertise a DNS name"
              + " that stays, or add the node anew.");
    }
    try {
      tellChanges(self, known);
    } catch (CatalogUnavailableException e) {
      if (!hasCopy) {
        throw e;
      }
      LOG.warn("what has changed at {} is told to the catalog later", self);
    }
    identity =
        new Identity(
            identity.nodeId(),
            identity.incarnation(),
            clusterId,
            identity.region(),
            identity.founder(),
            identity.tls(),
            identity.catalogMembers());
    folder.write(identity);
    try {
      RootCredential.forget(folder.path());
    } catch (IOException e) {
      LOG.warn("the file of the root credential is left over", e);
    }
  }

  private void tellChanges(NodeId self, NodeDescriptor known) {
    NodeDescriptor wanted =
        descriptor(config, identity.incarnation()).toBuilder()
            .setCatalogMember(known.getCatalogMember())
            .setState(known.getState())
            .build();
    if (!known.equals(wanted)) {
      new ReplicaSteps(catalogClient)
          .node(
              self,
              now ->
                  wanted.toBuilder()
                      .setCatalogMember(now.getCatalogMember())
                      .setState(now.getState())
                      .build());
    }
  }

  private void inTurn(Runnable work) {
    try {
      changes.execute(work);
    } catch (RejectedExecutionException _) {
      LOG.debug("the process ends");
    }
  }

  /** Becomes a member of the catalog when it is named one, and remembers who the members are. */
  private void followMembership() {
    CatalogSnapshot snapshot = catalog.snapshot();
    Optional<NodeDescriptor> self = snapshot.node(new NodeId(identity.nodeId()));
    try {
      if (hasCopy && self.isPresent()) {
        tellChanges(new NodeId(identity.nodeId()), self.get());
      }
      if (node.isPresent()) {
        node.get().reopenCatalog().ifPresent(member -> member.services().forEach(server::add));
      }
      if (node.isPresent()
          && self.map(NodeDescriptor::getCatalogMember).orElse(false)
          && node.get().catalogMember().isEmpty()) {
        LOG.info("{} becomes a member of the catalog", identity.nodeId());
        node.get().joinCatalog(List.of()).services().forEach(server::add);
      }
      if (node.isPresent()
          && self.isPresent()
          && !self.get().getCatalogMember()
          && node.get().catalogMember().isPresent()
          && hasBeenLetGo(new NodeId(identity.nodeId()))) {
        LOG.info("{} is no member of the catalog any more", identity.nodeId());
        node.get().leaveCatalog();
        identity = identity.withoutCatalog();
        folder.write(identity);
      }
    } catch (IOException | RuntimeException e) {
      LOG.error("{} cannot follow its part in the catalog", identity.nodeId(), e);
    }
    Map<String, String> members = JoinEndpoint.catalogMembers(catalog);
    if (!members.isEmpty() && !members.equals(identity.catalogMembers())) {
      identity = identity.withCatalogMembers(members);
      folder.write(identity);
    }
  }

  /** Asks the catalog itself: a copy may be older than what this node is already. */
  private boolean hasBeenLetGo(NodeId self) {
    return catalogClient.read(List.of(CatalogKeys.node(self.value()))).getObjectsList().stream()
        .noneMatch(object -> object.getNode().getCatalogMember());
  }

  private static boolean leadsCatalog(NodeRole role) {
    return role.catalogMember()
        .map(
            member ->
                member.log().leadership() instanceof Leadership.Leader(_, boolean ready) && ready)
        .orElse(false);
  }

  /** Where clients are served, if they are. */
  public Optional<InetSocketAddress> address() {
    return coordinator.map(role -> role.http().address());
  }

  /** The region that it belongs to. */
  public String region() {
    return identity.region();
  }

  /** Hands over, and stops everything in the reverse order of the start. Idempotent. */
  @Override
  public void close() {
    node.ifPresent(NodeRole::handOver);
    parts.close();
  }
}
