package io.equator.model.item;

import com.google.protobuf.ByteString;
import java.util.Map;

/** Items and values between objects and bytes. The layout stands at {@link EncodedItem}. */
public final class ItemCodec {
  private ItemCodec() {}

  /**
   * Encodes one value.
   *
   * @throws ValueException when it nests deeper than DynamoDB allows
   */
  public static byte[] encodeValue(AttributeValue value) {
    ItemEncoder encoder = new ItemEncoder();
    encoder.beginValue();
    encoder.value(value);
    throwProblem(encoder);
    return encoder.finishValue().bytes();
  }

  /**
   * Encodes an item.
   *
   * @throws ValueException when it nests deeper than DynamoDB allows
   */
  public static EncodedItem encodeItem(Map<String, AttributeValue> attributes) {
    ItemEncoder encoder = new ItemEncoder();
    encoder.begin();
    attributes.forEach(
        (name, value) -> {
          encoder.name(name);
          encoder.value(value);
        });
    throwProblem(encoder);
    return encoder.finish();
  }

  private static void throwProblem(ItemEncoder encoder) {
    ValueProblem problem = encoder.problem();
    if (problem != null) {
      throw new ValueException(problem);
    }
  }

  /** The value in these bytes, which must be all of it. */
  public static AttributeValue decodeValue(byte[] bytes) {
    return EncodedValue.wrap(bytes).decode();
  }

  /** The value in these bytes, which must be all of it. */
  public static AttributeValue decodeValue(ByteString bytes) {
    return EncodedValue.wrap(bytes).decode();
  }
}
