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
import io.equator.model.error.ApiException;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.model.partiql.Command;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Runs up to 25 PartiQL statements, all reads or all writes, each on its own: what goes wrong with
 * one stands in its place in the answer. They run at the same time, one node call each.
 */
public final class BatchExecuteStatement implements Operation {
  private static final int STATEMENTS_MAX = 25;

  private final Router router;
  private final StatementCache cache;

  /** The operation. */
  public BatchExecuteStatement(Router router, StatementCache cache) {
    this.router = router;
    this.cache = cache;
  }

  @Override
  public String name() {
    return "BatchExecuteStatement";
  }

  @Override
  public CompletableFuture<ReplyBody> run(ApiCall call) {
    Request request = call.parse(Request::read);
    request.check();
    List<BatchEntry> entries = new ArrayList<>();
    CatalogSnapshot snapshot = router.catalog();
    for (SentStatement statement : request.statements()) {
      entries.add(BatchEntry.of(statement, cache, snapshot));
    }
    checkTogether(entries, snapshot);
    CompletableFuture<?>[] running = new CompletableFuture<?>[entries.size()];
    for (int i = 0; i < running.length; i++) {
      running[i] = entries.get(i).run(router);
    }
    return Replies.of(CompletableFuture.allOf(running), _ -> out -> request.write(out, entries));
  }

  private static void checkTogether(List<BatchEntry> entries, CatalogSnapshot snapshot) {
    boolean reads = false;
    boolean writes = false;
    for (BatchEntry entry : entries) {
      Command command = entry.command();
      reads |= command instanceof Command.Select;
      writes |= command instanceof Command.Write;
    }
    if (reads && writes) {
      throw ApiException.validation(
          "Read and write requests together in the same batch is not supported.");
    }
    Set<Item> seen = new HashSet<>();
    for (BatchEntry entry : entries) {
      Command command = entry.command();
      EncodedItem key = entry.key();
      if (command != null && key != null) {
        TableView table = TableNames.serving(snapshot, command.table());
        if (!seen.add(new Item(table.id(), key.toMap()))) {
          throw ApiException.validation("Provided list of item keys contains duplicates");
        }
      }
    }
  }

  private record Item(int table, Map<String, AttributeValue> key) {}

  /** A BatchExecuteStatement as sent. */
  private static final class Request {
    private @Nullable List<SentStatement> statements;
    private @Nullable String returnConsumedCapacity;

    static Request read(WireReader in) {
      Request request = new Request();
      while (in.nextMember()) {
        switch (in.member()) {
          case "Statements" -> request.statements = SentStatement.list(in, "BatchStatementRequest");
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
      if (constraints.notNull("statements", statements)) {
        constraints.length("statements", statements, 1, STATEMENTS_MAX);
      }
      for (int i = 0; i < statements().size(); i++) {
        constraints.enterElement("statements", i);
        statements().get(i).check(constraints);
        constraints.leave();
      }
      constraints.throwIfAny();
    }

    void write(WireWriter out, List<BatchEntry> entries) {
      out.beginObject();
      out.beginArray("Responses");
      entries.forEach(entry -> entry.write(out));
      out.endArray();
      CapacityReport report = CapacityReport.of(returnConsumedCapacity);
      if (report != CapacityReport.NONE) {
        Map<String, Consumption> tables = new LinkedHashMap<>();
        for (BatchEntry entry : entries) {
          entry.charge(tables);
        }
        out.beginArray("ConsumedCapacity");
        tables.forEach((table, consumed) -> consumed.write(out, table, report));
        out.endArray();
      }
      out.endObject();
    }
  }
}
