package io.equator.chaos.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * A running cluster, and what may be done to it. Nodes have numbers from 1; node 1 founded it and
 * keeps the key of its root of certificates.
 */
public interface Cluster extends AutoCloseable {

  /** What a command came to. */
  record Outcome(int exitCode, String output) {}

  /** The nodes that were made and not taken away, running or not. */
  List<Integer> nodes();

  /** Where clients reach a node. */
  InetSocketAddress clients(int node);

  /** Where clients reach any of them. */
  default List<InetSocketAddress> clients() {
    return nodes().stream().map(this::clients).toList();
  }

  /** Lets a new node in, starts it and waits until it is ready. */
  void join(int node) throws Exception;

  /** A number that no node has had yet. */
  int nextNode();

  /** Ends a node that the cluster does not know any more, if it runs, and forgets it. */
  void remove(int node) throws Exception;

  /** Starts a node that was killed or stopped, and does not wait. */
  void launch(int node) throws Exception;

  /** Waits until a node that was launched is ready. */
  void awaitReady(int node) throws Exception;

  /** SIGKILL. */
  void kill(int node) throws Exception;

  /** SIGTERM, and waits for the end; whether it was an orderly one. */
  boolean stop(int node) throws Exception;

  /** No thread of the node runs until {@link #resume}; the system goes on taking connections. */
  void pause(int node) throws Exception;

  /** Ends a pause. */
  void resume(int node) throws Exception;

  /** From now on nothing that {@code from} sends reaches {@code to}; the other way it does. */
  void cut(int from, int to) throws Exception;

  /** Ends all cuts. */
  void heal() throws Exception;

  /**
   * Whether bytes go from one node to the other and back, found out by sending some. With one
   * direction cut they do not.
   */
  boolean reaches(int from, int to) throws Exception;

  /** The nodes' wall clocks, if they can be set here. */
  default Optional<NodeClocks> clocks() {
    return Optional.empty();
  }

  /** The nodes' disks, if they can be filled and thrown away here. */
  default Optional<NodeDisks> disks() {
    return Optional.empty();
  }

  /** An operator's command, run beside a node, for instance {@code status --output json}. */
  Outcome admin(int at, String... arguments) throws Exception;

  @Override
  void close() throws IOException;
}
