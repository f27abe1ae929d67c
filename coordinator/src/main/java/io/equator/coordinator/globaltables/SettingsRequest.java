package io.equator.coordinator.globaltables;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.EnumValues;
import io.equator.coordinator.json.WireReader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code UpdateGlobalTableSettings} and {@code DescribeGlobalTableSettings} as they were sent. */
record SettingsRequest(
    @Nullable String name,
    @Nullable String billingMode,
    @Nullable Long writeUnits,
    @Nullable AutoScaling writeScaling,
    @Nullable List<Index> indexes,
    @Nullable List<Replica> replicas) {
  private static final EnumValues BILLING_MODE = EnumValues.of("PROVISIONED", "PAY_PER_REQUEST");
  private static final EnumValues TABLE_CLASS =
      EnumValues.of("STANDARD", "STANDARD_INFREQUENT_ACCESS");

  /**
   * A global index, of the table or of a replica.
   *
   * @param units of writes for the table, of reads for a replica
   */
  record Index(@Nullable String name, @Nullable Long units, @Nullable AutoScaling scaling) {
    static Index read(WireReader in, String shape) {
      String name = null;
      Long units = null;
      AutoScaling scaling = null;
      in.beginStruct(shape);
      while (in.nextMember()) {
        switch (in.member()) {
          case "IndexName" -> name = in.string();
          case "ProvisionedWriteCapacityUnits", "ProvisionedReadCapacityUnits" ->
              units = in.longValue();
          case "ProvisionedWriteCapacityAutoScalingSettingsUpdate",
              "ProvisionedReadCapacityAutoScalingSettingsUpdate",
              "ProvisionedWriteCapacityAutoScalingUpdate",
              "ProvisionedReadCapacityAutoScalingUpdate" ->
              scaling = AutoScaling.read(in);
          default -> in.skip();
        }
      }
      return new Index(name, units, scaling);
    }
  }

  /** {@code ReplicaSettingsUpdate} or {@code ReplicaAutoScalingUpdate}. */
  record Replica(
      @Nullable String region,
      @Nullable Long readUnits,
      @Nullable AutoScaling readScaling,
      @Nullable List<Index> indexes,
      @Nullable String tableClass) {
    static Replica read(WireReader in, String shape) {
      String region = null;
      Long readUnits = null;
      AutoScaling readScaling = null;
      List<Index> indexes = null;
      String tableClass = null;
      in.beginStruct(shape);
      while (in.nextMember()) {
        switch (in.member()) {
          case "RegionName" -> region = in.string();
          case "ReplicaProvisionedReadCapacityUnits" -> readUnits = in.longValue();
          case "ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate",
              "ReplicaProvisionedReadCapacityAutoScalingUpdate" ->
              readScaling = AutoScaling.read(in);
          case "ReplicaGlobalSecondaryIndexSettingsUpdate" ->
              indexes =
                  GlobalTableRequest.list(
                      in, e -> Index.read(e, "ReplicaGlobalSecondaryIndexSettingsUpdate"));
          case "ReplicaGlobalSecondaryIndexUpdates" ->
              indexes =
                  GlobalTableRequest.list(
                      in, e -> Index.read(e, "ReplicaGlobalSecondaryIndexAutoScalingUpdate"));
          case "ReplicaTableClass" -> tableClass = in.string();
          default -> in.skip();
        }
      }
      return new Replica(region, readUnits, readScaling, indexes, tableClass);
    }
  }

  static SettingsRequest read(WireReader in) {
    String name = null;
    String billingMode = null;
    Long writeUnits = null;
    AutoScaling writeScaling = null;
    List<Index> indexes = null;
    List<Replica> replicas = null;
    while (in.nextMember()) {
      switch (in.member()) {
        case "GlobalTableName", "TableName" -> name = in.string();
        case "GlobalTableBillingMode" -> billingMode = in.string();
        case "GlobalTableProvisionedWriteCapacityUnits" -> writeUnits = in.longValue();
        case "GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate",
            "ProvisionedWriteCapacityAutoScalingUpdate" ->
            writeScaling = AutoScaling.read(in);
        case "GlobalTableGlobalSecondaryIndexSettingsUpdate" ->
            indexes =
                GlobalTableRequest.list(
                    in, e -> Index.read(e, "GlobalTableGlobalSecondaryIndexSettingsUpdate"));
        case "GlobalSecondaryIndexUpdates" ->
            indexes =
                GlobalTableRequest.list(
                    in, e -> Index.read(e, "GlobalSecondaryIndexAutoScalingUpdate"));
        case "ReplicaSettingsUpdate" ->
            replicas = GlobalTableRequest.list(in, e -> Replica.read(e, "ReplicaSettingsUpdate"));
        case "ReplicaUpdates" ->
            replicas =
                GlobalTableRequest.list(in, e -> Replica.read(e, "ReplicaAutoScalingUpdate"));
        default -> in.skip();
      }
    }
    return new SettingsRequest(name, billingMode, writeUnits, writeScaling, indexes, replicas);
  }

  /** How the members of one operation are called in complaints. */
  private record Names(
      String readUnits,
      String readScaling,
      String replicaIndexes,
      String indexReadUnits,
      String indexReadScaling,
      String indexWriteScaling,
      boolean indexIsNamed,
      int indexesMax) {}

  private static final Names OF_SETTINGS =
      new Names(
          "replicaProvisionedReadCapacityUnits",
          "replicaProvisionedReadCapacityAutoScalingSettingsUpdate",
          "replicaGlobalSecondaryIndexSettingsUpdate",
          "provisionedReadCapacityUnits",
          "provisionedReadCapacityAutoScalingSettingsUpdate",
          "provisionedWriteCapacityAutoScalingSettingsUpdate",
          true,
          20);

  private static final Names OF_SCALING =
      new Names(
          "replicaProvisionedReadCapacityUnits",
          "replicaProvisionedReadCapacityAutoScalingUpdate",
          "replicaGlobalSecondaryIndexUpdates",
          "provisionedReadCapacityUnits",
          "provisionedReadCapacityAutoScalingUpdate",
          "provisionedWriteCapacityAutoScalingUpdate",
          false,
          Integer.MAX_VALUE);

  /** The constraints of UpdateGlobalTableSettings. */
  void check() {
    Constraints constraints = new Constraints();
    if (constraints.notNull("globalTableName", name)) {
      GlobalTableRequest.checkName(constraints, "globalTableName", name);
    }
    constraints.enumValue("globalTableBillingMode", billingMode, BILLING_MODE);
    constraints.range("globalTableProvisionedWriteCapacityUnits", writeUnits, 1, Long.MAX_VALUE);
    if (writeScaling != null) {
      writeScaling.check(
          constraints, "globalTableProvisionedWriteCapacityAutoScalingSettingsUpdate");
    }
    constraints.length("globalTableGlobalSecondaryIndexSettingsUpdate", indexes, 1, 20);
    check(
        constraints,
        "globalTableGlobalSecondaryIndexSettingsUpdate",
        indexes,
        "provisionedWriteCapacityUnits",
        OF_SETTINGS.indexWriteScaling,
        true);
    constraints.length("replicaSettingsUpdate", replicas, 1, 50);
    checkReplicas(constraints, "replicaSettingsUpdate", OF_SETTINGS);
    constraints.throwIfAny();
  }

  /** The constraints of UpdateTableReplicaAutoScaling, apart from the table's name. */
  void checkScaling() {
    Constraints constraints = new Constraints();
    constraints.length("globalSecondaryIndexUpdates", indexes, 1, Integer.MAX_VALUE);
    check(
        constraints,
        "globalSecondaryIndexUpdates",
        indexes,
        "provisionedWriteCapacityUnits",
        OF_SCALING.indexWriteScaling,
        false);
    if (writeScaling != null) {
      writeScaling.check(constraints, "provisionedWriteCapacityAutoScalingUpdate");
    }
    constraints.length("replicaUpdates", replicas, 1, Integer.MAX_VALUE);
    checkReplicas(constraints, "replicaUpdates", OF_SCALING);
    constraints.throwIfAny();
  }

  private void checkReplicas(Constraints constraints, String member, Names names) {
    if (replicas == null) {
      return;
    }
    for (int i = 0; i < replicas.size(); i++) {
      Replica replica = replicas.get(i);
      constraints.enterElement(member, i);
      constraints.notNull("regionName", replica.region);
      constraints.range(names.readUnits, replica.readUnits, 1, Long.MAX_VALUE);
      if (replica.readScaling != null) {
        replica.readScaling.check(constraints, names.readScaling);
      }
      constraints.length(
          names.replicaIndexes, replica.indexes, names.indexIsNamed ? 1 : 0, names.indexesMax);
      check(
          constraints,
          names.replicaIndexes,
          replica.indexes,
          names.indexReadUnits,
          names.indexReadScaling,
          names.indexIsNamed);
      constraints.enumValue("replicaTableClass", replica.tableClass, TABLE_CLASS);
      constraints.leave();
    }
  }

  private static void check(
      Constraints constraints,
      String member,
      @Nullable List<Index> indexes,
      String units,
      String scaling,
      boolean isNamed) {
    if (indexes == null) {
      return;
    }
    for (int i = 0; i < indexes.size(); i++) {
      Index index = indexes.get(i);
      constraints.enterElement(member, i);
      if (index.name != null || (isNamed && constraints.notNull("indexName", index.name))) {
        GlobalTableRequest.checkName(constraints, "indexName", index.name);
      }
      constraints.range(units, index.units, 1, Long.MAX_VALUE);
      if (index.scaling != null) {
        index.scaling.check(constraints, scaling);
      }
      constraints.leave();
    }
  }
}
