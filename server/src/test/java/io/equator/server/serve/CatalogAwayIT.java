package io.equator.server.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.server.dev.Writers;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A catalog that is gone with the only machine that kept it: the others start again from the copies
 * that they have on disk, and serve reads and writes.
 */
class CatalogAwayIT {
  private static final long WITHIN_SECONDS = 120;

  @TempDir private Path temporary;

  private static Map<String, AttributeValue> item(int number) {
    return Map.of("pk", AttributeValue.fromS("p" + number), "sk", AttributeValue.fromN("1"));
  }

  private static void put(DynamoDbClient client, int number) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WITHIN_SECONDS);
    while (true) {
      try {
        client.putItem(r -> r.tableName(Writers.TABLE).item(item(number)));
        return;
      } catch (SdkException e) {
        // Leaders may still be elected.
        if (System.nanoTime() - end > 0) {
          throw e;
        }
        Thread.sleep(200);
      }
    }
  }

  @Test
  void aProcessStartsAndServesWithoutTheCatalog() throws Exception {
    try (ClusterProcesses cluster =
        new ClusterProcesses(
            temporary, "cluster: {partitions: 2}\nreplicas: {catalog-members: 1}")) {
      cluster.found();
      for (int node = 2; node <= 4; node++) {
        cluster.join(node);
      }
      cluster.awaitHealth(1);
      try (DynamoDbClient client = Writers.client("http://127.0.0.1:" + cluster.apiPort(4))) {
        Writers.createTable(client);
        for (int i = 0; i < 20; i++) {
          put(client, i);
        }
      }
      // The copies have to have the table; the last one is written at an orderly stop as well.
      assertThat(cluster.stop(4)).isZero();
      cluster.kill(1);
      cluster.kill(3);
      cluster.launch(3, Map.of());
      cluster.launch(4, Map.of());
      cluster.awaitReady(3);
      cluster.awaitReady(4);
      assertThat(cluster.output(4)).contains("the start goes on with the copy of revision");
      for (int node = 3; node <= 4; node++) {
        try (DynamoDbClient client = Writers.client("http://127.0.0.1:" + cluster.apiPort(node))) {
          for (int i = 0; i < 20; i++) {
            put(client, 100 * node + i);
          }
          for (int i = 0; i < 20; i++) {
            int number = i;
            assertThat(
                    client
                        .getItem(
                            r -> r.tableName(Writers.TABLE).key(item(number)).consistentRead(true))
                        .hasItem())
                .isTrue();
          }
        }
      }
      // When it is back everything is as ever.
      cluster.start(1, Map.of());
      cluster.awaitHealth(1);
      try (DynamoDbClient client = Writers.client("http://127.0.0.1:" + cluster.apiPort(4))) {
        client.updateTable(r -> r.tableName(Writers.TABLE).deletionProtectionEnabled(true));
      }
    }
  }
}
