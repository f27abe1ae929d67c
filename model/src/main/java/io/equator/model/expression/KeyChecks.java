package io.equator.model.expression;

import io.equator.model.error.ApiException;
import io.equator.model.key.KeyAttribute;
import io.equator.proto.Condition;
import io.equator.proto.Path;
import java.util.List;

/** What expressions may not do to key attributes; for when the table is known. */
public final class KeyChecks {
  private static final String SCALARS =
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed:"
          + " ";

  private KeyChecks() {}

  /**
   * Complains about a path that goes into a key attribute of the table or of one of its indexes.
   *
   * @param paths the paths of an expression, see {@link ExpressionPaths}
   * @param tableKey the table's key attributes
   * @param indexKeys the key attributes of all indexes
   */
  public static void checkScalars(
      List<Path> paths, List<KeyAttribute> tableKey, List<KeyAttribute> indexKeys) {
    checkScalars(paths, tableKey, "Key: ");
    checkScalars(paths, indexKeys, "IndexKey: ");
  }

  private static void checkScalars(List<Path> paths, List<KeyAttribute> keys, String what) {
    for (Path path : paths) {
      if (path.getElementsCount() > 1) {
        String attribute = ExpressionPaths.attribute(path);
        for (KeyAttribute key : keys) {
          if (key.name().equals(attribute)) {
            throw ApiException.validation(SCALARS + what + attribute);
          }
        }
      }
    }
  }

  /**
   * Complains about the filter of a query that looks at a key attribute; a scan's may.
   *
   * @param filter the filter
   * @param legacy whether it is a QueryFilter
   * @param key the key attributes of the table or index that is queried
   */
  public static void checkFilter(Condition filter, boolean legacy, List<KeyAttribute> key) {
    List<Path> paths = ExpressionPaths.of(filter);
    for (KeyAttribute attribute : key) {
      for (Path path : paths) {
        if (ExpressionPaths.attribute(path).equals(attribute.name())) {
          throw ApiException.validation(
              (legacy ? "QueryFilter" : "Filter Expression")
                  + " can only contain non-primary key attributes: Primary key attribute: "
                  + attribute.name());
        }
      }
    }
  }
}
