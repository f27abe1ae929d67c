package io.equator.coordinator.partiql;

import io.equator.coordinator.items.Consumption;
import io.equator.coordinator.items.Replies;
import io.equator.coordinator.json.WireWriter;
import io.equator.coordinator.router.Router;
import io.equator.coordinator.router.TableNames;
import io.equator.model.capacity.CapacityUnits;
import io.equator.model.capacity.ReadMode;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.model.item.EncodedItem;
import io.equator.model.partiql.Command;
import io.equator.proto.GetResult;
import io.equator.proto.WriteResult;
import io.equator.proto.Written;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One statement of a batch and what became of it. Filled by the one thread that brings its answer,
 * read when all have come.
 */
final class BatchEntry {
  private static final String NO_KEY =
      "Select statements within BatchExecuteStatement must specify the primary key in the where"
          + " clause.";

  private final boolean consistent;
  private @Nullable Command command;
  private @Nullable EncodedItem key;
  private @Nullable ItemRead read;
  private @Nullable ItemChange change;

  private @Nullable ApiError error;
  private @Nullable EncodedItem item;
  private final Consumption consumption = new Consumption();
  private boolean charged;

  private BatchEntry(boolean consistent) {
    this.consistent = consistent;
  }

  /** Reads a statement, and names the item that it is about. */
  static BatchEntry of(SentStatement sent, StatementCache cache, CatalogSnapshot snapshot) {
    BatchEntry entry = new BatchEntry(sent.consistent());
    try {
      Command command = sent.command(cache);
      entry.command = command;
      TableView table = TableNames.serving(snapshot, command.table());
      switch (command) {
        case Command.Select select -> {
          ItemRead read =
              ItemRead.of(select, table).orElseThrow(() -> ApiException.validation(NO_KEY));
          entry.read = read;
          entry.key = read.key();
        }
        case Command.Write write -> {
          ItemChange change = new ItemChange(write, sent.returnsOldOnFailure());
          entry.key = change.key(table);
          entry.change = change;
        }
        case Command.Exists _ ->
            throw ApiException.validation("EXISTS() can only be used in ExecuteTransaction");
      }
    } catch (ApiException e) {
      entry.error = e.error();
    }
    return entry;
  }

  /** What the statement asks; null when it cannot be read. */
  @Nullable Command command() {
    return command;
  }

  /** The key attributes of the item that it is about; null when it cannot run. */
  @Nullable EncodedItem key() {
    return error == null ? key : null;
  }

  /** Runs the statement; the future never fails. */
  CompletableFuture<Void> run(Router router) {
    ItemRead reading = read;
    ItemChange changing = change;
    if (error != null) {
      return CompletableFuture.completedFuture(null);
    }
    if (reading != null) {
      return settled(
          router.get(reading::bind, consistent),
          routed -> took(reading, Replies.answered(routed).getResults(0)));
    }
    if (changing != null) {
      return settled(
          router.write(changing::bind),
          routed -> took(changing, Replies.answered(routed).getResults(0)));
    }
    throw new IllegalStateException("a statement that does nothing");
  }

  private void took(ItemRead reading, GetResult result) {
    ItemRead.charge(consumption, result, ReadMode.of(consistent));
    charged = true;
    item = reading.found(result).orElse(null);
  }

  private void took(ItemChange changing, WriteResult result) {
    charged = true;
    if (result.hasConditionFailed()) {
      consumption.addTable(CapacityUnits.write(result.getConditionFailed().getSize(), 0));
    }
    Written written = changing.written(result);
    consumption.addWrite(written);
    item = written.hasAttributes() ? EncodedItem.wrap(written.getAttributes()) : null;
  }

  private <T> CompletableFuture<Void> settled(CompletableFuture<T> answer, Consumer<T> taken) {
    return answer.handle(
        (value, failure) -> {
          if (failure != null) {
            error = new ApiError(ErrorCode.INTERNAL_SERVER_ERROR, "Internal server error");
            return null;
          }
          try {
            taken.accept(value);
          } catch (ApiException e) {
            error = e.error();
          }
          return null;
        });
  }

  void charge(Map<String, Consumption> tables) {
    Command asked = command;
    if (charged && asked != null) {
      tables.computeIfAbsent(asked.table(), _ -> new Consumption()).add(consumption);
    }
  }

  /** Writes one BatchStatementResponse. */
  void write(WireWriter out) {
    out.beginObject();
    ApiError failed = error;
    if (failed != null) {
      out.beginObject("Error");
      out.field("Code", code(failed.code()));
      String message = failed.message();
      if (message != null) {
        out.field("Message", message);
      }
      EncodedItem old = failed.item();
      if (old != null) {
        out.field("Item", old);
      }
      out.endObject();
    }
    Command asked = command;
    if (asked != null) {
      out.field("TableName", asked.table());
    }
    EncodedItem found = item;
    if (found != null) {
      out.field("Item", found);
    }
    out.endObject();
  }

  /** As BatchStatementErrorCodeEnum has it. */
  private static String code(ErrorCode code) {
    return switch (code) {
      case VALIDATION -> "ValidationError";
      case CONDITIONAL_CHECK_FAILED -> "ConditionalCheckFailed";
      case ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED -> "ItemCollectionSizeLimitExceeded";
      case REQUEST_LIMIT_EXCEEDED -> "RequestLimitExceeded";
      case PROVISIONED_THROUGHPUT_EXCEEDED -> "ProvisionedThroughputExceeded";
      case TRANSACTION_CONFLICT -> "TransactionConflict";
      case THROTTLING -> "ThrottlingError";
      case RESOURCE_NOT_FOUND -> "ResourceNotFound";
      case ACCESS_DENIED -> "AccessDenied";
      case DUPLICATE_ITEM -> "DuplicateItem";
      default -> "InternalServerError";
    };
  }
}
