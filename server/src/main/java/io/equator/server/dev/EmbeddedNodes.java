package io.equator.server.dev;

import io.equator.server.dev.EmbeddedNode.Setup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;

/**
 * The nodes of an embedded cluster. They start and stop at the same time: one after the other,
 * those that are up already would look for those that are not yet, or not any more.
 */
final class EmbeddedNodes implements AutoCloseable {

  private final List<Setup> setups;
  private final List<Optional<EmbeddedNode>> nodes = new ArrayList<>();

  private EmbeddedNodes(List<Setup> setups) {
    this.setups = List.copyOf(setups);
  }

  /**
   * Starts all of them, or none.
   *
   * @throws IOException what kept the first of them from starting
   */
  static EmbeddedNodes start(List<Setup> setups) throws IOException {
    EmbeddedNodes all = new EmbeddedNodes(setups);
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(platform())) {
      List<Future<EmbeddedNode>> starting = new ArrayList<>();
      for (Setup setup : setups) {
        starting.add(threads.submit(() -> new EmbeddedNode(setup)));
      }
      Optional<Throwable> failure = Optional.empty();
      for (Future<EmbeddedNode> node : starting) {
        try {
          all.nodes.add(Optional.of(node.get()));
        } catch (ExecutionException e) {
          failure = failure.isPresent() ? failure : Optional.ofNullable(e.getCause());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          failure = Optional.of(e);
        }
      }
      if (failure.isPresent()) {
        all.close();
        if (failure.get() instanceof RuntimeException unchecked) {
          throw unchecked;
        }
        throw new IOException(failure.get().getMessage(), failure.get());
      }
      return all;
    }
  }

  /** JNI calls hold their carrier, so not virtual ones. */
  private static ThreadFactory platform() {
    return Thread.ofPlatform().name("node-starts-or-stops").factory();
  }

  /** Crashes the node with this number, from 1. */
  synchronized void crash(int number) {
    nodes.set(number - 1, nodes.get(number - 1).flatMap(EmbeddedNodes::crashed));
  }

  /** The node with this number, from 1, that runs; for tests. */
  synchronized EmbeddedNode node(int number) {
    return nodes.get(number - 1).orElseThrow();
  }

  private static Optional<EmbeddedNode> crashed(EmbeddedNode node) {
    node.crash();
    return Optional.empty();
  }

  /** Starts a node that has crashed. */
  synchronized void restart(int number) throws IOException {
    if (nodes.get(number - 1).isEmpty()) {
      nodes.set(number - 1, Optional.of(new EmbeddedNode(setups.get(number - 1))));
    }
  }

  @Override
  public synchronized void close() {
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(platform())) {
      nodes.forEach(node -> node.ifPresent(running -> threads.execute(running::close)));
    }
    nodes.clear();
  }
}
