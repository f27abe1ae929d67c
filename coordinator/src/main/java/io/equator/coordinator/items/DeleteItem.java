package io.equator.coordinator.items;

import io.equator.coordinator.api.AboutTable;
import io.equator.coordinator.api.ApiCall;
import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.json.WireItem;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.router.Router;
import io.equator.model.expression.ParseCache;
import io.equator.model.expression.RequestExpressions;
import io.equator.model.expression.RequestKind;
import io.equator.model.item.EncodedItem;
import io.equator.model.key.KeyExtractor;
import io.equator.proto.Condition;
import io.equator.proto.ItemDelete;
import io.equator.proto.ItemWrite;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Deletes one item. */
public final class DeleteItem implements Operation {
  private final Router router;
  private final ParseCache cache;

  /** The operation. */
  public DeleteItem(Router router, ParseCache cache) {
    this.router = router;
    this.cache = cache;
  }

  @Override
  public String name() {
    return "DeleteItem";
  }

  @Override
  public CompletableFuture<ReplyBody> run(ApiCall call) {
    return call.parse(Request::read).check(cache).run(router);
  }

  /** A DeleteItem as sent. */
  private static final class Request implements AboutTable {
    private final WriteMembers members = new WriteMembers();
    private @Nullable WireItem key;

    static Request read(WireReader in) {
      Request request = new Request();
      while (in.nextMember()) {
        if (in.member().equals("Key")) {
          request.key = in.attributeMap();
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

    Delete check(ParseCache cache) {
      members.checkTableName();
      Constraints constraints = new Constraints();
      constraints.notNull("key", key);
      members.check(constraints);
      constraints.throwIfAny();
      WireItem sent = key;
      if (sent == null) {
        throw new IllegalStateException("the constraints let null through");
      }
      if (!members.hasExpressions()) {
        return new Delete(members, checked(sent), null);
      }
      RequestExpressions expressions = members.expressions(RequestKind.DELETE_ITEM, cache);
      expressions.checkParameters();
      EncodedItem checked = checked(sent);
      return new Delete(members, checked, expressions.resolve().condition().orElse(null));
    }

    private EncodedItem checked(WireItem sent) {
      EncodedItem checked = ValueWording.CURRENT_IN_ENVELOPE.checked(sent);
      members.checkReturnsOldOnly();
      return checked;
    }
  }

  /** A checked DeleteItem. */
  private static final class Delete extends WritePlan {
    private static final ItemDelete DELETE = ItemDelete.getDefaultInstance();

    private final EncodedItem key;
    private final @Nullable Condition condition;

    Delete(WriteMembers members, EncodedItem key, @Nullable Condition condition) {
      super(members);
      this.key = key;
      this.condition = condition;
    }

    @Override
    ItemWrite.Builder write(CatalogSnapshot snapshot, TableView table) {
      ItemWrite.Builder write =
          ItemWrite.newBuilder()
              .setKey(
                  ItemKeys.of(snapshot, table, KeyExtractor.fromKeyMap(table.keySchema(), key)));
      if (condition != null) {
        PathChecks.check(table, condition);
        write.setCondition(condition);
      }
      return write.setDelete(DELETE);
    }

    @Override
    @Nullable CollectionKey collection(TableView table) {
      return CollectionKey.of(table, key);
    }
  }
}
