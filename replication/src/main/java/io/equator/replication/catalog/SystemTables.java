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

  /** The first ring, which every cluster has. */
  private static final int RING_ID = 1;

  private static final int LEDGER_ID = 0xFFFF_FF01;

  /** Where transactions are decided: one row for each. */
  public static final TableView LEDGER =
      new TableView(
          TableDescriptor.newBuilder()
              .setTableId(LEDGER_ID)
              .setSchemaVersion(1)
              .setName("-ledger-")
              .setStatus("ACTIVE")
              .setRingId(RING_ID)
              .addKey(
                  KeyElement.newBuilder()
                      .setAttributeName(LEDGER_KEY)
                      .setKeyType(KeyType.HASH)
                      .setAttributeType(ScalarType.B))
              .build());

  private SystemTables() {}

  /** The table of this number, if it is one of these. */
  static Optional<TableView> table(int id) {
    return id == LEDGER_ID ? Optional.of(LEDGER) : Optional.empty();
  }
}
