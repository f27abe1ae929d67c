package io.equator.node.indexes;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.Bytes;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.StoredValue;
import io.equator.model.key.KeyCodec;
import io.equator.node.core.StoreKeys;
import io.equator.node.core.TestTables;
import io.equator.partitioner.TokenHash;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.IndexRowOrigin;
import io.equator.proto.ItemKey;
import io.equator.proto.KeyElement;
import io.equator.proto.KeyType;
import io.equator.proto.ProjectionType;
import io.equator.proto.ScalarType;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The key of an item is found again in the keys of its rows, whatever stands before it there. */
final class IndexRowOriginTest {
  private static final TokenHash HASH = new TokenHash(new byte[TokenHash.SEED_LENGTH]);

  /** Bytes that look like ends and escapes of keys. */
  private static final AttributeValue ODD_BYTES =
      new AttributeValue.B(Bytes.copyOf(new byte[] {0, 1, 0, (byte) 0xFF, 0}));

  private static KeyElement key(String name, KeyType type, ScalarType scalar) {
    return KeyElement.newBuilder()
        .setAttributeName(name)
        .setKeyType(type)
        .setAttributeType(scalar)
        .build();
  }

  private static TableView table(KeyElement... indexKey) {
    TableDescriptor table =
        TestTables.plain(7).toBuilder()
            .addIndexes(
                IndexDescriptor.newBuilder()
                    .setIndexId(1)
                    .setName("index")
                    .addAllKey(List.of(indexKey))
                    .setProjectionType(ProjectionType.ALL)
                    .setStatus("ACTIVE"))
            .build();
    return TestTables.view(table);
  }

  private static ItemKey itemKey(String pk, long sk) {
    ByteString partition = ByteString.copyFrom(KeyCodec.encode(new AttributeValue.S(pk)));
    return TestTables.key(pk, sk).toBuilder().setToken(HASH.token(partition.toByteArray())).build();
  }

  private static EncodedItem item(String pk, long sk, Map<String, AttributeValue> more) {
    Map<String, AttributeValue> attributes = new LinkedHashMap<>(more);
    attributes.put("pk", new AttributeValue.S(pk));
    attributes.put("sk", AttributeValue.N.of("" + sk));
    return EncodedItem.of(attributes);
  }

  /** The key of the row that the pump makes of an item. */
  private static ByteString rowKey(
      TableView table, String pk, long sk, Map<String, AttributeValue> more) {
    ByteString suffix = ByteString.copyFrom(StoreKeys.suffix(itemKey(pk, sk)));
    IndexRows.Row row =
        new IndexRows(index(table), HASH)
            .rowOf(StoredValue.of(item(pk, sk, more), 5, 1), suffix.substring(StoreKeys.TOKEN));
    assertThat(row).isNotNull();
    return row.row().getKey();
  }

  private static IndexView index(TableView table) {
    return table.globalIndexes().getFirst();
  }

  private static @Nullable IndexRowOrigin originOf(TableView table, ByteString rowKey) {
    return IndexScrubber.originOf(index(table), table.keySchema().partition(), HASH, rowKey);
  }

  private static void isFoundAgain(
      TableView table, String pk, long sk, Map<String, AttributeValue> more) {
    ByteString rowKey = rowKey(table, pk, sk, more);
    assertThat(originOf(table, rowKey))
        .isEqualTo(
            IndexRowOrigin.newBuilder()
                .setItemKey(ByteString.copyFrom(StoreKeys.suffix(itemKey(pk, sk))))
                .setRowKey(rowKey)
                .build());
  }

  @Test
  void theItemsKeyStandsBehindAPartitionKey() {
    isFoundAgain(
        table(key("n", KeyType.HASH, ScalarType.N)),
        "a",
        -17,
        Map.of("n", AttributeValue.N.of("-1.25")));
  }

  @Test
  void theItemsKeyStandsBehindSeveralAttributesOfEveryType() {
    isFoundAgain(
        table(
            key("s", KeyType.HASH, ScalarType.S),
            key("n", KeyType.HASH, ScalarType.N),
            key("b", KeyType.RANGE, ScalarType.B),
            key("t", KeyType.RANGE, ScalarType.S)),
        "with\0zero",
        1,
        Map.of(
            "s",
            new AttributeValue.S("é\0"),
            "n",
            AttributeValue.N.of("1e100"),
            "b",
            ODD_BYTES,
            "t",
            new AttributeValue.S("t")));
  }

  @Test
  void theItemsTokenIsThatOfItsOwnPartitionKey() {
    TableView table = table(key("n", KeyType.HASH, ScalarType.N));
    ByteString one = rowKey(table, "a", 1, Map.of("n", AttributeValue.N.of("5")));
    ByteString other = rowKey(table, "b", 1, Map.of("n", AttributeValue.N.of("5")));
    assertThat(one.substring(0, StoreKeys.TOKEN))
        .as("the rows lie at one token")
        .isEqualTo(other.substring(0, StoreKeys.TOKEN));
    IndexRowOrigin first = originOf(table, one);
    IndexRowOrigin second = originOf(table, other);
    assertThat(first).isNotNull();
    assertThat(second).isNotNull();
    assertThat(first.getItemKey().substring(0, StoreKeys.TOKEN))
        .isNotEqualTo(second.getItemKey().substring(0, StoreKeys.TOKEN));
  }

  @Test
  void aKeyThatEndsBeforeTheItemsPartitionKeyDoesCannotBeRead() {
    TableView table = table(key("n", KeyType.HASH, ScalarType.N));
    ByteString row = rowKey(table, "abc", 1, Map.of("n", AttributeValue.N.of("5")));
    int sortKey = KeyCodec.encode(AttributeValue.N.of("1")).length;
    int whole = row.size() - sortKey;
    assertThat(originOf(table, row.substring(0, whole))).isNotNull();
    for (int length = 0; length < whole; length++) {
      assertThat(originOf(table, row.substring(0, length))).as("%s bytes", length).isNull();
    }
  }

  @Test
  void aKeyWithAnEscapeThatNobodyWritesCannotBeRead() {
    TableView table = table(key("n", KeyType.HASH, ScalarType.N));
    byte[] row = rowKey(table, "abc", 1, Map.of("n", AttributeValue.N.of("5"))).toByteArray();
    int partitionKey = StoreKeys.TOKEN + KeyCodec.encode(AttributeValue.N.of("5")).length;
    assertThat(row[partitionKey + 1]).isEqualTo((byte) 'b');
    row[partitionKey + 1] = 0;
    assertThat(originOf(table, ByteString.copyFrom(row))).isNull();
  }
}
