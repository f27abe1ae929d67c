package io.equator.replication.ratis;

import io.equator.partitioner.NodeId;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.LogHost;
import io.equator.replication.log.LogMachine;
import io.equator.replication.log.LogPosition;
import io.equator.replication.log.MembershipChange;
import io.equator.replication.log.Peer;
import io.equator.replication.log.ReplicatedLog;
import io.equator.replication.log.TermConfirmer;
import io.equator.replication.log.TermProbe;
import io.equator.replication.ratis.RatisConfig.Transport;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.ExitUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's Raft server with all its groups.
 *
 * <p>Opening. Ratis, when it starts, opens every group whose directory it finds; but a group needs
 * its machine, and machines come one by one. So the server is built over an empty directory, told
 * the real one before any group is opened, and each group is then added with Ratis's "recover"
 * option, which goes on with an existing log or begins a new one.
 *
 * <p>Addresses. Ratis keeps the first address it hears of a peer for as long as the process lives;
 * that is the one given to {@link #open}, also when the stored configuration has an older one. So a
 * whole cluster may come back on other ports, but a running one cannot change them.
 */
public final class RatisLogHost implements LogHost {

  private static final Logger LOG = LoggerFactory.getLogger(RatisLogHost.class);
  private static final long ADMIN_TIMEOUT_MILLIS = 30_000;

  /** For so long new entries are refused for a successor that does not come. */
  static final long HAND_OVER_MILLIS = 1_000;

  private final RatisConfig config;
  private final FailureListener failures;
  private final TermConfirmer confirmer;
  private final RaftPeerId peerId;

  /** Holds every thread of this server, so that they can be told from another server's. */
  private final ThreadGroup threads;

  private final RaftProperties properties;
  private final RaftServer server;
  private final ClientId clientId = ClientId.randomId();
  private final AtomicLong callIds = new AtomicLong();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final ConcurrentMap<GroupId, RatisReplica> replicas = new ConcurrentHashMap<>();

  /** Groups that other nodes may speak to; see {@link StartGate}. */
  private final Set<RaftGroupId> started = ConcurrentHashMap.newKeySet();

  private final ConcurrentMap<RaftGroupId, GroupMachine> machines = new ConcurrentHashMap<>();

  private RatisLogHost(RatisConfig config, TermProbe probe, FailureListener failures)
      throws IOException {
    this.config = config;
    this.failures = failures;
    this.confirmer = new TermConfirmer(config.node(), probe, Thread::startVirtualThread);
    this.peerId = RaftPeerId.valueOf(config.node().value());
    this.threads = new ThreadGroup("raft-" + config.node());
    this.properties = RatisProperties.of(config);
    Path directory = Files.createDirectories(config.directory());
    // Nothing stands there: see the class comment.
    RatisProperties.directory(properties, directory.resolve("none").toFile());
    this.server =
        RaftServer.newBuilder()
            .setServerId(peerId)
            .setProperties(properties)
            .setParameters(parameters(config.transport(), started::contains))
            .setStateMachineRegistry(this::machine)
            .setThreadGroup(threads)
            .build();
    RatisProperties.directory(properties, directory.toFile());
  }

  private static Parameters parameters(Transport transport, Predicate<RaftGroupId> open) {
    return switch (transport) {
      case Transport.InProcess(InProcessNetwork network) -> InProcessRpc.parameters(network, open);
      case Transport.Grpc(_, _, Optional<Transport.Tls> tls) -> {
        Parameters parameters = new Parameters();
        tls.ifPresent(
            by ->
                GrpcConfigKeys.TLS.setConf(
                    parameters, new GrpcTlsConfig(by.key(), by.trust(), true)));
        GrpcConfigKeys.Server.setServicesCustomizer(parameters, StartGate.forGrpc(open));
        yield parameters;
      }
    };
  }

  /**
   * Starts the server, without groups.
   *
   * @param probe how other nodes are asked for their terms
   * @param failures learns of replicas that stopped themselves
   * @throws IOException when the directory cannot be used or the port is taken
   */
  public static RatisLogHost start(RatisConfig config, TermProbe probe, FailureListener failures)
      throws IOException {
    // Otherwise a taken port ends the process. It throws instead, also where Ratis gives up later.
    ExitUtils.disableSystemExit();
    RatisLogHost host = new RatisLogHost(config, probe, failures);
    try {
      host.server.start();
    } catch (ExitUtils.ExitException e) {
      host.close();
      throw new IOException(
          "the Raft server of " + config.node() + " cannot listen on " + config.transport(), e);
    } catch (IOException | RuntimeException e) {
      host.close();
      throw e;
    }
    return host;
  }

  @Override
  public NodeId node() {
    return config.node();
  }

  @Override
  public synchronized ReplicatedLog open(GroupId group, LogMachine machine, List<Peer> members)
      throws IOException {
    RaftGroupId id = raftGroupId(group);
    RatisReplica replica = new RatisReplica(group, machine, this, confirmer);
    GroupMachine adapter = new GroupMachine(group, node(), machine, failures, replica);
    if (machines.putIfAbsent(id, adapter) != null) {
      throw new IllegalStateException(group + " is open already on " + node());
    }
    try {
      RatisProperties.firstElection(properties, members.size());
      RaftGroup raftGroup = RaftGroup.valueOf(id, peers(members));
      check(
          onOwnThread(
              () ->
                  server.groupManagement(
                      GroupManagementRequest.newAdd(
                          clientId, peerId, nextCallId(), raftGroup, /* format= */ false))),
          "open " + group);
      RaftServer.Division division = server.getDivision(id);
      adapter.attach(division);
      replica.attach(division);
      replicas.put(group, replica);
      started.add(id);
      return replica;
    } catch (IOException | RuntimeException e) {
      machines.remove(id);
      throw e;
    }
  }

  @Override
  public Optional<ReplicatedLog> replica(GroupId group) {
    return Optional.ofNullable(replicas.get(group));
  }

  @Override
  public long currentTerm(GroupId group) {
    RatisReplica replica = replicas.get(group);
    return replica == null ? 0 : replica.currentTerm();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      started.clear();
      machines.values().forEach(GroupMachine::stopping);
      try (LogWorkers _ = LogWorkers.hasten(threads, divisions())) {
        server.close();
      } catch (IOException | RuntimeException e) {
        LOG.warn("closing the Raft server of {}", node(), e);
      }
      replicas.values().forEach(RatisReplica::stopped);
      replicas.clear();
      machines.clear();
    }
  }

  // ---- for the replicas ------------------------------------------------------------------------

  RaftPeerId peerId() {
    return peerId;
  }

  RaftClientRequest newWrite(GroupId group, PendingEntry entry) {
    return RaftClientRequest.newBuilder()
        .setClientId(clientId)
        .setServerId(peerId)
        .setGroupId(raftGroupId(group))
        .setCallId(nextCallId())
        .setMessage(entry)
        .setType(RaftClientRequest.writeRequestType())
        .build();
  }

  void stepDown(GroupId group) {
    try {
      var _ =
          server
              .transferLeadershipAsync(
                  new TransferLeadershipRequest(
                      clientId,
                      peerId,
                      raftGroupId(group),
                      nextCallId(),
                      null,
                      ADMIN_TIMEOUT_MILLIS))
              .whenComplete((_, e) -> logFailure(e, "step down in", group));
    } catch (IOException | RuntimeException e) {
      logFailure(e, "step down in", group);
    }
  }

  /**
   * Hands a group to the member of the highest priority. Ratis would do so by itself when it sees
   * that this member has all that the leader has; while writes come, it never does at the moment of
   * looking. So new entries are refused until the successor leads, or a second has passed.
   *
   * @return completed when it leads, or did not come; never exceptionally
   */
  CompletableFuture<?> transferLeadership(GroupId group, NodeId successor) {
    try {
      return server
          .transferLeadershipAsync(
              new TransferLeadershipRequest(
                  clientId,
                  peerId,
                  raftGroupId(group),
                  nextCallId(),
                  RaftPeerId.valueOf(successor.value()),
                  HAND_OVER_MILLIS))
          .handle(
              (reply, e) -> {
                logFailure(e, "hand over", group);
                return reply;
              });
    } catch (IOException | RuntimeException e) {
      logFailure(e, "hand over", group);
      return CompletableFuture.completedFuture(null);
    }
  }

  /**
   * Gives a group these members. Ratis hands leadership to the member of the highest priority only,
   * so a successor is named by its priority.
   */
  CompletableFuture<MembershipChange> setMembers(
      GroupId group, List<Peer> before, List<Peer> after, Optional<NodeId> successor) {
    SetConfigurationRequest.Arguments.Builder arguments =
        SetConfigurationRequest.Arguments.newBuilder()
            .setServersInNewConf(peers(after, successor))
            .setServersInCurrentConf(peers(before))
            .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET);
    SetConfigurationRequest request =
        new SetConfigurationRequest(
            clientId, peerId, raftGroupId(group), nextCallId(), arguments.build());
    try {
      return server
          .setConfigurationAsync(request)
          .handle(
              (reply, failure) -> {
                if (failure == null && reply.isSuccess()) {
                  return new MembershipChange.Done();
                }
                Throwable why = failure != null ? failure : reply.getException();
                return new MembershipChange.Failed(String.valueOf(why));
              });
    } catch (IOException | RuntimeException e) {
      return CompletableFuture.completedFuture(new MembershipChange.Failed(String.valueOf(e)));
    }
  }

  @Override
  public boolean has(GroupId group) {
    return Files.isDirectory(config.directory().resolve(group.uuid().toString()));
  }

  @Override
  public void begin(GroupId group) throws IOException {
    Files.createDirectories(RaftLogFiles.directory(config.directory(), group));
  }

  @Override
  public void align(GroupId group, LogPosition state) throws IOException {
    if (replicas.containsKey(group)) {
      throw new IllegalStateException("the log of " + group + " is open");
    }
    if (has(group)) {
      RaftLogFiles files = RaftLogFiles.of(config.directory(), group);
      if (!files.holds(state)) {
        LOG.warn("the log of {} ends before {} and begins anew behind it", group, state);
        files.delete();
      }
    }
  }

  @Override
  public void discard(GroupId group) throws IOException {
    RatisReplica replica = replicas.get(group);
    if (replica != null) {
      close(replica);
    }
    Path directory = config.directory().resolve(group.uuid().toString());
    if (Files.isDirectory(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** Closes one replica and keeps its log. */
  void close(RatisReplica replica) {
    if (!closed.get() && replicas.remove(replica.group(), replica)) {
      RaftGroupId id = raftGroupId(replica.group());
      started.remove(id);
      machine(id).stopping();
      try (LogWorkers _ = LogWorkers.hasten(threads, List.of(server.getDivision(id)))) {
        check(
            server.groupManagement(
                GroupManagementRequest.newRemove(clientId, peerId, nextCallId(), id, false, false)),
            "close " + replica.group());
      } catch (IOException | RuntimeException e) {
        LOG.warn("closing {} on {}", replica.group(), node(), e);
      }
      replica.stopped();
      machines.remove(id);
    }
  }

  /**
   * Runs something on a thread of this host's group: the threads that it starts, and those that
   * they start, are of the group too.
   */
  private <T> T onOwnThread(Callable<T> work) throws IOException {
    FutureTask<T> task = new FutureTask<>(work);
    new Thread(threads, task, "raft-open-" + node()).start();
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while opening a group on " + node());
    } catch (ExecutionException e) {
      throw new IOException("a group could not be opened on " + node(), e.getCause());
    }
  }

  private List<RaftServer.Division> divisions() {
    List<RaftServer.Division> divisions = new ArrayList<>();
    for (RaftGroupId group : server.getGroupIds()) {
      try {
        divisions.add(server.getDivision(group));
      } catch (IOException e) {
        LOG.debug("{} on {} was not opened", group, node(), e);
      }
    }
    return divisions;
  }

  private GroupMachine machine(RaftGroupId id) {
    GroupMachine machine = machines.get(id);
    if (machine == null) {
      throw new IllegalStateException("nobody opened the Raft group " + id);
    }
    return machine;
  }

  private void check(RaftClientReply reply, String doing) throws IOException {
    if (!reply.isSuccess()) {
      throw new IOException("cannot " + doing + " on " + node(), reply.getException());
    }
  }

  private void logFailure(@Nullable Throwable e, String doing, GroupId group) {
    if (e != null && !closed.get()) {
      LOG.warn("cannot {} {} on {}", doing, group, node(), e);
    }
  }

  private long nextCallId() {
    return callIds.incrementAndGet();
  }

  private static List<RaftPeer> peers(List<Peer> members) {
    return peers(members, Optional.empty());
  }

  private static List<RaftPeer> peers(List<Peer> members, Optional<NodeId> successor) {
    List<RaftPeer> peers = new ArrayList<>(members.size());
    for (Peer member : members) {
      peers.add(
          RaftPeer.newBuilder()
              .setId(RaftPeerId.valueOf(member.node().value()))
              .setAddress(member.raftAddress())
              .setPriority(successor.isPresent() && successor.get().equals(member.node()) ? 1 : 0)
              .build());
    }
    return peers;
  }

  private static RaftGroupId raftGroupId(GroupId group) {
    return RaftGroupId.valueOf(group.uuid());
  }
}
