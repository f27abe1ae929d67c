package io.equator.coordinator.batch;

import io.equator.coordinator.api.AboutTable;
import io.equator.coordinator.api.ApiCall;
import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.items.CapacityReport;
import io.equator.coordinator.items.CollectionMetrics;
import io.equator.coordinator.items.Replies;
import io.equator.coordinator.items.RequestEnums;
import io.equator.coordinator.items.WriteOutcomes;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireWriter;
import io.equator.coordinator.router.Overload;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.Routed;
import io.equator.coordinator.router.Router;
import io.equator.coordinator.router.TableNames;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResult;
import io.equator.proto.WriteResults;
import io.equator.proto.Written;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Puts and deletes up to 25 items of any tables; each on its own, not as a transaction. */
public final class BatchWriteItem implements Operation {
  private static final int REQUESTS_MAX = 25;

  private final Router router;

  /** The operation. */
  public BatchWriteItem(Router router) {
    this.router = router;
  }

  @Override
  public String name() {
    return "BatchWriteItem";
  }

  @Override
  public CompletableFuture<ReplyBody> run(ApiCall call) {
    Request request = call.parse(Request::read);
    request.check();
    List<BatchWriteEntry> entries = request.entries(router.catalog());
    Writes writes = new Writes(router, request);
    return Replies.of(writes.run(entries), _ -> writes.reply());
  }

  /** A BatchWriteItem as sent. */
  private static final class Request implements AboutTable {
    private @Nullable Map<String, BatchWritePart> parts;
    private @Nullable String returnConsumedCapacity;
    private @Nullable String returnItemCollectionMetrics;

    static Request read(WireReader in) {
      Request request = new Request();
      while (in.nextMember()) {
        switch (in.member()) {
          case "RequestItems" -> {
            Map<String, BatchWritePart> parts = new LinkedHashMap<>();
            in.beginMap("WriteRequests");
            while (in.nextEntry()) {
              String table = in.key();
              parts.put(table, BatchWritePart.read(table, in));
            }
            request.parts = parts;
          }
          case "ReturnConsumedCapacity" -> request.returnConsumedCapacity = in.string();
          case "ReturnItemCollectionMetrics" -> request.returnItemCollectionMetrics = in.string();
          default -> in.skip();
        }
      }
      return request;
    }

    @Override
    public @Nullable String aboutTable() {
      return AboutTable.of(parts().keySet());
    }

    void check() {
      Constraints constraints = new Constraints();
      constraints.enumValue(
          "returnConsumedCapacity", returnConsumedCapacity, RequestEnums.RETURN_CONSUMED_CAPACITY);
      constraints.enumValue(
          "returnItemCollectionMetrics",
          returnItemCollectionMetrics,
          RequestEnums.RETURN_ITEM_COLLECTION_METRICS);
      constraints.notNull("requestItems", parts);
      TableKeys.checkNames(constraints, parts().keySet(), this::printed);
      int requests = checkCounts(constraints);
      for (BatchWritePart part : parts().values()) {
        part.check(constraints);
      }
      constraints.throwIfAny();
      TableKeys.checkNotEmpty(parts().keySet(), "BatchWriteItem");
      if (requests > REQUESTS_MAX) {
        throw ApiException.validation("Too many items requested for the BatchWriteItem call");
      }
      for (BatchWritePart part : parts().values()) {
        part.checkContents();
      }
    }

    private int checkCounts(Constraints constraints) {
      int requests = 0;
      boolean wrong = false;
      for (BatchWritePart part : parts().values()) {
        requests += part.requestCount();
        wrong |= part.requestCount() == 0 || part.requestCount() > REQUESTS_MAX;
      }
      if (wrong) {
        constraints.fail(
            "requestItems",
            printed(),
            "Map value must satisfy constraint: [Member must have length less than or equal to 25,"
                + " Member must have length greater than or equal to 1]");
      }
      return requests;
    }

    /** The map as Java would print it; only called when it has to be shown. */
    private String printed() {
      StringBuilder text = new StringBuilder("{");
      for (BatchWritePart part : parts().values()) {
        text.append(text.length() > 1 ? ", " : "")
            .append(part.tableName())
            .append('=')
            .append(part.printed());
      }
      return text.append('}').toString();
    }

    Map<String, BatchWritePart> parts() {
      return parts == null ? Map.of() : parts;
    }

