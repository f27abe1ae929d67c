package io.equator.coordinator.tables;

import io.equator.coordinator.api.BlockingOperation;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.json.RequestReader;
import io.equator.coordinator.tables.TableCommands.ListTablesRequest;
import io.equator.coordinator.tables.TagCommands.TagRequest;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.partitioner.NodeId;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.replication.clock.HybridClock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The operations on tables, ready to be put into the table of operations.
 *
 * <p>They take their turn with {@link TableReconciler}: these write down what shall be, that one
 * brings it about.
 */
public final class TableOperations implements AutoCloseable {
  /** The time between two changes of a table's time to live that DynamoDB asks for. */
  public static final Duration TTL_CHANGE_INTERVAL = Duration.ofHours(1);

  /** DynamoDB's quota of concurrent operations of the control plane. */
  private static final int CONCURRENT_MAX = 500;

  private final TableCommands tables;
  private final TableCatalog catalog;
  private final StatisticsReader statistics;
  private final TtlCommands timeToLive;
  private final TagCommands tags;
  private final Semaphore permits = new Semaphore(CONCURRENT_MAX);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Operations over this catalog.
   *
   * @param nodes the stub of a node, or null while its address is not known; for sizes
   * @param ttlChangeInterval the least time between two changes of a table's time to live, usually
   *     {@link #TTL_CHANGE_INTERVAL}
   * @param documents gives versions to what is changed in documents of global tables
   */
  public TableOperations(
      CatalogClient client,
      CatalogFollower follower,
      Function<NodeId, @Nullable NodeServiceStub> nodes,
      InstantSource clock,
      Duration ttlChangeInterval,
      HybridClock documents,
      OtherRegions regions) {
    this.catalog = new TableCatalog(client, follower, documents);
    this.statistics = new StatisticsReader(follower::snapshot, nodes);
    this.tables = new TableCommands(catalog, statistics, clock, regions);
    this.timeToLive = new TtlCommands(catalog, clock, ttlChangeInterval);
    this.tags = new TagCommands(catalog);
  }

  /** Every operation, once. */
  public List<Operation> all() {
    return List.of(
        operation("CreateTable", CreateTableRequest::read, tables::create),
        operation("UpdateTable", UpdateTableRequest::read, tables::update),
        operation("DeleteTable", NamedTableRequest::read, tables::delete),
        operation("DescribeTable", NamedTableRequest::read, tables::describe),
        operation("ListTables", ListTablesRequest::read, tables::list),
        operation("UpdateTimeToLive", NamedTableRequest::read, timeToLive::update),
        operation("DescribeTimeToLive", NamedTableRequest::read, timeToLive::describe),
        operation("TagResource", TagRequest::read, tags::tag),
        operation("UntagResource", TagRequest::read, tags::untag),
        operation("ListTagsOfResource", TagRequest::read, tags::list));
  }

  /** Tables by name, for what else changes them. */
  public TableCatalog catalog() {
    return catalog;
  }

  /** How many items a table has now; empty when not all nodes answer. */
  OptionalLong itemCount(TableDescriptor table) {
    return statistics
        .now(table)
        .map(now -> OptionalLong.of(now.table().itemCount()))
        .orElseGet(OptionalLong::empty);
  }

  /** The table that a parameter names, by its name or its ARN. */
  public String tableName(@Nullable String parameter) {
    TableNameParameter.checkRequired(parameter, 1);
    return TableNameParameter.resolve(parameter, catalog.arns());
  }

  /** What is said of a table that is not there. */
  public ApiException notFound(String table) {
    return Rules.tableNotFound(table);
  }

  /** An operation of the same kind: blocking, on the threads of these. */
  public <T> Operation operation(
      String name, RequestReader<T> reader, Function<T, ReplyBody> body) {
    return new BlockingOperation<>(
        Operation.DYNAMODB, name, reader, body, threads, permits, ErrorCode.THROTTLING);
  }

  /** Waits for the operations that run. Idempotent. */
  @Override
  public void close() {
    threads.close();
  }
}
