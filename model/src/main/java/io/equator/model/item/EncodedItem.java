package io.equator.model.item;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An item as bytes: the form in which it travels, is stored, projected and written as JSON.
 * Immutable; attributes are found without decoding the others.
 *
 * <pre>
 *   item    := version (1 byte, 1) · size (varint) · count (varint) · entry × count
 *   entry   := name length (varint) · name (UTF-8) · value
 *   value   := type (1 byte, see ValueType) · payload
 *   payload := S, B        length (varint) · bytes
 *              N           length (varint) · canonical text (ASCII)
 *              BOOL        1 byte, 0 or 1
 *              NULL        nothing
 *              SS, NS, BS  length (varint) · count (varint) · (length (varint) · bytes) × count
 *              L           length (varint) · count (varint) · value × count
 *              M           length (varint) · count (varint) · entry × count
 *   varint  := little-endian groups of 7 bits, the high bit set in all but the last byte; below 2^31
 * </pre>
 *
 * <p>{@code size} is DynamoDB's item size, which limits, capacity units and pages are counted in;
 * it stands in front so that none of them needs a walk. A length is that of all that follows it in
 * the payload. Attributes and map entries stand in the order of the request; members of sets are
 * sorted (as bytes, numbers by value), so equal sets have equal bytes.
 */
public final class EncodedItem {
  /** The first byte of every item. */
  static final byte VERSION = 1;

  /** An item without attributes. */
  public static final EncodedItem EMPTY = wrap(new byte[] {VERSION, 0, 0});

  private final byte[] array;
  private final int offset;
  private final int end;
  private final int sizeBytes;
  private final int count;
  private final int entriesOffset;

  private EncodedItem(byte[] array, int offset, int end) {
    ItemReader reader = new ItemReader(array, offset, end);
    int version = reader.unsignedByte();
    if (version != VERSION) {
      throw new CorruptItemException("an item of version " + version);
    }
    this.array = array;
    this.offset = offset;
    this.end = end;
    this.sizeBytes = reader.varint();
    this.count = reader.count(2);
    this.entriesOffset = reader.at;
  }

  /**
   * Encodes an item.
   *
   * @throws ValueException when it nests deeper than DynamoDB allows
   */
  public static EncodedItem of(Map<String, AttributeValue> attributes) {
    return ItemCodec.encodeItem(attributes);
  }

  /** The item in these bytes; nobody may write to them any more. */
  public static EncodedItem wrap(byte[] bytes) {
    return new EncodedItem(bytes, 0, bytes.length);
  }

  /** The item in this slice; nobody may write to it any more. */
  public static EncodedItem wrap(byte[] bytes, int offset, int length) {
    return new EncodedItem(bytes, offset, offset + length);
  }

  /** The item in these bytes, not copied. */
  public static EncodedItem wrap(ByteString bytes) {
    ByteStrings.Slice slice = ByteStrings.slice(bytes);
    return wrap(slice.array(), slice.offset(), slice.length());
  }

  /** DynamoDB's item size. */
  public int sizeBytes() {
    return sizeBytes;
  }

  /** How many attributes there are. */
  public int attributeCount() {
    return count;
  }

  /** Whether there is no attribute. */
  public boolean isEmpty() {
    return count == 0;
  }

  /** The attribute of this name as an object; null when there is none. */
  public @Nullable AttributeValue get(String name) {
    EncodedValue value = find(name);
    return value == null ? null : value.decode();
  }

  /** The attribute of this name as a slice of this item; null when there is none. */
  public @Nullable EncodedValue find(String name) {
    return find(Utf8.encode(name));
  }

  /** The attribute whose name has these UTF-8 bytes; null when there is none. */
  public @Nullable EncodedValue find(byte[] name) {
    ItemReader reader = new ItemReader(array, entriesOffset, end);
    for (int i = 0; i < count; i++) {
      int nameLength = reader.length();
      int nameAt = reader.at;
      reader.at += nameLength;
      if (nameLength == name.length
          && Arrays.equals(array, nameAt, nameAt + nameLength, name, 0, nameLength)) {
        return new EncodedValue(array, reader.at, end);
      }
      reader.skipValue();
    }
    return null;
  }

