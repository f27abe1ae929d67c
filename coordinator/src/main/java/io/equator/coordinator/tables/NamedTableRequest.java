package io.equator.coordinator.tables;

import io.equator.coordinator.api.AboutTable;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.tables.Shapes.TimeToLive;
import org.jspecify.annotations.Nullable;

/**
 * The requests that name a table and little else: {@code DescribeTable}, {@code DeleteTable},
 * {@code DescribeTimeToLive} and {@code UpdateTimeToLive}, the only one with a specification.
 */
record NamedTableRequest(@Nullable String tableName, @Nullable TimeToLive timeToLive)
    implements AboutTable {
  @Override
  public @Nullable String aboutTable() {
    return tableName;
  }

  static NamedTableRequest read(WireReader in) {
    String tableName = null;
    TimeToLive timeToLive = null;
    while (in.nextMember()) {
      switch (in.member()) {
        case "TableName" -> tableName = in.string();
        case "TimeToLiveSpecification" -> timeToLive = TimeToLive.read(in);
        default -> in.skip();
      }
    }
    return new NamedTableRequest(tableName, timeToLive);
  }
}
