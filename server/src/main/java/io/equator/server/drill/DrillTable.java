package io.equator.server.drill;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The one table that a drill uses: made by it, in all regions, and deleted by it. One that is there
 * already is left alone, and the drill is not done.
 */
final class DrillTable {
  private static final Duration REPLICA_WITHIN = Duration.ofMinutes(3);

  private final List<RegionEndpoint> regions;
  private final String name;
  private boolean made;

  DrillTable(List<RegionEndpoint> regions, String name) {
    this.regions = regions;
    this.name = name;
  }

  /**
   * Makes it; when this returns, every region serves it.
   *
   * @throws IOException when it is there already, an endpoint is of another region than it should
   *     be, or the regions are not of one federation
   */
  void make() throws IOException {
    RegionEndpoint first = regions.getFirst();
    checkRegion(
        first,
        first.ask(
            "CreateTable",
            """
            {"TableName": "%s", "BillingMode": "PAY_PER_REQUEST",
             "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
             "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
             "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}}\
            """
                .formatted(name)));
    made = true;
    awaitSettled(first, 0);
    for (int i = 1; i < regions.size(); i++) {
      replica("Create", regions.get(i).region());
      awaitSettled(first, i + 1);
      checkRegion(regions.get(i), describe(regions.get(i)));
    }
  }

  private static void checkRegion(RegionEndpoint endpoint, String description) throws IOException {
    if (!description.contains(":dynamodb:" + endpoint.region() + ":")) {
      throw new IOException("the endpoint of " + endpoint.region() + " is of another region");
    }
  }

  private String describe(RegionEndpoint region) throws IOException {
    return region.ask("DescribeTable", "{\"TableName\": \"" + name + "\"}");
  }

  private void replica(String action, String region) throws IOException {
    String asked =
        regions
            .getFirst()
            .ask(
                "UpdateTable",
                "{\"TableName\": \""
                    + name
                    + "\", \"ReplicaUpdates\": [{\""
                    + action
                    + "\": {\"RegionName\": \""
                    + region
                    + "\"}}]}");
    if (asked.isEmpty()) {
      throw new IOException("an empty answer");
    }
  }

  private void awaitSettled(RegionEndpoint region, int replicas) throws IOException {
    long deadline = System.nanoTime() + REPLICA_WITHIN.toNanos();
    while (true) {
      String description = describe(region);
      int active = description.split("\"ReplicaStatus\":\"ACTIVE\"", -1).length - 1;
      if (description.contains("\"TableStatus\":\"ACTIVE\"") && active >= replicas) {
        return;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("the replicas did not become active: " + description);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  /** Deletes it wherever it was made; says what is left when that cannot be done. */
  String delete() {
    if (!made) {
      return "";
    }
    StringBuilder left = new StringBuilder();
    for (RegionEndpoint region : regions.reversed()) {
      try {
        deleteIn(region);
      } catch (IOException e) {
        left.append("table ")
            .append(name)
            .append(" is left in ")
            .append(region.region())
            .append(": ")
            .append(e.getMessage())
            .append('\n');
      }
    }
    return left.toString();
  }

  private void deleteIn(RegionEndpoint region) throws IOException {
    long deadline = System.nanoTime() + REPLICA_WITHIN.toNanos();
    boolean asked = false;
    while (true) {
      try {
        if (!asked) {
          var _ = region.ask("DeleteTable", "{\"TableName\": \"" + name + "\"}");
          asked = true;
        }
        var _ = describe(region);
      } catch (IOException e) {
        String why = String.valueOf(e.getMessage());
        if (why.contains("ResourceNotFoundException")) {
          return;
        }
        if (!why.contains("ResourceInUseException") || System.nanoTime() - deadline > 0) {
          throw e;
        }
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("it is being deleted still");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
    }
  }
}
