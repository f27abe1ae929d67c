package io.equator.replication.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.EventSourceMappingDescriptor;
import io.equator.proto.FunctionDescriptor;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.KeyElement;
import io.equator.proto.KeyType;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.ProjectionType;
import io.equator.proto.RingDescriptor;
import io.equator.proto.ScalarType;
import io.equator.proto.TableDescriptor;
import java.util.List;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Protects lookups: a snapshot made step by step equals one made from a full copy. */
class CatalogSnapshotTest {
  @Test
  void isEmptyAtFirst() {
    CatalogSnapshot empty = CatalogSnapshot.empty();
    assertThat(empty.revision()).isZero();
    assertThat(empty.cluster()).isEmpty();
    assertThat(empty.tables()).isEmpty();
    assertThat(empty.table(1)).isEmpty();
    assertThatThrownBy(() -> empty.tokenHash(1)).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void stepByStepEqualsAFullCopy() {
    for (long seed = 1; seed <= 100; seed++) {
      Random random = new Random(seed);
      TreeMap<String, CatalogObject> objects = new TreeMap<>();
      CatalogSnapshot snapshot = CatalogSnapshot.empty();
      for (int revision = 1; revision <= 40; revision++) {
        CatalogEvent event = randomEvent(random, objects, revision);
        snapshot = snapshot.with(event);
        CatalogSnapshot fresh =
            CatalogSnapshot.empty()
                .with(
                    CatalogEvent.newBuilder()
                        .setRevision(revision)
                        .setFull(true)
                        .addAllPuts(objects.values())
                        .build());
        assertSame(snapshot, fresh, "seed " + seed + " revision " + revision);
      }
    }
  }

  private static void assertSame(CatalogSnapshot one, CatalogSnapshot two, String what) {
    assertThat(one.revision()).as(what).isEqualTo(two.revision());
    assertThat(one.cluster()).isEqualTo(two.cluster());
    assertThat(one.nodes()).as(what).containsExactlyElementsOf(two.nodes());
    assertThat(one.tables().keySet()).as(what).isEqualTo(two.tables().keySet());
    for (TableView table : two.tables().values()) {
      TableView same = one.table(table.name()).orElseThrow();
      assertThat(same.descriptor()).as(what).isEqualTo(table.descriptor());
      assertThat(same.version()).as(what).isEqualTo(table.version());
      assertThat(one.table(table.id())).as(what).containsSame(same);
    }
    assertThat(one.functions()).as(what).containsExactlyElementsOf(two.functions());
    assertThat(one.eventSourceMappings())
        .as(what)
        .containsExactlyElementsOf(two.eventSourceMappings());
    for (int id = 1; id <= 4 * 41; id++) {
      assertThat(one.table(id).isPresent()).as(what).isEqualTo(two.table(id).isPresent());
    }
    assertThat(one.partitions().rings().size()).isEqualTo(two.partitions().rings().size());
    if (!one.partitions().rings().isEmpty()) {
      assertThat(one.partitions().ring(1).partitions())
          .as(what)
          .isEqualTo(two.partitions().ring(1).partitions());
    }
  }

  private static CatalogEvent randomEvent(
      Random random, NavigableMap<String, CatalogObject> objects, int revision) {
    CatalogEvent.Builder event = CatalogEvent.newBuilder().setRevision(revision);
    for (int i = random.nextInt(3) + 1; i > 0; i--) {
      int number = random.nextInt(4);
      String name = "t" + number;
      CatalogObject.Builder object = CatalogObject.newBuilder().setVersion(revision);
      switch (random.nextInt(8)) {
        case 5 ->
            object
                .setKey(CatalogKeys.function(name))
                .setFunction(FunctionDescriptor.newBuilder().setName(name).setUrl("u" + revision));
        case 6 ->
            object
                .setKey(CatalogKeys.eventSourceMapping(name))
                .setEventSourceMapping(
                    EventSourceMappingDescriptor.newBuilder().setUuid(name).setBatchSize(revision));
        case 7 -> {
          for (String key :
              List.of(CatalogKeys.function(name), CatalogKeys.eventSourceMapping(name))) {
            if (event.getPutsList().stream().noneMatch(put -> put.getKey().equals(key))
                && objects.remove(key) != null) {
              event.addDeletes(key);
            }
          }
          continue;
        }
        case 0, 1 ->
            object.setKey(CatalogKeys.table(name)).setTable(table(name, 4 * revision + number));
        case 2 ->
            object
                .setKey(CatalogKeys.node(name))
                .setNode(NodeDescriptor.newBuilder().setNodeId(name).setZone("z" + revision));
        case 3 ->
            object
                .setKey(CatalogKeys.CLUSTER)
                .setCluster(ClusterDescriptor.newBuilder().setNextTableId(revision + 1));
        default -> {
          if (objects.remove(CatalogKeys.table(name)) != null) {
            event.addDeletes(CatalogKeys.table(name));
          }
          continue;
        }
      }
      // An event names an object once, as a commit does.
      if (event.getPutsList().stream().noneMatch(put -> put.getKey().equals(object.getKey()))
          && !event.getDeletesList().contains(object.getKey())) {
        event.addPuts(object);
        objects.put(object.getKey(), object.build());
      }
    }
    if (random.nextInt(8) == 0) {
      ring(revision)
          .forEach(
              (key, object) -> {
                event.addPuts(object);
                objects.put(key, object);
              });
    }
    return event.build();
  }

  /** One ring of two partitions, cut at a place that depends on the revision. */
  private static NavigableMap<String, CatalogObject> ring(int revision) {
    TreeMap<String, CatalogObject> objects = new TreeMap<>();
    long cut = (long) revision << 40;
    put(
        objects,
        CatalogObject.newBuilder()
            .setKey(CatalogKeys.ring(1))
            .setVersion(revision)
            .setRing(
                RingDescriptor.newBuilder()
                    .setRingId(1)
                    .setHashAlgorithm(1)
                    .setHashSeed(ByteString.copyFrom(new byte[16]))
                    .addPartitionIds(1)
                    .addPartitionIds(2)));
    put(objects, partition(1, revision, 0, cut - 1));
    put(objects, partition(2, revision, cut, -1));
    return objects;
  }

  private static void put(
      NavigableMap<String, CatalogObject> objects, CatalogObject.Builder object) {
    objects.put(object.getKey(), object.build());
  }

  private static CatalogObject.Builder partition(long id, int revision, long first, long last) {
    return CatalogObject.newBuilder()
        .setKey(CatalogKeys.partition(id))
        .setVersion(revision)
        .setPartition(
            PartitionDescriptor.newBuilder()
                .setPartitionId(id)
                .setEpoch(revision)
                .setRingId(1)
                .setFirstToken(first)
                .setLastToken(last)
                .addReplicaNodeIds("n1"));
  }

  private static TableDescriptor table(String name, int id) {
    return TableDescriptor.newBuilder()
        .setName(name)
        .setTableId(id)
        .setSchemaVersion(id)
        .addKey(element("pk", KeyType.HASH))
        .build();
  }

  private static KeyElement element(String name, KeyType type) {
    return KeyElement.newBuilder()
        .setAttributeName(name)
        .setKeyType(type)
        .setAttributeType(ScalarType.S)
        .build();
  }

  @Test
  void functionsAndMappingsAreFoundByTheirNames() {
    CatalogSnapshot snapshot =
        CatalogSnapshot.empty()
            .with(
                CatalogEvent.newBuilder()
                    .setRevision(1)
                    .addPuts(
                        CatalogObject.newBuilder()
                            .setKey("function/F")
                            .setVersion(1)
                            .setFunction(FunctionDescriptor.newBuilder().setName("F")))
                    .addPuts(
                        CatalogObject.newBuilder()
                            .setKey("event-source-mapping/u")
                            .setVersion(1)
                            .setEventSourceMapping(
                                EventSourceMappingDescriptor.newBuilder().setUuid("u")))
                    .build());
    assertThat(snapshot.function("F").orElseThrow().getFunction().getName()).isEqualTo("F");
    assertThat(snapshot.function("u")).isEmpty();
    assertThat(snapshot.functions()).hasSize(1);
    assertThat(snapshot.eventSourceMapping("u").orElseThrow().getVersion()).isEqualTo(1);
    assertThat(snapshot.eventSourceMappings()).hasSize(1);
    CatalogSnapshot after =
        snapshot.with(CatalogEvent.newBuilder().setRevision(2).addDeletes("function/F").build());
    assertThat(after.functions()).isEmpty();
    assertThat(after.eventSourceMappings()).hasSize(1);
    assertThat(snapshot.functions()).as("the one before").hasSize(1);
  }

  @Test
  void whatAnEventDoesNotTouchIsShared() {
    CatalogSnapshot first =
        CatalogSnapshot.empty()
            .with(
                CatalogEvent.newBuilder()
                    .setRevision(1)
                    .setFull(true)
                    .addAllPuts(ring(1).values())
                    .addPuts(
                        CatalogObject.newBuilder()
                            .setKey("table/a")
                            .setVersion(1)
                            .setTable(table("a", 1)))
                    .build());
    CatalogSnapshot second =
        first.with(
            CatalogEvent.newBuilder()
                .setRevision(2)
                .addPuts(
                    CatalogObject.newBuilder()
                        .setKey("table/b")
                        .setVersion(2)
                        .setTable(table("b", 2)))
                .build());
    assertThat(second.partitions()).isSameAs(first.partitions());
    assertThat(second.table("a").orElseThrow()).isSameAs(first.table("a").orElseThrow());
    assertThat(first.table("b")).isEmpty();
    assertThat(second.partitions().partitionOf(1, -1).replicas()).containsExactly(new NodeId("n1"));
  }

  @Test
  void aTableIsCompiled() {
    TableView view =
        new TableView(
            table("a", 7).toBuilder()
                .setStatus("UPDATING")
                .addKey(element("sk", KeyType.RANGE))
                .addIndexes(
                    IndexDescriptor.newBuilder()
                        .setIndexId(1)
                        .setName("lsi")
                        .setLocal(true)
                        .addKey(element("pk", KeyType.HASH))
                        .addKey(element("l", KeyType.RANGE))
                        .setProjectionType(ProjectionType.INCLUDE)
                        .addNonKeyAttributes("x"))
                .addIndexes(
                    IndexDescriptor.newBuilder()
                        .setIndexId(2)
                        .setName("gsi")
                        .addKey(element("g1", KeyType.HASH))
                        .addKey(element("g2", KeyType.HASH))
                        .setProjectionType(ProjectionType.ALL))
                .build());
    assertThat(view.servesItems()).isTrue();
    assertThat(view.keySchema().sort().orElseThrow().name()).isEqualTo("sk");
    assertThat(view.reference().getTableId()).isEqualTo(7);
    assertThat(view.reference().getSchemaVersion()).isEqualTo(7);
    IndexView local = view.index("lsi").orElseThrow();
    assertThat(view.localIndexes()).containsExactly(local);
    assertThat(local.projectedAttributes()).containsExactly("pk", "l", "sk", "x");
    assertThat(local.projects("x")).isTrue();
    assertThat(local.projects("y")).isFalse();
    IndexView global = view.index("gsi").orElseThrow();
    assertThat(global.partitionKey()).hasSize(2);
    assertThat(global.sortKey()).isEmpty();
    assertThat(global.projects("anything")).isTrue();
    assertThat(view.index("nope")).isEmpty();
  }
}
