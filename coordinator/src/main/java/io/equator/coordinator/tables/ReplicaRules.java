package io.equator.coordinator.tables;

import static io.equator.coordinator.tables.Rules.invalid;

import io.equator.coordinator.globaltables.core.GlobalTables;
import io.equator.coordinator.globaltables.core.Stamp;
import io.equator.coordinator.tables.Shapes.ReplicaAction;
import io.equator.coordinator.tables.Shapes.ReplicaIndex;
import io.equator.coordinator.tables.Shapes.ReplicaUpdate;
import io.equator.coordinator.tables.TableCatalog.Standing;
import io.equator.model.error.ApiException;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.GlobalTableMember;
import io.equator.proto.GlobalTableMember.State;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.TableDescriptor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code ReplicaUpdates} of UpdateTable: what may be asked for, and what it makes of the document
 * of the global table. The texts of refusals are the service's, typographic quotes included, as
 * observed in October 2026.
 *
 * <p>Differs from DynamoDB: a region may be taken away while a replica is being created, because
 * here an operator has to be able to give up a region that is gone for ever; and the region that
 * another one was filled from may be deleted at once, not after 24 hours.
 */
final class ReplicaRules {
  private static final String WRITES_MUST_SCALE =
      " write capacity should either be Pay-Per-Request or AutoScaled.";

  private ReplicaRules() {}

  /** The one action of a request. */
  sealed interface Action {
    String region();

    record Create(String region, ReplicaAction asked) implements Action {}

    record Update(String region, ReplicaAction asked) implements Action {}

    record Delete(String region) implements Action {}
  }

  /** Checks what can be checked without the table. */
  static Action check(UpdateTableRequest request) {
    List<ReplicaUpdate> updates = Objects.requireNonNull(request.replicaUpdates());
    int members = 0;
    for (ReplicaUpdate update : updates) {
      int actions =
          (update.create() == null ? 0 : 1)
              + (update.update() == null ? 0 : 1)
              + (update.delete() == null ? 0 : 1);
      if (actions > 1) {
        throw ApiException.validation(
            "Update table operation with more than one type of replica actions not allowed.");
      }
      if (actions == 0 || (update.update() != null && update.update().isEmpty())) {
        throw ApiException.validation(
            "There are no actions specified in the Replica Update Action of the request.");
      }
      members += update.update() == null ? 1 : 0;
    }
    if (members > 1) {
      throw ApiException.validation(
          "Update table operation with more than one create or delete replica actions not allowed");
    }
    if (updates.size() > 1) {
      throw ApiException.validation(
          "Update table operation with more than one type of replica actions not allowed.");
    }
    if (!request.changesOnlyReplicas()) {
      throw invalid("ReplicaUpdates must be the only operation in the request");
    }
    return action(updates.getFirst());
  }

  private static Action action(ReplicaUpdate update) {
    if (update.create() != null) {
      return new Action.Create(region(update.create()), update.create());
    }
    return update.update() != null
        ? new Action.Update(region(update.update()), update.update())
        : new Action.Delete(region(Objects.requireNonNull(update.delete())));
  }

  private static String region(ReplicaAction action) {
    return Objects.requireNonNull(action.region());
  }

  /** Checks the region that is named. */
  static void checkRegion(Action action, String local, List<String> federation) {
    if (action.region().equals(local)) {
      throw ApiException.validation(
          "Cannot add or delete the local region through ReplicaUpdates. Use CreateTable,"
              + " DeleteTable, or UpdateTable as required.");
    }
    if (action instanceof Action.Create && !federation.contains(action.region())) {
      throw ApiException.validation(
          "Region "
              + action.region()
              + " is not supported. The latest version of global tables are only supported in the"
              + " following regions: ["
              + String.join(", ", federation)
              + "]");
    }
  }

  /** The region has a table of this name already. */
  static ApiException alreadyThere(String table) {
    return ApiException.validation(
        "Failed to create a the new replica of table with name: \u2018"
            + table
            + "\u2019 because one or more replicas already existed as tables.");
  }

  private static ApiException notThere(String region) {
    return ApiException.validation(
        "Update global table operation failed because one or more replicas were not part of the"
            + " global table. Please retry the request without these replicas: ["
            + region
            + "].");
  }

  /**
   * What the action makes of the document; the table itself stays as it is.
   *
   * @param newId for a global table that begins with this action
   */
  static Standing apply(
      Action action, Standing standing, Stamp stamp, String newId, long nowMillis) {
    TableDescriptor table = standing.table().orElseThrow();
    GlobalTableDescriptor document =
        standing.membership().orElseGet(() -> begun(standing, table, stamp, newId, nowMillis));
    if (GlobalTables.isLegacy(document)) {
      throw invalid(
          "the table is a replica of a global table of version 2017.11.29; its replicas are changed"
              + " by UpdateGlobalTable");
    }
    return switch (action) {
      case Action.Create(String region, ReplicaAction asked) -> {
        checkSettled(table, document);
        checkSource(table);
        if (GlobalTables.isPresentIn(document, region)) {
          throw alreadyThere(table.getName());
        }
        GlobalTableDescriptor joined =
            GlobalTables.joining(document, region, standing.region(), State.CREATING, stamp);
        yield standing.with(
            GlobalTables.withMember(
                joined, region, stamp, m -> m.putAllOverrides(overrides(Map.of(), asked))));
      }
      case Action.Update(String region, ReplicaAction asked) -> {
        GlobalTableMember member = presentMember(document, region);
        checkSettled(table, document);
        if (ThroughputRules.isOnDemand(table) && asked.readUnits() != null) {
          throw ApiException.validation(
              "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode"
                  + " is PAY_PER_REQUEST");
        }
        checkIndexes(table, asked);
        Map<String, String> overrides = overrides(member.getOverridesMap(), asked);
        yield standing.with(
            GlobalTables.withMember(
                document,
                region,
                stamp,
                m -> m.setState(State.UPDATING).clearOverrides().putAllOverrides(overrides)));
      }
      case Action.Delete(String region) -> {
        presentMember(document, region);
        yield standing.with(
            GlobalTables.withMember(document, region, stamp, m -> m.setState(State.DELETING)));
      }
    };
  }

