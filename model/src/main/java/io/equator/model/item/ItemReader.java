package io.equator.model.item;

/**
 * A position in encoded bytes that moves forward. Every step checks its bounds, so damaged bytes
 * give {@link CorruptItemException} and never another exception, a long loop or a large allocation.
 */
final class ItemReader {
  final byte[] array;
  int at;
  int end;

  ItemReader(byte[] array, int at, int end) {
    this.array = array;
    this.at = at;
    this.end = end;
  }

  static CorruptItemException cutOff() {
    return new CorruptItemException("encoded item or value is cut off");
  }

  int unsignedByte() {
    if (at >= end) {
      throw cutOff();
    }
    return array[at++] & 0xFF;
  }

  /** A number of at most 31 bits. */
  int varint() {
    int b = unsignedByte();
    if (b < 0x80) {
      return b;
    }
    int value = b & 0x7F;
    for (int shift = 7; shift < 35; shift += 7) {
      b = unsignedByte();
      if (shift == 28 && b > 0x07) {
        break;
      }
      value |= (b & 0x7F) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw new CorruptItemException("a number in an encoded item is too large");
  }

  /** A length of bytes that are there. */
  int length() {
    int length = varint();
    if (length > end - at) {
      throw cutOff();
    }
    return length;
  }

  /**
   * A count of members that can be there.
   *
   * @param bytesMin how few bytes one member takes
   */
  int count(int bytesMin) {
    int count = varint();
    if (count > (end - at) / bytesMin) {
      throw new CorruptItemException("an encoded item counts more members than it has room for");
    }
    return count;
  }

  ValueType type() {
    return ValueType.ofTag(unsignedByte());
  }

  /** Steps over the payload of a value of this type. */
  void skipPayload(ValueType type) {
    switch (type) {
      case NULL -> {}
      case BOOL -> unsignedByte();
      case S, N, B, SS, NS, BS, L, M -> {
        int length = length(); // moves `at`, so not in one expression with it
        at += length;
      }
    }
  }

  void skipValue() {
    skipPayload(type());
  }

  String string() {
    int length = length();
    String text = Utf8.decode(array, at, length);
    at += length;
    return text;
  }

  static int varintSize(int value) {
    return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : value < 1 << 28 ? 4 : 5;
  }

  /** Writes a number that is not negative; returns the position after it. */
  static int writeVarint(byte[] target, int start, int value) {
    int position = start;
    int rest = value;
    while (rest >= 0x80) {
      target[position++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    target[position++] = (byte) rest;
    return position;
  }
}
