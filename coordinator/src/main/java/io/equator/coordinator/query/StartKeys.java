package io.equator.coordinator.query;

import io.equator.coordinator.items.ValueWording;
import io.equator.coordinator.json.WireItem;
import io.equator.model.error.ApiException;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ValueLayer;
import io.equator.model.item.ValueProblem;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyCodec;
import io.equator.model.key.KeyExtractor;
import io.equator.model.key.KeySchema;
import io.equator.model.key.PrimaryKey;
import io.equator.model.key.StorageKey;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** ExclusiveStartKey: its checks, and the position in the store that it stands for. */
final class StartKeys {
  static final String INVALID = "The provided starting key is invalid";

  private StartKeys() {}

  /**
   * A position to start behind.
   *
   * @param token of its partition key
   * @param bytes token and encoded key parts, as stored behind the (table, index) prefix
   * @param key the attributes as sent
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
  record Position(long token, byte[] bytes, EncodedItem key) {}

  /**
   * The attributes, when it is the turn of their values to be checked; only some complaints name
   * the start key.
   */
  static EncodedItem checkedValues(WireItem sent, ValueWording wording) {
    ValueProblem problem = sent.problem();
    return switch (problem) {
      case null -> sent.item();
      case ValueProblem.NoType _,
          ValueProblem.MoreThanOneType _,
          ValueProblem.NullNotTrue _,
          ValueProblem.EmptyName _ ->
          throw ApiException.validation(INVALID + ": " + problem.message(ValueLayer.OLDER));
      case ValueProblem.NotANumber _,
          ValueProblem.Overflow _,
          ValueProblem.Underflow _,
          ValueProblem.TooManyDigits _,
          ValueProblem.EmptySet _,
          ValueProblem.DuplicateInSet _,
          ValueProblem.NestingTooDeep _ ->
          throw wording.refusal(problem);
    };
  }

  /** How many attributes the key of a row has: the table's key and the index's. */
  private static int attributeCount(TableView table, @Nullable IndexView index) {
    int count = table.keySchema().size();
    if (index == null) {
      return count;
    }
    for (KeyAttribute attribute : index.partitionKey()) {
      count += table.keySchema().contains(attribute.name()) ? 0 : 1;
    }
    for (KeyAttribute attribute : index.sortKey()) {
      count += table.keySchema().contains(attribute.name()) ? 0 : 1;
    }
    return count;
  }

  /**
   * Checks that the key has the attributes of the table's and the index's key.
   *
   * @param wrongCount the complaint when there are more or fewer attributes
   */
  static void checkAttributes(
      TableView table, @Nullable IndexView index, EncodedItem key, String wrongCount) {
    if (key.attributeCount() != attributeCount(table, index)) {
      throw ApiException.validation(wrongCount);
    }
    if (index != null) {
      for (KeyAttribute attribute : index.partitionKey()) {
        checkAttribute(key, attribute, true);
      }
      for (KeyAttribute attribute : index.sortKey()) {
        checkAttribute(key, attribute, false);
      }
    }
  }

  private static void checkAttribute(EncodedItem key, KeyAttribute attribute, boolean partition) {
    EncodedValue value = key.find(attribute.name());
    if (value == null) {
      throw ApiException.validation(INVALID);
    }
    if (!KeyExtractor.fits(value, attribute, partition)) {
      throw ApiException.validation(INVALID + ": " + KeyExtractor.SCHEMA_MISMATCH);
    }
  }

  /** The table's key in the start key. */
  static PrimaryKey primaryKey(TableView table, EncodedItem key) {
    KeySchema schema = table.keySchema();
    for (KeyAttribute attribute : schema.attributes()) {
      EncodedValue value = key.find(attribute.name());
      if (value == null
          || !KeyExtractor.fits(value, attribute, attribute.equals(schema.partition()))) {
        throw ApiException.validation(INVALID + ": " + KeyExtractor.SCHEMA_MISMATCH);
      }
    }
    byte[] partition = encoded(key, schema.partition());
    return schema.sort().isPresent()
        ? PrimaryKey.of(partition, encoded(key, schema.sort().get()))
        : PrimaryKey.of(partition);
  }

  /** The position of a checked key in the table or an index of it. */
  static Position position(
      CatalogSnapshot snapshot, TableView table, @Nullable IndexView index, EncodedItem key) {
    PrimaryKey primary = primaryKey(table, key);
    if (index != null && !index.local()) {
      byte[] partition = encoded(key, index.partitionKey());
      long token = snapshot.tokenHash(table.ringId()).token(partition);
      byte[] bytes =
          StorageKey.rest(
              token, partition, encoded(key, index.sortKey()), primary.partition(), primary.sort());
      return new Position(token, bytes, key);
    }
    long token = snapshot.tokenHash(table.ringId()).token(primary.partition());
    byte[] bytes =
        index == null
            ? StorageKey.rest(token, primary.partition(), primary.sort())
            : StorageKey.rest(
                token,
                primary.partition(),
                encoded(key, index.sortKey().getFirst()),
                primary.sort());
    return new Position(token, bytes, key);
  }

  private static byte[] encoded(EncodedItem key, List<KeyAttribute> attributes) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (KeyAttribute attribute : attributes) {
      all.writeBytes(encoded(key, attribute));
    }
    return all.toByteArray();
  }

  private static byte[] encoded(EncodedItem key, KeyAttribute attribute) {
    EncodedValue value = key.find(attribute.name());
    if (value == null) {
      throw new IllegalStateException("the key was not checked");
    }
    return KeyCodec.encode(value);
  }
}
