package io.equator.coordinator.globaltables;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.globaltables.core.GlobalTables;
import io.equator.coordinator.globaltables.core.Stamp;
import io.equator.coordinator.json.WireWriter;
import io.equator.coordinator.tables.Arns;
import io.equator.coordinator.tables.OtherRegions;
import io.equator.coordinator.tables.ReplicaDescriptions;
import io.equator.coordinator.tables.SyncedSettings;
import io.equator.coordinator.tables.TableCatalog;
import io.equator.coordinator.tables.TableCatalog.Standing;
import io.equator.coordinator.tables.TableForRegions;
import io.equator.coordinator.tables.TableOperations;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.proto.CatalogObject;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.GlobalTableMember;
import io.equator.proto.GlobalTableMember.State;
import io.equator.proto.RegionTableResponse;
import io.equator.proto.TableDescriptor;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * CreateGlobalTable, DescribeGlobalTable, ListGlobalTables and UpdateGlobalTable: version
 * 2017.11.29, which makes a global table out of equal, empty tables that are there in each region.
 *
 * <p>The service itself refuses this version by now for most accounts; here it works, for programs
 * that use it.
 */
public final class GlobalTableOperations {
  private static final int PAGE_MAX = 100;
  private static final String INVALID = "One or more parameter values were invalid: ";

  private final TableOperations tables;
  private final TableCatalog catalog;
  private final OtherRegions regions;
  private final InstantSource clock;

  /** Operations over these tables. */
  public GlobalTableOperations(TableOperations tables, OtherRegions regions, InstantSource clock) {
    this.tables = tables;
    this.catalog = tables.catalog();
    this.regions = regions;
    this.clock = clock;
  }

  /** Every operation, once. */
  public List<Operation> all() {
    return List.of(
        tables.operation("CreateGlobalTable", GlobalTableRequest::read, this::create),
        tables.operation("DescribeGlobalTable", GlobalTableRequest::read, this::describe),
        tables.operation("ListGlobalTables", GlobalTableRequest::read, this::list),
        tables.operation("UpdateGlobalTable", GlobalTableRequest::read, this::update));
  }

  // ---- CreateGlobalTable

  private ReplyBody create(GlobalTableRequest request) {
    Constraints constraints = named(request);
    if (constraints.notNull("replicationGroup", request.regions())) {
      checkRegionsNamed(constraints, Objects.requireNonNull(request.regions()));
    }
    constraints.throwIfAny();
    String name = Objects.requireNonNull(request.name());
    List<String> group = Objects.requireNonNull(request.regions());
    checkGroup(group);
    if (find(name).isPresent()) {
      throw exists(name);
    }
    checkTables(name, group, Optional.empty());
    String id = UUID.randomUUID().toString();
    long now = clock.millis();
    Standing after =
        catalog.decide(
            name,
            standing -> {
              if (standing.global().filter(GlobalTableOperations::isThere).isPresent()) {
                throw exists(name);
              }
              Stamp stamp = catalog.stamp(standing.cluster());
              long created =
                  Math.max(now, standing.global().map(d -> d.getCreatedMillis() + 1).orElse(0L));
              GlobalTableDescriptor document =
                  GlobalTableDescriptor.newBuilder()
                      .setGlobalTableId(id)
                      .setTableName(name)
                      .setApiVersion(GlobalTables.LEGACY)
                      .setCreatedMillis(created)
                      .build();
              for (String region : group) {
                document =
                    GlobalTables.joining(
                        document,
                        region,
                        region.equals(group.getFirst()) ? "" : group.getFirst(),
                        State.CREATING,
                        stamp);
              }
              return standing.with(document);
            });
    return description(after.global().orElseThrow());
  }

  private static void checkRegionsNamed(Constraints constraints, List<String> group) {
    for (int i = 0; i < group.size(); i++) {
      if (group.get(i).isEmpty()) {
        constraints.enterElement("replicationGroup", i);
        constraints.notNull("regionName", null);
        constraints.leave();
      }
    }
  }

  private void checkGroup(List<String> group) {
    if (group.isEmpty()) {
      throw ApiException.validation(INVALID + "ReplicationGroup must not be empty");
    }
    if (new HashSet<>(group).size() < group.size()) {
      throw ApiException.validation(
          INVALID + "ReplicationGroup names a region more than once: " + group);
    }
    group.forEach(this::checkRegion);
  }

  private void checkRegion(String region) {
    List<String> known = regions.names();
    boolean own = region.equals(catalog.arns().region());
    if (!known.contains(region) && !(own && known.isEmpty())) {
      throw ApiException.validation(
          INVALID
              + "Region "
              + region
              + " is not supported. Global tables are only supported in the following regions: ["
              + String.join(", ", known)
              + "]");
    }
  }

  private static ApiException exists(String name) {
    return ApiException.of(
        ErrorCode.GLOBAL_TABLE_ALREADY_EXISTS, "Global table already exists: " + name);
  }

  private static ApiException notFound(String name) {
    return ApiException.of(ErrorCode.GLOBAL_TABLE_NOT_FOUND, "Global table not found: " + name);
  }

