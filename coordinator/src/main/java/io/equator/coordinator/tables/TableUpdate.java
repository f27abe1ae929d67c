package io.equator.coordinator.tables;

import static io.equator.coordinator.tables.Rules.invalid;

import io.equator.coordinator.tables.Shapes.Index;
import io.equator.coordinator.tables.Shapes.IndexUpdate;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.KeyElement;
import io.equator.proto.TableDescriptor;
import io.equator.proto.Throughput;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What UpdateTable makes of a table's descriptor. Pure.
 *
 * <p>New values stand in the descriptor at once; the status {@code UPDATING} says that they are
 * being brought about. A change that needs no work (deletion protection) leaves the status alone.
 */
final class TableUpdate {
  /** Index numbers are one byte in storage keys, and are never given twice. */
  private static final int INDEX_ID_MAX = 255;

  private final UpdateTableRequest request;
  private final TableDescriptor before;
  private final TableDescriptor.Builder table;
  private final Arns arns;
  private final long nowMillis;
  private boolean updating;

  private TableUpdate(
      UpdateTableRequest request, TableDescriptor before, Arns arns, long nowMillis) {
    this.request = request;
    this.before = before;
    this.table = before.toBuilder();
    this.arns = arns;
    this.nowMillis = nowMillis;
  }

  /** Checks what can be checked without the table. */
  static void check(UpdateTableRequest request) {
    Unsupported.check(request.unsupported());
    if (request.isEmpty()) {
      throw ApiException.validation(
          "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled,"
              + " GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required");
    }
    if (request.throughput() != null) {
      if (ThroughputRules.ON_DEMAND.equals(request.billingMode())) {
        throw ThroughputRules.unitsOnDemand();
      }
      ThroughputRules.checkBounds(request.throughput());
    }
    checkIndexUpdates(request.indexUpdates() == null ? List.of() : request.indexUpdates());
    FeatureRules.checkStream(request.stream());
    FeatureRules.checkSse(request.sse());
  }

  private static void checkIndexUpdates(List<IndexUpdate> updates) {
    Set<String> names = new HashSet<>();
    for (IndexUpdate update : updates) {
      Index named = action(update);
      if (named == null) {
        throw invalid(
            "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create,"
                + " GlobalSecondaryIndexUpdate.Delete must not be null");
      }
      if (!names.add(Objects.requireNonNull(named.name()))) {
        throw invalid(
            "Only one global secondary index update per index is allowed simultaneously. Index: "
                + named.name());
      }
    }
  }

  private static @Nullable Index action(IndexUpdate update) {
    if (update.update() != null) {
      return update.update();
    }
    return update.create() != null ? update.create() : update.delete();
  }

  /**
   * The descriptor after the update; the same one when nothing changes.
   *
   * @param request which {@link #check} has passed
   */
  static TableDescriptor apply(
      UpdateTableRequest request, TableDescriptor before, Arns arns, long nowMillis) {
    checkActive(before);
    TableUpdate update = new TableUpdate(request, before, arns, nowMillis);
    update.billing();
    update.limits();
    update.indexes();
    update.features();
    return update.finish();
  }

  static void checkActive(TableDescriptor table) {
    switch (table.getStatus()) {
      case Statuses.ACTIVE -> {}
      case Statuses.CREATING -> throw Rules.tableInUse(table.getName(), "created");
      case Statuses.DELETING -> throw Rules.tableInUse(table.getName(), "deleted");
      default -> throw Rules.tableInUse(table.getName(), "updated");
    }
  }

  private TableDescriptor finish() {
    if (table.build().equals(before)) {
      return before;
    }
    if (updating) {
      table.setStatus(Statuses.UPDATING);
    }
    return table.build();
  }

  // ---- billing

