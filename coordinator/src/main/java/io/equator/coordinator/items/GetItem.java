package io.equator.coordinator.items;

import io.equator.coordinator.api.ApiCall;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.Routed;
import io.equator.coordinator.router.Router;
import io.equator.coordinator.router.TableNames;
import io.equator.model.capacity.CapacityUnits;
import io.equator.model.capacity.ReadMode;
import io.equator.model.expression.ParseCache;
import io.equator.model.item.EncodedItem;
import io.equator.model.key.KeyExtractor;
import io.equator.model.key.PrimaryKey;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResult;
import io.equator.proto.GetResults;
import io.equator.proto.ItemGet;
import io.equator.proto.ItemKey;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.concurrent.CompletableFuture;

/** Reads one item. */
public final class GetItem implements Operation {
  private final Router router;
  private final ParseCache cache;

  /** The operation. */
  public GetItem(Router router, ParseCache cache) {
    this.router = router;
    this.cache = cache;
  }

  @Override
  public String name() {
    return "GetItem";
  }

  @Override
  public CompletableFuture<ReplyBody> run(ApiCall call) {
    GetItemRequest.Checked request = call.parse(GetItemRequest::read).check(cache);
    return Replies.of(
        router.get(snapshot -> bind(request, snapshot), request.consistent()),
        routed -> reply(request, routed));
  }

  private static Bound<GetRequest.Builder> bind(
      GetItemRequest.Checked request, CatalogSnapshot snapshot) {
    TableView table = TableNames.serving(snapshot, request.tableName());
    PrimaryKey primaryKey = KeyExtractor.fromKeyMap(table.keySchema(), request.key());
    ItemKey key = ItemKeys.of(snapshot, table, primaryKey);
    ItemGet.Builder get = ItemGet.newBuilder().setTable(table.reference()).setKey(key);
    if (request.projection() != null) {
      PathChecks.check(table, request.projection());
      get.setProjection(request.projection());
    }
    return new Bound<>(table.ringId(), key.getToken(), GetRequest.newBuilder().addGets(get));
  }

  private static ReplyBody reply(GetItemRequest.Checked request, Routed<GetResults> routed) {
    GetResult result = Replies.answered(routed).getResults(0);
    return out -> {
      out.beginObject();
      if (result.hasItem()) {
        out.name("Item");
        out.item(EncodedItem.wrap(result.getItem()));
      }
      if (request.report() != CapacityReport.NONE) {
        Consumption consumption = new Consumption();
        consumption.addTable(
            CapacityUnits.read(result.getSize(), ReadMode.of(request.consistent())));
        consumption.writeMember(out, request.tableName(), request.report());
      }
      out.endObject();
    };
  }
}
