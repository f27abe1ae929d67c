package io.equator.model.item;

import io.equator.model.number.DynamoNumber;
import io.equator.model.number.NumberFault;
import io.equator.model.number.NumberReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes objects of encoded values. */
final class ItemDecoder {
  private static final AttributeValue NULL = new AttributeValue.Null();
  private static final AttributeValue TRUE = new AttributeValue.Bool(true);
  private static final AttributeValue FALSE = new AttributeValue.Bool(false);

  private ItemDecoder() {}

  /** The value at the reader, which is moved behind it. */
  static AttributeValue value(ItemReader reader) {
    return value(reader, 1);
  }

  private static AttributeValue value(ItemReader reader, int level) {
    if (level > ItemLimits.NESTING_READ_MAX) {
      throw new CorruptItemException("an encoded value nests too deep");
    }
    ValueType type = reader.type();
    return switch (type) {
      case S -> new AttributeValue.S(reader.string());
      case N -> new AttributeValue.N(number(reader));
      case B -> new AttributeValue.B(bytes(reader));
      case BOOL -> reader.unsignedByte() == 0 ? FALSE : TRUE;
      case NULL -> NULL;
      case SS, NS, BS, L, M -> container(reader, type, level);
    };
  }

  private static AttributeValue container(ItemReader reader, ValueType type, int level) {
    int payloadLength = reader.length();
    int payloadEnd = reader.at + payloadLength;
    int count = reader.count(1);
    AttributeValue value =
        switch (type) {
          case L -> list(reader, count, level);
          case M -> new AttributeValue.M(map(reader, count, level + 1));
          case SS, NS, BS, S, N, B, BOOL, NULL -> set(reader, type, count);
        };
    ValueMeasure.checkEnd(reader, payloadEnd);
    return value;
  }

  private static AttributeValue list(ItemReader reader, int count, int level) {
    List<AttributeValue> values = new ArrayList<>(Math.min(count, 64));
    for (int i = 0; i < count; i++) {
      values.add(value(reader, level + 1));
    }
    return new AttributeValue.L(values);
  }

  /** This many names with values; the values are on the given level. */
  static Map<String, AttributeValue> map(ItemReader reader, int count, int level) {
    Map<String, AttributeValue> values = LinkedHashMap.newLinkedHashMap(Math.min(count, 64));
    for (int i = 0; i < count; i++) {
      String name = reader.string();
      values.put(name, value(reader, level));
    }
    return values;
  }

  private static AttributeValue set(ItemReader reader, ValueType type, int count) {
    List<String> strings = new ArrayList<>();
    List<DynamoNumber> numbers = new ArrayList<>();
    List<Bytes> binaries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      switch (type) {
        case SS -> strings.add(reader.string());
        case NS -> numbers.add(number(reader));
        case BS, S, N, B, BOOL, NULL, L, M -> binaries.add(bytes(reader));
      }
    }
    try {
      return switch (type) {
        case SS -> new AttributeValue.Ss(strings);
        case NS -> new AttributeValue.Ns(numbers);
        case BS, S, N, B, BOOL, NULL, L, M -> new AttributeValue.Bs(binaries);
      };
    } catch (IllegalArgumentException e) {
      throw new CorruptItemException("an encoded set is wrong: " + e.getMessage());
    }
  }

  private static Bytes bytes(ItemReader reader) {
    int length = reader.length();
    Bytes bytes = Bytes.copyOf(reader.array, reader.at, length);
    reader.at += length;
    return bytes;
  }

  private static DynamoNumber number(ItemReader reader) {
    int length = reader.length();
    DynamoNumber number = number(reader.array, reader.at, length);
    reader.at += length;
    return number;
  }

  static DynamoNumber number(byte[] text, int at, int length) {
    NumberReader numbers = new NumberReader();
    NumberFault fault = numbers.read(text, at, length);
    if (fault != null) {
      throw new CorruptItemException("an encoded number is none: " + fault);
    }
    return numbers.toNumber();
  }
}
