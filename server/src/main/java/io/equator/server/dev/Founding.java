package io.equator.server.dev;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.PartitionId;
import io.equator.partitioner.Placement;
import io.equator.partitioner.PlacementNode;
import io.equator.partitioner.Ring;
import io.equator.partitioner.TokenHash;
import io.equator.partitioner.TokenRange;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogComparison;
import io.equator.proto.CatalogObject;
import io.equator.proto.CatalogReadResponse;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.RingDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.log.Peer;
import io.equator.server.dev.DataFolder.Shape;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Founds a cluster: writes its first objects (the cluster, its nodes, one ring, the ring's
 * partitions and where their replicas are) into an empty catalog, in one commit that holds only if
 * there is no cluster yet. So a start that was cut off in the middle is repeated, and two can never
 * both win.
 */
final class Founding {

  /** The account that everything in an embedded cluster belongs to. */
  static final String ACCOUNT_ID = "000000000000";

  /** The ring that tables are on unless they have one of their own. */
  static final int RING_ID = 1;

  private static final int REPLICAS = 3;
  private static final int REGION_NUMBER = 1;
  private static final int EPOCH = 1;

  /** How far above its fair share of replicas a node may go, to keep placement stable. */
  private static final double PLACEMENT_SLACK = 1.25;

  private final CatalogClient catalog;
  private final SecureRandom random;

  Founding(CatalogClient catalog, SecureRandom random) {
    this.catalog = catalog;
    this.random = random;
  }

  /**
   * Founds the cluster unless it has been founded.
   *
   * @return the catalog's revision at which it is there
   */
  long found(Shape shape, List<Peer> members) {
    CatalogReadResponse found = catalog.read(List.of(CatalogKeys.CLUSTER));
    if (found.getObjectsCount() > 0) {
      return found.getRevision();
    }
    CatalogCommitRequest.Builder commit =
        CatalogCommitRequest.newBuilder()
            .addComparisons(CatalogComparison.newBuilder().setKey(CatalogKeys.CLUSTER));
    commit.addPuts(cluster(shape));
    members.forEach(member -> commit.addPuts(node(member)));
    commit.addAllPuts(ring(shape.partitions(), members));
    var answer = catalog.commit(commit.build());
    // A conflict: the other start was faster, and its cluster is there.
    return answer.getOutcome() == Outcome.COMMITTED ? answer.getRevision() : found(shape, members);
  }

  private CatalogObject cluster(Shape shape) {
    return CatalogObject.newBuilder()
        .setKey(CatalogKeys.CLUSTER)
        .setCluster(
            ClusterDescriptor.newBuilder()
                .setClusterId(HexFormat.of().formatHex(randomBytes(16)))
                .setRegion(shape.region())
                .setAccountId(ACCOUNT_ID)
                .setNextTableId(1)
                .setNextPartitionId(shape.partitions() + 1L)
                .setRegionNumber(REGION_NUMBER))
        .build();
  }

  private static CatalogObject node(Peer member) {
    return CatalogObject.newBuilder()
        .setKey(CatalogKeys.node(member.node().value()))
        .setNode(
            NodeDescriptor.newBuilder()
                .setNodeId(member.node().value())
                .setRaftAddress(member.raftAddress())
                .setZone(zoneOf(member))
                .setCatalogMember(true))
        .build();
  }

  /** Each embedded node is a zone of its own, so that placement spreads over all of them. */
  private static String zoneOf(Peer member) {
    return "zone-of-" + member.node().value();
  }

  private List<CatalogObject> ring(int partitions, List<Peer> members) {
    List<PartitionId> ids =
        LongStream.rangeClosed(1, partitions).mapToObj(PartitionId::new).toList();
    List<PlacementNode> nodes =
        members.stream().map(member -> PlacementNode.of(member.node(), zoneOf(member))).toList();
    Map<PartitionId, List<NodeId>> placed =
        new Placement(nodes, REPLICAS).placeAll(ids, PLACEMENT_SLACK);
    List<TokenRange> ranges = Ring.evenRanges(partitions);
    List<CatalogObject> objects = new ArrayList<>();
    RingDescriptor.Builder ring =
        RingDescriptor.newBuilder()
            .setRingId(RING_ID)
            .setHashAlgorithm(TokenHash.ALGORITHM_SIPHASH_2_4)
            .setHashSeed(ByteString.copyFrom(randomBytes(TokenHash.SEED_LENGTH)));
    for (int i = 0; i < partitions; i++) {
      PartitionId id = ids.get(i);
      ring.addPartitionIds(id.value());
      PartitionDescriptor.Builder partition =
          PartitionDescriptor.newBuilder()
              .setPartitionId(id.value())
              .setEpoch(EPOCH)
              .setRingId(RING_ID)
              .setFirstToken(ranges.get(i).first().bits())
              .setLastToken(ranges.get(i).last().bits());
      placed.getOrDefault(id, List.of()).forEach(n -> partition.addReplicaNodeIds(n.value()));
      objects.add(
          CatalogObject.newBuilder()
              .setKey(CatalogKeys.partition(id.value()))
              .setPartition(partition)
              .build());
    }
    objects.add(CatalogObject.newBuilder().setKey(CatalogKeys.ring(RING_ID)).setRing(ring).build());
    return objects;
  }

  private byte[] randomBytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