  /**
   * Each region must have the table, active, empty, with a stream of both images, and all of them
   * equal.
   *
   * @param like a table that they must be equal to; without one, the first of them
   */
  private void checkTables(String name, List<String> group, Optional<TableDescriptor> like) {
    Optional<TableDescriptor> first = like;
    for (String region : group) {
      RegionTableResponse found = describe(region, name);
      if (!found.hasTable()) {
        throw ApiException.of(
            ErrorCode.TABLE_NOT_FOUND, "Table not found: " + name + " in region " + region);
      }
      TableDescriptor table = found.getTable();
      if (!found.hasItemCount()) {
        throw ApiException.of(
            ErrorCode.INTERNAL_SERVER_ERROR, "Not all nodes of the region " + region + " answer.");
      }
      checkTable(region, table, found.getItemCount());
      if (first.isPresent() && !SyncedSettings.sameSchema(first.get(), table)) {
        throw ApiException.validation(
            INVALID
                + "the tables of a global table must have the same key schema and the same global"
                + " secondary indexes: "
                + name
                + " in region "
                + region
                + " differs");
      }
      if (first.isPresent() && !sameCapacity(first.get(), table)) {
        throw ApiException.validation(
            INVALID
                + "the tables of a global table must have the same billing mode and write capacity:"
                + " "
                + name
                + " in region "
                + region
                + " differs");
      }
      first = first.isPresent() ? first : Optional.of(table);
    }
  }

  private static void checkTable(String region, TableDescriptor table, long itemCount) {
    if (!table.getStatus().equals(ReplicaPlan.ACTIVE)) {
      throw ApiException.of(
          ErrorCode.RESOURCE_IN_USE,
          "Table " + table.getName() + " in region " + region + " is " + table.getStatus());
    }
    if (table.hasReplication()) {
      throw ApiException.validation(
          INVALID
              + "table "
              + table.getName()
              + " in region "
              + region
              + " is a replica of a global table already");
    }
    if (!table.getStreamEnabled() || !table.getStreamViewType().equals("NEW_AND_OLD_IMAGES")) {
      throw ApiException.validation(
          INVALID
              + "table "
              + table.getName()
              + " in region "
              + region
              + " must have a stream enabled with StreamViewType NEW_AND_OLD_IMAGES");
    }
    if (itemCount > 0) {
      throw ApiException.validation(
          INVALID
              + "table "
              + table.getName()
              + " in region "
              + region
              + " must be empty, and has "
              + itemCount
              + " items");
    }
  }

  private static boolean sameCapacity(TableDescriptor a, TableDescriptor b) {
    return a.getBillingMode().equals(b.getBillingMode())
        && a.getThroughput().getWriteUnits() == b.getThroughput().getWriteUnits();
  }

  /** The table in a region, this one among them. */
  private RegionTableResponse describe(String region, String name) {
    return region.equals(catalog.arns().region())
        ? new TableForRegions(tables).describe(name)
        : regions.describe(region, name);
  }

  // ---- DescribeGlobalTable

  private ReplyBody describe(GlobalTableRequest request) {
    named(request).throwIfAny();
    return description(existing(Objects.requireNonNull(request.name())));
  }

  /** The document of a global table of this version that has members. */
  GlobalTableDescriptor existing(String name) {
    return find(name).orElseThrow(() -> notFound(name));
  }

  private Optional<GlobalTableDescriptor> find(String name) {
    return catalog
        .snapshot()
        .globalTable(name)
        .map(CatalogObject::getGlobalTable)
        .or(() -> catalog.read(name).global())
        .filter(GlobalTableOperations::isThere)
        .filter(GlobalTables::isLegacy);
  }

  private static boolean isThere(GlobalTableDescriptor document) {
    return !GlobalTables.present(document).isEmpty();
  }

  private ReplyBody description(GlobalTableDescriptor document) {
    Arns arns = catalog.arns();
    return out -> {
      out.beginObject();
      out.beginObject("GlobalTableDescription");
      ReplicaDescriptions.replicas(out, "ReplicationGroup", document, arns);
      out.field("GlobalTableArn", arns.globalTable(document.getTableName()));
      out.timestampField("CreationDateTime", document.getCreatedMillis());
      out.field("GlobalTableStatus", status(document));
      out.field("GlobalTableName", document.getTableName());
      out.endObject();
      out.endObject();
    };
  }

  private static String status(GlobalTableDescriptor document) {
    List<GlobalTableMember> members = GlobalTables.present(document);
    if (members.stream().allMatch(m -> m.getState() == State.DELETING)) {
      return "DELETING";
    }
    if (members.stream().noneMatch(m -> m.getState() == State.ACTIVE)) {
      return "CREATING";
    }
    return GlobalTables.isChanging(document) ? "UPDATING" : "ACTIVE";
  }

  // ---- ListGlobalTables

