package io.equator.coordinator.tables;

import io.equator.coordinator.api.AboutTable;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.tables.Shapes.AttributeDefinition;
import io.equator.coordinator.tables.Shapes.Index;
import io.equator.coordinator.tables.Shapes.KeyElement;
import io.equator.coordinator.tables.Shapes.OnDemand;
import io.equator.coordinator.tables.Shapes.Sse;
import io.equator.coordinator.tables.Shapes.Stream;
import io.equator.coordinator.tables.Shapes.Tag;
import io.equator.coordinator.tables.Shapes.Throughput;
import io.equator.coordinator.tables.Shapes.Warm;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code CreateTable} as it was sent.
 *
 * @param unsupported a member that was sent and that Equator cannot honour
 */
record CreateTableRequest(
    @Nullable String tableName,
    @Nullable List<AttributeDefinition> attributeDefinitions,
    @Nullable List<KeyElement> keySchema,
    @Nullable List<Index> localIndexes,
    @Nullable List<Index> globalIndexes,
    @Nullable String billingMode,
    @Nullable Throughput throughput,
    @Nullable OnDemand onDemand,
    @Nullable Warm warm,
    @Nullable Stream stream,
    @Nullable Sse sse,
    @Nullable List<Tag> tags,
    @Nullable String tableClass,
    boolean deletionProtection,
    @Nullable String unsupported)
    implements AboutTable {
  @Override
  public @Nullable String aboutTable() {
    return tableName;
  }

  static CreateTableRequest read(WireReader in) {
    String tableName = null;
    List<AttributeDefinition> attributeDefinitions = null;
    List<KeyElement> keySchema = null;
    List<Index> localIndexes = null;
    List<Index> globalIndexes = null;
    String billingMode = null;
    Throughput throughput = null;
    OnDemand onDemand = null;
    Warm warm = null;
    Stream stream = null;
    Sse sse = null;
    List<Tag> tags = null;
    String tableClass = null;
    boolean deletionProtection = false;
    String unsupported = null;
    while (in.nextMember()) {
      switch (in.member()) {
        case "TableName" -> tableName = in.string();
        case "AttributeDefinitions" ->
            attributeDefinitions = Shapes.list(in, AttributeDefinition::read);
        case "KeySchema" -> keySchema = Shapes.list(in, KeyElement::read);
        case "LocalSecondaryIndexes" -> localIndexes = Shapes.list(in, Index::readLocal);
        case "GlobalSecondaryIndexes" -> globalIndexes = Shapes.list(in, Index::readGlobal);
        case "BillingMode" -> billingMode = in.string();
        case "ProvisionedThroughput" -> throughput = Throughput.read(in);
        case "OnDemandThroughput" -> onDemand = OnDemand.read(in);
        case "WarmThroughput" -> warm = Warm.read(in);
        case "StreamSpecification" -> stream = Stream.read(in);
        case "SSESpecification" -> sse = Sse.read(in);
        case "Tags" -> tags = Shapes.list(in, Tag::read);
        case "TableClass" -> tableClass = in.string();
        case "DeletionProtectionEnabled" -> deletionProtection = in.bool();
        default -> {
          unsupported = Unsupported.isMember(in.member()) ? in.member() : unsupported;
          in.skip();
        }
      }
    }
    return new CreateTableRequest(
        tableName,
        attributeDefinitions,
        keySchema,
        localIndexes,
        globalIndexes,
        billingMode,
        throughput,
        onDemand,
        warm,
        stream,
        sse,
        tags,
        tableClass,
        deletionProtection,
        unsupported);
  }

  /** Checks every member for itself. */
  void checkMembers() {
    TableNameParameter.checkRequired(tableName, 3);
    ShapeConstraints constraints = new ShapeConstraints();
    if (constraints.notNull("attributeDefinitions", attributeDefinitions)) {
      constraints.attributeDefinitions(attributeDefinitions);
    }
    constraints.billingMode(billingMode);
    constraints.throughput(throughput);
    constraints.keySchema(keySchema, 2);
    constraints.localIndexes(localIndexes);
    constraints.globalIndexes(globalIndexes);
    constraints.stream(stream);
    constraints.sse(sse);
    constraints.tags(tags);
    constraints.tableClass(tableClass);
    constraints.throwIfAny();
  }
}
