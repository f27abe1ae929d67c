package io.equator.coordinator.globaltables;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.globaltables.SettingsRequest.Index;
import io.equator.coordinator.globaltables.SettingsRequest.Replica;
import io.equator.coordinator.globaltables.core.GlobalTables;
import io.equator.coordinator.globaltables.core.Stamp;
import io.equator.coordinator.json.WireWriter;
import io.equator.coordinator.tables.OtherRegions;
import io.equator.coordinator.tables.ReplicaDescriptions;
import io.equator.coordinator.tables.SyncedSettings;
import io.equator.coordinator.tables.TableCatalog;
import io.equator.coordinator.tables.TableOperations;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.GlobalTableMember;
import io.equator.proto.GlobalTableMember.State;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.TableDescriptor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * DescribeGlobalTableSettings and UpdateGlobalTableSettings (2017.11.29), and
 * DescribeTableReplicaAutoScaling and UpdateTableReplicaAutoScaling (2019.11.21).
 *
 * <p>What holds for all replicas is written down as settings of the document, what holds for one as
 * its overrides; each region then brings its own table about. Settings of auto scaling are kept and
 * described.
 */
public final class GlobalTableSettings {
  private static final String INVALID = "One or more parameter values were invalid: ";
  private static final String ON_DEMAND = "PAY_PER_REQUEST";

  /** Names under which texts of {@link AutoScaling} are kept; an index's name and / may precede. */
  private static final String READ_SCALING = "ReadAutoScaling";

  private final TableOperations tables;
  private final TableCatalog catalog;
  private final OtherRegions regions;
  private final GlobalTableOperations globalTables;

  /** Operations over these tables. */
  public GlobalTableSettings(
      TableOperations tables, OtherRegions regions, GlobalTableOperations globalTables) {
    this.tables = tables;
    this.catalog = tables.catalog();
    this.regions = regions;
    this.globalTables = globalTables;
  }

  /** Every operation, once. */
  public List<Operation> all() {
    return List.of(
        tables.operation("DescribeGlobalTableSettings", SettingsRequest::read, this::describe),
        tables.operation("UpdateGlobalTableSettings", SettingsRequest::read, this::update),
        tables.operation(
            "DescribeTableReplicaAutoScaling", SettingsRequest::read, this::describeScaling),
        tables.operation(
            "UpdateTableReplicaAutoScaling", SettingsRequest::read, this::updateScaling));
  }

  // ---- 2017.11.29

  private ReplyBody describe(SettingsRequest request) {
    Constraints constraints = new Constraints();
    if (constraints.notNull("globalTableName", request.name())) {
      GlobalTableRequest.checkName(constraints, "globalTableName", request.name());
    }
    constraints.throwIfAny();
    return settings(globalTables.existing(Objects.requireNonNull(request.name())));
  }

  private ReplyBody update(SettingsRequest request) {
    request.check();
    String name = Objects.requireNonNull(request.name());
    GlobalTableDescriptor before = globalTables.existing(name);
    TableDescriptor sample = sample(before);
    TableDescriptor wanted = wanted(sample, request);
    for (Replica replica : replicas(request)) {
      checkReplica(before, wanted, replica);
    }
    GlobalTableDescriptor after =
        catalog
            .decide(
                name,
                standing -> {
                  GlobalTableDescriptor document = standing.global().orElseThrow();
                  if (GlobalTables.isChanging(document)) {
                    throw ApiException.of(
                        ErrorCode.RESOURCE_IN_USE, "Global table is being updated: " + name);
                  }
                  Stamp stamp = catalog.stamp(standing.cluster());
                  return standing.with(changed(document, sample, wanted, request, stamp));
                })
            .global()
            .orElseThrow();
    return settings(after);
  }

  /** The table in this region, or else in the first that has it. */
  private TableDescriptor sample(GlobalTableDescriptor document) {
    String name = document.getTableName();
    return catalog
        .read(name)
        .table()
        .filter(t -> t.getReplication().getGlobalTableId().equals(document.getGlobalTableId()))
        .orElseGet(
            () ->
                regions
                    .describe(GlobalTables.present(document).getFirst().getRegion(), name)
                    .getTable());
  }