  private static GlobalTableMember presentMember(GlobalTableDescriptor document, String region) {
    return GlobalTables.member(document, region)
        .filter(m -> GlobalTables.isPresent(m) || m.getState() == State.CREATION_FAILED)
        .orElseThrow(() -> notThere(region));
  }

  /** A global table whose first member is this region; it follows one of the same name. */
  private static GlobalTableDescriptor begun(
      Standing standing, TableDescriptor table, Stamp stamp, String id, long nowMillis) {
    return begun(standing, table.getName(), GlobalTables.CURRENT, id, nowMillis, stamp, table);
  }

  private static GlobalTableDescriptor begun(
      Standing standing,
      String name,
      String version,
      String id,
      long nowMillis,
      Stamp stamp,
      TableDescriptor settings) {
    GlobalTableDescriptor document = document(standing, name, version, id, nowMillis);
    return SyncedSettings.all(
        GlobalTables.joining(document, standing.region(), "", State.ACTIVE, stamp),
        settings,
        stamp);
  }

  /** A document without members; greater than one of the same name that was there before. */
  static GlobalTableDescriptor document(
      Standing standing, String name, String version, String id, long nowMillis) {
    long after = standing.global().map(d -> d.getCreatedMillis() + 1).orElse(0L);
    return GlobalTableDescriptor.newBuilder()
        .setGlobalTableId(id)
        .setTableName(name)
        .setApiVersion(version)
        .setCreatedMillis(Math.max(nowMillis, after))
        .build();
  }

  private static void checkSource(TableDescriptor table) {
    if (!table.getStreamEnabled() || !table.getStreamViewType().equals("NEW_AND_OLD_IMAGES")) {
      throw invalid(
          "the table must have a stream enabled with StreamViewType NEW_AND_OLD_IMAGES to add a"
              + " replica: TableName: "
              + table.getName());
    }
    if (!ThroughputRules.isOnDemand(table)
        && !table.containsDescribedBack(SyncedSettings.WRITE_SCALING)) {
      throw ApiException.validation("Table" + WRITES_MUST_SCALE);
    }
    for (IndexDescriptor index : table.getIndexesList()) {
      if (!index.getLocal()
          && !ThroughputRules.isOnDemand(table)
          && !table.containsDescribedBack(index.getName() + "/" + SyncedSettings.WRITE_SCALING)) {
        throw ApiException.validation("GSI" + WRITES_MUST_SCALE);
      }
    }
  }

  /** While a replica comes or goes, the table says that it is being updated. */
  static void checkSettled(TableDescriptor table, GlobalTableDescriptor document) {
    if (table.getStatus().equals(Statuses.ACTIVE)
        && !GlobalTables.isLegacy(document)
        && GlobalTables.isChanging(document)) {
      throw Rules.tableInUse(table.getName(), "updated");
    }
  }

  private static void checkIndexes(TableDescriptor table, ReplicaAction asked) {
    if (asked.indexes() == null) {
      return;
    }
    for (ReplicaIndex index : asked.indexes()) {
      boolean known = false;
      for (IndexDescriptor present : table.getIndexesList()) {
        known |= !present.getLocal() && present.getName().equals(index.name());
      }
      if (!known) {
        throw TableUpdate.indexNotFound();
      }
    }
  }

  private static Map<String, String> overrides(Map<String, String> before, ReplicaAction asked) {
    Map<String, String> overrides = new TreeMap<>(before);
    put(overrides, "KMSMasterKeyId", asked.kmsKey());
    put(overrides, "TableClass", asked.tableClass());
    put(overrides, "ReadCapacityUnits", asked.readUnits());
    put(overrides, "MaxReadRequestUnits", asked.maxReadUnits());
    if (asked.indexes() != null) {
      for (ReplicaIndex index : asked.indexes()) {
        put(overrides, index.name() + "/ReadCapacityUnits", index.readUnits());
        put(overrides, index.name() + "/MaxReadRequestUnits", index.maxReadUnits());
      }
    }
    return overrides;
  }

  private static void put(Map<String, String> overrides, String name, @Nullable Object value) {
    if (value != null) {
      overrides.put(name, value.toString());
    }
  }

  /** What UpdateTable may not change of a replica. */
  static void checkSynced(TableDescriptor before, TableDescriptor after) {
    if (before.getStreamEnabled() && !after.getStreamEnabled()) {
      throw invalid(
          "the stream of a table with replicas cannot be disabled: TableName: " + before.getName());
    }
  }

  /** A table of several regions that is deleted in this one leaves the global table. */
  static Standing leaving(Standing standing, TableDescriptor deleted, Stamp stamp) {
    Standing next = standing.with(deleted);
    return standing
        .membership()
        .map(
            document ->
                next.with(
                    GlobalTables.withMember(
                        document,
                        standing.region(),
                        stamp,
                        member -> member.setState(State.DELETING))))
        .orElse(next);
  }
}
