package io.equator.coordinator.transactions;

import io.equator.coordinator.api.AboutTable;
import io.equator.coordinator.api.ApiCall;
import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.items.CapacityReport;
import io.equator.coordinator.items.Consumption;
import io.equator.coordinator.items.ItemKeys;
import io.equator.coordinator.items.PathChecks;
import io.equator.coordinator.items.Replies;
import io.equator.coordinator.items.RequestEnums;
import io.equator.coordinator.items.ValueWording;
import io.equator.coordinator.json.WireItem;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireWriter;
import io.equator.model.capacity.CapacityUnits;
import io.equator.model.capacity.ReadMode;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.model.expression.ParseCache;
import io.equator.model.expression.RequestExpressions;
import io.equator.model.expression.RequestKind;
import io.equator.model.item.EncodedItem;
import io.equator.model.key.KeyExtractor;
import io.equator.proto.GetResult;
import io.equator.proto.ItemGet;
import io.equator.proto.Projection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads up to 100 items of any tables, as they were at one moment. */
public final class TransactGetItems implements Operation {
  private final TransactionEngine engine;
  private final ParseCache cache;

  /** The operation. */
  public TransactGetItems(TransactionEngine engine, ParseCache cache) {
    this.engine = engine;
    this.cache = cache;
  }

  @Override
  public String name() {
    return "TransactGetItems";
  }

  @Override
  public CompletableFuture<ReplyBody> run(ApiCall call) {
    Request request = call.parse(Request::read);
    request.check(cache);
    call.about(AboutTable.of(request.gets().stream().map(Sent::tableName).toList()));
    return Replies.of(engine.read(request.gets().stream().map(Sent::get).toList()), request::reply);
  }

  /** One element of TransactItems as sent. */
  private static final class Sent {
    private boolean present;
    private @Nullable String tableName;
    private @Nullable WireItem key;
    private @Nullable String projectionExpression;
    private @Nullable Map<String, String> names;
    private EncodedItem checked = EncodedItem.EMPTY;
    private @Nullable Projection projection;

    static Sent read(WireReader in) {
      Sent sent = new Sent();
      in.beginStruct("TransactGetItem");
      while (in.nextMember()) {
        if (in.member().equals("Get")) {
          sent.readGet(in);
        } else {
          in.skip();
        }
      }
      return sent;
    }

    private void readGet(WireReader in) {
      present = true;
      in.beginStruct("Get");
      while (in.nextMember()) {
        switch (in.member()) {
          case "TableName" -> tableName = in.string();
          case "Key" -> key = in.attributeMap();
          case "ProjectionExpression" -> projectionExpression = in.string();
          case "ExpressionAttributeNames" -> names = in.stringMap();
          default -> in.skip();
        }
      }
    }

    void check(Constraints constraints) {
      if (!present) {
        constraints.notNull("get", null);
        return;
      }
      constraints.enterStruct("get");
      constraints.notNull("key", key);
      SentAction.checkTableName(constraints, tableName);
      constraints.leave();
    }

    void checkContents(ParseCache cache) {
      RequestExpressions expressions =
          RequestExpressions.of(RequestKind.GET_ITEM, cache)
              .names(names)
              .projection(projectionExpression);
      expressions.checkParameters();
      WireItem sent = key;
      if (sent == null) {
        throw new IllegalStateException("the constraints let null through");
      }
      projection = expressions.resolve().projection().orElse(null);
      checked = ValueWording.OLDER.checked(sent);
    }

    String tableName() {
      if (tableName == null) {
        throw new IllegalStateException("the table's name was not checked");
      }
      return tableName;
    }

    TransactGet get() {
      return new TransactGet(
          tableName(),
          (snapshot, table) -> {
            ItemGet.Builder get =
                ItemGet.newBuilder()
                    .setKey(
                        ItemKeys.of(
                            snapshot, table, KeyExtractor.fromKeyMap(table.keySchema(), checked)));
            if (projection != null) {
              PathChecks.check(table, projection);
              get.setProjection(projection);
            }
            return get;
          });
    }

    @Override
    public String toString() {
      return "TransactGetItem(get=Get(key="
          + (key == null ? null : key.item())
          + ", tableName="
          + tableName
          + "))";
    }
  }

  /** A TransactGetItems as sent. */
  private static final class Request {
    private @Nullable List<Sent> gets;
    private @Nullable String returnConsumedCapacity;

    static Request read(WireReader in) {
      Request request = new Request();
      while (in.nextMember()) {
        switch (in.member()) {
          case "TransactItems" -> {
            List<Sent> gets = new ArrayList<>();
            in.beginList();
            while (in.nextElement()) {
              gets.add(Sent.read(in));
            }
            request.gets = gets;
          }
          case "ReturnConsumedCapacity" -> request.returnConsumedCapacity = in.string();
          default -> in.skip();
        }
      }
      return request;
    }

    List<Sent> gets() {
      return gets == null ? List.of() : gets;
    }

    void check(ParseCache cache) {
      Constraints constraints = new Constraints();
      constraints.enumValue(
          "returnConsumedCapacity", returnConsumedCapacity, RequestEnums.RETURN_CONSUMED_CAPACITY);
      if (constraints.notNull("transactItems", gets)) {
        constraints.length("transactItems", gets, 1, TransactWriteItems.ACTIONS_MAX);
      }
      for (int i = 0; i < gets().size(); i++) {
        constraints.enterElement("transactItems", i);
        gets().get(i).check(constraints);
        constraints.leave();
      }
      constraints.throwIfAny();
      for (Sent get : gets()) {
        get.checkContents(cache);
      }
    }

    ReplyBody reply(TransactReadOutcome outcome) {
      return switch (outcome) {
        case TransactReadOutcome.Cancelled(var reasons) ->
            throw new ApiException(ApiError.cancelled(reasons));
        case TransactReadOutcome.Found(List<GetResult> items) -> {
          long size = 0;
          for (GetResult item : items) {
            size += item.getSize();
          }
          if (size > TransactWriteItems.SIZE_MAX) {
            throw ApiException.validation(TransactWriteItems.TOO_LARGE);
          }
          yield out -> write(out, items);
        }
      };
    }

    private void write(WireWriter out, List<GetResult> items) {
      out.beginObject();
      CapacityReport report = CapacityReport.of(returnConsumedCapacity);
      if (report != CapacityReport.NONE) {
        Map<String, Consumption> tables = new LinkedHashMap<>();
        for (int i = 0; i < items.size(); i++) {
          tables
              .computeIfAbsent(gets().get(i).tableName(), _ -> new Consumption())
              .addTable(CapacityUnits.read(items.get(i).getSize(), ReadMode.TRANSACTIONAL));
        }
        out.beginArray("ConsumedCapacity");
        tables.forEach((table, consumed) -> consumed.writeOfTransaction(out, table, report, false));
        out.endArray();
      }
      out.beginArray("Responses");
      for (GetResult item : items) {
        out.beginObject();
        if (item.hasItem()) {
          out.name("Item");
          out.item(EncodedItem.wrap(item.getItem()));
        }
        out.endObject();
      }
      out.endArray();
      out.endObject();
    }
  }
}
