package io.equator.server.roles;

import io.equator.coordinator.api.ApiFrame;
import io.equator.coordinator.api.DescribeEndpoints;
import io.equator.coordinator.api.DescribeLimits;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.OperationTable;
import io.equator.coordinator.api.RequestAuthenticator;
import io.equator.coordinator.api.RestServices;
import io.equator.coordinator.batch.BatchGetItem;
import io.equator.coordinator.batch.BatchWriteItem;
import io.equator.coordinator.capacity.CapacityGate;
import io.equator.coordinator.cluster.PartitionsRest;
import io.equator.coordinator.federation.Federation;
import io.equator.coordinator.federation.FederationCatalog;
import io.equator.coordinator.federation.FederationEndpoint;
import io.equator.coordinator.federation.FederationStatusEndpoint;
import io.equator.coordinator.federation.IntroductionEndpoint;
import io.equator.coordinator.federation.Introductions;
import io.equator.coordinator.federation.OwnRegion;
import io.equator.coordinator.federation.RegionSilences;
import io.equator.coordinator.globaltables.GlobalTableOperations;
import io.equator.coordinator.globaltables.GlobalTableSettings;
import io.equator.coordinator.globaltables.ReplicaReconciler;
import io.equator.coordinator.globaltables.SendingReader;
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
import io.equator.coordinator.regions.HorizonKeeper;
import io.equator.coordinator.regions.Inbox;
import io.equator.coordinator.regions.ProgressReader;
import io.equator.coordinator.regions.ReplicationEndpoint;
import io.equator.coordinator.regions.RouterInboxAccess;
import io.equator.coordinator.regions.UnsentRecords;
import io.equator.coordinator.router.LeaderReach;
import io.equator.coordinator.router.Router;
import io.equator.coordinator.router.RouterConfig;
import io.equator.coordinator.streams.IteratorSecret;
import io.equator.coordinator.streams.StreamOperations;
import io.equator.coordinator.tables.IndexBuildReader;
import io.equator.coordinator.tables.TableForRegions;
import io.equator.coordinator.tables.TableOperations;
import io.equator.coordinator.tables.TableReconciler;
import io.equator.coordinator.transactions.RouterAccess;
import io.equator.coordinator.transactions.TransactGetItems;
import io.equator.coordinator.transactions.TransactWriteItems;
import io.equator.coordinator.transactions.TransactionEngine;
import io.equator.coordinator.transactions.TransactionLimits;
import io.equator.coordinator.transactions.TransactionSweeper;
import io.equator.coordinator.triggers.TriggerService;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.clock.HybridClock;
import io.equator.replication.regions.RegionChannels;
import io.equator.server.observe.Observation;
import io.grpc.BindableService;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The role {@code coordinator}: what brings tables about, the operations of the API, and the way
 * in.
 *
 * <p>It keeps nothing: any number of coordinators may serve a cluster, and each serves any request.
 */
public final class CoordinatorRole implements AutoCloseable {

  /** Text of parsed expressions that is remembered, for each kind of expression. */
  private static final long EXPRESSION_CHARACTERS_MAX = 1_000_000;

  /** Requests that may be unanswered at a time; more are told to come back. */
  private static final int IN_FLIGHT_MAX = 4096;

  /**
   * What a coordinator is made with.
   *
   * @param catalog the process's copy of the catalog, which has the cluster by now
   * @param catalogClient commits to the catalog
   * @param channels to all nodes
   * @param timer runs short tasks later
   * @param clock the wall's time
   * @param random for ids that nobody can foresee
   * @param http where and how it listens
   * @param endpoint the address that DescribeEndpoints tells
   * @param regions to other regions
   * @param staleAfter regions that are silent for so long are given up; zero: never
   * @param capacity throttles requests of tables and indexes that have no capacity left
   */
  public record Setup(
      CatalogFollower catalog,
      CatalogClient catalogClient,
      ClusterChannels channels,
      ScheduledExecutorService timer,
      InstantSource clock,
      SecureRandom random,
      HttpServerConfig http,
      String endpoint,
      RegionChannels regions,
      Duration staleAfter,
      CapacityGate capacity) {}

  private final Parts parts = new Parts();
  private final HttpServer http;
  private final List<BindableService> regionServices = new ArrayList<>();
  private final List<BindableService> clusterServices = new ArrayList<>();

  /**
   * Starts it under a name of its own; when this returns, requests are answered.
   *
   * @throws IOException when the address cannot be listened at
   */
  public CoordinatorRole(Setup setup, RequestAuthenticator credentials) throws IOException {
    this(setup, credentials, "coordinator-" + Long.toHexString(setup.random.nextLong()));
  }

  /**
   * The same under a name that it has at every start, and no other coordinator of the cluster ever:
   * what it worked on before a crash it then takes up at once.
   *
   * @throws IOException when the address cannot be listened at
   */
  public CoordinatorRole(Setup setup, RequestAuthenticator credentials, String name)
      throws IOException {
    this(setup, credentials, name, Observation.none());
  }

