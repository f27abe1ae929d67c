package io.equator.coordinator.transactions;

import com.google.protobuf.ByteString;
import io.equator.coordinator.api.AboutTable;
import io.equator.coordinator.api.ApiCall;
import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.items.CapacityReport;
import io.equator.coordinator.items.CollectionMetrics;
import io.equator.coordinator.items.Consumption;
import io.equator.coordinator.items.Replies;
import io.equator.coordinator.items.RequestEnums;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireWriter;
import io.equator.coordinator.router.TableNames;
import io.equator.coordinator.transactions.TransactWriteOutcome.Cancelled;
import io.equator.coordinator.transactions.TransactWriteOutcome.Committed;
import io.equator.coordinator.transactions.TransactWriteOutcome.Replayed;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.model.expression.ParseCache;
import io.equator.model.item.EncodedValue;
import io.equator.proto.ReplayCharge;
import io.equator.proto.Written;
import io.equator.replication.catalog.CatalogSnapshot;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Writes up to 100 items of any tables, all or none. */
public final class TransactWriteItems implements Operation {
  /** Actions of one transaction. */
  public static final int ACTIONS_MAX = 100;

  /** Characters of a ClientRequestToken. */
  public static final int TOKEN_LENGTH_MAX = 36;

  /** Bytes of all actions, or of all items read, of one transaction. */
  public static final long SIZE_MAX = 4L << 20;

  /** The complaint about more. */
  public static final String TOO_LARGE =
      "Collection size of items exceeded, which can also be caused by the aggregate size of the"
          + " items in the transaction exceeding the 4MB limit";

  private final TransactionEngine engine;
  private final Supplier<CatalogSnapshot> catalog;
  private final ParseCache cache;

  /** The operation. */
  public TransactWriteItems(
      TransactionEngine engine, Supplier<CatalogSnapshot> catalog, ParseCache cache) {
    this.engine = engine;
    this.catalog = catalog;
    this.cache = cache;
  }

  @Override
  public String name() {
    return "TransactWriteItems";
  }

  @Override
  public CompletableFuture<ReplyBody> run(ApiCall call) {
    Request request = call.parse(Request::read);
    request.check(cache);
    List<TransactAction> actions = new ArrayList<>();
    for (SentAction sent : request.actions()) {
      actions.add(sent.action(request.wantsCollectionSizes()));
    }
    call.about(AboutTable.of(actions.stream().map(TransactAction::tableName).toList()));
    return Replies.of(
        engine.write(actions, request.clientToken(call.context().caller().accountId())),
        outcome -> request.reply(outcome, catalog.get()));
  }

  /** A TransactWriteItems as sent. */
  private static final class Request {
    private @Nullable List<SentAction> actions;
    private @Nullable String token;
    private @Nullable String returnConsumedCapacity;
    private @Nullable String returnItemCollectionMetrics;

    static Request read(WireReader in) {
      Request request = new Request();
      while (in.nextMember()) {
        switch (in.member()) {
          case "TransactItems" -> {
            List<SentAction> actions = new ArrayList<>();
            in.beginList();
            while (in.nextElement()) {
              actions.add(SentAction.read(in));
            }
            request.actions = actions;
          }
          case "ClientRequestToken" -> request.token = in.string();
          case "ReturnConsumedCapacity" -> request.returnConsumedCapacity = in.string();
          case "ReturnItemCollectionMetrics" -> request.returnItemCollectionMetrics = in.string();
          default -> in.skip();
        }
      }
      return request;
    }

    List<SentAction> actions() {
      return actions == null ? List.of() : actions;
    }

