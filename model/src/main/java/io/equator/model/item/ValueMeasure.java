package io.equator.model.item;

import io.equator.model.number.NumberText;

/** Walks an encoded value and tells its size as DynamoDB counts, and how deep it goes. */
final class ValueMeasure {
  private ValueMeasure() {}

  /** DynamoDB's size of the value at the reader, which is moved behind it. */
  static int size(ItemReader reader) {
    return Math.toIntExact(size(reader, 1));
  }

  private static long size(ItemReader reader, int level) {
    if (level > ItemLimits.NESTING_READ_MAX) {
      throw new CorruptItemException("an encoded value nests too deep");
    }
    ValueType type = reader.type();
    return switch (type) {
      case NULL -> 1;
      case BOOL -> {
        reader.unsignedByte();
        yield 1;
      }
      case S, B -> {
        int length = reader.length();
        reader.at += length;
        yield length;
      }
      case N -> {
        int length = reader.length();
        int size = NumberText.sizeBytes(reader.array, reader.at, length);
        reader.at += length;
        yield size;
      }
      case SS, NS, BS -> {
        int payloadLength = reader.length();
        int payloadEnd = reader.at + payloadLength;
        int count = reader.count(1);
        long size = 0;
        for (int i = 0; i < count; i++) {
          int length = reader.length();
          size +=
              type == ValueType.NS ? NumberText.sizeBytes(reader.array, reader.at, length) : length;
          reader.at += length;
        }
        checkEnd(reader, payloadEnd);
        yield size;
      }
      case L, M -> {
        int payloadLength = reader.length();
        int payloadEnd = reader.at + payloadLength;
        int count = reader.count(1);
        long size = 3;
        for (int i = 0; i < count; i++) {
          if (type == ValueType.M) {
            int nameLength = reader.length();
            reader.at += nameLength;
            size += nameLength;
          }
          size += 1 + size(reader, level + 1);
        }
        checkEnd(reader, payloadEnd);
        yield size;
      }
    };
  }

  /** How many levels the value at the reader has: 1 for a scalar or a set. The reader is moved. */
  static int depth(ItemReader reader) {
    return depth(reader, 1);
  }

  private static int depth(ItemReader reader, int level) {
    if (level > ItemLimits.NESTING_READ_MAX) {
      throw new CorruptItemException("an encoded value nests too deep");
    }
    ValueType type = reader.type();
    if (!type.isDocument()) {
      reader.skipPayload(type);
      return level;
    }
    int payloadLength = reader.length();
    int payloadEnd = reader.at + payloadLength;
    int count = reader.count(1);
    int deepest = level;
    for (int i = 0; i < count; i++) {
      if (type == ValueType.M) {
        int nameLength = reader.length();
        reader.at += nameLength;
      }
      deepest = Math.max(deepest, depth(reader, level + 1));
    }
    checkEnd(reader, payloadEnd);
    return deepest;
  }

  static void checkEnd(ItemReader reader, int payloadEnd) {
    if (reader.at != payloadEnd) {
      throw new CorruptItemException("an encoded value does not end where it says");
    }
  }
}
