package io.equator.server.dev;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** What was answered survives: the process, or one of its nodes, is killed under a mixed load. */
class KillIT {

  private static final int ROUNDS = Integer.getInteger("equator.kill.rounds", 20);
  private static final int WRITERS = 8;

  @TempDir private Path temporary;

  /**
   * A process with three nodes in it is killed and started again and again. After each start every
   * answered write is there, what was not answered is there whole or not at all, and indexes agree
   * with their tables.
   */
  @Test
  void nothingThatWasAnsweredIsLostWhenTheProcessIsKilled() throws Exception {
    String[] arguments = {
      "--port", "0", "--nodes", "3", "--data", temporary.resolve("data").toString()
    };
    SplittableRandom random = new SplittableRandom(20);
    Writers writers = new Writers(WRITERS);
    for (int round = 0; round <= ROUNDS; round++) {
      try (DevProcess process = DevProcess.start(arguments);
          DynamoDbClient client = Writers.client(process.awaitReady())) {
        if (round == 0) {
          Writers.createTable(client);
        }
        writers.check(client);
        if (round < ROUNDS) {
          Writers.Running running = writers.start(client, false);
          running.awaitAnswers(50 + random.nextInt(200));
          process.kill();
          running.stop();
        }
      }
    }
  }

  /** Each of three nodes in turn crashes and comes back while writes go on. */
  @Test
  void writesGoOnWhenOneOfThreeNodesCrashes() throws Exception {
    DevOptions options =
        new DevOptions(
            "localhost",
            0,
            Optional.of(temporary.resolve("crash")),
            OptionalInt.of(3),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty());
    Writers writers = new Writers(WRITERS);
    try (EmbeddedCluster cluster = EmbeddedCluster.start(options);
        DynamoDbClient client = Writers.client(cluster.url())) {
      Writers.createTable(client);
      Writers.Running running = writers.start(client, true);
      for (int node = 1; node <= 3; node++) {
        running.awaitAnswers(100);
        cluster.embeddedNodes().crash(node);
        running.awaitAnswers(100);
        cluster.embeddedNodes().restart(node);
      }
      running.awaitAnswers(100);
      running.stop();
      writers.check(client);
    }
  }
}
