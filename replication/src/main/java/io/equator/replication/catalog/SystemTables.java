package io.equator.replication.catalog;

import io.equator.proto.KeyElement;
import io.equator.proto.KeyType;
import io.equator.proto.ScalarType;
import io.equator.proto.TableDescriptor;
import java.util.Optional;

/**
 * Tables that every cluster has and nobody made: they stand in no catalog, have no name that a
 * request could give, and are never dropped. Coordinators use them as storage nodes know them, by
 * their numbers.
 *
 * <p>Their numbers are the last ones, which no table that is made will ever get.
 */
public final class SystemTables {
  /** The partition key of the ledger, a B. */
  public static final String LEDGER_KEY = "k";

  /** The partition key of the checkpoints of triggers, a B. */
  public static final String CHECKPOINT_KEY = "k";

  /** The partition key of the cursors of other regions, a B. */
  public static final String REGION_CURSOR_KEY = "k";

  /** The first ring, which every cluster has. */
  private static final int RING_ID = 1;

  private static final int LEDGER_ID = 0xFFFF_FF01;
  private static final int CHECKPOINTS_ID = 0xFFFF_FF02;
  private static final int REGION_CURSORS_ID = 0xFFFF_FF03;

  /** Where transactions are decided: one row for each. */
  public static final TableView LEDGER = table(LEDGER_ID, "-ledger-", LEDGER_KEY);

  /** How far event-source mappings have come: one row for each mapping and shard. */
  public static final TableView CHECKPOINTS =
      table(CHECKPOINTS_ID, "-checkpoints-", CHECKPOINT_KEY);

  /** How far other regions have come with sending here: one row for each of their sources. */
  public static final TableView REGION_CURSORS =
      table(REGION_CURSORS_ID, "-region-cursors-", REGION_CURSOR_KEY);

  private SystemTables() {}

  private static TableView table(int id, String name, String key) {
    return new TableView(
        TableDescriptor.newBuilder()
            .setTableId(id)
            .setSchemaVersion(1)
            .setName(name)
            .setStatus("ACTIVE")
            .setRingId(RING_ID)
            .addKey(
                KeyElement.newBuilder()
                    .setAttributeName(key)
                    .setKeyType(KeyType.HASH)
                    .setAttributeType(ScalarType.B))
            .build());
  }

  /** The table of this number, if it is one of these. */
  static Optional<TableView> table(int id) {
    return switch (id) {
      case LEDGER_ID -> Optional.of(LEDGER);
      case CHECKPOINTS_ID -> Optional.of(CHECKPOINTS);
      case REGION_CURSORS_ID -> Optional.of(REGION_CURSORS);
      default -> Optional.empty();
    };
  }
}
