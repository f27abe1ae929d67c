package io.equator.coordinator.partiql;

import com.google.protobuf.ByteString;
import io.equator.coordinator.api.ApiCall;
import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.items.CapacityReport;
import io.equator.coordinator.items.Consumption;
import io.equator.coordinator.items.Replies;
import io.equator.coordinator.items.RequestEnums;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireWriter;
import io.equator.coordinator.router.TableNames;
import io.equator.coordinator.transactions.ClientToken;
import io.equator.coordinator.transactions.TransactAction;
import io.equator.coordinator.transactions.TransactGet;
import io.equator.coordinator.transactions.TransactReadOutcome;
import io.equator.coordinator.transactions.TransactWriteItems;
import io.equator.coordinator.transactions.TransactWriteOutcome;
import io.equator.coordinator.transactions.TransactionEngine;
import io.equator.model.capacity.ReadMode;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.model.error.CancellationReason;
import io.equator.model.error.ErrorCode;
import io.equator.model.partiql.Command;
import io.equator.proto.GetResult;
import io.equator.proto.ReplayCharge;
import io.equator.proto.ReturnValues;
import io.equator.proto.Written;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs up to 100 PartiQL statements, all reads or all writes, all or none. */
public final class ExecuteTransaction implements Operation {
  private static final String NO_KEY =
      "Select statements within ExecuteTransaction must specify the primary key in the where"
          + " clause.";

  private final TransactionEngine engine;
  private final Supplier<CatalogSnapshot> catalog;
  private final StatementCache cache;

  /**
   * The operation.
   *
   * @param catalog gives the newest copy
   */
  public ExecuteTransaction(
      TransactionEngine engine, Supplier<CatalogSnapshot> catalog, StatementCache cache) {
    this.engine = engine;
    this.catalog = catalog;
    this.cache = cache;
  }

  @Override
  public String name() {
    return "ExecuteTransaction";
  }

  @Override
  public CompletableFuture<ReplyBody> run(ApiCall call) {
    Request request = call.parse(Request::read);
    request.check();
    List<Command> commands = new ArrayList<>();
    for (int i = 0; i < request.statements().size(); i++) {
      SentStatement sent = request.statements().get(i);
      commands.add(inPlace(i, () -> checked(sent.command(cache))));
    }
    boolean reads = commands.getFirst() instanceof Command.Select;
    for (Command command : commands) {
      if (command instanceof Command.Select != reads) {
        throw ApiException.validation(
            "ExecuteTransaction API does not support both read and write operations in the same"
                + " request.");
      }
    }
    return reads
        ? read(request, commands)
        : write(request, commands, call.context().caller().accountId());
  }

  /** What can be said without the table. */
  private static Command checked(Command command) {
    if (command instanceof Command.Write write && write.returning() != ReturnValues.NONE) {
      throw ApiException.validation("RETURNING clause is not supported in ExecuteTransaction.");
    }
    Command.Select select =
        switch (command) {
          case Command.Select read -> read;
          case Command.Exists(Command.Select read) -> read;
          case Command.Write _ -> null;
        };
    if (select != null && select.index().isPresent()) {
      throw ApiException.validation("Reads on indices are not supported within transactions.");
    }
    return command;
  }

  /** A complaint says which statement it is about. */
  private static <T> T inPlace(int index, Supplier<T> check) {
    try {
      return check.get();
    } catch (ApiException e) {
      throw e.error().code() == ErrorCode.VALIDATION
          ? ApiException.validation(
              "Validation failed in TransactStatements[" + index + "]: " + e.error().message())
          : e;
    }
  }

  // ---- reads

  private CompletableFuture<ReplyBody> read(Request request, List<Command> commands) {
    CatalogSnapshot snapshot = catalog.get();
    List<ItemRead> reads = new ArrayList<>();
    List<TransactGet> gets = new ArrayList<>();
    for (int i = 0; i < commands.size(); i++) {
      if (commands.get(i) instanceof Command.Select select) {
        TableView table = TableNames.serving(snapshot, select.table());
        ItemRead read =
            inPlace(
                i,
                () ->
                    ItemRead.of(select, table).orElseThrow(() -> ApiException.validation(NO_KEY)));
        reads.add(read);
        gets.add(new TransactGet(select.table(), read::get));
      }
    }
    return Replies.of(engine.read(gets), outcome -> request.reply(outcome, commands, reads));
  }

  // ---- writes

  private CompletableFuture<ReplyBody> write(
      Request request, List<Command> commands, String account) {
    CatalogSnapshot snapshot = catalog.get();
    List<ItemChange> changes = new ArrayList<>();
    List<TransactAction> actions = new ArrayList<>();
    long size = 0;
    for (int i = 0; i < commands.size(); i++) {
      boolean old = request.statements().get(i).returnsOldOnFailure();
      Command command = commands.get(i);
      TableView table = TableNames.serving(snapshot, command.table());
      ItemChange change =
          switch (command) {
            case Command.Write write -> new ItemChange(write, old);
            case Command.Exists exists -> {
              inPlace(i, () -> checkedExists(exists, table));
              yield new ItemChange(exists, old);
            }
            case Command.Select _ -> throw new IllegalStateException("a read among writes");
          };
      if (!(command instanceof Command.Insert)) {
        var _ = inPlace(i, () -> change.key(table));
      }
      size += change.sizeBytes();
      changes.add(change);
      actions.add(new TransactAction(command.table(), change::write));
    }
    if (size > TransactWriteItems.SIZE_MAX) {
      throw ApiException.validation(TransactWriteItems.TOO_LARGE);
    }
    return Replies.of(
        engine.write(actions, request.clientToken(account)),
        outcome -> request.reply(outcome, commands, changes));
  }

