package io.equator.model.expression;

import io.equator.model.item.Bytes;
import io.equator.model.item.ItemCursor;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Several document paths as one tree, so that a single walk over an item serves all of them. Names
 * are compared as the UTF-8 bytes that stand in items.
 *
 * <p>A node is a place. It is a leaf when a path ends there; then it has no children, because paths
 * of one expression do not overlap.
 */
final class PathTree {
  /** Up to this many names are compared one by one. */
  private static final int LINEAR_MAX = 12;

  /** The number of the path that ends here, or -1. */
  private int leaf = -1;

  private final List<Bytes> names = new ArrayList<>(2);
  private final List<PathTree> fields = new ArrayList<>(2);
  private final NavigableMap<Integer, PathTree> indexes = new TreeMap<>();
  private @Nullable Map<Bytes, Integer> nameIndex;

  private PathTree() {}

  /** The tree of these paths, numbered in their order. */
  static PathTree of(List<Path> paths) {
    PathTree root = new PathTree();
    for (int i = 0; i < paths.size(); i++) {
      root.add(paths.get(i), i);
    }
    return root;
  }

  private void add(Path path, int number) {
    PathTree node = this;
    for (PathElement element : path.getElementsList()) {
      if (node.leaf >= 0) {
        throw overlap(path);
      }
      node =
          element.getElementCase() == PathElement.ElementCase.INDEX
              ? node.indexes.computeIfAbsent(element.getIndex(), _ -> new PathTree())
              : node.fieldOrNew(Bytes.ofUtf8(element.getField()));
    }
    if (node.leaf >= 0 || !node.fields.isEmpty() || !node.indexes.isEmpty()) {
      throw overlap(path);
    }
    node.leaf = number;
  }

  private static IllegalArgumentException overlap(Path path) {
    return new IllegalArgumentException("overlapping paths: " + ExpressionPaths.text(path));
  }

  private PathTree fieldOrNew(Bytes name) {
    int at = fieldNumber(name.unsafeArray(), 0, name.length());
    if (at >= 0) {
      return fields.get(at);
    }
    PathTree child = new PathTree();
    names.add(name);
    fields.add(child);
    if (nameIndex != null) {
      nameIndex.put(name, names.size() - 1);
    } else if (names.size() > LINEAR_MAX) {
      nameIndex = new HashMap<>();
      for (int i = 0; i < names.size(); i++) {
        nameIndex.put(names.get(i), i);
      }
    }
    return child;
  }

  /** The number of the path that ends here, or -1. */
  int leaf() {
    return leaf;
  }

  boolean isLeaf() {
    return leaf >= 0;
  }

  /** How many fields go on from here. */
  int fieldCount() {
    return fields.size();
  }

  /** The UTF-8 name of a field. */
  byte[] name(int field) {
    return names.get(field).unsafeArray();
  }

  /** The place of a field. */
  PathTree field(int field) {
    return fields.get(field);
  }

  /** The number of the field at which the cursor stands, or -1. */
  int fieldNumber(ItemCursor cursor) {
    return fieldNumber(cursor.array(), cursor.nameOffset(), cursor.nameLength());
  }

  private int fieldNumber(byte[] array, int offset, int length) {
    if (nameIndex != null) {
      return nameIndex.getOrDefault(Bytes.copyOf(array, offset, length), -1);
    }
    for (int i = 0; i < names.size(); i++) {
      byte[] name = names.get(i).unsafeArray();
      if (name.length == length && Arrays.equals(name, 0, length, array, offset, offset + length)) {
        return i;
      }
    }
    return -1;
  }

  /** The places in a list that go on from here. */
  NavigableMap<Integer, PathTree> indexes() {
    return indexes;
  }

  /** Whether every path is a top-level attribute. */
  boolean isFlat() {
    for (PathTree field : fields) {
      if (!field.isLeaf()) {
        return false;
      }
    }
    return true;
  }
}
