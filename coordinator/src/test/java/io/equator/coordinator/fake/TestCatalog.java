package io.equator.coordinator.fake;

import com.google.protobuf.ByteString;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.KeyElement;
import io.equator.proto.KeyType;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.ProjectionType;
import io.equator.proto.RingDescriptor;
import io.equator.proto.ScalarType;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.List;

/**
 * A catalog with one ring and a few tables:
 *
 * <ul>
 *   <li>{@code hash}: partition key {@code pk} S;
 *   <li>{@code pair}: {@code pk} S and {@code sk} N;
 *   <li>{@code wide}: {@code pk} S, {@code sk} S, the local indexes {@code all} (on {@code a} S,
 *       ALL), {@code some} (on {@code b} N, INCLUDE of {@code c}), {@code keys} (on {@code d} S,
 *       KEYS_ONLY), the global index {@code global} (on {@code g} S, {@code h} N, KEYS_ONLY);
 *   <li>{@code young}: is being created.
 * </ul>
 */
public final class TestCatalog {
  private TestCatalog() {}

  /** The catalog, with this many partitions of equal width, from 1, on node {@code n}. */
  public static CatalogSnapshot of(int partitions) {
    return of(partitions, 1);
  }

  /** The same, with partitions that are numbered from {@code firstId}. */
  static CatalogSnapshot of(int partitions, int firstId) {
    CatalogEvent.Builder event = CatalogEvent.newBuilder().setRevision(firstId).setFull(true);
    RingDescriptor.Builder ring =
        RingDescriptor.newBuilder()
            .setRingId(1)
            .setHashAlgorithm(1)
            .setHashSeed(ByteString.copyFrom(new byte[16]));
    long width = Long.divideUnsigned(-1L, partitions);
    for (int i = 0; i < partitions; i++) {
      long first = i == 0 ? 0 : width * i + 1;
      long last = i == partitions - 1 ? -1L : width * (i + 1);
      ring.addPartitionIds(firstId + i);
      event.addPuts(
          CatalogObject.newBuilder()
              .setPartition(
                  PartitionDescriptor.newBuilder()
                      .setPartitionId(firstId + i)
                      .setEpoch(1)
                      .setRingId(1)
                      .setFirstToken(first)
                      .setLastToken(last)
                      .addReplicaNodeIds("n")));
    }
    event.addPuts(CatalogObject.newBuilder().setRing(ring));
    event.addPuts(
        CatalogObject.newBuilder()
            .setCluster(
                ClusterDescriptor.newBuilder()
                    .setRegion("us-west-2")
                    .setAccountId("000000000000")));
    event.addPuts(table(1, "hash", "ACTIVE", key("pk", KeyType.HASH, ScalarType.S)));
    event.addPuts(
        table(
            2,
            "pair",
            "UPDATING",
            key("pk", KeyType.HASH, ScalarType.S),
            key("sk", KeyType.RANGE, ScalarType.N)));
    event.addPuts(wide());
    event.addPuts(table(4, "young", "CREATING", key("pk", KeyType.HASH, ScalarType.S)));
    return CatalogSnapshot.empty().with(event.build());
  }

  private static CatalogObject wide() {
    CatalogObject table =
        table(
            3,
            "wide",
            "ACTIVE",
            key("pk", KeyType.HASH, ScalarType.S),
            key("sk", KeyType.RANGE, ScalarType.S));
    KeyElement pk = key("pk", KeyType.HASH, ScalarType.S);
    return table.toBuilder()
        .setTable(
            table.getTable().toBuilder()
                .addIndexes(
                    local(1, "all", ProjectionType.ALL, pk, key("a", KeyType.RANGE, ScalarType.S)))
                .addIndexes(
                    local(
                            2,
                            "some",
                            ProjectionType.INCLUDE,
                            pk,
                            key("b", KeyType.RANGE, ScalarType.N))
                        .addNonKeyAttributes("c"))
                .addIndexes(
                    local(
                        3,
                        "keys",
                        ProjectionType.KEYS_ONLY,
                        pk,
                        key("d", KeyType.RANGE, ScalarType.S)))
                .addIndexes(
                    local(
                            4,
                            "global",
                            ProjectionType.KEYS_ONLY,
                            key("g", KeyType.HASH, ScalarType.S),
                            key("h", KeyType.RANGE, ScalarType.N))
                        .setLocal(false)))
        .build();
  }

  private static IndexDescriptor.Builder local(
      int id, String name, ProjectionType projection, KeyElement... key) {
    return IndexDescriptor.newBuilder()
        .setIndexId(id)
        .setName(name)
        .setLocal(true)
        .addAllKey(List.of(key))
        .setProjectionType(projection);
  }

  private static CatalogObject table(int id, String name, String status, KeyElement... key) {
    return CatalogObject.newBuilder()
        .setTable(
            TableDescriptor.newBuilder()
                .setTableId(id)
                .setSchemaVersion(1)
                .setName(name)
                .setStatus(status)
                .setRingId(1)
                .addAllKey(List.of(key)))
        .build();
  }

  private static KeyElement key(String name, KeyType type, ScalarType scalar) {
    return KeyElement.newBuilder()
        .setAttributeName(name)
        .setKeyType(type)
        .setAttributeType(scalar)
        .build();
  }
}
