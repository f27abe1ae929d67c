package io.equator.coordinator.tables;

import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.json.WireReader;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.partitioner.Ring;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.TableDescriptor;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** CreateTable, UpdateTable, DeleteTable, DescribeTable and ListTables. */
final class TableCommands {
  /** DynamoDB's default quota per account and region. */
  static final int TABLES_MAX = 2_500;

  private static final int PAGE_MAX = 100;

  private final TableCatalog catalog;
  private final StatisticsReader statistics;
  private final InstantSource clock;
  private final OtherRegions regions;

  TableCommands(
      TableCatalog catalog,
      StatisticsReader statistics,
      InstantSource clock,
      OtherRegions regions) {
    this.catalog = catalog;
    this.regions = regions;
    this.statistics = statistics;
    this.clock = clock;
  }

  // ---- CreateTable

  ReplyBody create(CreateTableRequest request) {
    request.checkMembers();
    Arns arns = catalog.arns();
    TableDescriptor plan = NewTable.plan(request, arns, clock.millis());
    String name = TableNameParameter.resolve(request.tableName(), arns);
    String uuid = UUID.randomUUID().toString();
    TableDescriptor made =
        catalog.create(
            name,
            standing -> {
              if (standing.table().isPresent() || standing.membership().isPresent()) {
                throw ApiException.of(ErrorCode.RESOURCE_IN_USE, "Table already exists: " + name);
              }
              if (catalog.snapshot().tables().size() >= TABLES_MAX) {
                throw Rules.limitExceeded(
                    "There is a limit of " + TABLES_MAX + " tables per subscriber");
              }
              return plan.toBuilder().setUuid(uuid).setRingId(defaultRing()).build();
            });
    return description("TableDescription", made, TableStatistics.NOTHING, Optional.empty());
  }

  /** New tables stand on the ring with the lowest number. */
  private int defaultRing() {
    return catalog.snapshot().partitions().rings().stream()
        .mapToInt(Ring::id)
        .min()
        .orElseThrow(Rules::internal);
  }

  // ---- UpdateTable

  ReplyBody update(UpdateTableRequest request) {
    request.checkMembers();
    TableUpdate.check(request);
    String name = TableNameParameter.resolve(request.tableName(), catalog.arns());
    long now = clock.millis();
    if (request.changesReplicas()) {
      return updateReplicas(request, name);
    }
    return description(
        catalog.decide(
            name,
            standing -> {
              TableDescriptor before =
                  standing.table().orElseThrow(() -> Rules.tableNotFound(name));
              standing.membership().ifPresent(doc -> ReplicaRules.checkSettled(before, doc));
              TableDescriptor after = TableUpdate.apply(request, before, standing.arns(), now);
              if (standing.membership().isPresent()) {
                ReplicaRules.checkSynced(before, after);
              }
              return catalog.synced(standing, after);
            }));
  }

  private ReplyBody updateReplicas(UpdateTableRequest request, String name) {
    ReplicaRules.Action action = ReplicaRules.check(request);
    TableDescriptor found = catalog.find(name).orElseThrow(() -> Rules.tableNotFound(name));
    List<String> federation =
        regions.names().isEmpty() ? List.of(catalog.arns().region()) : regions.names();
    ReplicaRules.checkRegion(action, catalog.arns().region(), federation);
    if (action instanceof ReplicaRules.Action.Create
        && regions.describe(action.region(), name).hasTable()) {
      throw ReplicaRules.alreadyThere(found.getName());
    }
    String id = UUID.randomUUID().toString();
    long now = clock.millis();
    return description(
        catalog.decide(
            name,
            standing -> {
              TableDescriptor before =
                  standing.table().orElseThrow(() -> Rules.tableNotFound(name));
              if (!(action instanceof ReplicaRules.Action.Delete)) {
                TableUpdate.checkActive(before);
              }
              return ReplicaRules.apply(
                  action, standing, catalog.stamp(standing.cluster()), id, now);
            }));
  }

