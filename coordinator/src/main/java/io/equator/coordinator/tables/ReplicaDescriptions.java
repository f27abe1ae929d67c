package io.equator.coordinator.tables;

import io.equator.coordinator.globaltables.core.GlobalTables;
import io.equator.coordinator.json.WireWriter;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.GlobalTableMember;
import io.equator.proto.GlobalTableMember.State;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Writes a global table's members as clients see them. */
public final class ReplicaDescriptions {
  private ReplicaDescriptions() {}

  /**
   * The status of a table whose replicas come or go is UPDATING, as long as nothing else is under
   * way with it.
   */
  static String status(String own, Optional<GlobalTableDescriptor> document) {
    boolean changing =
        document.map(d -> !GlobalTables.isLegacy(d) && GlobalTables.isChanging(d)).orElse(false);
    return changing && own.equals(Statuses.ACTIVE) ? Statuses.UPDATING : own;
  }

  /** The members {@code GlobalTableVersion} and {@code Replicas} of a table's description. */
  static void write(WireWriter out, Optional<GlobalTableDescriptor> document, Arns arns) {
    if (document.isEmpty()) {
      return;
    }
    out.field("GlobalTableVersion", document.get().getApiVersion());
    if (!GlobalTables.isLegacy(document.get())) {
      replicas(out, "Replicas", document.get(), arns);
    }
  }

  /** {@code ReplicaDescriptionList}. */
  public static void replicas(
      WireWriter out, String name, GlobalTableDescriptor document, Arns arns) {
    out.beginArray(name);
    for (GlobalTableMember member : GlobalTables.visible(document)) {
      out.beginObject();
      out.field("RegionName", member.getRegion());
      out.field("ReplicaStatus", status(member));
      if (!member.getStateDescription().isEmpty()) {
        out.field("ReplicaStatusDescription", member.getStateDescription());
      }
      if (member.getState() == State.CREATING) {
        out.field("ReplicaStatusPercentProgress", percent(document, member));
      }
      out.field("ReplicaArn", arns.in(member.getRegion()).table(document.getTableName()));
      overrides(out, member.getOverridesMap());
      out.endObject();
    }
    out.endArray();
  }

  /** The status as the API names it. */
  public static String status(GlobalTableMember member) {
    return switch (member.getState()) {
      case CREATING -> "CREATING";
      case ACTIVE -> "ACTIVE";
      case UPDATING -> "UPDATING";
      case DELETING, REMOVED -> "DELETING";
      case CREATION_FAILED, STATE_UNSPECIFIED, UNRECOGNIZED -> "CREATION_FAILED";
    };
  }

  /** Regions whose items have arrived, of those that there are; 100 is left to ACTIVE. */
  private static String percent(GlobalTableDescriptor document, GlobalTableMember member) {
    int others = Math.max(1, GlobalTables.present(document).size() - 1);
    return Math.min(99, 100 * member.getFilledFromCount() / others) + "%";
  }

  private static void overrides(WireWriter out, Map<String, String> overrides) {
    String key = overrides.get("KMSMasterKeyId");
    if (key != null) {
      out.field("KMSMasterKeyId", key);
    }
    throughput(out, overrides, "");
    TreeSet<String> indexes = new TreeSet<>();
    for (String name : new TreeMap<>(overrides).keySet()) {
      if (name.endsWith("/ReadCapacityUnits") || name.endsWith("/MaxReadRequestUnits")) {
        indexes.add(name.substring(0, name.indexOf('/')));
      }
    }
    if (!indexes.isEmpty()) {
      out.beginArray("GlobalSecondaryIndexes");
      for (String index : indexes) {
        out.beginObject();
        out.field("IndexName", index);
        throughput(out, overrides, index + "/");
        out.endObject();
      }
      out.endArray();
    }
    String tableClass = overrides.get("TableClass");
    if (tableClass != null) {
      out.beginObject("ReplicaTableClassSummary");
      out.field("TableClass", tableClass);
      out.endObject();
    }
  }

  private static void throughput(WireWriter out, Map<String, String> overrides, String prefix) {
    String units = overrides.get(prefix + "ReadCapacityUnits");
    if (units != null) {
      out.beginObject("ProvisionedThroughputOverride");
      out.field("ReadCapacityUnits", Long.parseLong(units));
      out.endObject();
    }
    String most = overrides.get(prefix + "MaxReadRequestUnits");
    if (most != null) {
      out.beginObject("OnDemandThroughputOverride");
      out.field("MaxReadRequestUnits", Long.parseLong(most));
      out.endObject();
    }
  }
}