  private static TableDescriptor wanted(TableDescriptor sample, SettingsRequest request) {
    TableDescriptor.Builder wanted = sample.toBuilder();
    boolean was = sample.getBillingMode().equals(ON_DEMAND);
    boolean onDemand =
        request.billingMode() == null ? was : request.billingMode().equals(ON_DEMAND);
    if (onDemand && request.writeUnits() != null) {
      throw ApiException.validation(
          INVALID
              + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when"
              + " BillingMode is PAY_PER_REQUEST");
    }
    if (!onDemand && was && request.writeUnits() == null) {
      throw ApiException.validation(
          INVALID
              + "GlobalTableProvisionedWriteCapacityUnits must be specified when"
              + " GlobalTableBillingMode is PROVISIONED");
    }
    wanted.setBillingMode(onDemand ? ON_DEMAND : "PROVISIONED");
    if (onDemand) {
      wanted.getThroughputBuilder().setReadUnits(0).setWriteUnits(0);
    } else if (request.writeUnits() != null) {
      wanted.getThroughputBuilder().setWriteUnits(request.writeUnits());
      if (wanted.getThroughput().getReadUnits() == 0) {
        // What a replica reads with is its own; this is where it begins.
        wanted.getThroughputBuilder().setReadUnits(request.writeUnits());
      }
    }
    if (request.indexes() != null) {
      for (Index index : request.indexes()) {
        IndexDescriptor.Builder found = globalIndex(wanted, index.name());
        if (index.units() != null) {
          found.getThroughputBuilder().setWriteUnits(index.units());
          if (found.getThroughput().getReadUnits() == 0) {
            found.getThroughputBuilder().setReadUnits(index.units());
          }
        }
      }
    }
    return wanted.build();
  }

  private static IndexDescriptor.Builder globalIndex(
      TableDescriptor.Builder table, @Nullable String name) {
    return table.getIndexesBuilderList().stream()
        .filter(index -> !index.getLocal() && index.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> ApiException.of(ErrorCode.INDEX_NOT_FOUND, "Index not found: " + name));
  }

  private static void checkReplica(
      GlobalTableDescriptor document, TableDescriptor wanted, Replica replica) {
    String region = Objects.requireNonNull(replica.region());
    if (!GlobalTables.isPresentIn(document, region)) {
      throw ApiException.of(ErrorCode.REPLICA_NOT_FOUND, "Replica not found in region " + region);
    }
    if (replica.readUnits() != null && wanted.getBillingMode().equals(ON_DEMAND)) {
      throw ApiException.validation(
          INVALID
              + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when"
              + " BillingMode is PAY_PER_REQUEST");
    }
    if (replica.indexes() != null) {
      replica.indexes().forEach(index -> globalIndex(wanted.toBuilder(), index.name()));
    }
  }

  private static List<Replica> replicas(SettingsRequest request) {
    return request.replicas() == null ? List.of() : request.replicas();
  }

  private static GlobalTableDescriptor changed(
      GlobalTableDescriptor before,
      TableDescriptor sample,
      TableDescriptor wanted,
      SettingsRequest request,
      Stamp stamp) {
    GlobalTableDescriptor document = before;
    if (request.billingMode() != null || request.writeUnits() != null) {
      document = SyncedSettings.with(document, wanted, SyncedSettings.BILLING, stamp);
    }
    Map<String, String> scaling = new TreeMap<>();
    if (request.indexes() != null) {
      for (Index index : request.indexes()) {
        if (index.units() != null) {
          document =
              SyncedSettings.with(
                  document,
                  wanted,
                  SyncedSettings.index(Objects.requireNonNull(index.name())),
                  stamp);
        }
        if (index.scaling() != null) {
          scaling.put(index.name() + "/" + SyncedSettings.WRITE_SCALING, index.scaling().text());
        }
      }
    }
    if (request.writeScaling() != null) {
      scaling.put(SyncedSettings.WRITE_SCALING, request.writeScaling().text());
    }
    TableDescriptor scaled = sample.toBuilder().putAllDescribedBack(scaling).build();
    for (String name : scaling.keySet()) {
      document = SyncedSettings.with(document, scaled, SyncedSettings.SCALING + name, stamp);
    }
    return withReplicas(document, request, stamp);
  }

  private static GlobalTableDescriptor withReplicas(
      GlobalTableDescriptor before, SettingsRequest request, Stamp stamp) {
    GlobalTableDescriptor document = before;
    for (Replica replica : replicas(request)) {
      Map<String, String> overrides = overrides(replica);
      document =
          GlobalTables.withMember(
              document,
              Objects.requireNonNull(replica.region()),
              stamp,
              member -> member.putAllOverrides(overrides).setState(State.UPDATING));
    }
    return document;
  }

