package io.equator.model.expression;

import io.equator.model.item.EncodedItem;
import io.equator.model.item.ItemCursor;
import io.equator.model.item.ItemEncoder;
import io.equator.model.item.NameSet;
import io.equator.model.item.ValueType;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import io.equator.proto.Projection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A projection ready to be applied to many items. Immutable.
 *
 * <p>What is missing is left out, containers of nothing included. Elements of lists close ranks, in
 * the order of the list.
 */
public final class CompiledProjection {
  /** Set when only whole attributes are asked for. */
  private final @Nullable NameSet names;

  private final PathTree tree;

  private CompiledProjection(@Nullable NameSet names, PathTree tree) {
    this.names = names;
    this.tree = tree;
  }

  /** Compiles the message of a projection. */
  public static CompiledProjection of(Projection projection) {
    return of(projection.getPathsList());
  }

  static CompiledProjection of(List<Path> paths) {
    PathTree tree = PathTree.of(paths);
    if (!tree.isFlat()) {
      return new CompiledProjection(null, tree);
    }
    List<String> names = new ArrayList<>(paths.size());
    for (Path path : paths) {
      PathElement element = path.getElements(0);
      names.add(element.getField());
    }
    return new CompiledProjection(NameSet.of(names), tree);
  }

  /** What the projection keeps of an item. */
  public EncodedItem project(EncodedItem item) {
    if (names != null) {
      return item.project(names);
    }
    ItemEncoder encoder = new ItemEncoder();
    encoder.begin();
    keepFields(tree, new ItemCursor(item), encoder);
    return encoder.finish();
  }

  private static void keepFields(PathTree node, ItemCursor cursor, ItemEncoder encoder) {
    while (cursor.next()) {
      int field = node.fieldNumber(cursor);
      if (field < 0) {
        continue;
      }
      PathTree child = node.field(field);
      if (child.isLeaf()) {
        encoder.entry(cursor);
      } else if (keepsAnything(child, cursor)) {
        encoder.name(cursor.array(), cursor.nameOffset(), cursor.nameLength());
        keepInside(child, cursor, encoder);
      }
    }
  }

  /** Writes what is kept of the container at which the cursor stands. */
  private static void keepInside(PathTree node, ItemCursor cursor, ItemEncoder encoder) {
    if (cursor.type() == ValueType.M) {
      cursor.enter();
      encoder.beginMap();
      keepFields(node, cursor, encoder);
      encoder.endMap();
    } else {
      cursor.enter();
      encoder.beginList();
      int at = -1;
      for (Map.Entry<Integer, PathTree> entry : node.indexes().entrySet()) {
        at = moveTo(entry.getKey(), at, cursor);
        if (at != entry.getKey()) {
          break;
        }
        if (entry.getValue().isLeaf()) {
          encoder.value(cursor.value());
        } else if (keepsAnything(entry.getValue(), cursor)) {
          keepInside(entry.getValue(), cursor, encoder);
        }
      }
      encoder.endList();
    }
    cursor.leave();
  }

  /** Whether anything is kept of the value at which the cursor stands. */
  private static boolean keepsAnything(PathTree node, ItemCursor outer) {
    if (node.isLeaf()) {
      return true;
    }
    if (outer.type() != ValueType.M && outer.type() != ValueType.L) {
      return false;
    }
    ItemCursor cursor = new ItemCursor();
    cursor.reset(outer.value());
    if (!cursor.next()) {
      return false;
    }
    boolean map = cursor.type() == ValueType.M;
    cursor.enter();
    return map ? keepsField(node, cursor) : keepsElement(node, cursor);
  }

  private static boolean keepsField(PathTree node, ItemCursor cursor) {
    while (cursor.next()) {
      int field = node.fieldNumber(cursor);
      if (field >= 0 && keepsAnything(node.field(field), cursor)) {
        return true;
      }
    }
    return false;
  }

  private static boolean keepsElement(PathTree node, ItemCursor cursor) {
    int at = -1;
    for (Map.Entry<Integer, PathTree> entry : node.indexes().entrySet()) {
      at = moveTo(entry.getKey(), at, cursor);
      if (at != entry.getKey()) {
        return false;
      }
      if (keepsAnything(entry.getValue(), cursor)) {
        return true;
      }
    }
    return false;
  }

  /** Moves forward to an element of a list; the answer is where the cursor is then. */
  private static int moveTo(int index, int from, ItemCursor cursor) {
    int at = from;
    while (at < index && cursor.next()) {
      at++;
    }
    return at;
  }
}
