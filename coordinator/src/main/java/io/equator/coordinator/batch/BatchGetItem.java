package io.equator.coordinator.batch;

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
import io.equator.coordinator.json.WireItem;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireWriter;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.Routed;
import io.equator.coordinator.router.Router;
import io.equator.coordinator.router.TableNames;
import io.equator.model.capacity.CapacityUnits;
import io.equator.model.capacity.ReadMode;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.model.expression.ParseCache;
import io.equator.model.item.EncodedItem;
import io.equator.model.key.KeyExtractor;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResult;
import io.equator.proto.GetResults;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads up to 100 items of any tables. */
public final class BatchGetItem implements Operation {
  private static final int KEYS_MAX = 100;

  /** Items beyond this many bytes in one answer come back as unprocessed. */
  private static final long ANSWER_SIZE_MAX = 16L << 20;

  private final Router router;
  private final ParseCache cache;

  /** The operation. */
  public BatchGetItem(Router router, ParseCache cache) {
    this.router = router;
    this.cache = cache;
  }

  @Override
  public String name() {
    return "BatchGetItem";
  }

  @Override
  public CompletableFuture<ReplyBody> run(ApiCall call) {
    Request request = call.parse(Request::read);
    request.check(cache);
    List<BatchGetEntry> entries = request.entries(router.catalog());
    List<BatchGetEntry> strong = new ArrayList<>(entries.size());
    List<BatchGetEntry> eventual = new ArrayList<>();
    for (BatchGetEntry entry : entries) {
      (entry.part().isConsistent() ? strong : eventual).add(entry);
    }
    Answer answer = new Answer(request);
    CompletableFuture<Void> reads =
        eventual.isEmpty()
            ? new Reads(router, true, answer).run(strong)
            : strong.isEmpty()
                ? new Reads(router, false, answer).run(eventual)
                : CompletableFuture.allOf(
                    new Reads(router, true, answer).run(strong),
                    new Reads(router, false, answer).run(eventual));
    return Replies.of(reads, _ -> answer.reply());
  }

  /** A BatchGetItem as sent. */
  private static final class Request implements AboutTable {
    private @Nullable Map<String, BatchGetPart> parts;
    private @Nullable String returnConsumedCapacity;

    static Request read(WireReader in) {
      Request request = new Request();
      while (in.nextMember()) {
        switch (in.member()) {
          case "RequestItems" -> {
            Map<String, BatchGetPart> parts = new LinkedHashMap<>();
            in.beginMap("KeysAndAttributes");
            while (in.nextEntry()) {
              String table = in.key();
              parts.put(table, BatchGetPart.read(table, in));
            }
            request.parts = parts;
          }
          case "ReturnConsumedCapacity" -> request.returnConsumedCapacity = in.string();
          default -> in.skip();
        }
      }
      return request;
    }

    @Override
    public @Nullable String aboutTable() {
      return AboutTable.of(parts().keySet());
    }

    void check(ParseCache cache) {
      Constraints constraints = new Constraints();
      constraints.enumValue(
          "returnConsumedCapacity", returnConsumedCapacity, RequestEnums.RETURN_CONSUMED_CAPACITY);
      constraints.notNull("requestItems", parts);
      TableKeys.checkNames(constraints, parts().keySet(), parts()::keySet);
      int keys = 0;
      for (BatchGetPart part : parts().values()) {
        part.check(constraints);
        keys += part.keyCount();
      }
      constraints.throwIfAny();
      TableKeys.checkNotEmpty(parts().keySet(), "BatchGetItem");
      if (keys > KEYS_MAX) {
        throw ApiException.validation("Too many items requested for the BatchGetItem call");
      }
      for (BatchGetPart part : parts().values()) {
        part.checkContents(cache);
      }
    }

    Map<String, BatchGetPart> parts() {
      return parts == null ? Map.of() : parts;
    }

