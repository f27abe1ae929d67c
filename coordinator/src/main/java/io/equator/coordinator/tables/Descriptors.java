package io.equator.coordinator.tables;

import io.equator.coordinator.tables.Shapes.AttributeDefinition;
import io.equator.coordinator.tables.Shapes.Index;
import io.equator.coordinator.tables.Shapes.Projection;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.KeyElement;
import io.equator.proto.KeyType;
import io.equator.proto.ProjectionType;
import io.equator.proto.ScalarType;
import io.equator.proto.Tag;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns structures whose members have been checked into the descriptors that the catalog stores.
 */
final class Descriptors {
  private static final DateTimeFormatter LABEL =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

  private Descriptors() {}

  static List<KeyElement> definitions(@Nullable List<AttributeDefinition> definitions) {
    List<KeyElement> stored = new ArrayList<>();
    if (definitions != null) {
      for (AttributeDefinition definition : definitions) {
        stored.add(
            KeyElement.newBuilder()
                .setAttributeName(Objects.requireNonNull(definition.name()))
                .setAttributeType(ScalarType.valueOf(Objects.requireNonNull(definition.type())))
                .build());
      }
    }
    return stored;
  }

  /** A key; an attribute without definition has no type. */
  static List<KeyElement> key(
      @Nullable List<Shapes.KeyElement> schema, List<KeyElement> definitions) {
    Map<String, ScalarType> types = new HashMap<>();
    definitions.forEach(d -> types.put(d.getAttributeName(), d.getAttributeType()));
    List<KeyElement> key = new ArrayList<>();
    for (Shapes.KeyElement element : Objects.requireNonNull(schema)) {
      String name = Objects.requireNonNull(element.name());
      key.add(
          KeyElement.newBuilder()
              .setAttributeName(name)
              .setKeyType(KeyType.valueOf(Objects.requireNonNull(element.type())))
              .setAttributeType(types.getOrDefault(name, ScalarType.SCALAR_TYPE_UNSPECIFIED))
              .build());
    }
    return key;
  }

  /** The indexes of a new table; their numbers are given later. */
  static List<IndexDescriptor> indexes(
      @Nullable List<Index> indexes, boolean local, List<KeyElement> definitions) {
    List<IndexDescriptor> stored = new ArrayList<>();
    if (indexes != null) {
      indexes.forEach(index -> stored.add(index(index, local, definitions)));
    }
    return stored;
  }

  /** One index, with a throughput when one was sent. */
  static IndexDescriptor index(Index index, boolean local, List<KeyElement> definitions) {
    Projection projection = Objects.requireNonNull(index.projection());
    IndexDescriptor.Builder stored =
        IndexDescriptor.newBuilder()
            .setName(Objects.requireNonNull(index.name()))
            .setLocal(local)
            .addAllKey(key(index.keySchema(), definitions))
            .setProjectionType(
                projection.type() == null
                    ? ProjectionType.PROJECTION_TYPE_UNSPECIFIED
                    : ProjectionType.valueOf(projection.type()));
    if (projection.nonKeyAttributes() != null) {
      stored.addAllNonKeyAttributes(projection.nonKeyAttributes());
    }
    if (!local) {
      stored.setStatus(Statuses.CREATING);
    }
    if (index.throughput() != null) {
      stored.setThroughput(ThroughputRules.toStored(index.throughput()));
    }
    return stored.build();
  }

  static List<Tag> tags(@Nullable List<Shapes.Tag> tags) {
    List<Tag> stored = new ArrayList<>();
    if (tags != null) {
      for (Shapes.Tag tag : tags) {
        stored.add(
            Tag.newBuilder()
                .setKey(Objects.requireNonNull(tag.key()))
                .setValue(Objects.requireNonNull(tag.value()))
                .build());
      }
    }
    return stored;
  }

  /** The label of a stream that was created at this time. */
  static String streamLabel(long millis) {
    return LABEL.format(Instant.ofEpochMilli(millis));
  }
}