  private ReplyBody list(GlobalTableRequest request) {
    Constraints constraints = new Constraints();
    GlobalTableRequest.checkName(
        constraints, "exclusiveStartGlobalTableName", request.exclusiveStart());
    constraints.range("limit", request.limit(), 1, Integer.MAX_VALUE);
    constraints.throwIfAny();
    int limit = request.limit() == null ? PAGE_MAX : Math.min(PAGE_MAX, request.limit());
    List<GlobalTableDescriptor> page = new ArrayList<>();
    boolean more = false;
    for (CatalogObject object : catalog.snapshot().globalTables()) {
      GlobalTableDescriptor document = object.getGlobalTable();
      boolean after =
          request.exclusiveStart() == null
              || document.getTableName().compareTo(request.exclusiveStart()) > 0;
      boolean there =
          request.regionName() == null
              ? isThere(document)
              : GlobalTables.isPresentIn(document, request.regionName());
      if (after && there && GlobalTables.isLegacy(document)) {
        more = page.size() == limit;
        if (more) {
          break;
        }
        page.add(document);
      }
    }
    Optional<String> last = more ? Optional.of(page.getLast().getTableName()) : Optional.empty();
    return out -> {
      out.beginObject();
      out.beginArray("GlobalTables");
      page.forEach(document -> listed(out, document));
      out.endArray();
      last.ifPresent(name -> out.field("LastEvaluatedGlobalTableName", name));
      out.endObject();
    };
  }

  private static void listed(WireWriter out, GlobalTableDescriptor document) {
    out.beginObject();
    out.field("GlobalTableName", document.getTableName());
    out.beginArray("ReplicationGroup");
    for (GlobalTableMember member : GlobalTables.present(document)) {
      out.beginObject();
      out.field("RegionName", member.getRegion());
      out.endObject();
    }
    out.endArray();
    out.endObject();
  }

  // ---- UpdateGlobalTable

  private ReplyBody update(GlobalTableRequest request) {
    Constraints constraints = named(request);
    constraints.notNull("replicaUpdates", request.updates());
    constraints.throwIfAny();
    String name = Objects.requireNonNull(request.name());
    List<GlobalTableRequest.Update> updates = Objects.requireNonNull(request.updates());
    HashSet<String> named = new HashSet<>();
    for (GlobalTableRequest.Update update : updates) {
      String region = update.create() == null ? update.delete() : update.create();
      if (region == null
          || region.isEmpty()
          || (update.create() != null && update.delete() != null)) {
        throw ApiException.validation(
            INVALID + "each of ReplicaUpdates must have one of Create or Delete with a RegionName");
      }
      if (!named.add(region)) {
        throw ApiException.validation(
            INVALID + "ReplicaUpdates names a region more than once: " + region);
      }
    }
    if (updates.isEmpty()) {
      throw ApiException.validation(INVALID + "ReplicaUpdates must not be empty");
    }
    GlobalTableDescriptor before = existing(name);
    checkUpdates(before, updates);
    Standing after =
        catalog.decide(
            name,
            standing -> {
              GlobalTableDescriptor document =
                  standing
                      .global()
                      .filter(GlobalTableOperations::isThere)
                      .orElseThrow(() -> notFound(name));
              Stamp stamp = catalog.stamp(standing.cluster());
              for (GlobalTableRequest.Update update : updates) {
                document = changed(document, update, stamp);
              }
              return standing.with(document);
            });
    return description(after.global().orElseThrow());
  }

  private void checkUpdates(
      GlobalTableDescriptor document, List<GlobalTableRequest.Update> updates) {
    for (GlobalTableRequest.Update update : updates) {
      if (update.create() != null) {
        checkRegion(update.create());
        if (!GlobalTables.isPresentIn(document, update.create())) {
          String sample = GlobalTables.present(document).getFirst().getRegion();
          checkTables(
              document.getTableName(),
              List.of(update.create()),
              Optional.of(describe(sample, document.getTableName()).getTable()));
        }
      }
    }
  }

  private static GlobalTableDescriptor changed(
      GlobalTableDescriptor document, GlobalTableRequest.Update update, Stamp stamp) {
    if (update.create() != null) {
      if (GlobalTables.isPresentIn(document, update.create())) {
        throw ApiException.of(
            ErrorCode.REPLICA_ALREADY_EXISTS,
            "Replica already exists in region " + update.create());
      }
      String from =
          GlobalTables.present(document).stream()
              .filter(m -> m.getState() == State.ACTIVE)
              .map(GlobalTableMember::getRegion)
              .findFirst()
              .orElse("");
      return GlobalTables.joining(document, update.create(), from, State.CREATING, stamp);
    }
    String region = Objects.requireNonNull(update.delete());
    if (!GlobalTables.isPresentIn(document, region)) {
      throw ApiException.of(ErrorCode.REPLICA_NOT_FOUND, "Replica not found in region " + region);
    }
    return GlobalTables.withMember(document, region, stamp, m -> m.setState(State.DELETING));
  }

  private static Constraints named(GlobalTableRequest request) {
    Constraints constraints = new Constraints();
    if (constraints.notNull("globalTableName", request.name())) {
      GlobalTableRequest.checkName(constraints, "globalTableName", request.name());
    }
    return constraints;
  }
}
