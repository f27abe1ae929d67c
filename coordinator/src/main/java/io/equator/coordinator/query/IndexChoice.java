package io.equator.coordinator.query;

import io.equator.model.error.ApiException;
import io.equator.model.expression.ExpressionPaths;
import io.equator.proto.Path;
import io.equator.proto.Projection;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import org.jspecify.annotations.Nullable;

/** Which index a page is read from, and whether its rows hold what is asked for. */
public final class IndexChoice {
  private IndexChoice() {}

  /** The index that the request names; null for the table itself. */
  static @Nullable IndexView find(TableView table, PageMembers members) {
    String name = members.indexName();
    if (name == null) {
      return null;
    }
    IndexView index = named(table, name);
    if (!index.local() && members.consistent()) {
      throw ApiException.validation(
          "Consistent reads are not supported on global secondary indexes");
    }
    return index;
  }

  /**
   * The index of this name.
   *
   * @throws ApiException when there is none
   */
  public static IndexView named(TableView table, String name) {
    IndexView index = table.index(name).orElse(null);
    if (index == null || index.descriptor().getStatus().equals("DELETING")) {
      throw ApiException.validation("The table does not have the specified index: " + name);
    }
    return index;
  }

  /** A global index can only give what is projected into it. */
  static void checkProjected(
      @Nullable IndexView index, boolean wantsAll, @Nullable Projection projection) {
    if (index == null || index.local() || index.projectsAll()) {
      return;
    }
    if (wantsAll) {
      throw ApiException.validation(
          "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported"
              + " for global secondary index "
              + index.name()
              + " because its projection type is not ALL");
    }
    String missing = notProjected(index, projection);
    if (missing != null) {
      throw ApiException.validation(
          "One or more parameter values were invalid: Global secondary index "
              + index.name()
              + " does not project ["
              + missing
              + "]");
    }
  }

  /**
   * Whether the rows of a local index lack something asked for, so that the table's items are read
   * too. A filter does not ask: it sees the rows as they are.
   */
  static boolean fetchesItems(
      @Nullable IndexView index, boolean wantsAll, @Nullable Projection projection) {
    return index != null
        && index.local()
        && !index.projectsAll()
        && (wantsAll || notProjected(index, projection) != null);
  }

  private static @Nullable String notProjected(IndexView index, @Nullable Projection projection) {
    if (projection != null) {
      for (Path path : projection.getPathsList()) {
        String attribute = ExpressionPaths.attribute(path);
        if (!index.projects(attribute)) {
          return attribute;
        }
      }
    }
    return null;
  }

  /**
   * Refuses to read a global index that does not hold every item yet, as DynamoDB does. All other
   * checks come before.
   */
  static void checkReadable(@Nullable IndexView index) {
    if (index != null && !index.local() && index.descriptor().getStatus().equals("CREATING")) {
      throw ApiException.validation(
          "Cannot read from backfilling global secondary index: " + index.name());
    }
  }
}
