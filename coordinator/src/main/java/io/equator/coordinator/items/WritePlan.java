package io.equator.coordinator.items;

import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.router.Plan;
import io.equator.coordinator.router.Router;
import io.equator.coordinator.router.TableNames;
import io.equator.proto.ItemKey;
import io.equator.proto.ItemWrite;
import io.equator.proto.WriteRequest;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A checked write of one item on its way: binds itself to the table, again when the router asks,
 * and makes the answer.
 */
abstract class WritePlan implements Plan<WriteRequest.Builder> {
  private final WriteMembers members;
  private @Nullable CollectionKey collection;

  WritePlan(WriteMembers members) {
    this.members = members;
  }

  /** Checks the request against the table; fills in key, action and condition. */
  abstract ItemWrite.Builder write(CatalogSnapshot snapshot, TableView table);

  /** The item collection that the write is in; null when the table has none. */
  abstract @Nullable CollectionKey collection(TableView table);

  @Override
  public final Bound<WriteRequest.Builder> bind(CatalogSnapshot snapshot) {
    TableView table = TableNames.serving(snapshot, members.tableName());
    ItemWrite.Builder write = write(snapshot, table).setTable(table.reference());
    write.setReturnValues(members.returnValues());
    write.setReturnOldOnConditionFailure(members.returnsOldOnFailure());
    if (members.wantsCollectionSize()) {
      collection = collection(table);
      write.setWantCollectionSize(collection != null);
    }
    ItemKey key = write.getKey();
    return new Bound<>(table.ringId(), key.getToken(), WriteRequest.newBuilder().addWrites(write));
  }

  final CompletableFuture<ReplyBody> run(Router router) {
    return Replies.of(
        router.write(this),
        routed -> WriteReply.of(Replies.answered(routed).getResults(0), members, collection));
  }
}
