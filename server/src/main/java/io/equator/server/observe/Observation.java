package io.equator.server.observe;

import io.equator.coordinator.api.ApiFrame;
import io.equator.coordinator.api.RequestObserver;
import io.equator.coordinator.http.HttpServer;
import io.equator.coordinator.router.LeaderReach;
import io.equator.node.StorageNode;
import io.equator.node.service.CallObserver;
import io.equator.partitioner.NodeId;
import io.equator.replication.catalog.CatalogFollower;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything by which one process is watched: a launcher makes it first, tells it of each part that
 * starts, and closes it last.
 *
 * <pre>
 * Observation observation = Observation.start(options);
 * observation.catalog(follower);               // also: ready only with a copy of the catalog
 * observation.node(storageNode, follower);     // a process with a node
 * observation.requests(follower)               // an observer for the ApiFrame of a coordinator
 * observation.edge(frame, http, new LeaderReach(router));
 * observation.startedUp();
 * </pre>
 *
 * <p>Without an admin port it counts nothing, and Micrometer is not even loaded.
 */
public final class Observation implements AutoCloseable {

  private final ObserveOptions options;
  private final Probes probes = new Probes();
  private final @Nullable Metrics metrics;
  private final @Nullable AdminServer admin;
  private final Optional<SlowRequests> slowRequests;

  private Observation(ObserveOptions options) throws IOException {
    this.options = options;
    this.slowRequests =
        options.slowRequest().map(limit -> new SlowRequests(limit, System::nanoTime));
    if (options.admin().isPresent()) {
      metrics = new Metrics();
      admin = AdminServer.start(options.admin().get(), metrics::scrape, probes);
    } else {
      metrics = null;
      admin = null;
    }
  }

  /**
   * Opens the admin port, if there is to be one; it answers that the process is not ready.
   *
   * @throws IOException when the port is taken
   */
  public static Observation start(ObserveOptions options) throws IOException {
    return new Observation(options);
  }

  /** Watches nothing. */
  public static Observation none() {
    try {
      return new Observation(ObserveOptions.NONE);
    } catch (IOException e) {
      throw new IllegalStateException("without a port nothing can be taken", e);
    }
  }

  /** Watches the process's copy of the catalog, without which it is not ready. */
  public void catalog(CatalogFollower catalog) {
    probes.addReady(
        () ->
            catalog.snapshot().cluster().isPresent()
                ? Optional.empty()
                : Optional.of("no copy of the catalog has come yet"));
    add(new CatalogMetrics(catalog::snapshot));
  }

  /** Watches the certificate that the process shows to other nodes. */
  public void certificate(Supplier<Instant> ends) {
    add(
        to ->
            to.set(
                Metric.CERTIFICATE_LEFT,
                Duration.between(Instant.now(), ends.get()).toMillis() / 1e3));
  }

  /**
   * Watches a node: not ready until its partitions are open, dead when its store has failed.
   *
   * @return ends that, when the node has stopped
   */
  public Runnable node(StorageNode node, CatalogFollower catalog) {
    List<Runnable> ends =
        List.of(
            probes.addLive(node::broken),
            probes.addReady(node::unopened),
            add(new NodeMetrics(node, catalog::snapshot, options.tableLabelsMax())));
    return () -> ends.forEach(Runnable::run);
  }

  /** Sees the requests of a coordinator. */
  public RequestObserver requests(CatalogFollower catalog) {
    Optional<RequestObserver> slow = slowRequests.map(SlowRequests::requests);
    if (metrics == null) {
      return slow.orElse(RequestObserver.NONE);
    }
    TableLabels tables =
        new TableLabels(
            options.tableLabelsMax(), name -> catalog.snapshot().table(name).isPresent());
    RequestMetrics counted = new RequestMetrics(metrics.registry(), tables);
    metrics.add(counted);
    return slow.<RequestObserver>map(
            other ->
                request -> {
                  counted.answered(request);
                  other.answered(request);
                })
        .orElse(counted);
  }

  /**
   * Watches the way into a coordinator, which is ready while it reaches leaders.
   *
   * @return ends that, when the coordinator has stopped
   */
  public Runnable edge(ApiFrame frame, HttpServer http, LeaderReach leaders) {
    List<Runnable> ends =
        List.of(probes.addReady(leaders::missing), add(new EdgeMetrics(frame, http)));
    return () -> ends.forEach(Runnable::run);
  }

  /** Sees the calls of a node. */
  public CallObserver calls(NodeId node) {
    Optional<CallObserver> slow = slowRequests.map(watch -> watch.calls(node));
    if (metrics == null) {
      return slow.orElse(CallObserver.NONE);
    }
    CallMetrics counted = new CallMetrics(metrics.registry(), node.value());
    return slow.<CallObserver>map(
            other ->
                (method, partition, request, nanos) -> {
                  counted.answered(method, partition, request, nanos);
                  other.answered(method, partition, request, nanos);
                })
        .orElse(counted);
  }

  private Runnable add(MetricSource source) {
    return metrics == null ? Observation::nothing : metrics.add(source);
  }

  private static void nothing() {}

  /** All parts have been started and told of. */
  public void startedUp() {
    probes.startedUp();
  }

  /** The process begins to stop: no more requests should come. */
  public void stopping() {
    probes.stopping();
  }

  /** Where the admin port listens, if there is one. */
  public Optional<InetSocketAddress> adminAddress() {
    return Optional.ofNullable(admin).map(AdminServer::address);
  }

  /** The probes, for a launcher that has checks of its own. */
  public Probes probes() {
    return probes;
  }

  @Override
  public void close() {
    if (admin != null) {
      admin.close();
    }
    if (metrics != null) {
      metrics.close();
    }
  }
}
