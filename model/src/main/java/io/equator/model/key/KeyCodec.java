package io.equator.model.key;

import io.equator.model.item.AttributeValue;
import io.equator.model.item.Bytes;
import io.equator.model.item.CorruptItemException;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.Utf8;
import io.equator.model.number.DynamoNumber;
import io.equator.proto.ScalarType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Key values as bytes: byte order is DynamoDB's order, and where one ends can be seen, so that
 * several can stand one behind the other.
 *
 * <pre>
 *   S, B  the bytes (UTF-8 for S), each 00 as 00 FF, then the end 00 01
 *   N     zero:      02
 *         positive:  03 · exponent + 129 · two digits + 1, each pair a byte · the end 00
 *         negative:  01 · all that follows as for the positive number, each bit turned over
 *         a number is 0.d1 d2 … × 10^exponent with d1 not 0; an odd last digit is paired with a 0
 * </pre>
 *
 * <p>The type is not in the bytes: the table's schema has it. The layout is stored and hashed to
 * tokens, so it never changes.
 */
public final class KeyCodec {
  private static final byte ESCAPED = (byte) 0xFF;
  private static final byte END = 1;

  private KeyCodec() {}

  /** Encodes the values of a key of several attributes, one behind the other. */
  public static byte[] encode(List<AttributeValue> values) {
    if (values.size() == 1) {
      return encode(values.getFirst());
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (AttributeValue value : values) {
      all.writeBytes(encode(value));
    }
    return all.toByteArray();
  }

  /** Encodes an S, N or B. */
  public static byte[] encode(AttributeValue value) {
    return switch (value) {
      case AttributeValue.S(String string) -> {
        byte[] utf8 = Utf8.encode(string);
        yield encodeBytes(utf8, 0, utf8.length, true);
      }
      case AttributeValue.B(Bytes bytes) ->
          encodeBytes(bytes.unsafeArray(), 0, bytes.length(), true);
      case AttributeValue.N(DynamoNumber number) -> {
        byte[] text = number.toString().getBytes(StandardCharsets.US_ASCII);
        yield encodeNumber(text, 0, text.length);
      }
      case AttributeValue.Bool _,
          AttributeValue.Null _,
          AttributeValue.Ss _,
          AttributeValue.Ns _,
          AttributeValue.Bs _,
          AttributeValue.L _,
          AttributeValue.M _ ->
          throw notAKey(value.typeName());
    };
  }

  /** Encodes an S, N or B without decoding it first. */
  public static byte[] encode(EncodedValue value) {
    return switch (value.type()) {
      case S, B -> encodeBytes(value.array(), value.payloadOffset(), value.payloadLength(), true);
      case N -> encodeNumber(value.array(), value.payloadOffset(), value.payloadLength());
      case BOOL, NULL, SS, NS, BS, L, M -> throw notAKey(value.type().typeName());
    };
  }

  /**
   * The bytes with which the encoded form begins of every S or B that begins with this one: the
   * lower end, inclusive, of {@code begins_with}; {@link #successor} of it is the upper end.
   */
  public static byte[] prefixOf(AttributeValue value) {
    return switch (value) {
      case AttributeValue.S(String string) -> {
        byte[] utf8 = Utf8.encode(string);
        yield encodeBytes(utf8, 0, utf8.length, false);
      }
      case AttributeValue.B(Bytes bytes) ->
          encodeBytes(bytes.unsafeArray(), 0, bytes.length(), false);
      case AttributeValue.N _,
          AttributeValue.Bool _,
          AttributeValue.Null _,
          AttributeValue.Ss _,
          AttributeValue.Ns _,
          AttributeValue.Bs _,
          AttributeValue.L _,
          AttributeValue.M _ ->
          throw notAKey(value.typeName());
    };
  }

  /**
   * The smallest bytes above everything that begins with these; empty, which stands for "no upper
   * end", when there are none.
   */
  public static byte[] successor(byte[] bytes) {
    int length = bytes.length;
    while (length > 0 && bytes[length - 1] == (byte) 0xFF) {
      length--;
    }
    byte[] next = Arrays.copyOf(bytes, length);
    if (length > 0) {
      next[length - 1]++;
    }
    return next;
  }

  private static IllegalArgumentException notAKey(String type) {
    return new IllegalArgumentException("a value of type " + type + " cannot be encoded as a key");
  }

  private static byte[] encodeNumber(byte[] text, int offset, int length) {
    byte[] scratch = new byte[NumberKey.LENGTH_MAX];
    int end = NumberKey.encode(text, offset, length, scratch, 0);
    return Arrays.copyOf(scratch, end);
  }

  private static byte[] encodeBytes(byte[] bytes, int offset, int length, boolean ended) {
    int zeros = 0;
    for (int i = offset; i < offset + length; i++) {
      zeros += bytes[i] == 0 ? 1 : 0;
    }
    byte[] encoded = new byte[length + zeros + (ended ? 2 : 0)];
    if (zeros == 0) {
      System.arraycopy(bytes, offset, encoded, 0, length);
    } else {
      int at = 0;
      for (int i = offset; i < offset + length; i++) {
        encoded[at++] = bytes[i];
        if (bytes[i] == 0) {
          encoded[at++] = ESCAPED;
        }
      }
    }
    if (ended) {
      encoded[encoded.length - 1] = END;
    }
    return encoded;
  }

  /** The position after the encoded key of this type that begins here. */
  public static int end(ScalarType type, byte[] bytes, int offset, int limit) {
    if (type == ScalarType.N) {
      return NumberKey.end(bytes, offset, limit);
    }
    for (int i = offset; i + 1 < limit; i++) {
      if (bytes[i] == 0) {
        if (bytes[i + 1] == END) {
          return i + 2;
        }
        if (bytes[i + 1] != ESCAPED) {
          break;
        }
        i++;
      }
    }
    throw new CorruptItemException("an encoded key is cut off or wrong");
  }

  /** The value of encoded bytes, which must be all of it. */
  public static AttributeValue decode(ScalarType type, byte[] bytes) {
    return decode(type, bytes, 0, bytes.length);
  }

  /** The value of an encoded slice, which must be all of it. */
  public static AttributeValue decode(ScalarType type, byte[] bytes, int offset, int limit) {
    return switch (type) {
      case N -> new AttributeValue.N(NumberKey.decode(bytes, offset, limit));
      case S -> {
        byte[] utf8 = decodeBytes(type, bytes, offset, limit);
        yield new AttributeValue.S(Utf8.decode(utf8, 0, utf8.length));
      }
      case B -> new AttributeValue.B(Bytes.wrap(decodeBytes(type, bytes, offset, limit)));
      case SCALAR_TYPE_UNSPECIFIED, UNRECOGNIZED -> throw notAKey(type.name());
    };
  }

  private static byte[] decodeBytes(ScalarType type, byte[] bytes, int offset, int limit) {
    if (end(type, bytes, offset, limit) != limit) {
      throw new CorruptItemException("bytes after the end of an encoded key");
    }
    byte[] decoded = new byte[limit - 2 - offset];
    int length = 0;
    for (int i = offset; i < limit - 2; i++) {
      decoded[length++] = bytes[i];
      if (bytes[i] == 0) {
        i++;
      }
    }
    return length == decoded.length ? decoded : Arrays.copyOf(decoded, length);
  }
}