  private void billing() {
    boolean wasOnDemand = ThroughputRules.isOnDemand(before);
    String mode = request.billingMode();
    boolean onDemand = mode == null ? wasOnDemand : mode.equals(ThroughputRules.ON_DEMAND);
    if (onDemand) {
      if (request.throughput() != null) {
        throw ThroughputRules.unitsOnDemand();
      }
      if (!wasOnDemand) {
        switchToOnDemand();
      }
      return;
    }
    if (request.throughput() == null) {
      if (mode != null) {
        throw invalid("ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
      }
      return;
    }
    if (wasOnDemand) {
      switchToProvisioned();
    } else {
      table.setThroughput(
          ThroughputRules.change(before.getThroughput(), request.throughput(), "table", nowMillis));
      updating = true;
    }
  }

  private void switchToOnDemand() {
    table
        .setBillingMode(ThroughputRules.ON_DEMAND)
        .setBillingModeSummary(true)
        .setLastPayPerRequestMillis(nowMillis)
        .setThroughput(released(before.getThroughput()));
    for (IndexDescriptor.Builder index : table.getIndexesBuilderList()) {
      if (!index.getLocal()) {
        index.setThroughput(released(index.getThroughput()));
      }
    }
    updating = true;
  }

  private static Throughput released(Throughput throughput) {
    return throughput.toBuilder().setReadUnits(0).setWriteUnits(0).build();
  }

  private void switchToProvisioned() {
    List<String> missing = new ArrayList<>();
    for (IndexDescriptor index : before.getIndexesList()) {
      if (!index.getLocal() && !hasNewThroughput(index.getName())) {
        missing.add(index.getName());
      }
    }
    if (!missing.isEmpty()) {
      throw invalid(
          "ProvisionedThroughput must be specified for index: " + String.join(",", missing));
    }
    table
        .setBillingMode(ThroughputRules.PROVISIONED)
        .setThroughput(
            ThroughputRules.change(
                before.getThroughput(),
                Objects.requireNonNull(request.throughput()),
                "table",
                nowMillis))
        .clearOnDemandLimits();
    for (IndexDescriptor.Builder index : table.getIndexesBuilderList()) {
      index.clearOnDemandLimits();
    }
    updating = true;
  }

  private boolean hasNewThroughput(String index) {
    for (IndexUpdate update : indexUpdates()) {
      if (update.update() != null && index.equals(update.update().name())) {
        return update.update().throughput() != null;
      }
      if (update.delete() != null && index.equals(update.delete().name())) {
        return true;
      }
    }
    return false;
  }

  private void limits() {
    if (request.onDemand() != null) {
      table.setOnDemandLimits(
          ThroughputRules.limits(
              before.getOnDemandLimits(), request.onDemand(), isOnDemand(), "table"));
      updating = true;
    }
    if (request.warm() != null) {
      table.setWarmThroughput(
          ThroughputRules.raise(ThroughputRules.warm(table.build()), request.warm(), "table"));
      updating = true;
    }
  }

  private boolean isOnDemand() {
    return table.getBillingMode().equals(ThroughputRules.ON_DEMAND);
  }

  // ---- global indexes

  private List<IndexUpdate> indexUpdates() {
    return request.indexUpdates() == null ? List.of() : request.indexUpdates();
  }

  private void indexes() {
    int builds = 0;
    for (IndexUpdate update : indexUpdates()) {
      if (update.update() != null) {
        updateIndex(update.update());
      } else {
        builds++;
      }
      if (update.create() != null) {
        createIndex(update.create());
      } else if (update.delete() != null) {
        deleteIndex(Objects.requireNonNull(update.delete().name()));
      }
      updating = true;
    }
    if (builds > 1 || (builds == 1 && isBuilding(before))) {
      throw Rules.limitExceeded(
          "Only 1 online index can be created or deleted simultaneously per table");
    }
    if (builds == 0 && indexUpdates().isEmpty() && request.attributeDefinitions() != null) {
      // Definitions alone change nothing, but those that contradict the table's are refused.
      mergeDefinitions();
    }
  }

  private static boolean isBuilding(TableDescriptor table) {
    for (IndexDescriptor index : table.getIndexesList()) {
      if (index.getStatus().equals(Statuses.CREATING)
          || index.getStatus().equals(Statuses.DELETING)) {
        return true;
      }
    }
    return false;
  }

  private void updateIndex(Index asked) {
    String name = Objects.requireNonNull(asked.name());
    int at = find(name).orElseThrow(TableUpdate::indexNotFound);
    IndexDescriptor index = table.getIndexes(at);
    if (asked.throughput() == null && asked.onDemand() == null && asked.warm() == null) {
      throw invalid("ProvisionedThroughput must be specified for index: " + name);
    }
    if (asked.throughput() != null) {
      if (isOnDemand()) {
        throw invalid(
            "ProvisionedThroughput should not be specified for index: "
                + name
                + " when BillingMode is PAY_PER_REQUEST");
      }
      ThroughputRules.checkBounds(asked.throughput());
      index =
          index.toBuilder()
              .setThroughput(
                  ThroughputRules.change(
                      index.getThroughput(), asked.throughput(), "index " + name, nowMillis))
              .build();
    }
    table.setIndexes(
        at,
        NewTable.withLimits(table.build(), index, asked).toBuilder().setStatus(Statuses.UPDATING));
  }

  private void createIndex(Index asked) {
    String name = Objects.requireNonNull(asked.name());
    List<KeyElement> definitions = mergeDefinitions();
    IndexDescriptor index = Descriptors.index(asked, false, definitions);
    KeyRules.checkGlobalIndex(index, definitions, isOnDemand());
    for (IndexDescriptor present : table.getIndexesList()) {
      if (present.getName().equals(name)) {
        throw ApiException.validation("Attempting to create an index which already exists");
      }
    }
    int global = 0;
    for (IndexDescriptor present : table.getIndexesList()) {
      global += present.getLocal() ? 0 : 1;
    }
    if (global >= KeyRules.GLOBAL_INDEXES_MAX) {
      throw KeyRules.tooManyGlobalIndexes();
    }
    int id = Math.max(1, table.getNextIndexId());
    if (id > INDEX_ID_MAX) {
      throw Rules.limitExceeded(
          "There is a limit of " + INDEX_ID_MAX + " indexes created over the lifetime of a table");
    }
    List<IndexDescriptor> all = new ArrayList<>(table.getIndexesList());
    all.add(index);
    KeyRules.checkTogether(table.getKeyList(), definitions, all);
    table
        .clearAttributeDefinitions()
        .addAllAttributeDefinitions(definitions)
        .addIndexes(
            NewTable.withLimits(table.build(), index, asked).toBuilder()
                .setIndexId(id)
                .setAdded(true))
        .setNextIndexId(id + 1)
        .setSchemaVersion(before.getSchemaVersion() + 1);
  }

  private void deleteIndex(String name) {
    int at = find(name).orElseThrow(TableUpdate::indexNotFound);
    table.getIndexesBuilder(at).setStatus(Statuses.DELETING).clearBackfilling();
    table.setSchemaVersion(before.getSchemaVersion() + 1);
  }

  private Optional<Integer> find(String name) {
    for (int i = 0; i < table.getIndexesCount(); i++) {
      if (table.getIndexes(i).getName().equals(name) && !table.getIndexes(i).getLocal()) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }

  static ApiException indexNotFound() {
    return ApiException.of(ErrorCode.RESOURCE_NOT_FOUND, "Requested resource not found");
  }

  /** The table's definitions and those of the request, which may repeat but not contradict them. */
  private List<KeyElement> mergeDefinitions() {
    List<KeyElement> merged = new ArrayList<>(before.getAttributeDefinitionsList());
    for (KeyElement definition : Descriptors.definitions(request.attributeDefinitions())) {
      int at = KeyRules.names(merged).indexOf(definition.getAttributeName());
      if (at < 0) {
        merged.add(definition);
      } else if (merged.get(at).getAttributeType() != definition.getAttributeType()) {
        throw invalid(
            "The type of a defined attribute cannot be changed. Attribute: "
                + definition.getAttributeName());
      }
    }
    return merged;
  }

  // ---- everything else

  private void features() {
    if (request.stream() != null) {
      boolean enable = Boolean.TRUE.equals(request.stream().enabled());
      if (enable == before.getStreamEnabled()) {
        throw ApiException.validation(
            (enable ? "Table already has an enabled stream" : "Table is not an enabled stream")
                + ": TableName: "
                + before.getName());
      }
      table.setSchemaVersion(before.getSchemaVersion() + 1);
      FeatureRules.applyStream(table, request.stream(), nowMillis);
      updating = true;
    }
    if (request.sse() != null) {
      FeatureRules.applySse(table, request.sse(), arns);
      updating = true;
    }
    if (request.tableClass() != null && !request.tableClass().equals(tableClass())) {
      table.setTableClass(request.tableClass()).setTableClassChangedMillis(nowMillis);
      updating = true;
    }
    if (request.deletionProtection() != null) {
      table.setDeletionProtection(request.deletionProtection());
    }
  }

  private String tableClass() {
    return before.getTableClass().isEmpty() ? "STANDARD" : before.getTableClass();
  }
}
