package io.equator.model.item;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads encoded items and values from front to back without making objects: for writing JSON, and
 * for copying attributes from one item to another.
 *
 * <p>Begins at the attributes of an item ({@link #reset(EncodedItem)}), or before one value ({@link
 * #reset(EncodedValue)}). {@link #next} moves to the next attribute, entry, element or set member
 * of the container that it is in; {@link #enter} goes into the list, map or set it is at, and
 * {@link #leave} back out, to behind it. Reusable; owned by one thread.
 */
public final class ItemCursor {
  private @Nullable ItemReader reader;
  private int depth;
  private int[] remaining = new int[8];
  private int[] ends = new int[8];
  private boolean[] named = new boolean[8];
  private @Nullable ValueType[] members = new ValueType[8];

  private int nameOffset;
  private int nameLength;
  private int entryOffset;
  private int valueOffset;
  private int valueEnd;
  private int payloadOffset;
  private ValueType type = ValueType.NULL;

  /** A cursor that stands nowhere until it is reset. */
  public ItemCursor() {}

  /** A cursor before the first attribute of an item. */
  public ItemCursor(EncodedItem item) {
    reset(item);
  }

  /** Stands before the first attribute of the item. */
  public void reset(EncodedItem item) {
    int end = item.offset() + item.length();
    reader = new ItemReader(item.array(), item.entriesOffset(), end);
    depth = 0;
    remaining[0] = item.attributeCount();
    ends[0] = end;
    named[0] = true;
    members[0] = null;
  }

  /** Stands before this value, as if it were the only element of a list. */
  public void reset(EncodedValue value) {
    int end = value.offset() + value.length();
    reader = new ItemReader(value.array(), value.offset(), end);
    depth = 0;
    remaining[0] = 1;
    ends[0] = end;
    named[0] = false;
    members[0] = null;
  }

  private ItemReader reader() {
    ItemReader current = reader;
    if (current == null) {
      throw new IllegalStateException("the cursor was not reset to an item or value");
    }
    return current;
  }

  /** Moves to the next attribute, entry, element or member; false at the end of the container. */
  public boolean next() {
    if (remaining[depth] == 0) {
      return false;
    }
    ItemReader in = reader();
    remaining[depth]--;
    entryOffset = in.at;
    if (named[depth]) {
      nameLength = in.length();
      nameOffset = in.at;
      in.at += nameLength;
    }
    valueOffset = in.at;
    ValueType member = members[depth];
    type = member == null ? in.type() : member;
    payloadOffset = in.at;
    switch (type) {
      case NULL -> {}
      case BOOL -> in.unsignedByte();
      case S, N, B, SS, NS, BS, L, M -> {
        int length = in.length();
        payloadOffset = in.at;
        in.at += length;
      }
    }
    valueEnd = in.at;
    return true;
  }

  /** Goes into the list, map or set at which the cursor stands, before its first element. */
  public void enter() {
    if (!type.isDocument() && !type.isSet()) {
      throw new IllegalStateException("cannot enter a " + type);
    }
    if (depth + 1 > ItemLimits.NESTING_READ_MAX) {
      throw new CorruptItemException("an encoded value nests too deep");
    }
    ItemReader in = reader();
    in.at = payloadOffset;
    in.end = valueEnd;
    int count = in.count(1);
    depth++;
    if (depth == remaining.length) {
      remaining = Arrays.copyOf(remaining, depth * 2);
      ends = Arrays.copyOf(ends, depth * 2);
      named = Arrays.copyOf(named, depth * 2);
      members = Arrays.copyOf(members, depth * 2);
    }
    remaining[depth] = count;
    ends[depth] = valueEnd;
    named[depth] = type == ValueType.M;
    members[depth] = type.isSet() ? type.memberType() : null;
  }

  /** Goes out of the container, to behind it, wherever in it the cursor stands. */
  public void leave() {
    if (depth == 0) {
      throw new IllegalStateException("the cursor is in no list, map or set");
    }
    ItemReader in = reader();
    in.at = ends[depth];
    depth--;
    in.end = ends[depth];
  }

  /** How many elements of this container are still to come. */
  public int remaining() {
    return remaining[depth];
  }

  /** The type of the value at which the cursor stands. */
  public ValueType type() {
    return type;
  }

  /** The array in which it all stands: for reading only. */
  public byte[] array() {
    return reader().array;
  }

  /** Where the UTF-8 bytes of the name begin. */
  public int nameOffset() {
    return nameOffset;
  }

  /** How many bytes the name has. */
  public int nameLength() {
    return nameLength;
  }

  /** The name as a string; only in items and maps. */
  public String name() {
    return Utf8.decode(array(), nameOffset, nameLength);
  }

  /** Where the payload begins: UTF-8, canonical text or raw bytes of a scalar, or a member. */
  public int payloadOffset() {
    return payloadOffset;
  }

  /** How many bytes the payload has. */
  public int payloadLength() {
    return valueEnd - payloadOffset;
  }

  /** The boolean; only at a BOOL. */
  public boolean bool() {
    return array()[payloadOffset] != 0;
  }

  /** The value as a slice; not for members of sets. */
  public EncodedValue value() {
    return new EncodedValue(array(), valueOffset, valueEnd);
  }

  /** Where the entry begins: the name's length, or the value when there are no names. */
  int entryOffset() {
    return entryOffset;
  }

  int valueOffset() {
    return valueOffset;
  }

  /** Behind the value at which the cursor stands. */
  int valueEnd() {
    return valueEnd;
  }
}
