package io.equator.model.item;

import io.equator.model.number.DynamoNumber;
import io.equator.model.number.NumberFault;
import io.equator.model.number.NumberReader;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes one item, or one value, from front to back into the form of {@link EncodedItem}: what the
 * JSON parser talks to. Reusable, so that a request costs one copy at the end and no tree of
 * objects; owned by one thread.
 *
 * <p>{@link #begin}, then {@link #name} and a value for each attribute, then {@link #finish}; or
 * {@link #beginValue}, one value, {@link #finishValue}. A value is one call, or a begin, members
 * and an end.
 *
 * <p>It counts DynamoDB's size and the nesting, makes numbers canonical and sorts sets. A name that
 * comes twice in one map has the place of the first and the value of the last. What is wrong with a
 * value is <em>recorded</em>, not thrown: types and constraints of the whole request are checked
 * first. The first problem stays; from then on all calls are ignored until the next begin, and
 * there is no result.
 *
 * <p>Length and count of a list, map or set are known at its end only. Two bytes are kept free for
 * them; when they need more, the content is moved.
 */
public final class ItemEncoder {
  private static final int BUFFER_LENGTH = 2 * 1024;

  /** A buffer that grew beyond this is not kept for the next item. */
  private static final int BUFFER_KEPT_MAX = 1024 * 1024;

  /** Room for the length and the count of a small list, map or set. */
  private static final int CONTAINER_HEADER = 2;

  private final NumberReader numbers = new NumberReader();
  private final NameTable names = new NameTable();
  private final SetMembers members = new SetMembers();

  private byte[] buffer = new byte[BUFFER_LENGTH];
  private int at;
  private long size;
  private @Nullable ValueProblem problem;

  // Open containers; 0 is the item, or the place of the single value.
  private int top;
  private boolean item;
  private final ValueType[] types = new ValueType[ItemLimits.NESTING_MAX + 2];
  private final int[] starts = new int[ItemLimits.NESTING_MAX + 2];
  private final int[] counts = new int[ItemLimits.NESTING_MAX + 2];
  private final int[] tables = new int[ItemLimits.NESTING_MAX + 2];
  private final boolean[] repeats = new boolean[ItemLimits.NESTING_MAX + 2];

  /** Begins an item; forgets what was before. */
  public void begin() {
    reset();
    item = true;
    types[0] = ValueType.M;
    tables[0] = names.open();
  }

  /** Begins a single value; forgets what was before. */
  public void beginValue() {
    reset();
    item = false;
    types[0] = ValueType.L;
  }

  private void reset() {
    if (buffer.length > BUFFER_KEPT_MAX) {
      buffer = new byte[BUFFER_LENGTH];
    }
    at = 0;
    size = 0;
    problem = null;
    top = 0;
    starts[0] = 0;
    counts[0] = 0;
    repeats[0] = false;
    names.clear();
    members.clear();
  }

  /** What is wrong with what was written so far; null when nothing is. */
  public @Nullable ValueProblem problem() {
    return problem;
  }

  /** Records a problem that the caller found, unless there is one already. */
  public void problem(ValueProblem found) {
    if (problem == null) {
      problem = found;
    }
  }

  /** DynamoDB's size of what was written so far. */
  public long sizeBytes() {
    return size;
  }

  /** The name of the attribute or map entry whose value comes next. */
  public void name(String name) {
    byte[] utf8 = Utf8.encode(name);
    name(utf8, 0, utf8.length);
  }

  /** The name, as UTF-8, of the attribute or map entry whose value comes next. */
  public void name(byte[] utf8, int offset, int length) {
    if (problem != null) {
      return;
    }
    if (types[top] != ValueType.M) {
      throw new IllegalStateException("a name in a " + types[top]);
    }
    if (top == 0 && length == 0) {
      problem = new ValueProblem.EmptyName();
      return;
    }
    bytes(utf8, offset, length);
    size += length + (top > 0 ? 1 : 0);
    if (!names.add(tables[top], buffer, at - length, length)) {
      repeats[top] = true;
    }
    counts[top]++;
  }

  /** A string, in a string set too. */
  public void string(String value) {
    if (problem == null) {
      byte[] utf8 = Utf8.encode(value);
      string(utf8, 0, utf8.length);
    }
  }

  /** A string of valid UTF-8 bytes, in a string set too. */
  public void string(byte[] utf8, int offset, int length) {
    scalar(ValueType.S, utf8, offset, length);
  }

  /** A binary, in a binary set too. */
  public void binary(byte[] value) {
    scalar(ValueType.B, value, 0, value.length);
  }

  /** A binary, in a binary set too. */
  public void binary(byte[] value, int offset, int length) {
    scalar(ValueType.B, value, offset, length);
  }

  private void scalar(ValueType type, byte[] value, int offset, int length) {
    if (problem == null && value(type)) {
      bytes(value, offset, length);
      size += length;
    }
  }

  /** A number by its text, in a number set too; a text that is no number is recorded. */
  public void number(CharSequence text) {
    if (problem != null) {
      return;
    }
    NumberFault fault = numbers.read(text);
    if (fault != null) {
      problem = ValueProblem.ofNumber(fault, text.toString());
    } else if (value(ValueType.N)) {
      ensure(NumberReader.TEXT_LENGTH_MAX + 2);
      // A text is at most 170 bytes long: leave one byte for its length, rarely move by one more.
      int end = numbers.write(buffer, at + 1);
      int length = end - at - 1;
      if (length >= 0x80) {
        System.arraycopy(buffer, at + 1, buffer, at + 2, length);
      }
      at = ItemReader.writeVarint(buffer, at, length) + length;
      size += numbers.sizeBytes();
    }
  }

  /** A number, in a number set too. */
  public void number(DynamoNumber value) {
    number(value.toString());
  }

  /** A boolean. */
  public void bool(boolean value) {
    if (problem == null && value(ValueType.BOOL)) {
      ensure(1);
      buffer[at++] = (byte) (value ? 1 : 0);
      size++;
    }
  }

  /** The null value. */
  public void nul() {
    if (problem == null && value(ValueType.NULL)) {
      size++;
    }
  }

  /** Begins a list; its elements follow. */
  public void beginList() {
    beginContainer(ValueType.L);
  }

  /** Ends a list. */
  public void endList() {
    endContainer(ValueType.L);
  }

  /** Begins a map; names and values follow. */
  public void beginMap() {
    beginContainer(ValueType.M);
  }

  /** Ends a map. */
  public void endMap() {
    endContainer(ValueType.M);
  }

  /** Begins a set; its members follow, as strings, numbers or binaries. */
  public void beginSet(ValueType type) {
    if (!type.isSet()) {
      throw new IllegalArgumentException(type + " is no set");
    }
    beginContainer(type);
  }

  /** Ends a set: sorts it; no members, or one of them twice, are recorded. */
  public void endSet() {
    if (problem != null) {
      return;
    }
    if (!types[top].isSet()) {
      throw new IllegalStateException("the end of a set in a " + types[top]);
    }
    problem = members.settle(types[top], buffer, starts[top] + CONTAINER_HEADER, at);
    close();
  }

  /** A value that is an object. */
  public void value(AttributeValue value) {
    switch (value) {
      case AttributeValue.S(String string) -> string(string);
      case AttributeValue.N(DynamoNumber number) -> number(number);
      case AttributeValue.B(Bytes bytes) -> binary(bytes.unsafeArray());
      case AttributeValue.Bool(boolean bool) -> bool(bool);
      case AttributeValue.Null() -> nul();
      case AttributeValue.Ss(List<String> strings) -> {
        beginSet(ValueType.SS);
        strings.forEach(this::string);
        endSet();
      }
      case AttributeValue.Ns(List<DynamoNumber> values) -> {
        beginSet(ValueType.NS);
        values.forEach(this::number);
        endSet();
      }
      case AttributeValue.Bs(List<Bytes> binaries) -> {
        beginSet(ValueType.BS);
        binaries.forEach(binary -> binary(binary.unsafeArray()));
        endSet();
      }
      case AttributeValue.L(List<AttributeValue> values) -> {
        beginList();
        values.forEach(this::value);
        endList();
      }
      case AttributeValue.M(Map<String, AttributeValue> values) -> {
        beginMap();
        values.forEach(
            (name, entry) -> {
              name(name);
              value(entry);
            });
        endMap();
      }
    }
  }

  /** A value that is encoded already: copied. */
  public void value(EncodedValue value) {
    if (problem == null && place(value.type())) {
      int depth = value.type().isDocument() ? value.depth() : 1;
      if (top + depth > ItemLimits.NESTING_MAX) {
        problem = new ValueProblem.NestingTooDeep();
        return;
      }
      ensure(value.length());
      System.arraycopy(value.array(), value.offset(), buffer, at, value.length());
      at += value.length();
      size += value.sizeBytes();
    }
  }

  /** The attribute or entry at which the cursor stands, name and value: copied. */
  public void entry(ItemCursor cursor) {
    name(cursor.array(), cursor.nameOffset(), cursor.nameLength());
    value(cursor.value());
  }

  /** The item that was written; there must be no problem. */
  public EncodedItem finish() {
    checkFinished(item);
    if (repeats[0]) {
      dropRepeats(0);
    }
    return EncodedItem.assemble(size, counts[0], buffer, 0, at);
  }

  /** The value that was written; there must be no problem. */
  public EncodedValue finishValue() {
    checkFinished(!item && counts[0] == 1);
    return EncodedValue.wrap(Arrays.copyOf(buffer, at));
  }

  private void checkFinished(boolean complete) {
    if (problem != null || top > 0 || !complete) {
      throw new IllegalStateException(
          problem != null ? "there is a problem: " + problem : "the item or value is not complete");
    }
  }

  /** Counts a value and checks that it may stand here; false when it is a problem. */
  private boolean place(ValueType type) {
    ValueType container = types[top];
    if (container.isSet()) {
      if (container.memberType() != type) {
        throw new IllegalStateException("a " + type + " in a " + container);
      }
      members.add(at);
      counts[top]++;
      return true;
    }
    if (top + 1 > ItemLimits.NESTING_MAX) {
      problem = new ValueProblem.NestingTooDeep();
      return false;
    }
    if (container == ValueType.L) {
      counts[top]++;
      size += top > 0 ? 1 : 0;
    }
    return true;
  }

  /** Places a value and writes its type, which members of sets do not have. */
  private boolean value(ValueType type) {
    if (!place(type)) {
      return false;
    }
    if (!types[top].isSet()) {
      ensure(1);
      buffer[at++] = type.tag();
    }
    return true;
  }

  private void beginContainer(ValueType type) {
    if (problem != null || !value(type)) {
      return;
    }
    top++;
    types[top] = type;
    starts[top] = at;
    counts[top] = 0;
    repeats[top] = false;
    if (type == ValueType.M) {
      tables[top] = names.open();
    } else if (type.isSet()) {
      members.clear();
    }
    size += type.isDocument() ? 3 : 0;
    ensure(CONTAINER_HEADER);
    at += CONTAINER_HEADER;
  }

  private void endContainer(ValueType type) {
    if (problem != null) {
      return;
    }
    if (top == 0 || types[top] != type) {
      throw new IllegalStateException("the end of a " + type + " in a " + types[top]);
    }
    if (repeats[top]) {
      dropRepeats(starts[top] + CONTAINER_HEADER);
    }
    close();
  }

  private void close() {
    int start = starts[top];
    int content = start + CONTAINER_HEADER;
    int countLength = ItemReader.varintSize(counts[top]);
    int payload = countLength + at - content;
    int header = ItemReader.varintSize(payload) + countLength;
    if (header > CONTAINER_HEADER) {
      ensure(header - CONTAINER_HEADER);
      System.arraycopy(buffer, content, buffer, start + header, at - content);
      at += header - CONTAINER_HEADER;
    }
    int position = ItemReader.writeVarint(buffer, start, payload);
    ItemReader.writeVarint(buffer, position, counts[top]);
    top--;
  }

  /** Rewrites the entries of the map on top, from {@code start} on: the last of each name stays. */
  private void dropRepeats(int start) {
    record Entry(int from, int to, long size) {}

    Map<Bytes, Entry> kept = new LinkedHashMap<>();
    ItemReader reader = new ItemReader(buffer, start, at);
    while (reader.at < at) {
      int from = reader.at;
      int nameLength = reader.length();
      Bytes name = Bytes.copyOf(buffer, reader.at, nameLength);
      reader.at += nameLength;
      long entrySize = nameLength + (long) ValueMeasure.size(reader) + (top > 0 ? 1 : 0);
      Entry earlier = kept.put(name, new Entry(from, reader.at, entrySize));
      size -= earlier == null ? 0 : earlier.size;
    }
    byte[] entries = Arrays.copyOfRange(buffer, start, at);
    at = start;
    for (Entry entry : kept.values()) {
      System.arraycopy(entries, entry.from - start, buffer, at, entry.to - entry.from);
      at += entry.to - entry.from;
    }
    counts[top] = kept.size();
  }

  /** A length and as many bytes. */
  private void bytes(byte[] value, int offset, int length) {
    ensure(5 + length);
    at = ItemReader.writeVarint(buffer, at, length);
    System.arraycopy(value, offset, buffer, at, length);
    at += length;
  }

  private void ensure(int more) {
    if (more > buffer.length - at) {
      int wanted = Math.addExact(at, more);
      buffer = Arrays.copyOf(buffer, Math.max(wanted, (int) Math.min(2L * buffer.length, 1 << 30)));
    }
  }
}
