package io.equator.server.roles;

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
public final class Founding {

  /** The account that everything belongs to unless another one is named. */
  public static final String ACCOUNT_ID = "000000000000";

  /** The ring that tables are on unless they have one of their own. */
  public static final int RING_ID = 1;

  /**
   * What a cluster is founded with.
   *
   * @param region its name, as it stands in ARNs
   * @param partitions of its first ring
   * @param replicas of each partition, as soon as there are nodes enough
   * @param regionNumber breaks ties between versions of items; no two regions of a federation have
   *     the same
   */
  public record Charter(String region, int partitions, int replicas, int regionNumber) {}

  /** Replicas of a partition unless another number is asked for. */
  public static final int REPLICAS = 3;

  /** The number of a region that was founded by itself. */
  public static final int REGION_NUMBER = 1;

  private static final int EPOCH = 1;

  /** How far above its fair share of replicas a node may go, to keep placement stable. */
  private static final double PLACEMENT_SLACK = 1.25;

  private final CatalogClient catalog;
  private final SecureRandom random;

  /** Founds through this client. */
  public Founding(CatalogClient catalog, SecureRandom random) {
    this.catalog = catalog;
    this.random = random;
  }

  /**
   * Founds the cluster unless it has been founded.
   *
   * @return the catalog's revision at which it is there
   */
  public long found(Charter charter, List<NodeDescriptor> nodes) {
    return found(charter, nodes, List.of());
  }

  /**
   * The same.
   *
   * @param more that the catalog is to have from the beginning
   */
  public long found(Charter charter, List<NodeDescriptor> nodes, List<CatalogObject> more) {
    CatalogReadResponse found = catalog.read(List.of(CatalogKeys.CLUSTER));
    if (found.getObjectsCount() > 0) {
      return found.getRevision();
    }
    CatalogCommitRequest.Builder commit =
        CatalogCommitRequest.newBuilder()
            .addComparisons(CatalogComparison.newBuilder().setKey(CatalogKeys.CLUSTER));
    commit.addPuts(cluster(charter));
    nodes.forEach(node -> commit.addPuts(object(node)));
    commit.addAllPuts(ring(charter, nodes));
    commit.addAllPuts(more);
    var answer = catalog.commit(commit.build());
    // A conflict: the other start was faster, and its cluster is there.
    return answer.getOutcome() == Outcome.COMMITTED
        ? answer.getRevision()
        : found(charter, nodes, more);
  }

  private CatalogObject cluster(Charter charter) {
    return CatalogObject.newBuilder()
        .setKey(CatalogKeys.CLUSTER)
        .setCluster(
            ClusterDescriptor.newBuilder()
                .setClusterId(HexFormat.of().formatHex(randomBytes(16)))
                .setRegion(charter.region())
                .setAccountId(ACCOUNT_ID)
                .setNextTableId(1)
                .setNextPartitionId(charter.partitions() + 1L)
                .setRegionNumber(charter.regionNumber())
                .setReplicationFactor(charter.replicas()))
        .build();
  }

  private static CatalogObject object(NodeDescriptor node) {
    return CatalogObject.newBuilder()
        .setKey(CatalogKeys.node(node.getNodeId()))
        .setNode(node)
        .build();
  }

  private List<CatalogObject> ring(Charter charter, List<NodeDescriptor> members) {
    int partitions = charter.partitions();
    List<PartitionId> ids =
        LongStream.rangeClosed(1, partitions).mapToObj(PartitionId::new).toList();
    List<PlacementNode> nodes =
        members.stream()
            .map(node -> PlacementNode.of(new NodeId(node.getNodeId()), node.getZone()))
            .toList();
    Map<PartitionId, List<NodeId>> placed =
        new Placement(nodes, charter.replicas()).placeAll(ids, PLACEMENT_SLACK);
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
