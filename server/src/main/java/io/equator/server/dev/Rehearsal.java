package io.equator.server.dev;

import io.equator.node.rocksdb.NativeCode;
import io.equator.server.HttpCall;
import io.equator.server.SigV4;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;

/**
 * A short run after a build, from which later starts profit: the launcher lets Java record the
 * classes that it loads and how often methods run (JEP 483, JEP 515), and RocksDB's native library
 * is put where starts find it without unpacking it. Nobody depends on it: without what it leaves,
 * starts are slower.
 */
final class Rehearsal {

  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);

  /** Enough for the hot methods to show as such, short enough to be a step of the build. */
  private static final int ROUNDS = 150;

  private static final String TABLE =
      """
      {"TableName": "rehearsal", "BillingMode": "PAY_PER_REQUEST",
       "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"},
                                {"AttributeName": "s", "AttributeType": "N"}],
       "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"},
                     {"AttributeName": "s", "KeyType": "RANGE"}]}\
      """;

  private static final String ACTIVE = "\"TableStatus\":\"ACTIVE\"";

  private final HttpCall endpoint;

  private Rehearsal(EmbeddedCluster cluster) {
    this.endpoint =
        new HttpCall(
            Socket::new,
            cluster.address(),
            SigV4.unsigned(cluster.region(), InstantSource.system()),
            ANSWER_WITHIN);
  }

  /**
   * Uses the main operations, and unpacks native code.
   *
   * @param nativeCode the folder for it
   * @throws IOException when an answer is not as expected; what was recorded should not be used
   */
  static void run(EmbeddedCluster cluster, Path nativeCode) throws IOException {
    new Rehearsal(cluster).play();
    NativeCode.unpackInto(nativeCode);
  }

  private void play() throws IOException {
    ask("CreateTable", TABLE);
    awaitActive();
    for (int i = 0; i < ROUNDS; i++) {
      String key = "{\"p\": {\"S\": \"p%d\"}, \"s\": {\"N\": \"%d\"}}".formatted(i % 7, i);
      String item =
          key.substring(0, key.length() - 1)
              + ", \"a\": {\"S\": \""
              + "x".repeat(300)
              + "\"}, \"b\": {\"L\": [{\"BOOL\": true}]}}";
      ask("PutItem", "{\"TableName\": \"rehearsal\", \"Item\": " + item + "}");
      ask("GetItem", "{\"TableName\": \"rehearsal\", \"Key\": " + key + "}");
      ask(
          "UpdateItem",
          "{\"TableName\": \"rehearsal\", \"Key\": "
              + key
              + ", \"UpdateExpression\": \"SET c = :c ADD n :n\", \"ReturnValues\": \"ALL_NEW\","
              + " \"ExpressionAttributeValues\": {\":c\": {\"S\": \"c\"}, \":n\": {\"N\":"
              + " \"1\"}}}");
    }
    ask(
        "Query",
        "{\"TableName\": \"rehearsal\", \"KeyConditionExpression\": \"p = :p\","
            + " \"ExpressionAttributeValues\": {\":p\": {\"S\": \"p1\"}}}");
    ask("Scan", "{\"TableName\": \"rehearsal\"}");
    ask("DeleteTable", "{\"TableName\": \"rehearsal\"}");
  }

  private void awaitActive() throws IOException {
    long deadline = System.nanoTime() + ANSWER_WITHIN.toNanos();
    while (!ask("DescribeTable", "{\"TableName\": \"rehearsal\"}").contains(ACTIVE)) {
      if (System.nanoTime() > deadline) {
        throw new IOException("the table does not become active");
      }
    }
  }

  private String ask(String operation, String body) throws IOException {
    HttpCall.Answer answer = endpoint.post(operation, body);
    if (answer.status() != 200) {
      throw new IOException(
          operation + " was answered with " + answer.status() + " " + answer.body());
    }
    return answer.body();
  }
}
