package io.equator.coordinator.partiql;

import io.equator.coordinator.items.Consumption;
import io.equator.coordinator.items.ItemKeys;
import io.equator.coordinator.items.PathChecks;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.TableNames;
import io.equator.model.capacity.CapacityUnits;
import io.equator.model.capacity.ReadMode;
import io.equator.model.error.ApiException;
import io.equator.model.expression.CompiledCondition;
import io.equator.model.item.EncodedItem;
import io.equator.model.key.KeyExtractor;
import io.equator.model.partiql.Command;
import io.equator.model.partiql.Where;
import io.equator.proto.Condition;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResult;
import io.equator.proto.ItemGet;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.Optional;

/**
 * A SELECT of one item by its key: read as a whole, so that the rest of the condition can be seen.
 */
final class ItemRead {
  private final Command.Select select;
  private final Where.Item item;
  private final Columns columns;

  private ItemRead(Command.Select select, Where.Item item) {
    this.select = select;
    this.item = item;
    this.columns = new Columns(select.columns());
  }

  /** The read, when the statement names one item of a table. */
  static Optional<ItemRead> of(Command.Select select, TableView table) {
    return select.index().isPresent()
        ? Optional.empty()
        : select.where().item(table.keySchema()).map(item -> new ItemRead(select, item));
  }

  Bound<GetRequest.Builder> bind(CatalogSnapshot snapshot) {
    TableView table = TableNames.serving(snapshot, select.table());
    ItemGet.Builder get = get(snapshot, table).setTable(table.reference());
    return new Bound<>(
        table.ringId(), get.getKey().getToken(), GetRequest.newBuilder().addGets(get));
  }

  /**
   * The read for a table; without its reference.
   *
   * @throws ApiException when the key does not fit the table
   */
  ItemGet.Builder get(CatalogSnapshot snapshot, TableView table) {
    ItemGet.Builder get =
        ItemGet.newBuilder()
            .setKey(
                ItemKeys.of(
                    snapshot, table, KeyExtractor.fromKeyMap(table.keySchema(), item.key())));
    if (item.condition().isPresent()) {
      PathChecks.check(table, item.condition().get());
    } else if (columns.projection() != null) {
      get.setProjection(columns.projection());
    }
    return get;
  }

  /** The table's key attributes of the item that is read. */
  EncodedItem key() {
    return item.key();
  }

  /** Whether anything is asked but the key. */
  boolean hasCondition() {
    return item.condition().isPresent();
  }

  /** The item, when it is there and satisfies the condition. */
  Optional<EncodedItem> found(GetResult result) {
    if (!result.hasItem()) {
      return Optional.empty();
    }
    EncodedItem found = EncodedItem.wrap(result.getItem());
    Optional<Condition> condition = item.condition();
    if (condition.isPresent() && !CompiledCondition.of(condition.get()).test(found)) {
      return Optional.empty();
    }
    return Optional.of(columns.of(found));
  }

  static void charge(Consumption consumption, GetResult result, ReadMode mode) {
    consumption.addTable(CapacityUnits.read(result.getSize(), mode));
  }
}
