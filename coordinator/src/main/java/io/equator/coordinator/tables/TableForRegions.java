package io.equator.coordinator.tables;

import io.equator.proto.RegionTableResponse;

/** Describes tables of this region to others. */
public final class TableForRegions {
  private final TableOperations tables;

  /** Over these tables. */
  public TableForRegions(TableOperations tables) {
    this.tables = tables;
  }

  /** The table of this name, if there is one. */
  public RegionTableResponse describe(String name) {
    RegionTableResponse.Builder response = RegionTableResponse.newBuilder();
    tables
        .catalog()
        .read(name)
        .table()
        .ifPresent(
            table -> {
              response.setTable(table);
              tables.itemCount(table).ifPresent(response::setItemCount);
            });
    return response.build();
  }
}
