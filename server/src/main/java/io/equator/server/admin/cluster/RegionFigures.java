package io.equator.server.admin.cluster;

import io.equator.partitioner.NodeId;
import io.equator.proto.CatalogObject;
import io.equator.proto.FederationCondition;
import io.equator.proto.FederationStatusRequest;
import io.equator.proto.FederationStatusServiceGrpc;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.RegionDescriptor;
import io.equator.proto.RegionSilence;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;

/**
 * What is known here of another region's writes.
 *
 * @param silentMillis for how long it is not heard; 0: it is heard
 * @param heardMillis when it was heard last; 0: not known
 * @param unsentRecords changes that it then had and that were not here
 */
record RegionFigures(long silentMillis, long heardMillis, long unsentRecords) {
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);

  static RegionFigures of(ClusterConnection cluster, String region) {
    Optional<RegionSilence> silence =
        cluster.snapshot().regionSilence(region).map(CatalogObject::getRegionSilence);
    String clusterId =
        cluster.snapshot().regions().stream()
            .map(CatalogObject::getRegion)
            .filter(known -> known.getName().equals(region))
            .map(RegionDescriptor::getClusterId)
            .findFirst()
            .orElse("");
    Optional<RegionSilence> counted =
        silence.filter(one -> one.getClusterId().equals(clusterId) && one.getSilentMillis() > 0);
    if (counted.isPresent()) {
      return new RegionFigures(
          counted.get().getSilentMillis(),
          counted.get().getHeardMillis(),
          counted.get().getUnsentRecords());
    }
    long heard = 0;
    long unsent = 0;
    for (NodeDescriptor node : cluster.snapshot().nodes()) {
      if (node.getApiAddress().isEmpty()) {
        continue;
      }
      try {
        for (FederationCondition condition :
            FederationStatusServiceGrpc.newBlockingStub(
                    cluster.channel(new NodeId(node.getNodeId())))
                .withDeadlineAfter(ANSWER_WITHIN)
                .status(FederationStatusRequest.getDefaultInstance())
                .getConditionsList()) {
          if (condition.getRegion().equals(region) && condition.getExchangedMillis() > heard) {
            heard = condition.getExchangedMillis();
            unsent = condition.getUnsentRecords();
          }
        }
      } catch (StatusRuntimeException _) {
        // The others say what they know.
      }
    }
    return new RegionFigures(0, heard, unsent);
  }
}