    void check(ParseCache cache) {
      Constraints constraints = new Constraints();
      constraints.enumValue(
          "returnConsumedCapacity", returnConsumedCapacity, RequestEnums.RETURN_CONSUMED_CAPACITY);
      constraints.enumValue(
          "returnItemCollectionMetrics",
          returnItemCollectionMetrics,
          RequestEnums.RETURN_ITEM_COLLECTION_METRICS);
      constraints.length("clientRequestToken", token, 1, TOKEN_LENGTH_MAX);
      if (constraints.notNull("transactItems", actions)) {
        constraints.length("transactItems", actions, 1, ACTIONS_MAX);
      }
      for (int i = 0; i < actions().size(); i++) {
        constraints.enterElement("transactItems", i);
        actions().get(i).check(constraints);
        constraints.leave();
      }
      constraints.throwIfAny();
      long size = 0;
      for (SentAction action : actions()) {
        action.checkContents(cache);
        size += action.sizeBytes();
      }
      if (size > SIZE_MAX) {
        throw ApiException.validation(TOO_LARGE);
      }
    }

    boolean wantsCollectionSizes() {
      return "SIZE".equals(returnItemCollectionMetrics);
    }

    Optional<ClientToken> clientToken(String account) {
      if (token == null) {
        return Optional.empty();
      }
      MessageDigest digest = ClientToken.sha256();
      for (SentAction action : actions()) {
        digest.update(action.fingerprint());
      }
      return Optional.of(new ClientToken(account, token, ByteString.copyFrom(digest.digest())));
    }

    ReplyBody reply(TransactWriteOutcome outcome, CatalogSnapshot snapshot) {
      return switch (outcome) {
        case Cancelled(var reasons) -> throw new ApiException(ApiError.cancelled(reasons));
        case Committed(List<Written> writes) -> out -> write(out, writes, snapshot);
        case Replayed(List<ReplayCharge> charges) -> out -> write(out, charges);
      };
    }

    private void write(WireWriter out, List<Written> writes, CatalogSnapshot snapshot) {
      out.beginObject();
      writeCollections(out, writes, snapshot);
      CapacityReport report = CapacityReport.of(returnConsumedCapacity);
      if (report != CapacityReport.NONE) {
        Map<String, Consumption> tables = new LinkedHashMap<>();
        for (int i = 0; i < writes.size(); i++) {
          tables
              .computeIfAbsent(actions().get(i).tableName(), _ -> new Consumption())
              .addTransactionalWrite(writes.get(i));
        }
        out.beginArray("ConsumedCapacity");
        tables.forEach((table, consumed) -> consumed.writeOfTransaction(out, table, report, true));
        out.endArray();
      }
      out.endObject();
    }

    private void write(WireWriter out, List<ReplayCharge> charges) {
      out.beginObject();
      CapacityReport report = CapacityReport.of(returnConsumedCapacity);
      if (report != CapacityReport.NONE) {
        out.beginArray("ConsumedCapacity");
        for (ReplayCharge charge : charges) {
          Consumption consumed = new Consumption();
          consumed.addTable(charge.getReadUnits());
          consumed.writeOfTransaction(out, charge.getTableName(), report, false);
        }
        out.endArray();
      }
      out.endObject();
    }

    private void writeCollections(WireWriter out, List<Written> writes, CatalogSnapshot snapshot) {
      if (!wantsCollectionSizes()) {
        return;
      }
      Map<String, List<CollectionMetrics>> tables = new LinkedHashMap<>();
      for (int i = 0; i < writes.size(); i++) {
        if (!writes.get(i).hasCollectionSize()) {
          continue;
        }
        SentAction action = actions().get(i);
        String name =
            TableNames.serving(snapshot, action.tableName()).keySchema().partition().name();
        EncodedValue value = action.value(name);
        if (value != null) {
          tables
              .computeIfAbsent(action.tableName(), _ -> new ArrayList<>())
              .add(new CollectionMetrics(name, value, writes.get(i).getCollectionSize()));
        }
      }
      if (tables.isEmpty()) {
        return;
      }
      out.beginObject("ItemCollectionMetrics");
      tables.forEach(
          (table, metrics) -> {
            out.beginArray(table);
            metrics.forEach(metric -> metric.write(out));
            out.endArray();
          });
      out.endObject();
    }
  }
}
