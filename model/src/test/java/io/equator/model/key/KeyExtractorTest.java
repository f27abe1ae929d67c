package io.equator.model.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.Bytes;
import io.equator.model.item.EncodedItem;
import io.equator.proto.ScalarType;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Keys taken out of items and key maps, and the words in which they are refused. */
class KeyExtractorTest {
  private static final KeySchema SIMPLE = KeySchema.of(new KeyAttribute("pk", ScalarType.S));
  private static final KeySchema BOTH =
      KeySchema.of(new KeyAttribute("pk", ScalarType.S), new KeyAttribute("sk", ScalarType.B));
  private static final String INVALID = "One or more parameter values were invalid: ";
  private static final String MISMATCH = "The provided key element does not match the schema";

  @Test
  void theKeyOfAnItem() {
    PrimaryKey key = KeyExtractor.fromItem(BOTH, item("x", n("1"), "sk", b(1), "pk", s("a")));
    assertThat(key.partition()).isEqualTo(KeyCodec.encode(s("a")));
    assertThat(key.sort()).isEqualTo(KeyCodec.encode(b(1)));
    assertThat(key)
        .isEqualTo(KeyExtractor.fromKeyMap(BOTH, item("sk", b(1), "pk", s("a"))))
        .isNotEqualTo(KeyExtractor.fromItem(SIMPLE, item("pk", s("a"))));
  }

  @Test
  void itemsWithoutAGoodKey() {
    assertRefused(
        () -> KeyExtractor.fromItem(BOTH, item("sk", b(1))),
        INVALID + "Missing the key pk in the item");
    assertRefused(
        () -> KeyExtractor.fromItem(BOTH, item("pk", s("a"))),
        INVALID + "Missing the key sk in the item");
    assertRefused(
        () -> KeyExtractor.fromItem(SIMPLE, item("pk", n("1"))),
        INVALID + "Type mismatch for key pk expected: S actual: N");
    assertRefused(
        () -> KeyExtractor.fromItem(SIMPLE, item("pk", new AttributeValue.Null())),
        INVALID + "Type mismatch for key pk expected: S actual: NULL");
    assertRefused(
        () -> KeyExtractor.fromItem(SIMPLE, item("pk", s(""))),
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot"
            + " contain an empty string value. Key: pk");
    assertRefused(
        () -> KeyExtractor.fromItem(BOTH, item("pk", s("a"), "sk", b())),
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot"
            + " contain an empty binary value. Key: sk");
  }

  @Test
  void keysHaveASizeAtMost() {
    assertThat(KeyExtractor.fromItem(SIMPLE, item("pk", s("é".repeat(1024)))).partition().length)
        .isEqualTo(2050);
    assertRefused(
        () -> KeyExtractor.fromItem(SIMPLE, item("pk", s("é".repeat(1024) + "x"))),
        INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes");
    assertThat(KeyExtractor.fromItem(BOTH, item("pk", s("a"), "sk", b(new byte[1024]))).sort())
        .hasSize(2 * 1024 + 2);
    assertRefused(
        () -> KeyExtractor.fromKeyMap(BOTH, item("pk", s("a"), "sk", b(new byte[1025]))),
        INVALID + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes");
  }

  @Test
  void keyMapsThatAreNotAsTheSchema() {
    assertRefused(() -> KeyExtractor.fromKeyMap(BOTH, item("pk", s("a"))), MISMATCH);
    assertRefused(() -> KeyExtractor.fromKeyMap(SIMPLE, item()), MISMATCH);
    assertRefused(() -> KeyExtractor.fromKeyMap(SIMPLE, item("pk", s("a"), "sk", b(1))), MISMATCH);
    assertRefused(() -> KeyExtractor.fromKeyMap(SIMPLE, item("pk", n("1"))), MISMATCH);
    assertRefused(() -> KeyExtractor.fromKeyMap(BOTH, item("pk", s("a"), "x", b(1))), MISMATCH);
    assertRefused(
        () -> KeyExtractor.fromKeyMap(SIMPLE, item("pk", s(""))),
        INVALID
            + "The AttributeValue for a key attribute cannot contain an empty string value. Key:"
            + " pk");
  }

  @Test
  void keysOfIndexes() {
    KeyAttribute attribute = new KeyAttribute("a", ScalarType.S);
    assertThat(KeyExtractor.indexPart(item("pk", s("x")), attribute, true, "i")).isNull();
    assertThat(KeyExtractor.indexPart(item("a", s("x")), attribute, true, "i"))
        .isEqualTo(KeyCodec.encode(s("x")));
    assertRefused(
        () -> KeyExtractor.indexPart(item("a", n("1")), attribute, true, "i"),
        INVALID + "Type mismatch for Index Key a Expected: S Actual: N IndexName: i");
    assertRefused(
        () -> KeyExtractor.indexPart(item("a", s("")), attribute, true, "i"),
        "One or more parameter values are not valid. A value specified for a secondary index key is"
            + " not supported. The AttributeValue for a key attribute cannot contain an empty"
            + " string value. IndexName: i, IndexKey: a");
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.error().code()).isEqualTo(ErrorCode.VALIDATION);
              assertThat(e.error().message()).isEqualTo(message);
              assertThat(e.getStackTrace()).isEmpty();
            });
  }

  private static EncodedItem item(Object... namesAndValues) {
    Map<String, AttributeValue> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], (AttributeValue) namesAndValues[i + 1]);
    }
    return EncodedItem.of(map);
  }

  private static AttributeValue s(String text) {
    return new AttributeValue.S(text);
  }

  private static AttributeValue n(String text) {
    return AttributeValue.N.of(text);
  }

  private static AttributeValue b(int... bytes) {
    byte[] array = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      array[i] = (byte) bytes[i];
    }
    return b(array);
  }

  private static AttributeValue b(byte[] bytes) {
    return new AttributeValue.B(Bytes.wrap(bytes));
  }
}
