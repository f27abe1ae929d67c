package io.equator.server.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node whose certificate lasts for a short time only goes on after its end, and starts again. */
class RenewalIT {
  private static final Duration LIFETIME = Duration.ofSeconds(90);

  @TempDir private Path temporary;

  @Test
  void certificatesAreRenewedWithoutARestart() throws Exception {
    Duration within = LIFETIME.multipliedBy(4);
    try (ClusterProcesses cluster =
        new ClusterProcesses(
            temporary, "cluster: {partitions: 1}", new ShortLived(temporary, LIFETIME))) {
      cluster.found();
      cluster.join(2);
      long begun = System.nanoTime();
      Path second = temporary.resolve("node-2").resolve("tls").resolve("node.pem");
      String ofSecond = Files.readString(second);
      while (Files.readString(second).equals(ofSecond)
          || System.nanoTime() - begun < LIFETIME.toNanos()) {
        assertThat(System.nanoTime() - begun).as("renewed").isLessThan(within.toNanos());
        Thread.sleep(500);
      }
      // The certificate with which it joined has ended; it connects anew with the one that it got
      // since.
      cluster.kill(2);
      cluster.start(2, Map.of());
      // Two nodes are never all that is wanted, but they speak to one another.
      cluster.awaitOutput(
          1, output -> output.contains("\"answering\" : 2"), "status", "--output", "json");
      assertThat(cluster.admin(2, "certificate").output())
          .contains("node-1")
          .contains("node-2")
          .contains("DAYS LEFT");
    }
  }
}
