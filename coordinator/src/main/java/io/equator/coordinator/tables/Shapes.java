package io.equator.coordinator.tables;

import io.equator.coordinator.json.WireReader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The structures of the service model that requests about tables are made of, as they were sent:
 * absent members are null, and nothing is checked but types.
 *
 * <p>{@code toString} of {@link KeyElement} and {@link Tag} is what DynamoDB prints in a complaint.
 */
final class Shapes {
  private Shapes() {}

  /** {@code AttributeDefinition}. */
  record AttributeDefinition(@Nullable String name, @Nullable String type) {
    static AttributeDefinition read(WireReader in) {
      String name = null;
      String type = null;
      in.beginStruct("AttributeDefinition");
      while (in.nextMember()) {
        switch (in.member()) {
          case "AttributeName" -> name = in.string();
          case "AttributeType" -> type = in.string();
          default -> in.skip();
        }
      }
      return new AttributeDefinition(name, type);
    }
  }

  /** {@code KeySchemaElement}. */
  record KeyElement(@Nullable String name, @Nullable String type) {
    static KeyElement read(WireReader in) {
      String name = null;
      String type = null;
      in.beginStruct("KeySchemaElement");
      while (in.nextMember()) {
        switch (in.member()) {
          case "AttributeName" -> name = in.string();
          case "KeyType" -> type = in.string();
          default -> in.skip();
        }
      }
      return new KeyElement(name, type);
    }

    @Override
    public String toString() {
      return "KeySchemaElement(attributeName=" + name + ", keyType=" + type + ")";
    }
  }

  /** {@code Projection}. */
  record Projection(@Nullable String type, @Nullable List<String> nonKeyAttributes) {
    static Projection read(WireReader in) {
      String type = null;
      List<String> nonKeyAttributes = null;
      in.beginStruct("Projection");
      while (in.nextMember()) {
        switch (in.member()) {
          case "ProjectionType" -> type = in.string();
          case "NonKeyAttributes" -> nonKeyAttributes = in.stringList();
          default -> in.skip();
        }
      }
      return new Projection(type, nonKeyAttributes);
    }
  }

  /** {@code ProvisionedThroughput}. */
  record Throughput(@Nullable Long readUnits, @Nullable Long writeUnits) {
    static Throughput read(WireReader in) {
      Long readUnits = null;
      Long writeUnits = null;
      in.beginStruct("ProvisionedThroughput");
      while (in.nextMember()) {
        switch (in.member()) {
          case "ReadCapacityUnits" -> readUnits = in.longValue();
          case "WriteCapacityUnits" -> writeUnits = in.longValue();
          default -> in.skip();
        }
      }
      return new Throughput(readUnits, writeUnits);
    }
  }

  /** {@code OnDemandThroughput}. */
  record OnDemand(@Nullable Long maxReadUnits, @Nullable Long maxWriteUnits) {
    static OnDemand read(WireReader in) {
      Long maxReadUnits = null;
      Long maxWriteUnits = null;
      in.beginStruct("OnDemandThroughput");
      while (in.nextMember()) {
        switch (in.member()) {
          case "MaxReadRequestUnits" -> maxReadUnits = in.longValue();
          case "MaxWriteRequestUnits" -> maxWriteUnits = in.longValue();
          default -> in.skip();
        }
      }
      return new OnDemand(maxReadUnits, maxWriteUnits);
    }
  }

  /** {@code WarmThroughput}. */
  record Warm(@Nullable Long readUnits, @Nullable Long writeUnits) {
    static Warm read(WireReader in) {
      Long readUnits = null;
      Long writeUnits = null;
      in.beginStruct("WarmThroughput");
      while (in.nextMember()) {
        switch (in.member()) {
          case "ReadUnitsPerSecond" -> readUnits = in.longValue();
          case "WriteUnitsPerSecond" -> writeUnits = in.longValue();
          default -> in.skip();
        }
      }
      return new Warm(readUnits, writeUnits);
    }
  }

