package io.equator.model.expression;

import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ItemCursor;
import io.equator.model.item.Utf8;
import io.equator.model.item.ValueType;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A document path ready to be followed in encoded items: skips what it does not lead through, and
 * makes no objects but the answer.
 */
public final class CompiledPath {
  /** UTF-8 names; null where there is an index. */
  private final byte[] @Nullable [] names;

  private final int[] indexes;

  private CompiledPath(byte[] @Nullable [] names, int[] indexes) {
    this.names = names;
    this.indexes = indexes;
  }

  /** Compiles the message of a path. */
  public static CompiledPath of(Path path) {
    return of(path, path.getElementsCount());
  }

  /**
   * The path to the container of what this path leads to; only for paths of two or more elements.
   */
  static CompiledPath parentOf(Path path) {
    return of(path, path.getElementsCount() - 1);
  }

  private static CompiledPath of(Path path, int length) {
    byte[] @Nullable [] names = new byte[length][];
    int[] indexes = new int[length];
    for (int i = 0; i < length; i++) {
      PathElement element = path.getElements(i);
      if (element.getElementCase() == PathElement.ElementCase.INDEX) {
        indexes[i] = element.getIndex();
      } else {
        names[i] = Utf8.encode(element.getField());
      }
    }
    if (length == 0 || names[0] == null) {
      throw new IllegalArgumentException("a path begins with a name: " + path);
    }
    return new CompiledPath(names, indexes);
  }

  /** What stands there; null when nothing does. */
  public @Nullable EncodedValue read(EncodedItem item) {
    byte[] head = names[0];
    EncodedValue value = head == null ? null : item.find(head);
    if (value == null || names.length == 1) {
      return value;
    }
    ItemCursor cursor = new ItemCursor();
    cursor.reset(value);
    if (!cursor.next()) {
      return null;
    }
    for (int i = 1; i < names.length; i++) {
      byte[] name = names[i];
      if (cursor.type() != (name == null ? ValueType.L : ValueType.M)) {
        return null;
      }
      cursor.enter();
      if (!(name == null ? moveTo(cursor, indexes[i]) : moveTo(cursor, name))) {
        return null;
      }
    }
    return cursor.value();
  }

  private static boolean moveTo(ItemCursor cursor, int index) {
    if (index >= cursor.remaining()) {
      return false;
    }
    for (int i = 0; i <= index; i++) {
      if (!cursor.next()) {
        return false;
      }
    }
    return true;
  }

  private static boolean moveTo(ItemCursor cursor, byte[] name) {
    while (cursor.next()) {
      int from = cursor.nameOffset();
      if (cursor.nameLength() == name.length
          && Arrays.equals(cursor.array(), from, from + name.length, name, 0, name.length)) {
        return true;
      }
    }
    return false;
  }
}
