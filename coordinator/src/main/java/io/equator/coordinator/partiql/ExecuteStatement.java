package io.equator.coordinator.partiql;

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
import io.equator.coordinator.router.Router;
import io.equator.coordinator.router.TableNames;
import io.equator.model.capacity.ReadMode;
import io.equator.model.error.ApiException;
import io.equator.model.item.EncodedItem;
import io.equator.model.partiql.Command;
import io.equator.proto.GetResult;
import io.equator.proto.Written;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Runs one PartiQL statement. */
public final class ExecuteStatement implements Operation {
  private final Router router;
  private final StatementCache cache;

  /** The operation. */
  public ExecuteStatement(Router router, StatementCache cache) {
    this.router = router;
    this.cache = cache;
  }

  @Override
  public String name() {
    return "ExecuteStatement";
  }

  @Override
  public CompletableFuture<ReplyBody> run(ApiCall call) {
    Request request = call.parse(Request::read);
    request.check();
    Command command = request.statement.command(cache);
    call.about(command.table());
    if (request.nextToken != null && !(command instanceof Command.Select)) {
      throw ApiException.validation("NextToken is only valid on a SELECT statement");
    }
    return switch (command) {
      case Command.Select select -> select(request, select);
      case Command.Write write -> write(request, write);
      case Command.Exists _ ->
          throw ApiException.validation("EXISTS() can only be used in ExecuteTransaction");
    };
  }

  private CompletableFuture<ReplyBody> write(Request request, Command.Write command) {
    ItemChange change = new ItemChange(command, request.statement.returnsOldOnFailure());
    return Replies.of(
        router.write(change::bind),
        routed -> {
          Written written = change.written(Replies.answered(routed).getResults(0));
          Consumption consumption = new Consumption();
          consumption.addWrite(written);
          List<EncodedItem> items =
              written.hasAttributes()
                  ? List.of(EncodedItem.wrap(written.getAttributes()))
                  : List.of();
          return out -> request.write(out, command, items, null, consumption);
        });
  }

  private CompletableFuture<ReplyBody> select(Request request, Command.Select select) {
    boolean consistent = request.statement.consistent();
    if (select.orderBy().isEmpty() && request.nextToken == null) {
      Optional<ItemRead> one =
          ItemRead.of(select, TableNames.serving(router.catalog(), select.table()));
      if (one.isPresent()) {
        return get(request, select, one.get(), consistent);
      }
    }
    Integer limit = request.limit;
    SelectRun run = new SelectRun(router, select, consistent, limit == null ? 0 : limit);
    NextToken from =
        request.nextToken == null
            ? null
            : NextToken.decode(request.nextToken, request.statement.fingerprint());
    return Replies.of(
        run.start(from),
        page -> out -> request.write(out, select, page.items(), page.next(), page.consumption()));
  }

  private CompletableFuture<ReplyBody> get(
      Request request, Command.Select select, ItemRead read, boolean consistent) {
    return Replies.of(
        router.get(read::bind, consistent),
        routed -> {
          GetResult result = Replies.answered(routed).getResults(0);
          Consumption consumption = new Consumption();
          ItemRead.charge(consumption, result, ReadMode.of(consistent));
          List<EncodedItem> items = read.found(result).map(List::of).orElse(List.of());
          return out -> request.write(out, select, items, null, consumption);
        });
  }

  /** An ExecuteStatement as sent. */
  private static final class Request {
    private final SentStatement statement = new SentStatement();
    private @Nullable String nextToken;
    private @Nullable Integer limit;
    private @Nullable String returnConsumedCapacity;

    static Request read(WireReader in) {
      Request request = new Request();
      while (in.nextMember()) {
        switch (in.member()) {
          case "NextToken" -> request.nextToken = in.string();
          case "Limit" -> request.limit = in.integer();
          case "ReturnConsumedCapacity" -> request.returnConsumedCapacity = in.string();
          default -> request.statement.read(in);
        }
      }
      return request;
    }

    void check() {
      Constraints constraints = new Constraints();
      statement.check(constraints);
      constraints.length("nextToken", nextToken, 1, NextToken.LENGTH_MAX);
      constraints.enumValue(
          "returnConsumedCapacity", returnConsumedCapacity, RequestEnums.RETURN_CONSUMED_CAPACITY);
      constraints.range("limit", limit, 1, Integer.MAX_VALUE);
      constraints.throwIfAny();
    }

    void write(
        WireWriter out,
        Command command,
        List<EncodedItem> items,
        @Nullable NextToken next,
        Consumption consumption) {
      out.beginObject();
      out.beginArray("Items");
      items.forEach(out::item);
      out.endArray();
      if (next != null) {
        out.field("NextToken", next.encode(statement.fingerprint()));
        EncodedItem start = next.start();
        if (start != null) {
          out.field("LastEvaluatedKey", start);
        }
      }
      consumption.writeMember(out, command.table(), CapacityReport.of(returnConsumedCapacity));
      out.endObject();
    }
  }
}