  private static Map<String, String> overrides(Replica replica) {
    Map<String, String> overrides = new HashMap<>();
    if (replica.readUnits() != null) {
      overrides.put("ReadCapacityUnits", replica.readUnits().toString());
    }
    if (replica.readScaling() != null) {
      overrides.put(READ_SCALING, replica.readScaling().text());
    }
    if (replica.tableClass() != null) {
      overrides.put("TableClass", replica.tableClass());
    }
    if (replica.indexes() != null) {
      for (Index index : replica.indexes()) {
        if (index.units() != null) {
          overrides.put(index.name() + "/ReadCapacityUnits", index.units().toString());
        }
        if (index.scaling() != null) {
          overrides.put(index.name() + "/" + READ_SCALING, index.scaling().text());
        }
      }
    }
    return overrides;
  }

  private ReplyBody settings(GlobalTableDescriptor document) {
    Map<String, Optional<TableDescriptor>> found = new HashMap<>();
    for (GlobalTableMember member : GlobalTables.present(document)) {
      found.put(member.getRegion(), table(member.getRegion(), document.getTableName()));
    }
    return out -> {
      out.beginObject();
      out.field("GlobalTableName", document.getTableName());
      out.beginArray("ReplicaSettings");
      for (GlobalTableMember member : GlobalTables.present(document)) {
        out.beginObject();
        out.field("RegionName", member.getRegion());
        out.field("ReplicaStatus", ReplicaDescriptions.status(member));
        found
            .getOrDefault(member.getRegion(), Optional.empty())
            .ifPresent(table -> replica(out, table, member));
        out.endObject();
      }
      out.endArray();
      out.endObject();
    };
  }

  /** A table; empty when its region does not answer, whose replica is described without it. */
  private Optional<TableDescriptor> table(String region, String name) {
    if (region.equals(catalog.arns().region())) {
      return catalog.read(name).table();
    }
    try {
      return Optional.of(regions.describe(region, name).getTable());
    } catch (ApiException _) {
      return Optional.empty();
    }
  }

  private static void replica(WireWriter out, TableDescriptor table, GlobalTableMember member) {
    out.beginObject("ReplicaBillingModeSummary");
    out.field("BillingMode", table.getBillingMode());
    if (table.getLastPayPerRequestMillis() != 0) {
      out.timestampField("LastUpdateToPayPerRequestDateTime", table.getLastPayPerRequestMillis());
    }
    out.endObject();
    out.field("ReplicaProvisionedReadCapacityUnits", table.getThroughput().getReadUnits());
    AutoScaling.describe(
        out,
        "ReplicaProvisionedReadCapacityAutoScalingSettings",
        member.getOverridesMap().get(READ_SCALING));
    out.field("ReplicaProvisionedWriteCapacityUnits", table.getThroughput().getWriteUnits());
    AutoScaling.describe(
        out,
        "ReplicaProvisionedWriteCapacityAutoScalingSettings",
        table.getDescribedBackMap().get(SyncedSettings.WRITE_SCALING));
    indexes(out, "ReplicaGlobalSecondaryIndexSettings", table, member, true);
    if (!table.getTableClass().isEmpty()) {
      out.beginObject("ReplicaTableClassSummary");
      out.field("TableClass", table.getTableClass());
      out.endObject();
    }
  }

  private static void indexes(
      WireWriter out, String name, TableDescriptor table, GlobalTableMember member, boolean units) {
    List<IndexDescriptor> indexes =
        table.getIndexesList().stream().filter(index -> !index.getLocal()).toList();
    if (indexes.isEmpty()) {
      return;
    }
    out.beginArray(name);
    for (IndexDescriptor index : indexes) {
      out.beginObject();
      out.field("IndexName", index.getName());
      out.field("IndexStatus", index.getStatus());
      if (units) {
        out.field("ProvisionedReadCapacityUnits", index.getThroughput().getReadUnits());
      }
      AutoScaling.describe(
          out,
          "ProvisionedReadCapacityAutoScalingSettings",
          member.getOverridesMap().get(index.getName() + "/" + READ_SCALING));
      if (units) {
        out.field("ProvisionedWriteCapacityUnits", index.getThroughput().getWriteUnits());
      }
      AutoScaling.describe(
          out,
          "ProvisionedWriteCapacityAutoScalingSettings",
          table.getDescribedBackMap().get(index.getName() + "/" + SyncedSettings.WRITE_SCALING));
      out.endObject();
    }
    out.endArray();
  }

  // ---- 2019.11.21

  private ReplyBody describeScaling(SettingsRequest request) {
    String name = tables.tableName(request.name());
    TableCatalog.Standing standing = catalog.read(name);
    return scaling(standing, name);
  }

