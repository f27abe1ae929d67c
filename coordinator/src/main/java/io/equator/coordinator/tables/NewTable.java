package io.equator.coordinator.tables;

import io.equator.proto.IndexDescriptor;
import io.equator.proto.KeyElement;
import io.equator.proto.OnDemandLimits;
import io.equator.proto.TableDescriptor;
import io.equator.proto.Throughput;
import java.util.ArrayList;
import java.util.List;

/**
 * What CreateTable asks for, checked as a whole. Pure.
 *
 * <p>The order of checks is the order of complaints: billing and throughput, the table's key, local
 * indexes, global indexes, then everything else.
 */
final class NewTable {
  private final CreateTableRequest request;
  private final TableDescriptor.Builder table = TableDescriptor.newBuilder();

  private NewTable(CreateTableRequest request) {
    this.request = request;
  }

  /**
   * The descriptor of the new table, without what the catalog gives it (name, number, UUID).
   *
   * @param request whose members have been checked
   * @throws io.equator.model.error.ApiException when the request is not possible
   */
  static TableDescriptor plan(CreateTableRequest request, Arns arns, long nowMillis) {
    NewTable plan = new NewTable(request);
    plan.billing();
    plan.keysAndIndexes();
    plan.limits();
    plan.features(arns, nowMillis);
    return plan.table.setStatus(Statuses.CREATING).setCreatedMillis(nowMillis).build();
  }

  private void billing() {
    Unsupported.check(request.unsupported());
    boolean onDemand = ThroughputRules.ON_DEMAND.equals(request.billingMode());
    ThroughputRules.checkNewTable(request.throughput(), onDemand);
    table
        .setBillingMode(onDemand ? ThroughputRules.ON_DEMAND : ThroughputRules.PROVISIONED)
        // Tables that have always been provisioned are described without a summary.
        .setBillingModeSummary(onDemand)
        .setThroughput(ThroughputRules.toStored(request.throughput()));
  }

  private void keysAndIndexes() {
    List<KeyElement> definitions = Descriptors.definitions(request.attributeDefinitions());
    List<KeyElement> key = Descriptors.key(request.keySchema(), definitions);
    boolean indexed = request.localIndexes() != null || request.globalIndexes() != null;
    KeyRules.checkTable(key, definitions, indexed);
    List<IndexDescriptor> local = Descriptors.indexes(request.localIndexes(), true, definitions);
    if (request.localIndexes() != null) {
      KeyRules.checkLocalIndexes(local, key, definitions);
    }
    List<IndexDescriptor> global = Descriptors.indexes(request.globalIndexes(), false, definitions);
    if (request.globalIndexes() != null) {
      KeyRules.checkGlobalIndexes(
          global, local, definitions, ThroughputRules.isOnDemand(table.build()));
    }
    List<IndexDescriptor> indexes = new ArrayList<>(local);
    indexes.addAll(global);
    KeyRules.checkTogether(key, definitions, indexes);
    table.addAllKey(key).addAllAttributeDefinitions(definitions).setSchemaVersion(1);
    for (int i = 0; i < indexes.size(); i++) {
      table.addIndexes(indexes.get(i).toBuilder().setIndexId(i + 1));
    }
    table.setNextIndexId(indexes.size() + 1);
  }

  /** On-demand limits and warm throughput of the table and of each global index. */
  private void limits() {
    boolean onDemand = ThroughputRules.isOnDemand(table.build());
    if (request.onDemand() != null) {
      table.setOnDemandLimits(
          ThroughputRules.limits(
              OnDemandLimits.getDefaultInstance(), request.onDemand(), onDemand, "table"));
    }
    if (request.warm() != null) {
      table.setWarmThroughput(
          ThroughputRules.raise(ThroughputRules.warm(table.build()), request.warm(), "table"));
    }
    List<Shapes.Index> global =
        request.globalIndexes() == null ? List.of() : request.globalIndexes();
    int first = table.getIndexesCount() - global.size();
    for (int i = 0; i < global.size(); i++) {
      IndexDescriptor index = table.getIndexes(first + i);
      table.setIndexes(first + i, withLimits(table.build(), index, global.get(i)));
    }
  }

  /** A global index with its limits; its throughput is 0 when the table is on demand. */
  static IndexDescriptor withLimits(
      TableDescriptor table, IndexDescriptor index, Shapes.Index asked) {
    String what = "index " + index.getName();
    IndexDescriptor.Builder limited = index.toBuilder();
    if (!index.hasThroughput()) {
      limited.setThroughput(Throughput.getDefaultInstance());
    }
    if (asked.onDemand() != null) {
      limited.setOnDemandLimits(
          ThroughputRules.limits(
              index.getOnDemandLimits(),
              asked.onDemand(),
              ThroughputRules.isOnDemand(table),
              what));
    }
    if (asked.warm() != null) {
      limited.setWarmThroughput(
          ThroughputRules.raise(ThroughputRules.warm(table, index), asked.warm(), what));
    }
    return limited.build();
  }

  private void features(Arns arns, long nowMillis) {
    FeatureRules.checkStream(request.stream());
    FeatureRules.checkSse(request.sse());
    if (request.stream() != null) {
      FeatureRules.applyStream(table, request.stream(), nowMillis);
    }
    if (request.sse() != null) {
      FeatureRules.applySse(table, request.sse(), arns);
    }
    if (request.tableClass() != null && !request.tableClass().equals("STANDARD")) {
      table.setTableClass(request.tableClass());
    }
    table.setDeletionProtection(request.deletionProtection());
    table.addAllTags(FeatureRules.addTags(List.of(), Descriptors.tags(request.tags())));
  }
}