  private static Command.Exists checkedExists(Command.Exists exists, TableView table) {
    Optional<ItemRead> read = ItemRead.of(exists.select(), table);
    if (read.isEmpty() || !read.get().hasCondition()) {
      throw ApiException.validation(
          "EXISTS() must contain a single item read with additional condition");
    }
    return exists;
  }

  /** An ExecuteTransaction as sent. */
  private static final class Request {
    private @Nullable List<SentStatement> statements;
    private @Nullable String token;
    private @Nullable String returnConsumedCapacity;

    static Request read(WireReader in) {
      Request request = new Request();
      while (in.nextMember()) {
        switch (in.member()) {
          case "TransactStatements" ->
              request.statements = SentStatement.list(in, "ParameterizedStatement");
          case "ClientRequestToken" -> request.token = in.string();
          case "ReturnConsumedCapacity" -> request.returnConsumedCapacity = in.string();
          default -> in.skip();
        }
      }
      return request;
    }

    List<SentStatement> statements() {
      return statements == null ? List.of() : statements;
    }

    void check() {
      Constraints constraints = new Constraints();
      constraints.enumValue(
          "returnConsumedCapacity", returnConsumedCapacity, RequestEnums.RETURN_CONSUMED_CAPACITY);
      constraints.length("clientRequestToken", token, 1, TransactWriteItems.TOKEN_LENGTH_MAX);
      if (constraints.notNull("transactStatements", statements)) {
        constraints.length("transactStatements", statements, 1, TransactWriteItems.ACTIONS_MAX);
      }
      for (int i = 0; i < statements().size(); i++) {
        constraints.enterElement("transactStatements", i);
        statements().get(i).check(constraints);
        constraints.leave();
      }
      constraints.throwIfAny();
    }

    Optional<ClientToken> clientToken(String account) {
      if (token == null) {
        return Optional.empty();
      }
      MessageDigest digest = ClientToken.sha256();
      // Apart from a TransactWriteItems of the same token.
      digest.update((byte) 'P');
      for (SentStatement statement : statements()) {
        digest.update(statement.fingerprint());
        digest.update((byte) (statement.returnsOldOnFailure() ? 1 : 0));
      }
      return Optional.of(new ClientToken(account, token, ByteString.copyFrom(digest.digest())));
    }

    ReplyBody reply(
        TransactWriteOutcome outcome, List<Command> commands, List<ItemChange> changes) {
      return switch (outcome) {
        case TransactWriteOutcome.Cancelled(var reasons) -> {
          List<CancellationReason> own = new ArrayList<>();
          for (int i = 0; i < reasons.size(); i++) {
            own.add(changes.get(i).reason(reasons.get(i)));
          }
          throw new ApiException(ApiError.cancelled(own));
        }
        case TransactWriteOutcome.Committed(List<Written> writes) -> {
          Map<String, Consumption> tables = new LinkedHashMap<>();
          for (int i = 0; i < writes.size(); i++) {
            tables
                .computeIfAbsent(commands.get(i).table(), _ -> new Consumption())
                .addTransactionalWrite(writes.get(i));
          }
          yield out -> write(out, tables, true);
        }
        case TransactWriteOutcome.Replayed(List<ReplayCharge> charges) -> {
          Map<String, Consumption> tables = new LinkedHashMap<>();
          for (ReplayCharge charge : charges) {
            tables
                .computeIfAbsent(charge.getTableName(), _ -> new Consumption())
                .addTable(charge.getReadUnits());
          }
          yield out -> write(out, tables, false);
        }
      };
    }

    private void write(WireWriter out, Map<String, Consumption> tables, boolean written) {
      out.beginObject();
      consumed(out, tables, written);
      out.endObject();
    }

    ReplyBody reply(TransactReadOutcome outcome, List<Command> commands, List<ItemRead> reads) {
      return switch (outcome) {
        case TransactReadOutcome.Cancelled(var reasons) ->
            throw new ApiException(ApiError.cancelled(reasons));
        case TransactReadOutcome.Found(List<GetResult> items) -> {
          Map<String, Consumption> tables = new LinkedHashMap<>();
          long size = 0;
          for (int i = 0; i < items.size(); i++) {
            size += items.get(i).getSize();
            ItemRead.charge(
                tables.computeIfAbsent(commands.get(i).table(), _ -> new Consumption()),
                items.get(i),
                ReadMode.TRANSACTIONAL);
          }
          if (size > TransactWriteItems.SIZE_MAX) {
            throw ApiException.validation(TransactWriteItems.TOO_LARGE);
          }
          yield out -> {
            out.beginObject();
            out.beginArray("Responses");
            for (int i = 0; i < items.size(); i++) {
              out.beginObject();
              reads.get(i).found(items.get(i)).ifPresent(item -> out.field("Item", item));
              out.endObject();
            }
            out.endArray();
            consumed(out, tables, false);
            out.endObject();
          };
        }
      };
    }

    private void consumed(WireWriter out, Map<String, Consumption> tables, boolean written) {
      CapacityReport report = CapacityReport.of(returnConsumedCapacity);
      if (report != CapacityReport.NONE) {
        out.beginArray("ConsumedCapacity");
        tables.forEach(
            (table, consumed) -> consumed.writeOfTransaction(out, table, report, written));
        out.endArray();
      }
    }
  }
}