  /** The same, watched. */
  public CoordinatorRole(
      Setup setup, RequestAuthenticator credentials, String name, Observation observation)
      throws IOException {
    try {
      CatalogFollower catalog = setup.catalog;
      FederationCatalog documents = new FederationCatalog(setup.catalogClient);
      Federation federation =
          parts.add(new Federation(catalog, documents, setup.regions, setup.clock));
      TableOperations tables =
          parts.add(
              new TableOperations(
                  setup.catalogClient,
                  catalog,
                  setup.channels::stub,
                  setup.clock,
                  TableOperations.TTL_CHANGE_INTERVAL,
                  new HybridClock(setup.clock::millis, HybridClock.DEFAULT_OFFSET_MAX),
                  federation));
      ProgressReader progress = new ProgressReader(catalog::snapshot, setup.channels::channel);
      regionServices.add(
          new FederationEndpoint(
              catalog,
              documents,
              new TableForRegions(tables)::describe,
              new UnsentRecords(catalog::snapshot, progress, setup.clock)::unsentTo,
              setup.clock));
      regionServices.add(
          new IntroductionEndpoint(new Introductions(setup.catalogClient, setup.clock)));
      federation.start();
      parts.add(new OwnRegion(catalog, setup.catalogClient, setup.clock)).start();
      parts
          .add(
              new ReplicaReconciler(
                  catalog,
                  tables.catalog(),
                  new SendingReader(catalog::snapshot, setup.channels::channel),
                  federation,
                  setup.staleAfter,
                  setup.clock))
          .start();
      parts
          .add(
              new RegionSilences(
                  catalog,
                  setup.catalogClient,
                  federation::conditions,
                  RegionSilences.INTERVAL,
                  setup.clock))
          .start();
      parts
          .add(
              new TableReconciler(
                  setup.catalogClient,
                  catalog,
                  new IndexBuildReader(catalog::snapshot, setup.channels::channel)::allBuilt,
                  setup.clock))
          .start();
      Router router =
          new Router(
              catalog::snapshot,
              setup.channels,
              RouterConfig.DEFAULT,
              setup.timer,
              setup.clock,
              setup.capacity);
      Inbox inbox = new Inbox(new RouterInboxAccess(router, setup.clock));
      regionServices.add(new ReplicationEndpoint(inbox, catalog::snapshot, progress));
      clusterServices.add(new FederationStatusEndpoint(federation::conditions, inbox::arrivals));
      parts
          .add(
              new HorizonKeeper(catalog::snapshot, setup.regions, progress, HorizonKeeper.INTERVAL))
          .start();
      TransactionEngine transactions =
          new TransactionEngine(
              new RouterAccess(router, setup.clock),
              TransactionLimits.DEFAULT,
              new HybridClock(setup.clock::millis, HybridClock.DEFAULT_OFFSET_MAX),
              setup.random);
      parts
          .add(new TransactionSweeper(transactions, router, TransactionLimits.DEFAULT, setup.clock))
          .start();
      StreamOperations streams =
          parts.add(
              new StreamOperations(
                  catalog::snapshot,
                  setup.channels::channel,
                  setup.clock,
                  IteratorSecret.of(catalog.snapshot())));
      ApiFrame frame =
          new ApiFrame(
              OperationTable.of(
                  operations(setup, router, tables, federation, transactions, streams)),
              credentials,
              observation.requests(catalog),
              IN_FLIGHT_MAX);
      TriggerService triggers =
          new TriggerService(
              setup.catalogClient,
              catalog,
              router,
              setup.channels::channel,
              credentials,
              setup.clock,
              name);
      parts.add(triggers).start();
      http =
          parts.add(
              HttpServer.start(
                  setup.http,
                  frame,
                  RestServices.of(
                      triggers.rest(),
                      new PartitionsRest(catalog::snapshot, setup.catalogClient, credentials))));
      parts.add(observation.edge(frame, http, new LeaderReach(router))::run);
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  private static List<Operation> operations(
      Setup setup,
      Router router,
      TableOperations tables,
      Federation federation,
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
    GlobalTableOperations globalTables = new GlobalTableOperations(tables, federation, setup.clock);
    operations.addAll(globalTables.all());
    operations.addAll(new GlobalTableSettings(tables, federation, globalTables).all());
    operations.add(new DescribeLimits());
    operations.add(new DescribeEndpoints(setup.endpoint));
    return operations;
  }

  /**
   * What other regions may call, and nobody else: the shell serves it where they reach this process
   * by mutual TLS, or without a socket.
   */
  public List<BindableService> regionServices() {
    return List.copyOf(regionServices);
  }

  /** What other processes of this cluster may call. */
  public List<BindableService> clusterServices() {
    return List.copyOf(clusterServices);
  }

  /** The way in. */
  public HttpServer http() {
    return http;
  }

  @Override
  public void close() {
    parts.close();
  }
}
