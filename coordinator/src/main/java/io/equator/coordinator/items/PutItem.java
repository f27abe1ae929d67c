package io.equator.coordinator.items;

import io.equator.coordinator.api.AboutTable;
import io.equator.coordinator.api.ApiCall;
import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.json.WireItem;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.router.Router;
import io.equator.model.error.ApiException;
import io.equator.model.expression.ParseCache;
import io.equator.model.expression.RequestExpressions;
import io.equator.model.expression.RequestKind;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.ItemLimits;
import io.equator.model.key.KeyExtractor;
import io.equator.proto.Condition;
import io.equator.proto.ItemWrite;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Writes one whole item. */
public final class PutItem implements Operation {
  private final Router router;
  private final ParseCache cache;

  /** The operation. */
  public PutItem(Router router, ParseCache cache) {
    this.router = router;
    this.cache = cache;
  }

  @Override
  public String name() {
    return "PutItem";
  }

  @Override
  public CompletableFuture<ReplyBody> run(ApiCall call) {
    return call.parse(Request::read).check(cache).run(router);
  }

  /** A PutItem as sent. */
  private static final class Request implements AboutTable {
    private final WriteMembers members = new WriteMembers();
    private @Nullable WireItem item;

    static Request read(WireReader in) {
      Request request = new Request();
      while (in.nextMember()) {
        if (in.member().equals("Item")) {
          request.item = in.attributeMap();
        } else {
          request.members.read(in);
        }
      }
      return request;
    }

    @Override
    public @Nullable String aboutTable() {
      return members.sentTableName();
    }

    Put check(ParseCache cache) {
      members.checkTableName();
      Constraints constraints = new Constraints();
      constraints.notNull("item", item);
      members.check(constraints);
      constraints.throwIfAny();
      WireItem sent = item;
      if (sent == null) {
        throw new IllegalStateException("the constraints let null through");
      }
      if (!members.hasExpressions()) {
        return new Put(members, checked(sent), null);
      }
      RequestExpressions expressions = members.expressions(RequestKind.PUT_ITEM, cache);
      expressions.checkParameters();
      EncodedItem checked = checked(sent);
      return new Put(members, checked, expressions.resolve().condition().orElse(null));
    }

    private EncodedItem checked(WireItem sent) {
      EncodedItem checked = ValueWording.CURRENT_IN_ENVELOPE.checked(sent);
      members.checkReturnsOldOnly();
      if (checked.sizeBytes() > ItemLimits.ITEM_SIZE_MAX) {
        throw ApiException.validation("Item size has exceeded the maximum allowed size");
      }
      return checked;
    }
  }

  /** A checked PutItem. */
  private static final class Put extends WritePlan {
    private final EncodedItem item;
    private final @Nullable Condition condition;

    Put(WriteMembers members, EncodedItem item, @Nullable Condition condition) {
      super(members);
      this.item = item;
      this.condition = condition;
    }

    @Override
    ItemWrite.Builder write(CatalogSnapshot snapshot, TableView table) {
      ItemWrite.Builder write =
          ItemWrite.newBuilder()
              .setKey(ItemKeys.of(snapshot, table, KeyExtractor.fromItem(table.keySchema(), item)));
      IndexKeyChecks.check(table, item);
      if (condition != null) {
        PathChecks.check(table, condition);
        write.setCondition(condition);
      }
      return write.setPut(item.toByteString());
    }

    @Override
    @Nullable CollectionKey collection(TableView table) {
      return CollectionKey.of(table, item);
    }
  }
}
