package io.equator.coordinator.tables;

import io.equator.coordinator.json.WireWriter;
import io.equator.coordinator.tables.TableStatistics.Size;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.KeyElement;
import io.equator.proto.OnDemandLimits;
import io.equator.proto.TableDescriptor;
import io.equator.proto.Throughput;
import io.equator.proto.WarmThroughputValues;
import java.util.List;
import java.util.Optional;

/**
 * Writes {@code TableDescription}: a descriptor as clients see it.
 *
 * <p>Members that DynamoDB leaves out when they say nothing are left out here too: the summary of
 * billing of a table that was always provisioned, the class of a standard table, encryption with
 * the service's own key.
 */
final class DescriptionWriter {
  private final WireWriter out;
  private final TableDescriptor table;
  private final TableStatistics statistics;
  private final Arns arns;
  private final long nowMillis;
  private final Optional<GlobalTableDescriptor> document;

  private DescriptionWriter(
      WireWriter out,
      TableDescriptor table,
      TableStatistics statistics,
      Arns arns,
      long nowMillis,
      Optional<GlobalTableDescriptor> document) {
    this.out = out;
    this.table = table;
    this.statistics = statistics;
    this.arns = arns;
    this.nowMillis = nowMillis;
    this.document = document;
  }

  /**
   * Writes the description as this member.
   *
   * @param document of the global table, if the table is a replica
   */
  static void write(
      WireWriter out,
      String member,
      TableDescriptor table,
      TableStatistics statistics,
      Arns arns,
      long nowMillis,
      Optional<GlobalTableDescriptor> document) {
    out.beginObject(member);
    new DescriptionWriter(out, table, statistics, arns, nowMillis, document).members();
    out.endObject();
  }

  private void members() {
    out.beginArray("AttributeDefinitions");
    for (KeyElement definition : table.getAttributeDefinitionsList()) {
      out.beginObject();
      out.field("AttributeName", definition.getAttributeName());
      out.field("AttributeType", definition.getAttributeType().name());
      out.endObject();
    }
    out.endArray();
    out.field("TableName", table.getName());
    key(table.getKeyList());
    out.field("TableStatus", ReplicaDescriptions.status(table.getStatus(), document));
    out.timestampField("CreationDateTime", table.getCreatedMillis());
    throughput(table.getThroughput());
    size("TableSizeBytes", statistics.table());
    out.field("TableArn", arns.table(table.getName()));
    out.field("TableId", table.getUuid());
    billing();
    localIndexes();
    globalIndexes();
    stream();
    ReplicaDescriptions.write(out, document, arns);
    features();
    onDemand(table.hasOnDemandLimits(), table.getOnDemandLimits());
    warm(ThroughputRules.warm(table));
  }

  private void key(List<KeyElement> key) {
    out.beginArray("KeySchema");
    for (KeyElement element : key) {
      out.beginObject();
      out.field("AttributeName", element.getAttributeName());
      out.field("KeyType", element.getKeyType().name());
      out.endObject();
    }
    out.endArray();
  }

  private void throughput(Throughput throughput) {
    out.beginObject("ProvisionedThroughput");
    if (throughput.getLastIncreaseMillis() != 0) {
      out.timestampField("LastIncreaseDateTime", throughput.getLastIncreaseMillis());
    }
    if (throughput.getLastDecreaseMillis() != 0) {
      out.timestampField("LastDecreaseDateTime", throughput.getLastDecreaseMillis());
    }
    out.field("NumberOfDecreasesToday", ThroughputRules.decreasesToday(throughput, nowMillis));
    out.field("ReadCapacityUnits", throughput.getReadUnits());
    out.field("WriteCapacityUnits", throughput.getWriteUnits());
    out.endObject();
  }

  private void size(String bytesMember, Size size) {
    out.field(bytesMember, size.sizeBytes());
    out.field("ItemCount", size.itemCount());
  }