  private ReplyBody updateScaling(SettingsRequest request) {
    String name = tables.tableName(request.name());
    request.checkScaling();
    if (request.writeScaling() == null && request.indexes() == null && request.replicas() == null) {
      throw ApiException.validation(
          "Failed to update settings for global table with name: \u2018"
              + name
              + "\u2019: because at least one update parameter must be specified.");
    }
    return scaling(catalog.decide(name, standing -> scaled(standing, name, request)), name);
  }

  private TableCatalog.Standing scaled(
      TableCatalog.Standing standing, String name, SettingsRequest request) {
    TableDescriptor table = standing.table().orElseThrow(() -> tables.notFound(name));
    if (!table.getStatus().equals(ReplicaPlan.ACTIVE)) {
      throw ApiException.of(
          ErrorCode.RESOURCE_IN_USE,
          "Attempt to change a resource which is still in use: Table is being updated: " + name);
    }
    if (table.getBillingMode().equals(ON_DEMAND)) {
      throw ApiException.validation(
          "Failed to update global table with name \u2018"
              + name
              + "\u2018. Replicas '"
              + standing.region()
              + "' BillingMode is PayPerRequest. You must convert table's BillingMode to"
              + " PROVISIONED to set parameters: 'ProvisionedWriteCapacityAutoScalingUpdate'.");
    }
    UnaryOperator<TableDescriptor> write =
        before -> {
          TableDescriptor.Builder next = before.toBuilder();
          if (request.writeScaling() != null) {
            next.putDescribedBack(SyncedSettings.WRITE_SCALING, request.writeScaling().text());
          }
          if (request.indexes() != null) {
            for (Index index : request.indexes()) {
              checkIndex(table, index);
              if (index.scaling() != null) {
                next.putDescribedBack(
                    index.name() + "/" + SyncedSettings.WRITE_SCALING, index.scaling().text());
              }
            }
          }
          return next.build();
        };
    TableCatalog.Standing next = catalog.synced(standing, write.apply(table));
    if (replicas(request).isEmpty()) {
      return next;
    }
    GlobalTableDescriptor document =
        next.membership()
            .orElseThrow(
                () ->
                    ApiException.of(
                        ErrorCode.RESOURCE_NOT_FOUND,
                        "Requested resource not found: Table: " + name + " is no global table"));
    for (Replica replica : replicas(request)) {
      if (!GlobalTables.isPresentIn(document, Objects.requireNonNull(replica.region()))) {
        throw ApiException.validation(
            "Update global table operation failed because one or more replicas were not part of"
                + " the global table. Please retry the request without these replicas: ["
                + replica.region()
                + "].");
      }
      if (replica.indexes() != null) {
        replica.indexes().forEach(index -> checkIndex(table, index));
      }
    }
    return next.with(withReplicas(document, request, catalog.stamp(standing.cluster())));
  }

  /** This operation has no exception of its own for an index. */
  private static void checkIndex(TableDescriptor table, Index index) {
    boolean known =
        table.getIndexesList().stream()
            .anyMatch(each -> !each.getLocal() && each.getName().equals(index.name()));
    if (!known) {
      throw ApiException.of(
          ErrorCode.RESOURCE_NOT_FOUND,
          "Requested resource not found: Index: " + index.name() + " not found");
    }
  }

  private ReplyBody scaling(TableCatalog.Standing standing, String name) {
    TableDescriptor table = standing.table().orElseThrow(() -> tables.notFound(name));
    List<GlobalTableMember> members =
        standing
            .membership()
            .map(GlobalTables::present)
            .orElse(
                List.of(
                    GlobalTableMember.newBuilder()
                        .setRegion(standing.region())
                        .setState(State.ACTIVE)
                        .build()));
    return out -> {
      out.beginObject();
      out.beginObject("TableAutoScalingDescription");
      out.field("TableName", name);
      out.field("TableStatus", table.getStatus());
      out.beginArray("Replicas");
      for (GlobalTableMember member : members) {
        out.beginObject();
        out.field("RegionName", member.getRegion());
        indexes(out, "GlobalSecondaryIndexes", table, member, false);
        AutoScaling.describe(
            out,
            "ReplicaProvisionedReadCapacityAutoScalingSettings",
            member.getOverridesMap().get(READ_SCALING));
        AutoScaling.describe(
            out,
            "ReplicaProvisionedWriteCapacityAutoScalingSettings",
            table.getDescribedBackMap().get(SyncedSettings.WRITE_SCALING));
        out.field("ReplicaStatus", ReplicaDescriptions.status(member));
        out.endObject();
      }
      out.endArray();
      out.endObject();
      out.endObject();
    };
  }
}
