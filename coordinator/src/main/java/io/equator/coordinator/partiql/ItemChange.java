package io.equator.coordinator.partiql;

import io.equator.coordinator.items.IndexKeyChecks;
import io.equator.coordinator.items.ItemKeys;
import io.equator.coordinator.items.PathChecks;
import io.equator.coordinator.items.WriteOutcomes;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.TableNames;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.model.error.CancellationReason;
import io.equator.model.error.ErrorCode;
import io.equator.model.item.EncodedItem;
import io.equator.model.key.KeyExtractor;
import io.equator.model.key.PrimaryKey;
import io.equator.model.partiql.Command;
import io.equator.model.partiql.StatementErrors;
import io.equator.model.partiql.Where;
import io.equator.proto.Condition;
import io.equator.proto.Conditions;
import io.equator.proto.ItemDelete;
import io.equator.proto.ItemKey;
import io.equator.proto.ItemUpdate;
import io.equator.proto.ItemWrite;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import io.equator.proto.Update;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResult;
import io.equator.proto.Written;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.Optional;

/** A write of PartiQL, or a check of an item in a transaction, on its way to its table. */
final class ItemChange {
  private static final String DUPLICATE = "Duplicate primary key exists in table";

  private final Command command;
  private final boolean returnsOldOnFailure;

  ItemChange(Command.Write command, boolean returnsOldOnFailure) {
    this.command = command;
    this.returnsOldOnFailure = returnsOldOnFailure;
  }

  ItemChange(Command.Exists command, boolean returnsOldOnFailure) {
    this.command = command;
    this.returnsOldOnFailure = returnsOldOnFailure;
  }

  Bound<WriteRequest.Builder> bind(CatalogSnapshot snapshot) {
    TableView table = TableNames.serving(snapshot, command.table());
    ItemWrite.Builder write = write(snapshot, table).setTable(table.reference());
    return new Bound<>(
        table.ringId(), write.getKey().getToken(), WriteRequest.newBuilder().addWrites(write));
  }

  /**
   * The write for a table; without its reference.
   *
   * @throws ApiException when it does not fit the table
   */
  ItemWrite.Builder write(CatalogSnapshot snapshot, TableView table) {
    ItemWrite.Builder write =
        ItemWrite.newBuilder().setReturnOldOnConditionFailure(returnsOldOnFailure);
    switch (command) {
      case Command.Insert(_, EncodedItem item) -> {
        write.setKey(key(snapshot, table, KeyExtractor.fromItem(table.keySchema(), item)));
        IndexKeyChecks.check(table, item);
        write
            .setPut(item.toByteString())
            .setCondition(Condition.newBuilder().setAttributeNotExists(partitionKey(table)));
      }
      case Command.Change(_, Update update, Where where, var returning) -> {
        Where.Item item = item(table, where);
        Condition exists = Condition.newBuilder().setAttributeExists(partitionKey(table)).build();
        condition(write, table, item);
        write.setCondition(
            write.hasCondition()
                ? Condition.newBuilder()
                    .setAll(
                        Conditions.newBuilder()
                            .addConditions(exists)
                            .addConditions(write.getCondition()))
                    .build()
                : exists);
        PathChecks.check(table, update);
        write
            .setKey(keyOf(snapshot, table, item))
            .setUpdate(
                ItemUpdate.newBuilder()
                    .setUpdate(update)
                    .setKeyAttributes(item.key().toByteString()))
            .setReturnValues(returning);
      }
      case Command.Delete(_, Where where, var returning) -> {
        Where.Item item = item(table, where);
        condition(write, table, item);
        write
            .setKey(keyOf(snapshot, table, item))
            .setDelete(ItemDelete.getDefaultInstance())
            .setReturnValues(returning);
      }
      case Command.Exists(Command.Select select) -> {
        Where.Item item = item(table, select.where());
        condition(write, table, item);
        write.setKey(keyOf(snapshot, table, item));
      }
      case Command.Select _ -> throw new IllegalStateException("a read is no change");
    }
    return write;
  }

  /**
   * The key attributes of the item that changes.
   *
   * @throws ApiException when the statement does not name one item
   */
  EncodedItem key(TableView table) {
    return switch (command) {
      case Command.Insert(_, EncodedItem item) -> {
        KeyExtractor.fromItem(table.keySchema(), item);
        yield item.project(
            table.keySchema().attributes().stream().map(attribute -> attribute.name()).toList());
      }
      case Command.Change change -> item(table, change.where()).key();
      case Command.Delete delete -> item(table, delete.where()).key();
      case Command.Exists exists -> item(table, exists.select().where()).key();
      case Command.Select _ -> throw new IllegalStateException("a read is no change");
    };
  }

  /** What the change brings to the limit of a transaction's size. */
  long sizeBytes() {
    return switch (command) {
      case Command.Insert insert -> insert.item().sizeBytes();
      case Command.Change change -> change.update().getSerializedSize() + sizeBytes(change.where());
      case Command.Delete delete -> sizeBytes(delete.where());
      case Command.Exists exists -> sizeBytes(exists.select().where());
      case Command.Select _ -> 0;
    };
  }

  private static long sizeBytes(Where where) {
    return where.condition().map(Condition::getSerializedSize).orElse(0);
  }

  private static Where.Item item(TableView table, Where where) {
    return where
        .item(table.keySchema())
        .orElseThrow(() -> ApiException.validation(StatementErrors.NO_KEY));
  }

  private static void condition(ItemWrite.Builder write, TableView table, Where.Item item) {
    Optional<Condition> condition = item.condition();
    if (condition.isPresent()) {
      PathChecks.check(table, condition.get());
      write.setCondition(condition.get());
    }
  }

  private static ItemKey keyOf(CatalogSnapshot snapshot, TableView table, Where.Item item) {
    return key(snapshot, table, KeyExtractor.fromKeyMap(table.keySchema(), item.key()));
  }

  private static ItemKey key(CatalogSnapshot snapshot, TableView table, PrimaryKey key) {
    return ItemKeys.of(snapshot, table, key);
  }

  private static Path partitionKey(TableView table) {
    return Path.newBuilder()
        .addElements(PathElement.newBuilder().setField(table.keySchema().partition().name()))
        .build();
  }

  /**
   * What the write did.
   *
   * @throws ApiException when it was refused
   */
  Written written(WriteResult result) {
    try {
      return WriteOutcomes.written(result);
    } catch (ApiException e) {
      ApiError error = e.error();
      if (command instanceof Command.Insert && error.code() == ErrorCode.CONDITIONAL_CHECK_FAILED) {
        throw new ApiException(new ApiError(ErrorCode.DUPLICATE_ITEM, DUPLICATE, error.item()));
      }
      throw e;
    }
  }

  /** Why a transaction could not make the change. */
  CancellationReason reason(CancellationReason reason) {
    return command instanceof Command.Insert && reason.code().equals("ConditionalCheckFailed")
        ? new CancellationReason("DuplicateItem", DUPLICATE, reason.item())
        : reason;
  }
}
