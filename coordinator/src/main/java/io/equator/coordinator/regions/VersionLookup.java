package io.equator.coordinator.regions;

import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.Routed;
import io.equator.partitioner.PartitionId;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResults;
import io.equator.proto.ItemGet;
import io.equator.proto.ItemKey;
import io.equator.proto.RegionKey;
import io.equator.proto.RegionVersionsRequest;
import io.equator.proto.RegionVersionsResponse;
import io.equator.proto.ReplicateResponse.Outcome;
import io.equator.proto.StoredVersion;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Looks up which versions this region has of some keys: one strongly consistent call for each
 * partition, all at once. All are answered, or none.
 */
final class VersionLookup {
  static final int KEYS_MAX = 1_000;

  private final InboxAccess access;
  private final String globalTableId;
  private final List<RegionKey> keys;
  private final @Nullable StoredVersion[] found;
  private @Nullable String trouble;

  VersionLookup(InboxAccess access, RegionVersionsRequest request) {
    this.access = access;
    this.globalTableId = request.getSource().getGlobalTableId();
    this.keys = request.getKeysList();
    this.found = new StoredVersion[keys.size()];
  }

  CompletableFuture<RegionVersionsResponse> look() {
    CatalogSnapshot snapshot = access.catalog();
    Optional<TableView> table = GlobalTables.find(snapshot, globalTableId);
    if (table.isEmpty()) {
      return CompletableFuture.completedFuture(
          RegionVersionsResponse.newBuilder().setRefused(Outcome.UNKNOWN_TABLE).build());
    }
    Map<PartitionId, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      long token = key(snapshot, table.get(), i).getToken();
      groups
          .computeIfAbsent(
              snapshot.partitions().partitionOf(table.get().ringId(), token).id(),
              _ -> new ArrayList<>())
          .add(i);
    }
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (List<Integer> group : groups.values()) {
      calls.add(
          access
              .get(newest -> bind(newest, group))
              .handle(
                  (routed, failure) -> {
                    take(group, routed, failure);
                    return null;
                  }));
    }
    return CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new))
        .thenApply(_ -> answer());
  }

  private ItemKey key(CatalogSnapshot snapshot, TableView table, int i) {
    return GlobalTables.key(
        snapshot, table, keys.get(i).getPartitionKey(), keys.get(i).getSortKey());
  }

  private @Nullable Bound<GetRequest.Builder> bind(CatalogSnapshot snapshot, List<Integer> group) {
    TableView table = GlobalTables.find(snapshot, globalTableId).orElse(null);
    if (table == null) {
      return null;
    }
    GetRequest.Builder gets = GetRequest.newBuilder();
    long first = key(snapshot, table, group.getFirst()).getToken();
    PartitionId owner = snapshot.partitions().partitionOf(table.ringId(), first).id();
    for (int i : group) {
      ItemKey key = key(snapshot, table, i);
      if (!snapshot.partitions().partitionOf(table.ringId(), key.getToken()).id().equals(owner)) {
        return null;
      }
      gets.addGets(
          ItemGet.newBuilder().setTable(table.reference()).setKey(key).setVersionOnly(true));
    }
    return new Bound<>(table.ringId(), first, gets);
  }

  private synchronized void take(
      List<Integer> group, @Nullable Routed<GetResults> routed, @Nullable Throwable failure) {
    switch (routed) {
      case Routed.Answer<GetResults>(GetResults results) -> {
        for (int i = 0; i < group.size(); i++) {
          if (results.getResults(i).hasVersion()) {
            found[group.get(i)] = results.getResults(i).getVersion();
          } else {
            trouble = "a node does not know how to tell versions";
          }
        }
      }
      case Routed.Refused<GetResults>(var error) -> trouble = error.message();
      case Routed.Scattered<GetResults>() -> trouble = "the partitions have changed";
      case null -> trouble = String.valueOf(failure);
    }
  }

  private synchronized RegionVersionsResponse answer() {
    if (trouble != null) {
      return RegionVersionsResponse.newBuilder()
          .setRefused(Outcome.TRY_AGAIN)
          .setDetail(trouble)
          .build();
    }
    return RegionVersionsResponse.newBuilder().addAllVersions(Arrays.asList(found)).build();
  }
}
