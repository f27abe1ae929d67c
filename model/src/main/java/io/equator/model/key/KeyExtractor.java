package io.equator.model.key;

import io.equator.model.error.ApiException;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * Takes keys out of items and {@code Key} maps, checks them, and encodes them. The messages are
 * DynamoDB's to the letter; a refusal is an {@link ApiException}.
 */
public final class KeyExtractor {
  /** Longest partition key, bytes of the string or binary. */
  public static final int PARTITION_KEY_SIZE_MAX = 2048;

  /** Longest sort key, bytes of the string or binary. */
  public static final int SORT_KEY_SIZE_MAX = 1024;

  /** A {@code Key} that is not as the schema says. */
  public static final String SCHEMA_MISMATCH = "The provided key element does not match the schema";

  private static final String INVALID = "One or more parameter values were invalid: ";
  private static final String NOT_VALID = "One or more parameter values are not valid. ";
  private static final String PARTITION_KEY_TOO_LONG =
      INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes";
  private static final String SORT_KEY_TOO_LONG =
      INVALID + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes";

  private KeyExtractor() {}

  /** The key of a whole item: PutItem. */
  public static PrimaryKey fromItem(KeySchema schema, EncodedItem item) {
    byte[] partition = part(item, schema.partition(), true);
    return schema.sort().isPresent()
        ? PrimaryKey.of(partition, part(item, schema.sort().get(), false))
        : PrimaryKey.of(partition);
  }

  private static byte[] part(EncodedItem item, KeyAttribute attribute, boolean partition) {
    EncodedValue value = item.find(attribute.utf8());
    if (value == null) {
      throw ApiException.validation(
          INVALID + "Missing the key " + attribute.name() + " in the item");
    }
    if (value.type() != attribute.valueType()) {
      throw ApiException.validation(
          INVALID
              + "Type mismatch for key "
              + attribute.name()
              + " expected: "
              + attribute.valueType().typeName()
              + " actual: "
              + value.type().typeName());
    }
    if (isEmpty(value)) {
      throw ApiException.validation(
          NOT_VALID + emptyValue(value.type()) + " Key: " + attribute.name());
    }
    checkSize(value, partition);
    return KeyCodec.encode(value);
  }

  /** The key that a {@code Key} map is: GetItem, UpdateItem, DeleteItem, … */
  public static PrimaryKey fromKeyMap(KeySchema schema, EncodedItem key) {
    EncodedValue partition = key.find(schema.partition().utf8());
    EncodedValue sort = schema.sort().isPresent() ? key.find(schema.sort().get().utf8()) : null;
    if (key.attributeCount() != schema.size()
        || !matches(partition, schema.partition())
        || (schema.sort().isPresent() && !matches(sort, schema.sort().get()))) {
      throw ApiException.validation(SCHEMA_MISMATCH);
    }
    byte[] first = keyMapPart(partition, schema.partition(), true);
    return schema.sort().isPresent()
        ? PrimaryKey.of(first, keyMapPart(sort, schema.sort().get(), false))
        : PrimaryKey.of(first);
  }

  private static boolean matches(@Nullable EncodedValue value, KeyAttribute attribute) {
    return value != null && value.type() == attribute.valueType();
  }

  private static byte[] keyMapPart(
      @Nullable EncodedValue value, KeyAttribute attribute, boolean partition) {
    if (value == null) {
      throw new IllegalStateException("no value for " + attribute);
    }
    if (isEmpty(value)) {
      throw ApiException.validation(
          INVALID + emptyValue(value.type()) + " Key: " + attribute.name());
    }
    checkSize(value, partition);
    return KeyCodec.encode(value);
  }

  /**
   * Checks the attribute of an item that is to be written against a secondary index's key.
   *
   * @param partition it is of the index's partition key, else of its sort key
   * @return the encoded value; null when the item has no such attribute and so is not in the index
   */
  public static byte @Nullable [] indexPart(
      EncodedItem item, KeyAttribute attribute, boolean partition, String indexName) {
    EncodedValue value = item.find(attribute.utf8());
    if (value == null) {
      return null;
    }
    if (value.type() != attribute.valueType()) {
      throw ApiException.validation(
          INVALID
              + "Type mismatch for Index Key "
              + attribute.name()
              + " Expected: "
              + attribute.valueType().typeName()
              + " Actual: "
              + value.type().typeName()
              + " IndexName: "
              + indexName);
    }
    if (isEmpty(value)) {
      throw ApiException.validation(
          NOT_VALID
              + "A value specified for a secondary index key is not supported. "
              + emptyValue(value.type())
              + " IndexName: "
              + indexName
              + ", IndexKey: "
              + attribute.name());
    }
    checkSize(value, partition);
    return KeyCodec.encode(value);
  }

  /** Whether this value can stand in a key of this attribute: its type, and not empty, nor long. */
  public static boolean fits(EncodedValue value, KeyAttribute attribute, boolean partition) {
    return value.type() == attribute.valueType() && !isEmpty(value) && !isTooLong(value, partition);
  }

  /** Whether this is a string or binary without bytes, which no key can be. */
  public static boolean isEmpty(EncodedValue value) {
    return value.payloadLength() == 0;
  }

  /** Whether this is a string or binary that is too long for its part of a key. */
  public static boolean isTooLong(EncodedValue value, boolean partition) {
    return value.payloadLength() > (partition ? PARTITION_KEY_SIZE_MAX : SORT_KEY_SIZE_MAX);
  }

  /**
   * Checks a value for a key, once its type is known to be right.
   *
   * @throws ApiException when it is too long
   */
  public static void checkSize(EncodedValue value, boolean partition) {
    if (isTooLong(value, partition)) {
      throw ApiException.validation(partition ? PARTITION_KEY_TOO_LONG : SORT_KEY_TOO_LONG);
    }
  }

  /** The sentence of all messages about empty key values. */
  public static String emptyValue(ValueType type) {
    return "The AttributeValue for a key attribute cannot contain an empty "
        + (type == ValueType.B ? "binary" : "string")
        + " value.";
  }
}
