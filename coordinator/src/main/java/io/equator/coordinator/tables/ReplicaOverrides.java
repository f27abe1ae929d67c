package io.equator.coordinator.tables;

import io.equator.proto.GlobalTableMember;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.TableDescriptor;
import java.util.Map;
import java.util.TreeMap;

/** The settings that a replica may have for itself. Pure. */
public final class ReplicaOverrides {
  private ReplicaOverrides() {}

  /** A table with the overrides of its member; the same one when it has them. */
  public static TableDescriptor applied(TableDescriptor table, GlobalTableMember member) {
    Map<String, String> overrides = member.getOverridesMap();
    if (overrides.isEmpty()) {
      return table;
    }
    TableDescriptor.Builder next = table.toBuilder();
    boolean onDemand = ThroughputRules.isOnDemand(table);
    String units = overrides.get("ReadCapacityUnits");
    if (units != null && !onDemand) {
      next.getThroughputBuilder().setReadUnits(Long.parseLong(units));
    }
    String most = overrides.get("MaxReadRequestUnits");
    if (most != null && onDemand) {
      next.getOnDemandLimitsBuilder().setMaxReadRequestUnits(Long.parseLong(most));
    }
    String tableClass = overrides.get("TableClass");
    if (tableClass != null
        && !tableClass.equals(
            table.getTableClass().isEmpty() ? "STANDARD" : table.getTableClass())) {
      next.setTableClass(tableClass);
    }
    for (IndexDescriptor.Builder index : next.getIndexesBuilderList()) {
      String indexUnits = overrides.get(index.getName() + "/ReadCapacityUnits");
      if (indexUnits != null && !onDemand && !index.getLocal()) {
        index.getThroughputBuilder().setReadUnits(Long.parseLong(indexUnits));
      }
      String indexMost = overrides.get(index.getName() + "/MaxReadRequestUnits");
      if (indexMost != null && onDemand && !index.getLocal()) {
        index.getOnDemandLimitsBuilder().setMaxReadRequestUnits(Long.parseLong(indexMost));
      }
    }
    return next.build();
  }

  /**
   * A member after UpdateTable in its region: what it set there for itself takes the place of an
   * override.
   */
  static Map<String, String> after(GlobalTableMember member, TableDescriptor table) {
    Map<String, String> overrides = new TreeMap<>(member.getOverridesMap());
    overrides.computeIfPresent(
        "ReadCapacityUnits",
        (_, before) ->
            ThroughputRules.isOnDemand(table)
                ? before
                : Long.toString(table.getThroughput().getReadUnits()));
    overrides.computeIfPresent(
        "MaxReadRequestUnits",
        (_, before) ->
            table.getOnDemandLimits().hasMaxReadRequestUnits()
                ? Long.toString(table.getOnDemandLimits().getMaxReadRequestUnits())
                : before);
    overrides.computeIfPresent(
        "TableClass",
        (_, _) -> table.getTableClass().isEmpty() ? "STANDARD" : table.getTableClass());
    for (IndexDescriptor index : table.getIndexesList()) {
      overrides.computeIfPresent(
          index.getName() + "/ReadCapacityUnits",
          (_, before) ->
              ThroughputRules.isOnDemand(table)
                  ? before
                  : Long.toString(index.getThroughput().getReadUnits()));
    }
    return overrides;
  }
}
