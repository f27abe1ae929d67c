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
import io.equator.model.expression.ResolvedExpressions;
import io.equator.model.item.EncodedItem;
import io.equator.model.key.KeyExtractor;
import io.equator.proto.Condition;
import io.equator.proto.ItemUpdate;
import io.equator.proto.ItemWrite;
import io.equator.proto.Update;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Changes one item, or makes it when there is none; without an update expression it only does the
 * latter.
 */
public final class UpdateItem implements Operation {
  private final Router router;
  private final ParseCache cache;

  /** The operation. */
  public UpdateItem(Router router, ParseCache cache) {
    this.router = router;
    this.cache = cache;
  }

  @Override
  public String name() {
    return "UpdateItem";
  }

  @Override
  public CompletableFuture<ReplyBody> run(ApiCall call) {
    return call.parse(Request::read).check(cache).run(router);
  }

  /** An UpdateItem as sent. */
  private static final class Request implements AboutTable {
    private final WriteMembers members = new WriteMembers();
    private @Nullable WireItem key;
    private @Nullable String updateExpression;
    private @Nullable AttributeUpdatesMember attributeUpdates;

    static Request read(WireReader in) {
      Request request = new Request();
      while (in.nextMember()) {
        switch (in.member()) {
          case "Key" -> request.key = in.attributeMap();
          case "UpdateExpression" -> request.updateExpression = in.string();
          case "AttributeUpdates" -> request.attributeUpdates = AttributeUpdatesMember.read(in);
          default -> request.members.read(in);
        }
      }
      return request;
    }

    @Override
    public @Nullable String aboutTable() {
      return members.sentTableName();
    }

    Change check(ParseCache cache) {
      members.checkTableName();
      Constraints constraints = new Constraints();
      constraints.notNull("key", key);
      members.check(constraints);
      if (attributeUpdates != null) {
        attributeUpdates.check(constraints);
      }
      constraints.throwIfAny();
      WireItem sent = key;
      if (sent == null) {
        throw new IllegalStateException("the constraints let null through");
      }
      RequestExpressions expressions = members.expressions(RequestKind.UPDATE_ITEM, cache);
      expressions.update(updateExpression);
      if (attributeUpdates != null) {
        expressions.attributeUpdates(attributeUpdates.updates(ValueWording.CURRENT_IN_ENVELOPE));
      }
      expressions.checkParameters();
      EncodedItem checked = ValueWording.CURRENT_IN_ENVELOPE.checked(sent);
      ResolvedExpressions resolved = expressions.resolve();
      return new Change(
          members,
          checked,
          resolved.update().orElse(Update.getDefaultInstance()),
          resolved.condition().orElse(null));
    }
  }

  /** A checked UpdateItem. */
  private static final class Change extends WritePlan {
    private final EncodedItem key;
    private final Update update;
    private final @Nullable Condition condition;

    Change(WriteMembers members, EncodedItem key, Update update, @Nullable Condition condition) {
      super(members);
      this.key = key;
      this.update = update;
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
      PathChecks.check(table, update);
      return write.setUpdate(
          ItemUpdate.newBuilder().setUpdate(update).setKeyAttributes(key.toByteString()));
    }

    @Override
    @Nullable CollectionKey collection(TableView table) {
      return CollectionKey.of(table, key);
    }
  }
}
