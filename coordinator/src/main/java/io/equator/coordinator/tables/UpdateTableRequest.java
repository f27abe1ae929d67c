package io.equator.coordinator.tables;

import io.equator.coordinator.api.AboutTable;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.tables.Shapes.AttributeDefinition;
import io.equator.coordinator.tables.Shapes.IndexUpdate;
import io.equator.coordinator.tables.Shapes.OnDemand;
import io.equator.coordinator.tables.Shapes.ReplicaUpdate;
import io.equator.coordinator.tables.Shapes.Sse;
import io.equator.coordinator.tables.Shapes.Stream;
import io.equator.coordinator.tables.Shapes.Throughput;
import io.equator.coordinator.tables.Shapes.Warm;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code UpdateTable} as it was sent.
 *
 * @param unsupported a member that was sent and that Equator cannot honour
 */
record UpdateTableRequest(
    @Nullable String tableName,
    @Nullable List<AttributeDefinition> attributeDefinitions,
    @Nullable String billingMode,
    @Nullable Throughput throughput,
    @Nullable OnDemand onDemand,
    @Nullable Warm warm,
    @Nullable List<IndexUpdate> indexUpdates,
    @Nullable Stream stream,
    @Nullable Sse sse,
    @Nullable String tableClass,
    @Nullable Boolean deletionProtection,
    @Nullable List<ReplicaUpdate> replicaUpdates,
    @Nullable String unsupported)
    implements AboutTable {
  @Override
  public @Nullable String aboutTable() {
    return tableName;
  }

  static UpdateTableRequest read(WireReader in) {
    String tableName = null;
    List<AttributeDefinition> attributeDefinitions = null;
    String billingMode = null;
    Throughput throughput = null;
    OnDemand onDemand = null;
    Warm warm = null;
    List<IndexUpdate> indexUpdates = null;
    Stream stream = null;
    Sse sse = null;
    String tableClass = null;
    Boolean deletionProtection = null;
    List<ReplicaUpdate> replicaUpdates = null;
    String unsupported = null;
    while (in.nextMember()) {
      switch (in.member()) {
        case "TableName" -> tableName = in.string();
        case "AttributeDefinitions" ->
            attributeDefinitions = Shapes.list(in, AttributeDefinition::read);
        case "BillingMode" -> billingMode = in.string();
        case "ProvisionedThroughput" -> throughput = Throughput.read(in);
        case "OnDemandThroughput" -> onDemand = OnDemand.read(in);
        case "WarmThroughput" -> warm = Warm.read(in);
        case "GlobalSecondaryIndexUpdates" -> indexUpdates = Shapes.list(in, IndexUpdate::read);
        case "StreamSpecification" -> stream = Stream.read(in);
        case "SSESpecification" -> sse = Sse.read(in);
        case "TableClass" -> tableClass = in.string();
        case "DeletionProtectionEnabled" -> deletionProtection = in.bool();
        case "ReplicaUpdates" -> replicaUpdates = Shapes.list(in, ReplicaUpdate::read);
        case "MultiRegionConsistency" -> {
          if ("STRONG".equals(in.string())) {
            unsupported = Unsupported.STRONG_CONSISTENCY;
          }
        }
        default -> {
          unsupported = Unsupported.isMember(in.member()) ? in.member() : unsupported;
          in.skip();
        }
      }
    }
    return new UpdateTableRequest(
        tableName,
        attributeDefinitions,
        billingMode,
        throughput,
        onDemand,
        warm,
        indexUpdates,
        stream,
        sse,
        tableClass,
        deletionProtection,
        replicaUpdates,
        unsupported);
  }

  /** Checks every member for itself. */
  void checkMembers() {
    TableNameParameter.checkRequired(tableName, 1);
    ShapeConstraints constraints = new ShapeConstraints();
    constraints.attributeDefinitions(attributeDefinitions);
    constraints.throughput(throughput);
    constraints.billingMode(billingMode);
    constraints.indexUpdates(indexUpdates);
    constraints.stream(stream);
    constraints.sse(sse);
    constraints.tableClass(tableClass);
    constraints.replicaUpdates(replicaUpdates);
    constraints.throwIfAny();
  }

  /** Whether nothing is asked for; definitions of attributes alone are nothing. */
  boolean isEmpty() {
    return billingMode == null
        && throughput == null
        && onDemand == null
        && warm == null
        && (indexUpdates == null || indexUpdates.isEmpty())
        && stream == null
        && sse == null
        && tableClass == null
        && deletionProtection == null
        && !changesReplicas()
        && unsupported == null;
  }

  /** Whether replicas of a global table are to come, change or go. */
  boolean changesReplicas() {
    return replicaUpdates != null && !replicaUpdates.isEmpty();
  }

  /** Whether nothing else is asked for. */
  boolean changesOnlyReplicas() {
    return billingMode == null
        && throughput == null
        && onDemand == null
        && warm == null
        && (indexUpdates == null || indexUpdates.isEmpty())
        && stream == null
        && sse == null
        && tableClass == null
        && deletionProtection == null;
  }
}