  private void billing() {
    if (table.getBillingModeSummary()) {
      out.beginObject("BillingModeSummary");
      out.field("BillingMode", table.getBillingMode());
      if (table.getLastPayPerRequestMillis() != 0) {
        out.timestampField("LastUpdateToPayPerRequestDateTime", table.getLastPayPerRequestMillis());
      }
      out.endObject();
    }
  }

  private void localIndexes() {
    boolean any = false;
    for (IndexDescriptor index : table.getIndexesList()) {
      if (index.getLocal()) {
        if (!any) {
          out.beginArray("LocalSecondaryIndexes");
          any = true;
        }
        out.beginObject();
        index(index);
        out.endObject();
      }
    }
    if (any) {
      out.endArray();
    }
  }

  private void globalIndexes() {
    boolean any = false;
    for (IndexDescriptor index : table.getIndexesList()) {
      if (!index.getLocal()) {
        if (!any) {
          out.beginArray("GlobalSecondaryIndexes");
          any = true;
        }
        out.beginObject();
        index(index);
        out.field("IndexStatus", index.getStatus());
        if (index.getBackfilling()) {
          out.field("Backfilling", true);
        }
        throughput(index.getThroughput());
        onDemand(index.hasOnDemandLimits(), index.getOnDemandLimits());
        warm(ThroughputRules.warm(table, index));
        out.endObject();
      }
    }
    if (any) {
      out.endArray();
    }
  }

  /** What local and global indexes have in common. */
  private void index(IndexDescriptor index) {
    out.field("IndexName", index.getName());
    key(index.getKeyList());
    out.beginObject("Projection");
    out.field("ProjectionType", index.getProjectionType().name());
    if (index.getNonKeyAttributesCount() > 0) {
      out.field("NonKeyAttributes", index.getNonKeyAttributesList());
    }
    out.endObject();
    size("IndexSizeBytes", statistics.index(index.getIndexId()));
    out.field("IndexArn", arns.index(table.getName(), index.getName()));
  }

  private void stream() {
    if (table.getStreamEnabled()) {
      out.beginObject("StreamSpecification");
      out.field("StreamEnabled", true);
      out.field("StreamViewType", table.getStreamViewType());
      out.endObject();
    }
    if (!table.getStreamLabel().isEmpty()) {
      out.field("LatestStreamLabel", table.getStreamLabel());
      out.field("LatestStreamArn", arns.stream(table.getName(), table.getStreamLabel()));
    }
  }

  private void features() {
    if (table.getSseEnabled()) {
      out.beginObject("SSEDescription");
      out.field("Status", Statuses.ENABLED);
      out.field("SSEType", "KMS");
      out.field("KMSMasterKeyArn", table.getSseKmsKeyArn());
      out.endObject();
    }
    if (!table.getTableClass().isEmpty()) {
      out.beginObject("TableClassSummary");
      out.field("TableClass", table.getTableClass());
      if (table.getTableClassChangedMillis() != 0) {
        out.timestampField("LastUpdateDateTime", table.getTableClassChangedMillis());
      }
      out.endObject();
    }
    out.field("DeletionProtectionEnabled", table.getDeletionProtection());
  }

  private void onDemand(boolean set, OnDemandLimits limits) {
    if (set) {
      out.beginObject("OnDemandThroughput");
      if (limits.hasMaxReadRequestUnits()) {
        out.field("MaxReadRequestUnits", limits.getMaxReadRequestUnits());
      }
      if (limits.hasMaxWriteRequestUnits()) {
        out.field("MaxWriteRequestUnits", limits.getMaxWriteRequestUnits());
      }
      out.endObject();
    }
  }

  private void warm(WarmThroughputValues warm) {
    out.beginObject("WarmThroughput");
    out.field("ReadUnitsPerSecond", warm.getReadUnitsPerSecond());
    out.field("WriteUnitsPerSecond", warm.getWriteUnitsPerSecond());
    out.field("Status", warm.getStatus());
    out.endObject();
  }
}
