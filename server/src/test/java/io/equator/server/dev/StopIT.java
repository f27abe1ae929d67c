package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** A stop that is asked for, in the middle of a load. */
class StopIT {

  private static final int WRITERS = 16;

  /** Two seconds are promised; a machine that is busy with other tests gets more. */
  private static final Duration STOP_WITHIN = Duration.ofSeconds(10);

  @TempDir private Path temporary;

  /**
   * Requests on their way are answered, or refused, or their connection ends; nothing that was
   * answered is lost, and nothing is logged as a failure.
   */
  @Test
  void sigtermUnderLoadLosesNothingAndIsQuick() throws Exception {
    String[] arguments = {
      "--port", "0", "--nodes", "3", "--data", temporary.resolve("data").toString()
    };
    Writers writers = new Writers(WRITERS);
    for (int round = 0; round < 4; round++) {
      try (DevProcess process = DevProcess.start(arguments);
          DynamoDbClient client = Writers.client(process.awaitReady())) {
        if (round == 0) {
          Writers.createTable(client);
        }
        writers.check(client);
        Writers.Running running = writers.start(client, false);
        running.awaitAnswers(200);
        long begun = System.nanoTime();
        assertThat(process.stop()).as(process.output()).isZero();
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        System.out.println("stopped under load in " + took.toMillis() + " ms");
        assertThat(took).isLessThan(STOP_WITHIN);
        assertThat(process.output()).endsWith("Stopped.").doesNotContain("ERROR", "WARN", "SEVERE");
        running.stop();
      }
    }
  }
}
