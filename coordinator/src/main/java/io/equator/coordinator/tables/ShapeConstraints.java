package io.equator.coordinator.tables;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.EnumValues;
import io.equator.coordinator.api.TextPattern;
import io.equator.coordinator.tables.Shapes.AttributeDefinition;
import io.equator.coordinator.tables.Shapes.Index;
import io.equator.coordinator.tables.Shapes.IndexUpdate;
import io.equator.coordinator.tables.Shapes.KeyElement;
import io.equator.coordinator.tables.Shapes.Projection;
import io.equator.coordinator.tables.Shapes.ReplicaAction;
import io.equator.coordinator.tables.Shapes.ReplicaUpdate;
import io.equator.coordinator.tables.Shapes.Sse;
import io.equator.coordinator.tables.Shapes.Stream;
import io.equator.coordinator.tables.Shapes.Tag;
import io.equator.coordinator.tables.Shapes.Throughput;
import io.equator.coordinator.tables.Shapes.TimeToLive;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The constraints that the service model puts on the members of {@link Shapes}: presence, lengths,
 * ranges, patterns and enumerations. What members mean together is checked later, by {@link
 * KeyRules} and {@link ThroughputRules}.
 *
 * <p>The order of checks is the order of complaints. It is the service's own, as far as it is
 * known, and not alphabetical: write units come before read units, patterns before lengths.
 */
final class ShapeConstraints {
  private static final int NAME_MIN = 3;
  private static final int NAME_MAX = 255;
  private static final int ARN_MAX = 1024;
  private static final int ATTRIBUTE_NAME_MAX = 255;
  private static final int NON_KEY_ATTRIBUTES_MAX = 20;

  /** A global index may have four HASH and four RANGE attributes. */
  private static final int GLOBAL_KEY_MAX = 8;

  private static final EnumValues KEY_TYPE = EnumValues.of("HASH", "RANGE");
  private static final EnumValues ATTRIBUTE_TYPE = EnumValues.of("B", "N", "S");
  private static final EnumValues PROJECTION_TYPE = EnumValues.of("ALL", "INCLUDE", "KEYS_ONLY");
  private static final EnumValues BILLING_MODE = EnumValues.of("PROVISIONED", "PAY_PER_REQUEST");
  private static final EnumValues SSE_TYPE = EnumValues.of("AES256", "KMS");
  private static final EnumValues TABLE_CLASS =
      EnumValues.of("STANDARD", "STANDARD_INFREQUENT_ACCESS");
  private static final EnumValues STREAM_VIEW_TYPE =
      EnumValues.of("NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY");

  private final Constraints constraints = new Constraints();

  /** Ends the request if anything was wrong so far. */
  void throwIfAny() {
    constraints.throwIfAny();
  }

  /**
   * A table's name, or its ARN, whose form is checked when it is resolved.
   *
   * @param lengthMin 3 for CreateTable; the other operations look names up as they are
   */
  void tableName(@Nullable String name, int lengthMin) {
    if (name != null && name.startsWith("arn:")) {
      constraints.length("tableName", name, 1, ARN_MAX);
      return;
    }
    if (constraints.length("tableName", name, lengthMin, NAME_MAX)) {
      constraints.pattern("tableName", name, TextPattern.NAME);
    }
  }

  /** The name of a table where no ARN is accepted. */
  void plainTableName(String member, @Nullable String name) {
    constraints.pattern(member, name, TextPattern.NAME);
    constraints.length(member, name, NAME_MIN, NAME_MAX);
  }

  void range(String member, @Nullable Integer value, int min, int max) {
    constraints.range(member, value, min, max);
  }

  void length(String member, @Nullable String value, int min, int max) {
    constraints.length(member, value, min, max);
  }

  boolean notNull(String member, @Nullable Object value) {
    return constraints.notNull(member, value);
  }

  void attributeDefinitions(@Nullable List<AttributeDefinition> definitions) {
    if (definitions == null) {
      return;
    }
    for (int i = 0; i < definitions.size(); i++) {
      AttributeDefinition definition = definitions.get(i);
      constraints.enterElement("attributeDefinitions", i);
      attributeName(definition.name());
      if (constraints.notNull("attributeType", definition.type())) {
        constraints.enumValue("attributeType", definition.type(), ATTRIBUTE_TYPE);
      }
      constraints.leave();
    }
  }

  void keySchema(@Nullable List<KeyElement> schema, int lengthMax) {
    if (!constraints.notNull("keySchema", schema) || schema == null) {
      return;
    }
    constraints.length("keySchema", schema, 1, lengthMax);
    for (int i = 0; i < schema.size(); i++) {
      KeyElement element = schema.get(i);
      constraints.enterElement("keySchema", i);
      attributeName(element.name());
      if (constraints.notNull("keyType", element.type())) {
        constraints.enumValue("keyType", element.type(), KEY_TYPE);
      }
      constraints.leave();
    }
  }

  private void attributeName(@Nullable String name) {
    if (constraints.notNull("attributeName", name)) {
      constraints.length("attributeName", name, 1, ATTRIBUTE_NAME_MAX);
    }
  }

  void billingMode(@Nullable String mode) {
    constraints.enumValue("billingMode", mode, BILLING_MODE);
  }

  void throughput(@Nullable Throughput throughput) {
    if (throughput == null) {
      return;
    }
    constraints.enterStruct("provisionedThroughput");
    units("writeCapacityUnits", throughput.writeUnits());
    units("readCapacityUnits", throughput.readUnits());
    constraints.leave();
  }

  private void units(String member, @Nullable Long units) {
    if (constraints.notNull(member, units)) {
      constraints.range(member, units, 1, Long.MAX_VALUE);
    }
  }