  private ReplyBody description(TableCatalog.Standing standing) {
    TableDescriptor table = standing.table().orElseThrow();
    return description("TableDescription", table, statistics.read(table), standing.membership());
  }

  // ---- DeleteTable

  ReplyBody delete(NamedTableRequest request) {
    TableNameParameter.checkRequired(request.tableName(), 1);
    String name = TableNameParameter.resolve(request.tableName(), catalog.arns());
    return description(
        catalog.decide(
            name,
            standing -> {
              TableDescriptor table = standing.table().orElseThrow(() -> Rules.tableNotFound(name));
              TableDescriptor after = deleted(table);
              return after.equals(table)
                  ? standing
                  : ReplicaRules.leaving(standing, after, catalog.stamp(standing.cluster()));
            }));
  }

  /** A table that is being deleted already is no error. */
  private static TableDescriptor deleted(TableDescriptor table) {
    switch (table.getStatus()) {
      case Statuses.DELETING -> {
        return table;
      }
      case Statuses.CREATING -> throw Rules.tableInUse(table.getName(), "created");
      case Statuses.UPDATING -> throw Rules.tableInUse(table.getName(), "updated");
      default -> {}
    }
    if (table.getDeletionProtection()) {
      throw ApiException.validation(
          "Resource cannot be deleted as it is currently protected against deletion. Disable"
              + " deletion protection first.");
    }
    return table.toBuilder().setStatus(Statuses.DELETING).build();
  }

  // ---- DescribeTable

  ReplyBody describe(NamedTableRequest request) {
    TableNameParameter.checkRequired(request.tableName(), 1);
    String name = TableNameParameter.resolve(request.tableName(), catalog.arns());
    TableDescriptor table = catalog.find(name).orElseThrow(() -> Rules.tableNotFound(name));
    return description("Table", table, statistics.read(table), catalog.membership(name));
  }

  private ReplyBody description(
      String member,
      TableDescriptor table,
      TableStatistics sizes,
      Optional<GlobalTableDescriptor> document) {
    Arns arns = catalog.arns();
    long now = clock.millis();
    return out -> {
      out.beginObject();
      DescriptionWriter.write(out, member, table, sizes, arns, now, document);
      out.endObject();
    };
  }

  // ---- ListTables

  /** {@code ListTables} as it was sent. */
  record ListTablesRequest(@Nullable String exclusiveStart, @Nullable Integer limit) {
    static ListTablesRequest read(WireReader in) {
      String exclusiveStart = null;
      Integer limit = null;
      while (in.nextMember()) {
        switch (in.member()) {
          case "ExclusiveStartTableName" -> exclusiveStart = in.string();
          case "Limit" -> limit = in.integer();
          default -> in.skip();
        }
      }
      return new ListTablesRequest(exclusiveStart, limit);
    }
  }

  ReplyBody list(ListTablesRequest request) {
    ShapeConstraints constraints = new ShapeConstraints();
    constraints.plainTableName("exclusiveStartTableName", request.exclusiveStart());
    constraints.range("limit", request.limit(), 1, PAGE_MAX);
    constraints.throwIfAny();
    int limit = request.limit() == null ? PAGE_MAX : request.limit();
    SortedMap<String, ?> tables = catalog.snapshot().tables();
    if (request.exclusiveStart() != null) {
      // The least name greater than the start is the start with a NUL behind it.
      tables = tables.tailMap(request.exclusiveStart() + "\0");
    }
    List<String> page = new ArrayList<>(Math.min(limit, tables.size()));
    for (String name : tables.keySet()) {
      if (page.size() == limit) {
        break;
      }
      page.add(name);
    }
    Optional<String> last =
        tables.size() > page.size() ? Optional.of(page.getLast()) : Optional.empty();
    return out -> {
      out.beginObject();
      out.field("TableNames", page);
      last.ifPresent(name -> out.field("LastEvaluatedTableName", name));
      out.endObject();
    };
  }
}
