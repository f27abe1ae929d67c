package io.equator.model.expression;

import io.equator.model.error.ApiException;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds two paths of one update or projection of which one lies on the other (overlap), or that use
 * one place as a map and as a list (conflict). An overlap anywhere is told before any conflict.
 */
final class PathOverlaps {
  private final ExpressionKind kind;
  private final List<Path> paths;
  private final Node root = new Node(0);
  private @Nullable String conflict;

  private PathOverlaps(ExpressionKind kind, List<Path> paths) {
    this.kind = kind;
    this.paths = paths;
  }

  /** A place that paths lead to or through. */
  private static final class Node {
    /** The first path through here. */
    final int first;

    /** The path that ends here, or -1. */
    int end = -1;

    final Map<PathElement, Node> children = new HashMap<>(2);

    /** The first path that goes on with a name, or an index; -1 for none. */
    int firstField = -1;

    int firstIndex = -1;

    Node(int first) {
      this.first = first;
    }
  }

  /** Complains when two paths cannot stand together. */
  static void check(ExpressionKind kind, List<Path> paths) {
    if (paths.size() < 2 || allDifferentNames(paths)) {
      return;
    }
    PathOverlaps overlaps = new PathOverlaps(kind, paths);
    for (int i = 0; i < paths.size(); i++) {
      overlaps.add(i);
    }
    if (overlaps.conflict != null) {
      throw ApiException.validation(overlaps.conflict);
    }
  }

  private static boolean allDifferentNames(List<Path> paths) {
    Set<String> heads = new HashSet<>();
    for (Path path : paths) {
      if (!heads.add(path.getElements(0).getField())) {
        return false;
      }
    }
    return true;
  }

  private void add(int index) {
    Node node = root;
    for (PathElement element : paths.get(index).getElementsList()) {
      if (node.end >= 0) {
        throw overlap(node.end, index);
      }
      boolean field = element.getElementCase() == PathElement.ElementCase.FIELD;
      int other = field ? node.firstIndex : node.firstField;
      if (other >= 0 && conflict == null) {
        conflict = message("conflict", other, index);
      }
      if (field && node.firstField < 0) {
        node.firstField = index;
      } else if (!field && node.firstIndex < 0) {
        node.firstIndex = index;
      }
      node = node.children.computeIfAbsent(element, _ -> new Node(index));
    }
    if (node.end >= 0 || !node.children.isEmpty()) {
      throw overlap(node.end >= 0 ? node.end : node.first, index);
    }
    node.end = index;
  }

  private ApiException overlap(int one, int two) {
    return ApiException.validation(message("overlap", one, two));
  }

  private String message(String what, int one, int two) {
    return kind.errorPrefix()
        + "Two document paths "
        + what
        + " with each other; must remove or rewrite one of these paths; path one: "
        + ExpressionPaths.text(paths.get(one))
        + ", path two: "
        + ExpressionPaths.text(paths.get(two));
  }
}