  /**
   * {@code LocalSecondaryIndex}, {@code GlobalSecondaryIndex}, and the actions of {@code
   * GlobalSecondaryIndexUpdate}, which have some of the same members.
   */
  record Index(
      @Nullable String name,
      @Nullable List<KeyElement> keySchema,
      @Nullable Projection projection,
      @Nullable Throughput throughput,
      @Nullable OnDemand onDemand,
      @Nullable Warm warm) {
    static Index read(WireReader in, String shape) {
      String name = null;
      List<KeyElement> keySchema = null;
      Projection projection = null;
      Throughput throughput = null;
      OnDemand onDemand = null;
      Warm warm = null;
      in.beginStruct(shape);
      while (in.nextMember()) {
        switch (in.member()) {
          case "IndexName" -> name = in.string();
          case "KeySchema" -> keySchema = list(in, KeyElement::read);
          case "Projection" -> projection = Projection.read(in);
          case "ProvisionedThroughput" -> throughput = Throughput.read(in);
          case "OnDemandThroughput" -> onDemand = OnDemand.read(in);
          case "WarmThroughput" -> warm = Warm.read(in);
          default -> in.skip();
        }
      }
      return new Index(name, keySchema, projection, throughput, onDemand, warm);
    }

    static Index readLocal(WireReader in) {
      return read(in, "LocalSecondaryIndex");
    }

    static Index readGlobal(WireReader in) {
      return read(in, "GlobalSecondaryIndex");
    }
  }

  /** {@code GlobalSecondaryIndexUpdate}: one of its members should be there. */
  record IndexUpdate(@Nullable Index update, @Nullable Index create, @Nullable Index delete) {
    static IndexUpdate read(WireReader in) {
      Index update = null;
      Index create = null;
      Index delete = null;
      in.beginStruct("GlobalSecondaryIndexUpdate");
      while (in.nextMember()) {
        switch (in.member()) {
          case "Update" -> update = Index.read(in, "UpdateGlobalSecondaryIndexAction");
          case "Create" -> create = Index.read(in, "CreateGlobalSecondaryIndexAction");
          case "Delete" -> delete = Index.read(in, "DeleteGlobalSecondaryIndexAction");
          default -> in.skip();
        }
      }
      return new IndexUpdate(update, create, delete);
    }
  }

  /** {@code StreamSpecification}. */
  record Stream(@Nullable Boolean enabled, @Nullable String viewType) {
    static Stream read(WireReader in) {
      Boolean enabled = null;
      String viewType = null;
      in.beginStruct("StreamSpecification");
      while (in.nextMember()) {
        switch (in.member()) {
          case "StreamEnabled" -> enabled = in.bool();
          case "StreamViewType" -> viewType = in.string();
          default -> in.skip();
        }
      }
      return new Stream(enabled, viewType);
    }
  }

  /** {@code SSESpecification}. */
  record Sse(@Nullable Boolean enabled, @Nullable String type, @Nullable String keyId) {
    static Sse read(WireReader in) {
      Boolean enabled = null;
      String type = null;
      String keyId = null;
      in.beginStruct("SSESpecification");
      while (in.nextMember()) {
        switch (in.member()) {
          case "Enabled" -> enabled = in.bool();
          case "SSEType" -> type = in.string();
          case "KMSMasterKeyId" -> keyId = in.string();
          default -> in.skip();
        }
      }
      return new Sse(enabled, type, keyId);
    }
  }

  /** {@code ReplicaGlobalSecondaryIndex}. */
  record ReplicaIndex(
      @Nullable String name, @Nullable Long readUnits, @Nullable Long maxReadUnits) {
    static ReplicaIndex read(WireReader in) {
      String name = null;
      Throughput throughput = null;
      OnDemand onDemand = null;
      in.beginStruct("ReplicaGlobalSecondaryIndex");
      while (in.nextMember()) {
        switch (in.member()) {
          case "IndexName" -> name = in.string();
          case "ProvisionedThroughputOverride" -> throughput = Throughput.read(in);
          case "OnDemandThroughputOverride" -> onDemand = OnDemand.read(in);
          default -> in.skip();
        }
      }
      return new ReplicaIndex(
          name,
          throughput == null ? null : throughput.readUnits(),
          onDemand == null ? null : onDemand.maxReadUnits());
    }
  }

