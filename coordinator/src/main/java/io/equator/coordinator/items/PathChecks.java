package io.equator.coordinator.items;

import io.equator.model.expression.ExpressionPaths;
import io.equator.model.expression.KeyChecks;
import io.equator.model.key.KeyAttribute;
import io.equator.proto.Condition;
import io.equator.proto.Path;
import io.equator.proto.Projection;
import io.equator.proto.Update;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import java.util.ArrayList;
import java.util.List;

/** What expressions may not do to key attributes, once the table is known. */
public final class PathChecks {
  private PathChecks() {}

  /** A condition or filter does not look into a key attribute. */
  public static void check(TableView table, Condition condition) {
    checkScalars(table, ExpressionPaths.of(condition));
  }

  /** A projection does not look into a key attribute. */
  public static void check(TableView table, Projection projection) {
    checkScalars(table, ExpressionPaths.of(projection));
  }

  /** An update does not look into a key attribute. That it changes none is checked at the node. */
  public static void check(TableView table, Update update) {
    checkScalars(table, ExpressionPaths.changedBy(update));
    checkScalars(table, ExpressionPaths.readBy(update));
  }

  private static void checkScalars(TableView table, List<Path> paths) {
    for (Path path : paths) {
      if (path.getElementsCount() > 1) {
        KeyChecks.checkScalars(paths, table.keySchema().attributes(), indexKeys(table));
        return;
      }
    }
  }

  private static List<KeyAttribute> indexKeys(TableView table) {
    List<KeyAttribute> keys = new ArrayList<>();
    for (List<IndexView> indexes : List.of(table.localIndexes(), table.globalIndexes())) {
      for (IndexView index : indexes) {
        keys.addAll(index.partitionKey());
        keys.addAll(index.sortKey());
      }
    }
    return keys;
  }
}
