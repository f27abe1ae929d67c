package io.equator.node.regions;

import io.equator.node.service.HostedPartition;
import io.equator.proto.RegionComparisonReport;
import io.equator.proto.RegionVersionsRequest;
import io.equator.proto.RegionVersionsResponse;
import io.equator.proto.ReplicateRequest;
import io.equator.proto.ReplicateResponse;
import io.equator.proto.ReplicationCursorRequest;
import io.equator.proto.ReplicationCursorResponse;
import io.equator.proto.ReplicationSource;
import io.equator.replication.catalog.TableView;
import java.util.function.Function;

/** The product's own comparison of a partition with another region, of everything, at rest. */
public final class ComparedRegions {
  private ComparedRegions() {}

  /** What it finds; in the trouble stands a difference, which is not waited for. */
  public static RegionComparisonReport compare(
      HostedPartition partition,
      TableView table,
      LaneName pair,
      ReplicationSource source,
      Function<RegionVersionsRequest, RegionVersionsResponse> versions) {
    RegionLink link =
        new RegionLink() {
          @Override
          public ReplicationCursorResponse cursor(String to, ReplicationCursorRequest request) {
            throw new AssertionError("nothing is sent");
          }

          @Override
          public ReplicateResponse apply(String to, ReplicateRequest request) {
            throw new AssertionError("nothing is sent");
          }

          @Override
          public RegionVersionsResponse versions(String to, RegionVersionsRequest request) {
            return versions.apply(request);
          }
        };
    RegionComparison.Pace pace =
        new RegionComparison.Pace() {
          @Override
          public void pass(int bytes) {}

          @Override
          public void rest() throws InterruptedException {
            throw new InterruptedException("it would look at a difference again");
          }
        };
    try {
      return new RegionComparison(
              partition, table, pair, source, -1L, link, pace, new ComparisonFigures())
          .run();
    } catch (InterruptedException e) {
      return RegionComparisonReport.newBuilder().setTrouble(String.valueOf(e.getMessage())).build();
    }
  }
}