  /** Whether there is an attribute of this name. */
  public boolean contains(String name) {
    return find(name) != null;
  }

  /** All attributes as objects, in order. */
  public Map<String, AttributeValue> toMap() {
    ItemReader reader = new ItemReader(array, entriesOffset, end);
    Map<String, AttributeValue> map = ItemDecoder.map(reader, count, 1);
    ValueMeasure.checkEnd(reader, end);
    return map;
  }

  /** The item with these attributes only, in the order they stand here. */
  public EncodedItem project(Collection<String> names) {
    return project(NameSet.of(names));
  }

  /** The item with these attributes only, in the order they stand here. */
  public EncodedItem project(NameSet names) {
    byte[] kept = new byte[end - entriesOffset];
    int keptCount = 0;
    int keptLength = 0;
    long keptSize = 0;
    ItemReader reader = new ItemReader(array, entriesOffset, end);
    for (int i = 0; i < count; i++) {
      int entry = reader.at;
      int nameLength = reader.length();
      int nameAt = reader.at;
      reader.at += nameLength;
      if (!names.contains(array, nameAt, nameLength)) {
        reader.skipValue();
        continue;
      }
      keptSize += nameLength + (long) ValueMeasure.size(reader);
      System.arraycopy(array, entry, kept, keptLength, reader.at - entry);
      keptLength += reader.at - entry;
      keptCount++;
    }
    return keptCount == count ? this : assemble(keptSize, keptCount, kept, 0, keptLength);
  }

  /** Puts the header before encoded entries; copies them. */
  static EncodedItem assemble(long size, int count, byte[] entries, int from, int length) {
    int sizeBytes = Math.toIntExact(size);
    int header = 1 + ItemReader.varintSize(sizeBytes) + ItemReader.varintSize(count);
    byte[] bytes = new byte[header + length];
    bytes[0] = VERSION;
    int at = ItemReader.writeVarint(bytes, 1, sizeBytes);
    ItemReader.writeVarint(bytes, at, count);
    System.arraycopy(entries, from, bytes, header, length);
    return new EncodedItem(bytes, 0, bytes.length);
  }

  /** Whether both have the same attributes, in whatever order. */
  public boolean contentEquals(EncodedItem other) {
    if (Arrays.equals(array, offset, end, other.array, other.offset, other.end)) {
      return true;
    }
    return count == other.count && sizeBytes == other.sizeBytes && toMap().equals(other.toMap());
  }

  /**
   * Walks the whole item and its header's claims.
   *
   * @throws CorruptItemException when anything is not as the layout says
   */
  public void verify() {
    if (toMap().size() != count) {
      throw new CorruptItemException("an item has a name twice");
    }
    long size = 0;
    ItemReader reader = new ItemReader(array, entriesOffset, end);
    for (int i = 0; i < count; i++) {
      int nameLength = reader.length();
      reader.at += nameLength;
      size += nameLength + (long) ValueMeasure.size(reader);
    }
    if (size != sizeBytes) {
      throw new CorruptItemException("an item of " + size + " bytes claims " + sizeBytes);
    }
  }

  /** The array in which this item stands: for reading only. */
  public byte[] array() {
    return array;
  }

  /** Where this item begins in {@link #array}. */
  public int offset() {
    return offset;
  }

  /** How many bytes the encoded form has. */
  public int length() {
    return end - offset;
  }

  /** Where the first entry begins in {@link #array}. */
  int entriesOffset() {
    return entriesOffset;
  }

  /** A copy of the encoded bytes, owned by the caller. */
  public byte[] bytes() {
    return Arrays.copyOfRange(array, offset, end);
  }

  /** The encoded bytes for protobuf, not copied. */
  public ByteString toByteString() {
    return UnsafeByteOperations.unsafeWrap(array, offset, end - offset);
  }

  /** For people: the attributes as objects. */
  @Override
  public String toString() {
    return toMap().toString();
  }
}
