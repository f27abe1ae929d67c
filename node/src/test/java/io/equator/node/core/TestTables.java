package io.equator.node.core;

import com.google.protobuf.ByteString;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.ItemCodec;
import io.equator.model.key.KeyCodec;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.Condition;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.ItemDelete;
import io.equator.proto.ItemKey;
import io.equator.proto.ItemUpdate;
import io.equator.proto.ItemWrite;
import io.equator.proto.KeyElement;
import io.equator.proto.KeyType;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import io.equator.proto.PathValue;
import io.equator.proto.ProjectionType;
import io.equator.proto.ScalarType;
import io.equator.proto.SetAction;
import io.equator.proto.SetValue;
import io.equator.proto.TableDescriptor;
import io.equator.proto.Update;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Tables, keys and items for tests. All tables have the key (pk: S, sk: N). */
public final class TestTables {
  /** The only partition of the tests: epoch 1, ring 1, every token. */
  public static final Descriptor EVERYTHING = new Descriptor(1, 1, 0, -1L);

  private TestTables() {}

  /** A table without indexes. */
  public static TableDescriptor plain(int id) {
    return TableDescriptor.newBuilder()
        .setTableId(id)
        .setSchemaVersion(1)
        .setName("table" + id)
        .setStatus("ACTIVE")
        .setRingId(1)
        .addKey(key("pk", KeyType.HASH, ScalarType.S))
        .addKey(key("sk", KeyType.RANGE, ScalarType.N))
        .build();
  }

  /**
   * A table with the local indexes {@code byKind} (keys only), {@code byRank} (includes "extra"),
   * {@code byAll} (all).
   */
  public static TableDescriptor indexed(int id) {
    return plain(id).toBuilder()
        .addIndexes(local(1, "byKind", "kind", ScalarType.S, ProjectionType.KEYS_ONLY))
        .addIndexes(
            local(2, "byRank", "rank", ScalarType.N, ProjectionType.INCLUDE)
                .addNonKeyAttributes("extra"))
        .addIndexes(local(3, "byAll", "kind", ScalarType.S, ProjectionType.ALL))
        .build();
  }

  /** A table with a stream of this view. */
  public static TableDescriptor streamed(int id, String view) {
    return plain(id).toBuilder().setStreamEnabled(true).setStreamViewType(view).build();
  }

  private static IndexDescriptor.Builder local(
      int id, String name, String sort, ScalarType type, ProjectionType projection) {
    return IndexDescriptor.newBuilder()
        .setIndexId(id)
        .setName(name)
        .setLocal(true)
        .addKey(key("pk", KeyType.HASH, ScalarType.S))
        .addKey(key(sort, KeyType.RANGE, type))
        .setProjectionType(projection);
  }

  /** An active global index over one attribute, a number; all attributes are in it. */
  public static IndexDescriptor.Builder global(int id, String name, String attribute) {
    return IndexDescriptor.newBuilder()
        .setIndexId(id)
        .setName(name)
        .addKey(key(attribute, KeyType.HASH, ScalarType.N))
        .setProjectionType(ProjectionType.ALL)
        .setStatus("ACTIVE");
  }

  private static KeyElement key(String name, KeyType type, ScalarType scalar) {
    return KeyElement.newBuilder()
        .setAttributeName(name)
        .setKeyType(type)
        .setAttributeType(scalar)
        .build();
  }

  /** A compiled table. */
  public static TableView view(TableDescriptor table) {
    CatalogObject object =
        CatalogObject.newBuilder().setKey("table/" + table.getName()).setTable(table).build();
    return CatalogSnapshot.empty()
        .with(CatalogEvent.newBuilder().setRevision(1).setFull(true).addPuts(object).build())
        .table(table.getTableId())
        .orElseThrow();
  }

  /** Some token for a partition key: any function will do. */
  public static long token(String pk) {
    return pk.hashCode() * 0x9E3779B97F4A7C15L;
  }

  /** The key of (pk, sk). */
  public static ItemKey key(String pk, long sk) {
    return ItemKey.newBuilder()
        .setToken(token(pk))
        .setPartitionKey(ByteString.copyFrom(KeyCodec.encode(new AttributeValue.S(pk))))
        .setSortKey(ByteString.copyFrom(KeyCodec.encode(AttributeValue.N.of("" + sk))))
        .build();
  }

  /** The item (pk, sk) with more attributes, name and value in turn; strings become S, longs N. */
  public static EncodedItem item(String pk, long sk, Object... more) {
    Map<String, AttributeValue> attributes = new LinkedHashMap<>();
    attributes.put("pk", new AttributeValue.S(pk));
    attributes.put("sk", AttributeValue.N.of("" + sk));
    for (int i = 0; i < more.length; i += 2) {
      attributes.put((String) more[i], value(more[i + 1]));
    }
    return EncodedItem.of(attributes);
  }

  /** A string or a number. */
  public static AttributeValue value(Object plain) {
    return plain instanceof String text
        ? new AttributeValue.S(text)
        : AttributeValue.N.of(plain.toString());
  }

  /** The partition key of an item. */
  public static String partitionKey(EncodedItem item) {
    return Objects.requireNonNull(item.find("pk")).string();
  }

  /** The sort key of an item. */
  public static long sortKey(EncodedItem item) {
    return Long.parseLong(Objects.requireNonNull(item.find("sk")).number().toString());
  }

  /** Puts an item. */
  public static ItemWrite put(TableView table, String pk, long sk, Object... more) {
    return ItemWrite.newBuilder()
        .setTable(table.reference())
        .setKey(key(pk, sk))
        .setPut(item(pk, sk, more).toByteString())
        .build();
  }

  /** Deletes an item. */
  public static ItemWrite delete(TableView table, String pk, long sk) {
    return ItemWrite.newBuilder()
        .setTable(table.reference())
        .setKey(key(pk, sk))
        .setDelete(ItemDelete.getDefaultInstance())
        .build();
  }

  /** Updates an item. */
  public static ItemWrite update(TableView table, String pk, long sk, Update.Builder update) {
    return ItemWrite.newBuilder()
        .setTable(table.reference())
        .setKey(key(pk, sk))
        .setUpdate(
            ItemUpdate.newBuilder().setUpdate(update).setKeyAttributes(item(pk, sk).toByteString()))
        .build();
  }

  /** {@code SET name = value}. */
  public static Update.Builder set(String name, Object value) {
    return Update.newBuilder()
        .addSets(
            SetAction.newBuilder()
                .setPath(path(name))
                .setValue(SetValue.newBuilder().setValue(encoded(value))));
  }

  /** {@code ADD name value}. */
  public static Update.Builder add(String name, long value) {
    return Update.newBuilder()
        .addAdds(PathValue.newBuilder().setPath(path(name)).setValue(encoded(value)));
  }

  /** {@code REMOVE name}. */
  public static Update.Builder remove(String name) {
    return Update.newBuilder().addRemoves(path(name));
  }

  /** {@code attribute_exists(name)}. */
  public static Condition exists(String name) {
    return Condition.newBuilder().setAttributeExists(path(name)).build();
  }

  /** {@code attribute_not_exists(name)}. */
  public static Condition absent(String name) {
    return Condition.newBuilder().setAttributeNotExists(path(name)).build();
  }

  /** A path of one field. */
  public static Path path(String name) {
    return Path.newBuilder().addElements(PathElement.newBuilder().setField(name)).build();
  }

  private static ByteString encoded(Object value) {
    return ByteString.copyFrom(ItemCodec.encodeValue(value(value)));
  }
}
