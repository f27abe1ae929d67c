package io.equator.coordinator.regions;

import com.google.protobuf.ByteString;
import io.equator.proto.ItemKey;
import io.equator.proto.ReplicateResponse;
import io.equator.proto.ReplicationSource;
import io.equator.proto.ReplicationTarget;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** The tables of this region that others have too, by the id that is equal in all of them. */
final class GlobalTables {
  private GlobalTables() {}

  /** The table here; also while it is being made and filled. */
  static Optional<TableView> find(CatalogSnapshot snapshot, String globalTableId) {
    for (TableView table : snapshot.tables().values()) {
      if (table.isReplicated()
          && table.descriptor().getReplication().getGlobalTableId().equals(globalTableId)
          && !table.descriptor().getStatus().equals("DELETING")) {
        return Optional.of(table);
      }
    }
    return Optional.empty();
  }

  /** The regions that have a table as this one knows them, itself among them. */
  static SortedSet<String> regions(TableView table, String self) {
    SortedSet<String> regions = new TreeSet<>(Set.of(self));
    table
        .descriptor()
        .getReplication()
        .getTargetsList()
        .forEach(target -> regions.add(target.getRegion()));
    return regions;
  }

  /** Where a key that came from another region stands here: the token is this region's own. */
  static ItemKey key(
      CatalogSnapshot snapshot, TableView table, ByteString partitionKey, ByteString sortKey) {
    return ItemKey.newBuilder()
        .setToken(snapshot.tokenHash(table.ringId()).token(partitionKey.toByteArray()))
        .setPartitionKey(partitionKey)
        .setSortKey(sortKey)
        .build();
  }

  /**
   * Why a source may not send here; OUTCOME_UNSPECIFIED when it may. Replication goes both ways, so
   * the source is one of this table's own targets, and both sides have the same number for the
   * pair.
   */
  static ReplicateResponse.Outcome refusal(CatalogSnapshot snapshot, ReplicationSource source) {
    Optional<TableView> table = find(snapshot, source.getGlobalTableId());
    if (table.isEmpty()) {
      return ReplicateResponse.Outcome.UNKNOWN_TABLE;
    }
    for (ReplicationTarget target : table.get().descriptor().getReplication().getTargetsList()) {
      if (target.getRegion().equals(source.getRegion())) {
        return target.getGeneration() == source.getGeneration()
            ? ReplicateResponse.Outcome.OUTCOME_UNSPECIFIED
            : ReplicateResponse.Outcome.STALE_GENERATION;
      }
    }
    return ReplicateResponse.Outcome.UNKNOWN_TABLE;
  }
}