    /** The entries, bound to their tables. */
    List<BatchGetEntry> entries(CatalogSnapshot snapshot) {
      List<BatchGetEntry> entries = new ArrayList<>();
      for (BatchGetPart part : parts().values()) {
        TableView table = TableNames.serving(snapshot, part.tableName());
        for (WireItem key : part.keys()) {
          entries.add(
              new BatchGetEntry(
                  part,
                  key.item(),
                  table,
                  ItemKeys.of(
                      snapshot, table, KeyExtractor.fromKeyMap(table.keySchema(), key.item()))));
        }
        if (part.projection() != null) {
          PathChecks.check(table, part.projection());
        }
      }
      return entries;
    }
  }

  /** Collects what was found. Groups are added one at a time. */
  private static final class Answer {
    private final Request request;
    private long size;
    private boolean anyRead;
    private @Nullable ApiError refusal;

    Answer(Request request) {
      this.request = request;
    }

    synchronized void add(BatchGetEntry entry, GetResult result) {
      if (size + result.getSize() > ANSWER_SIZE_MAX) {
        entry.part().unprocessed(entry.sent());
        return;
      }
      anyRead = true;
      entry
          .part()
          .consumed(CapacityUnits.read(result.getSize(), ReadMode.of(entry.part().isConsistent())));
      if (result.hasItem()) {
        size += result.getSize();
        entry.part().found(EncodedItem.wrap(result.getItem()));
      }
    }

    synchronized void refuse(List<BatchGetEntry> group, ApiError error) {
      refusal = error;
      for (BatchGetEntry entry : group) {
        entry.part().unprocessed(entry.sent());
      }
    }

    /** The reply; a batch of which nothing could be read is refused. */
    synchronized ReplyBody reply() {
      if (!anyRead && refusal != null) {
        throw new ApiException(refusal);
      }
      return this::write;
    }

    private void write(WireWriter out) {
      out.beginObject();
      out.beginObject("Responses");
      for (BatchGetPart part : request.parts().values()) {
        part.writeFound(out);
      }
      out.endObject();
      out.beginObject("UnprocessedKeys");
      for (BatchGetPart part : request.parts().values()) {
        if (part.hasUnprocessed()) {
          part.writeUnprocessed(out);
        }
      }
      out.endObject();
      CapacityReport report = CapacityReport.of(request.returnConsumedCapacity);
      if (report != CapacityReport.NONE) {
        out.beginArray("ConsumedCapacity");
        for (BatchGetPart part : request.parts().values()) {
          Consumption consumption = new Consumption();
          consumption.addTable(part.units());
          consumption.write(out, part.tableName(), report);
        }
        out.endArray();
      }
      out.endObject();
    }
  }

  /** The reads of one consistency: one call per partition. */
  private static final class Reads extends GroupCalls<BatchGetEntry, GetResults> {
    private final boolean consistent;
    private final Answer answer;

    Reads(Router router, boolean consistent, Answer answer) {
      super(router);
      this.consistent = consistent;
      this.answer = answer;
    }

    @Override
    CompletableFuture<Routed<GetResults>> send(List<BatchGetEntry> group) {
      return router.get(snapshot -> bind(snapshot, group), consistent);
    }

    private static @Nullable Bound<GetRequest.Builder> bind(
        CatalogSnapshot snapshot, List<BatchGetEntry> group) {
      if (!Groups.together(snapshot, group)) {
        return null;
      }
      GetRequest.Builder request = GetRequest.newBuilder();
      for (BatchGetEntry entry : group) {
        // Looked up again: the newest schema version, or the news that the table is gone.
        TableView table = TableNames.serving(snapshot, entry.part().tableName());
        request.addGets(entry.get().toBuilder().setTable(table.reference()));
      }
      BatchGetEntry first = group.getFirst();
      return new Bound<>(first.ringId(), first.token(), request);
    }

    @Override
    void take(List<BatchGetEntry> group, Routed<GetResults> routed) {
      switch (routed) {
        case Routed.Answer<GetResults>(GetResults results) -> {
          for (int i = 0; i < group.size(); i++) {
            answer.add(group.get(i), results.getResults(i));
          }
        }
        case Routed.Refused<GetResults>(ApiError error) -> answer.refuse(group, error);
        case Routed.Scattered<GetResults>() ->
            throw new IllegalStateException("grouped again before this");
      }
    }
  }
}
