package io.equator.model.item;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.equator.model.number.DynamoNumber;
import java.util.Arrays;

/**
 * One attribute value as bytes: its type's byte, then its payload as {@link EncodedItem} says. A
 * slice of an item or bytes of its own; immutable.
 *
 * <p>Scalars and sets are equal exactly when their bytes are; documents may list the same entries
 * in another order, so {@link #contentEquals} looks closer.
 */
public final class EncodedValue {
  private final byte[] array;
  private final int offset;
  private final int length;
  private final ValueType type;
  private final int payloadOffset;

  /** The value that begins at {@code offset} and must end before {@code end}. */
  EncodedValue(byte[] array, int offset, int end) {
    ItemReader reader = new ItemReader(array, offset, end);
    this.array = array;
    this.offset = offset;
    this.type = reader.type();
    int payload = reader.at;
    switch (type) {
      case NULL -> {}
      case BOOL -> reader.unsignedByte();
      case S, N, B, SS, NS, BS, L, M -> {
        int payloadLength = reader.length();
        payload = reader.at;
        reader.at += payloadLength;
      }
    }
    this.payloadOffset = payload;
    this.length = reader.at - offset;
  }

  /** Encodes a value. */
  public static EncodedValue of(AttributeValue value) {
    return wrap(ItemCodec.encodeValue(value));
  }

  /** The value in these bytes, which must be all of it; nobody may write to them any more. */
  public static EncodedValue wrap(byte[] bytes) {
    return wrap(bytes, 0, bytes.length);
  }

  /** The value in this slice, which must be all of it. */
  public static EncodedValue wrap(byte[] bytes, int offset, int length) {
    EncodedValue value = new EncodedValue(bytes, offset, offset + length);
    if (value.length != length) {
      throw new CorruptItemException("bytes after the end of an encoded value");
    }
    return value;
  }

  /** The value in these bytes, not copied. */
  public static EncodedValue wrap(ByteString bytes) {
    ByteStrings.Slice slice = ByteStrings.slice(bytes);
    return wrap(slice.array(), slice.offset(), slice.length());
  }

  /** The type. */
  public ValueType type() {
    return type;
  }

  /** The value as an object. */
  public AttributeValue decode() {
    return ItemDecoder.value(reader());
  }

  /** The string; only for S. */
  public String string() {
    expect(ValueType.S);
    return Utf8.decode(array, payloadOffset, payloadLength());
  }

  /** The number; only for N. */
  public DynamoNumber number() {
    expect(ValueType.N);
    return ItemDecoder.number(array, payloadOffset, payloadLength());
  }

  /** The boolean; only for BOOL. */
  public boolean bool() {
    expect(ValueType.BOOL);
    return array[payloadOffset] != 0;
  }

  private void expect(ValueType expected) {
    if (type != expected) {
      throw new IllegalStateException("the value is " + type + ", not " + expected);
    }
  }

  /** The array in which this value stands: for reading only. */
  public byte[] array() {
    return array;
  }

  /** Where this value begins in {@link #array}. */
  public int offset() {
    return offset;
  }

  /** How many bytes the encoded form has. */
  public int length() {
    return length;
  }

  /** Where the payload begins: UTF-8, canonical text or raw bytes of scalars. */
  public int payloadOffset() {
    return payloadOffset;
  }

  /** How many bytes the payload has. */
  public int payloadLength() {
    return offset + length - payloadOffset;
  }

  /** DynamoDB's size of the value. */
  public int sizeBytes() {
    return ValueMeasure.size(reader());
  }

  /** How many levels of nesting this value has: 1 for scalars and sets. */
  public int depth() {
    return ValueMeasure.depth(reader());
  }

  /** A copy of the encoded bytes, owned by the caller. */
  public byte[] bytes() {
    return Arrays.copyOfRange(array, offset, offset + length);
  }

  /** The encoded bytes for protobuf, not copied. */
  public ByteString toByteString() {
    return UnsafeByteOperations.unsafeWrap(array, offset, length);
  }

  /** Whether both are the same value to DynamoDB. */
  public boolean contentEquals(EncodedValue other) {
    return Arrays.equals(
            array, offset, offset + length, other.array, other.offset, other.offset + other.length)
        || (type.isDocument() && type == other.type && decode().equals(other.decode()));
  }

  private ItemReader reader() {
    return new ItemReader(array, offset, offset + length);
  }

  /** For people: the value as an object. */
  @Override
  public String toString() {
    return decode().toString();
  }
}
