package io.equator.replication.ratis;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.Peer;
import io.equator.replication.log.Proposal;
import io.equator.replication.log.ReplicatedLog;
import io.equator.replication.log.TermProbe;
import io.equator.replication.ratis.RatisConfig.Durability;
import io.equator.replication.ratis.RatisConfig.LogKept;
import io.equator.replication.ratis.RatisConfig.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Real Raft servers in this process, with one group and a recording machine each. */
final class Cluster implements AutoCloseable {

  static final GroupId GROUP = GroupId.ofPartition(1);
  static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Path directory;
  private final boolean grpc;
  private final LogKept logKept;
  private @Nullable Peer joined;
  private final InProcessNetwork network = new InProcessNetwork();
  private final List<Peer> members = new ArrayList<>();
  private final Map<NodeId, Node> nodes = new TreeMap<>();
  private final Set<NodeId> cutOff = ConcurrentHashMap.newKeySet();
  final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();

  /** A node: its host and machine are replaced when it starts again. */
  static final class Node {
    final NodeId id;
    final Path directory;
    final Transport transport;
    RecordingMachine machine = new RecordingMachine();

    @SuppressWarnings("NullAway.Init") // Set by start, before anyone sees the node.
    RatisLogHost host;

    @SuppressWarnings("NullAway.Init")
    ReplicatedLog log;

    Node(NodeId id, Path directory, Transport transport) {
      this.id = id;
      this.directory = directory;
      this.transport = transport;
    }

    boolean leads() {
      return log.leadership() instanceof Leadership.Leader(_, boolean ready) && ready;
    }

    long term() {
      return log.leadership().term();
    }
  }

  Cluster(Path directory, int size, boolean grpc) throws IOException {
    this(directory, size, grpc, LogKept.DEFAULT);
  }

  Cluster(Path directory, int size, boolean grpc, LogKept logKept) throws IOException {
    this.logKept = logKept;
    this.directory = directory;
    this.grpc = grpc;
    for (int i = 0; i < size; i++) {
      int port = grpc ? freePort() : 1;
      NodeId id = new NodeId("n" + i);
      members.add(new Peer(id, "127.0.0.1:" + port));
      nodes.put(
          id,
          new Node(
              id,
              directory.resolve(id.value()),
              grpc ? new Transport.Grpc("127.0.0.1", port) : new Transport.InProcess(network)));
    }
    for (Node node : nodes.values()) {
      start(node);
    }
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  List<Peer> members() {
    return members;
  }

  Node node(int index) {
    return node(new NodeId("n" + index));
  }

  private Node node(NodeId id) {
    return Objects.requireNonNull(nodes.get(id));
  }

  List<Node> nodes() {
    return List.copyOf(nodes.values());
  }

  /** Starts a node with the machine it has. */
  void start(Node node) throws IOException {
    node.host =
        RatisLogHost.start(
            RatisConfig.of(node.id, node.directory, node.transport, Durability.FSYNC)
                .withLogKept(logKept),
            probe(node.id),
            (_, cause) -> failures.add(cause));
    node.log = node.host.open(GROUP, node.machine, members);
  }

  /** Starts a further node, whose replica waits to be taken in. */
  Node join() throws IOException {
    return join(new RecordingMachine());
  }

  /** The same, with a state that came from another replica before there was a log. */
  Node join(RecordingMachine machine) throws IOException {
    NodeId id = new NodeId("n" + nodes.size());
    int port = grpc ? freePort() : 1;
    Node node =
        new Node(
            id,
            directory.resolve(id.value()),
            grpc ? new Transport.Grpc("127.0.0.1", port) : new Transport.InProcess(network));
    node.machine = machine;
    machine.installFrom(other -> node(other).machine);
    node.host =
        RatisLogHost.start(
            RatisConfig.of(id, node.directory, node.transport, Durability.FSYNC)
                .withLogKept(logKept),
            probe(id),
            (_, cause) -> failures.add(cause));
    if (machine.durablePosition().index() >= 0) {
      node.host.begin(GROUP);
      node.host.align(GROUP, machine.durablePosition());
    }
    node.log = node.host.open(GROUP, machine, List.of());
    nodes.put(id, node);
    joined = new Peer(id, "127.0.0.1:" + port);
    return node;
  }

  /** The members with the node that joined last. */
  List<Peer> membersWithJoined() {
    List<Peer> all = new ArrayList<>(members);
    all.add(Objects.requireNonNull(joined));
    return all;
  }

  /** Stops a node and leaves it with what its machine had made durable. */
  void stopAndForget(Node node) {
    node.host.close();
    node.machine = node.machine.crash();
  }

  /** Cuts a node's questions and answers about terms off; its Raft messages are another matter. */
  void cutProbes(Node node) {
    cutOff.add(node.id);
  }

  private TermProbe probe(NodeId from) {
    return (to, groups) -> {
      if (cutOff.contains(from) || cutOff.contains(to)) {
        return CompletableFuture.failedFuture(new IllegalStateException("cut"));
      }
      long[] terms = new long[groups.size()];
      for (int i = 0; i < terms.length; i++) {
        terms[i] = node(to).host.currentTerm(groups.get(i));
      }
      return CompletableFuture.completedFuture(terms);
    };
  }

  Node leader() {
    return leaderAmong(nodes());
  }

  /** Waits until one of these leads and is ready. */
  Node leaderAmong(List<Node> some) {
    return await(
        () -> some.stream().filter(Node::leads).findFirst().orElse(null),
        "a leader among " + some.stream().map(node -> node.id).toList());
  }

  /** Writes through whoever leads, until it is applied. */
  Proposal.Applied write(String text) {
    return write(nodes(), text);
  }

  Proposal.Applied write(List<Node> some, String text) {
    return await(
        () -> {
          Node leader = leaderAmong(some);
          Proposal outcome = propose(leader, leader.term(), text);
          return outcome instanceof Proposal.Applied applied ? applied : null;
        },
        "'" + text + "' to be written");
  }

  static Proposal propose(Node node, long term, String text) {
    return node.log
        .propose(term, ByteString.copyFromUtf8(text))
        .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .join();
  }

  static void awaitThat(String what, BooleanSupplier condition) {
    await(() -> condition.getAsBoolean() ? true : null, what);
  }

  private static <T> T await(Supplier<T> something, String what) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      T found = something.get();
      if (found != null) {
        return found;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited in vain for " + what);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  /** Closes all nodes at the same time, as a process does. */
  @Override
  public void close() {
    List<Thread> closing =
        nodes().stream().map(node -> Thread.ofVirtual().start(node.host::close)).toList();
    for (Thread thread : closing) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new UncheckedIOException(new IOException(e));
      }
    }
  }

  @Override
  public String toString() {
    return (grpc ? "gRPC" : "in-process") + " cluster in " + directory;
  }
}