    boolean wantsCollectionSizes() {
      return returnItemCollectionMetrics != null && returnItemCollectionMetrics.equals("SIZE");
    }

    List<BatchWriteEntry> entries(CatalogSnapshot snapshot) {
      List<BatchWriteEntry> entries = new ArrayList<>();
      Set<BatchWritePart.RowName> seen = new HashSet<>();
      for (BatchWritePart part : parts().values()) {
        entries.addAll(
            part.entries(snapshot, TableNames.serving(snapshot, part.tableName()), seen));
      }
      return entries;
    }
  }

  /** The writes: one call per partition; collects what became of them. */
  private static final class Writes extends GroupCalls<BatchWriteEntry, WriteResults> {
    private final Request request;
    private boolean anyWritten;
    private @Nullable ApiError refusal;
    private @Nullable ApiError invalid;

    Writes(Router router, Request request) {
      super(router);
      this.request = request;
    }

    @Override
    CompletableFuture<Routed<WriteResults>> send(List<BatchWriteEntry> group) {
      return router.write(snapshot -> bind(snapshot, group));
    }

    private @Nullable Bound<WriteRequest.Builder> bind(
        CatalogSnapshot snapshot, List<BatchWriteEntry> group) {
      if (!Groups.together(snapshot, group)) {
        return null;
      }
      WriteRequest.Builder writes = WriteRequest.newBuilder();
      for (BatchWriteEntry entry : group) {
        writes.addWrites(
            entry.write(
                TableNames.serving(snapshot, entry.part().tableName()),
                request.wantsCollectionSizes()));
      }
      BatchWriteEntry first = group.getFirst();
      return new Bound<>(first.ringId(), first.token(), writes);
    }

    @Override
    void take(List<BatchWriteEntry> group, Routed<WriteResults> routed) {
      switch (routed) {
        case Routed.Answer<WriteResults>(WriteResults results) -> {
          for (int i = 0; i < group.size(); i++) {
            take(group.get(i), results.getResults(i));
          }
        }
        case Routed.Refused<WriteResults>(ApiError error) -> {
          refusal = error;
          for (BatchWriteEntry entry : group) {
            entry.part().unprocessed(entry.request());
          }
        }
        case Routed.Scattered<WriteResults>() ->
            throw new IllegalStateException("grouped again before this");
      }
    }

    private void take(BatchWriteEntry entry, WriteResult result) {
      Written written;
      try {
        written = WriteOutcomes.written(result);
      } catch (ApiException e) {
        if (e.error().code() == ErrorCode.TRANSACTION_CONFLICT
            || Overload.isThrottling(e.error())) {
          refusal = e.error();
          entry.part().unprocessed(entry.request());
        } else {
          invalid = e.error();
        }
        return;
      }
      anyWritten = true;
      entry.part().consumption().addWrite(written);
      if (written.hasCollectionSize()) {
        entry
            .part()
            .collection(
                new CollectionMetrics(
                    entry.table().keySchema().partition().name(),
                    entry.partitionValue(),
                    written.getCollectionSize()));
      }
    }

    /**
     * The reply; a batch that a node found wrong, or of which nothing could be written, is refused.
     */
    synchronized ReplyBody reply() {
      if (invalid != null) {
        throw new ApiException(invalid);
      }
      if (!anyWritten && refusal != null) {
        throw new ApiException(refusal);
      }
      return this::write;
    }

    private void write(WireWriter out) {
      out.beginObject();
      out.beginObject("UnprocessedItems");
      for (BatchWritePart part : request.parts().values()) {
        if (part.hasUnprocessed()) {
          part.writeUnprocessed(out);
        }
      }
      out.endObject();
      writeCollections(out);
      CapacityReport report = CapacityReport.of(request.returnConsumedCapacity);
      if (report != CapacityReport.NONE) {
        out.beginArray("ConsumedCapacity");
        for (BatchWritePart part : request.parts().values()) {
          if (part.wasTouched()) {
            part.consumption().write(out, part.tableName(), report);
          }
        }
        out.endArray();
      }
      out.endObject();
    }

    private void writeCollections(WireWriter out) {
      if (!request.wantsCollectionSizes()) {
        return;
      }
      out.beginObject("ItemCollectionMetrics");
      for (BatchWritePart part : request.parts().values()) {
        if (part.hasCollections()) {
          part.writeCollections(out);
        }
      }
      out.endObject();
    }
  }
}