  void localIndexes(@Nullable List<Index> indexes) {
    if (indexes == null) {
      return;
    }
    for (int i = 0; i < indexes.size(); i++) {
      constraints.enterElement("localSecondaryIndexes", i);
      index(indexes.get(i), 2);
      constraints.leave();
    }
  }

  void globalIndexes(@Nullable List<Index> indexes) {
    if (indexes == null) {
      return;
    }
    for (int i = 0; i < indexes.size(); i++) {
      constraints.enterElement("globalSecondaryIndexes", i);
      index(indexes.get(i), GLOBAL_KEY_MAX);
      constraints.leave();
    }
  }

  void indexUpdates(@Nullable List<IndexUpdate> updates) {
    if (updates == null) {
      return;
    }
    for (int i = 0; i < updates.size(); i++) {
      IndexUpdate update = updates.get(i);
      constraints.enterElement("globalSecondaryIndexUpdates", i);
      if (update.update() != null) {
        constraints.enterStruct("update");
        indexName(update.update().name());
        throughput(update.update().throughput());
        constraints.leave();
      }
      if (update.create() != null) {
        constraints.enterStruct("create");
        index(update.create(), GLOBAL_KEY_MAX);
        constraints.leave();
      }
      if (update.delete() != null) {
        constraints.enterStruct("delete");
        indexName(update.delete().name());
        constraints.leave();
      }
      constraints.leave();
    }
  }

  private void index(Index index, int keyLengthMax) {
    indexName(index.name());
    keySchema(index.keySchema(), keyLengthMax);
    projection(index.projection());
    throughput(index.throughput());
  }

  private void indexName(@Nullable String name) {
    if (constraints.notNull("indexName", name)) {
      constraints.pattern("indexName", name, TextPattern.NAME);
      constraints.length("indexName", name, NAME_MIN, NAME_MAX);
    }
  }

  private void projection(@Nullable Projection projection) {
    if (!constraints.notNull("projection", projection) || projection == null) {
      return;
    }
    constraints.enterStruct("projection");
    constraints.enumValue("projectionType", projection.type(), PROJECTION_TYPE);
    List<String> attributes = projection.nonKeyAttributes();
    if (attributes != null) {
      constraints.length("nonKeyAttributes", attributes, 1, NON_KEY_ATTRIBUTES_MAX);
      for (int i = 0; i < attributes.size(); i++) {
        constraints.length(
            "nonKeyAttributes." + (i + 1) + ".member", attributes.get(i), 1, ATTRIBUTE_NAME_MAX);
      }
    }
    constraints.leave();
  }

  void stream(@Nullable Stream stream) {
    if (stream == null) {
      return;
    }
    constraints.enterStruct("streamSpecification");
    constraints.notNull("streamEnabled", stream.enabled());
    constraints.enumValue("streamViewType", stream.viewType(), STREAM_VIEW_TYPE);
    constraints.leave();
  }

  void sse(@Nullable Sse sse) {
    if (sse == null) {
      return;
    }
    constraints.enterStruct("sSESpecification");
    constraints.enumValue("sSEType", sse.type(), SSE_TYPE);
    constraints.leave();
  }

  void tableClass(@Nullable String tableClass) {
    constraints.enumValue("tableClass", tableClass, TABLE_CLASS);
  }

  void replicaUpdates(@Nullable List<ReplicaUpdate> updates) {
    if (updates == null) {
      return;
    }
    constraints.length("replicaUpdates", updates, 1, Integer.MAX_VALUE);
    for (int i = 0; i < updates.size(); i++) {
      constraints.enterElement("replicaUpdates", i);
      replicaAction("create", updates.get(i).create());
      replicaAction("update", updates.get(i).update());
      replicaAction("delete", updates.get(i).delete());
      constraints.leave();
    }
  }

  private void replicaAction(String member, @Nullable ReplicaAction action) {
    if (action == null) {
      return;
    }
    constraints.enterStruct(member);
    constraints.notNull("regionName", action.region());
    constraints.enumValue("tableClassOverride", action.tableClass(), TABLE_CLASS);
    constraints.range(
        "provisionedThroughputOverride.readCapacityUnits", action.readUnits(), 1, Long.MAX_VALUE);
    if (action.indexes() != null) {
      constraints.length("globalSecondaryIndexes", action.indexes(), 1, Integer.MAX_VALUE);
      for (int i = 0; i < action.indexes().size(); i++) {
        constraints.enterElement("globalSecondaryIndexes", i);
        indexName(action.indexes().get(i).name());
        constraints.leave();
      }
    }
    constraints.leave();
  }

  void tags(@Nullable List<Tag> tags) {
    if (tags == null) {
      return;
    }
    for (int i = 0; i < tags.size(); i++) {
      Tag tag = tags.get(i);
      constraints.enterElement("tags", i);
      if (constraints.notNull("key", tag.key())) {
        constraints.length("key", tag.key(), 1, 128);
      }
      if (constraints.notNull("value", tag.value())) {
        constraints.length("value", tag.value(), 0, 256);
      }
      constraints.leave();
    }
  }

  void tagKeys(@Nullable List<String> keys) {
    if (keys == null) {
      return;
    }
    for (int i = 0; i < keys.size(); i++) {
      constraints.length("tagKeys." + (i + 1) + ".member", keys.get(i), 1, 128);
    }
  }

  void timeToLive(@Nullable TimeToLive specification) {
    if (!constraints.notNull("timeToLiveSpecification", specification) || specification == null) {
      return;
    }
    constraints.enterStruct("timeToLiveSpecification");
    constraints.notNull("enabled", specification.enabled());
    attributeName(specification.attribute());
    constraints.leave();
  }
}
