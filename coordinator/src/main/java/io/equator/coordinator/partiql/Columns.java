package io.equator.coordinator.partiql;

import io.equator.model.expression.CompiledPath;
import io.equator.model.expression.ExpressionPaths;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ItemEncoder;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import io.equator.proto.Projection;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a SELECT returns of an item. A nested path comes back as an attribute with the name of its
 * last element, so nodes are asked for whole attributes, and the rest is done here.
 *
 * <p>The name that an element of a list gets ({@code list[0]}) is ours: what the service does is
 * not known to us.
 */
final class Columns {
  private final List<CompiledPath> paths = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final @Nullable Projection projection;
  private final boolean flat;

  /** No columns: everything. */
  Columns(List<Path> columns) {
    Set<String> attributes = new LinkedHashSet<>();
    boolean whole = true;
    for (Path column : columns) {
      attributes.add(ExpressionPaths.attribute(column));
      whole &= column.getElementsCount() == 1;
      String name = name(column);
      if (!names.contains(name)) {
        names.add(name);
        paths.add(CompiledPath.of(column));
      }
    }
    flat = whole;
    projection = columns.isEmpty() ? null : topLevel(attributes);
  }

  private static Projection topLevel(Set<String> attributes) {
    Projection.Builder projection = Projection.newBuilder();
    for (String attribute : attributes) {
      projection.addPaths(
          Path.newBuilder().addElements(PathElement.newBuilder().setField(attribute)));
    }
    return projection.build();
  }

  private static String name(Path path) {
    StringBuilder name = new StringBuilder();
    for (PathElement element : path.getElementsList()) {
      if (element.getElementCase() == PathElement.ElementCase.INDEX) {
        name.append('[').append(element.getIndex()).append(']');
      } else {
        name.setLength(0);
        name.append(element.getField());
      }
    }
    return name.toString();
  }

  /** The attributes that are needed; null for all. */
  @Nullable Projection projection() {
    return projection;
  }

  /** The columns of an item that has at least the needed attributes. */
  EncodedItem of(EncodedItem item) {
    if (projection == null) {
      return item;
    }
    if (flat) {
      return item.project(names);
    }
    ItemEncoder encoder = new ItemEncoder();
    encoder.begin();
    for (int i = 0; i < paths.size(); i++) {
      EncodedValue value = paths.get(i).read(item);
      if (value != null) {
        encoder.name(names.get(i));
        encoder.value(value);
      }
    }
    return encoder.finish();
  }
}