  /** The actions of {@code ReplicationGroupUpdate}. */
  record ReplicaAction(
      @Nullable String region,
      @Nullable String kmsKey,
      @Nullable Long readUnits,
      @Nullable Long maxReadUnits,
      @Nullable String tableClass,
      @Nullable List<ReplicaIndex> indexes) {
    static ReplicaAction read(WireReader in, String shape) {
      String region = null;
      String kmsKey = null;
      Throughput throughput = null;
      OnDemand onDemand = null;
      String tableClass = null;
      List<ReplicaIndex> indexes = null;
      in.beginStruct(shape);
      while (in.nextMember()) {
        switch (in.member()) {
          case "RegionName" -> region = in.string();
          case "KMSMasterKeyId" -> kmsKey = in.string();
          case "ProvisionedThroughputOverride" -> throughput = Throughput.read(in);
          case "OnDemandThroughputOverride" -> onDemand = OnDemand.read(in);
          case "TableClassOverride" -> tableClass = in.string();
          case "GlobalSecondaryIndexes" -> indexes = list(in, ReplicaIndex::read);
          default -> in.skip();
        }
      }
      return new ReplicaAction(
          region,
          kmsKey,
          throughput == null ? null : throughput.readUnits(),
          onDemand == null ? null : onDemand.maxReadUnits(),
          tableClass,
          indexes);
    }

    /** Whether nothing but the region is named. */
    boolean isEmpty() {
      return kmsKey == null
          && readUnits == null
          && maxReadUnits == null
          && tableClass == null
          && indexes == null;
    }
  }

  /** {@code ReplicationGroupUpdate}: one of its members should be there. */
  record ReplicaUpdate(
      @Nullable ReplicaAction create,
      @Nullable ReplicaAction update,
      @Nullable ReplicaAction delete) {
    static ReplicaUpdate read(WireReader in) {
      ReplicaAction create = null;
      ReplicaAction update = null;
      ReplicaAction delete = null;
      in.beginStruct("ReplicationGroupUpdate");
      while (in.nextMember()) {
        switch (in.member()) {
          case "Create" -> create = ReplicaAction.read(in, "CreateReplicationGroupMemberAction");
          case "Update" -> update = ReplicaAction.read(in, "UpdateReplicationGroupMemberAction");
          case "Delete" -> delete = ReplicaAction.read(in, "DeleteReplicationGroupMemberAction");
          default -> in.skip();
        }
      }
      return new ReplicaUpdate(create, update, delete);
    }
  }

  /** {@code Tag}. */
  record Tag(@Nullable String key, @Nullable String value) {
    static Tag read(WireReader in) {
      String key = null;
      String value = null;
      in.beginStruct("Tag");
      while (in.nextMember()) {
        switch (in.member()) {
          case "Key" -> key = in.string();
          case "Value" -> value = in.string();
          default -> in.skip();
        }
      }
      return new Tag(key, value);
    }

    @Override
    public String toString() {
      return "Tag(key=" + key + ", value=" + value + ")";
    }
  }

  /** {@code TimeToLiveSpecification}. */
  record TimeToLive(@Nullable Boolean enabled, @Nullable String attribute) {
    static TimeToLive read(WireReader in) {
      Boolean enabled = null;
      String attribute = null;
      in.beginStruct("TimeToLiveSpecification");
      while (in.nextMember()) {
        switch (in.member()) {
          case "Enabled" -> enabled = in.bool();
          case "AttributeName" -> attribute = in.string();
          default -> in.skip();
        }
      }
      return new TimeToLive(enabled, attribute);
    }
  }

  /** A list of structures. */
  static <T> List<T> list(WireReader in, Function<WireReader, T> element) {
    List<T> list = new ArrayList<>();
    in.beginList();
    while (in.nextElement()) {
      list.add(element.apply(in));
    }
    return list;
  }
}
