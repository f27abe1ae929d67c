package io.equator.coordinator.router;

import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.proto.ClusterDescriptor;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.Optional;

/**
 * Finds the table that a request names. Since 2024 every table-addressing parameter takes a name or
 * an ARN; answers echo what was sent.
 */
public final class TableNames {
  private static final String ARN_START = "arn:";
  private static final String TABLE_START = "table/";
  private static final int ARN_PARTS = 6;

  private TableNames() {}

  /**
   * The table of this name or ARN, ready for items.
   *
   * @throws ApiException {@code ResourceNotFoundException} when there is none, or while it is being
   *     created or deleted
   */
  public static TableView serving(CatalogSnapshot snapshot, String nameOrArn) {
    Optional<TableView> table =
        nameOrArn.startsWith(ARN_START) ? byArn(snapshot, nameOrArn) : snapshot.table(nameOrArn);
    if (table.isEmpty() || !table.get().servesItems()) {
      throw ApiException.of(ErrorCode.RESOURCE_NOT_FOUND, "Requested resource not found");
    }
    return table.get();
  }

  /** A table ARN of another region or account names nothing here. */
  private static Optional<TableView> byArn(CatalogSnapshot snapshot, String arn) {
    String[] parts = arn.split(":", ARN_PARTS);
    Optional<ClusterDescriptor> cluster = snapshot.cluster();
    if (parts.length < ARN_PARTS
        || cluster.isEmpty()
        || !parts[2].equals("dynamodb")
        || !parts[3].equals(cluster.get().getRegion())
        || !parts[4].equals(cluster.get().getAccountId())
        || !parts[5].startsWith(TABLE_START)) {
      return Optional.empty();
    }
    return snapshot.table(parts[5].substring(TABLE_START.length()));
  }
}
