package io.equator.coordinator.tables;

import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.tables.Shapes.TimeToLive;
import io.equator.model.error.ApiException;
import io.equator.proto.TableDescriptor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;

/** UpdateTimeToLive and DescribeTimeToLive. */
final class TtlCommands {
  private final TableCatalog catalog;
  private final InstantSource clock;
  private final Duration changeInterval;

  /**
   * Commands over this catalog.
   *
   * @param changeInterval the least time between two changes of one table's setting
   */
  TtlCommands(TableCatalog catalog, InstantSource clock, Duration changeInterval) {
    this.catalog = catalog;
    this.clock = clock;
    this.changeInterval = changeInterval;
  }

  ReplyBody update(NamedTableRequest request) {
    TableNameParameter.checkRequired(request.tableName(), 1);
    ShapeConstraints constraints = new ShapeConstraints();
    constraints.timeToLive(request.timeToLive());
    constraints.throwIfAny();
    TimeToLive asked = Objects.requireNonNull(request.timeToLive());
    boolean enable = Boolean.TRUE.equals(asked.enabled());
    String attribute = Objects.requireNonNull(asked.attribute());
    String name = TableNameParameter.resolve(request.tableName(), catalog.arns());
    long now = clock.millis();
    catalog.change(name, (table, _) -> change(table, enable, attribute, now));
    return out -> {
      out.beginObject();
      out.beginObject("TimeToLiveSpecification");
      out.field("Enabled", enable);
      out.field("AttributeName", attribute);
      out.endObject();
      out.endObject();
    };
  }

  private TableDescriptor change(
      TableDescriptor table, boolean enable, String attribute, long nowMillis) {
    switch (table.getStatus()) {
      case Statuses.CREATING -> throw Rules.tableInUse(table.getName(), "created");
      case Statuses.DELETING -> throw Rules.tableInUse(table.getName(), "deleted");
      default -> {}
    }
    boolean on =
        table.getTtlStatus().equals(Statuses.ENABLED)
            || table.getTtlStatus().equals(Statuses.ENABLING);
    if (on == enable) {
      throw ApiException.validation(
          enable ? "TimeToLive is already enabled" : "TimeToLive is already disabled");
    }
    if (!enable && !table.getTtlAttribute().equals(attribute)) {
      throw ApiException.validation(
          "TimeToLive is active on a different AttributeName: current AttributeName is "
              + table.getTtlAttribute());
    }
    if (table.getTtlChangedMillis() != 0
        && nowMillis - table.getTtlChangedMillis() < changeInterval.toMillis()) {
      throw ApiException.validation(
          "Time to live has been modified multiple times within a fixed interval");
    }
    // Storage nodes keep an index of expiries, so they must know the setting with each write.
    long schema = table.getSchemaVersion() + 1;
    return table.toBuilder()
        .setSchemaVersion(schema)
        .setTtlSchemaVersion(schema)
        .setTtlStatus(enable ? Statuses.ENABLING : Statuses.DISABLING)
        .setTtlAttribute(attribute)
        .setTtlChangedMillis(nowMillis)
        .build();
  }

  ReplyBody describe(NamedTableRequest request) {
    TableNameParameter.checkRequired(request.tableName(), 1);
    String name = TableNameParameter.resolve(request.tableName(), catalog.arns());
    TableDescriptor table = catalog.find(name).orElseThrow(() -> Rules.tableNotFound(name));
    String status = table.getTtlStatus().isEmpty() ? Statuses.DISABLED : table.getTtlStatus();
    return out -> {
      out.beginObject();
      out.beginObject("TimeToLiveDescription");
      out.field("TimeToLiveStatus", status);
      if (!status.equals(Statuses.DISABLED)) {
        out.field("AttributeName", table.getTtlAttribute());
      }
      out.endObject();
      out.endObject();
    };
  }
}
