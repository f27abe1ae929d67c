package io.equator.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.equator.server.HttpCall;
import io.equator.server.SigV4;
import io.equator.server.dev.DevOptions;
import io.equator.server.dev.EmbeddedCluster;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/** One id leads from the answer that a client got to the node that was slow. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SlowRequestsTest {

  private static final Duration WITHIN = Duration.ofSeconds(30);

  private final HttpClient http = HttpClient.newHttpClient();

  /** Everything is slow here. */
  private final EmbeddedCluster cluster =
      EmbeddedCluster.start(
          DevOptions.inMemory(1), ObserveOptions.NONE.withSlowRequest(Duration.ZERO));

  private final Logger logger = (Logger) LoggerFactory.getLogger(SlowRequests.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
    logger.setAdditive(false);
  }

  @AfterEach
  void leave() {
    logger.detachAppender(lines);
    lines.list.clear();
  }

  @AfterAll
  void close() {
    cluster.close();
    http.close();
  }

  private HttpResponse<String> ask(String operation, String body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(cluster.url()))
            .header("X-Amz-Target", "DynamoDB_20120810." + operation)
            .header("Content-Type", "application/x-amz-json-1.0")
            .header(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=local/20261127/us-west-2/dynamodb/aws4_request,"
                    + " SignedHeaders=host, Signature=00")
            .header("X-Amz-Date", "20261127T000000Z")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private void makeTable(String name) throws Exception {
    HttpCall api =
        new HttpCall(
            Socket::new,
            cluster.address(),
            SigV4.unsigned(cluster.region(), InstantSource.system()),
            WITHIN);
    api.post(
        "CreateTable",
        """
        {"TableName": "%s", "BillingMode": "PAY_PER_REQUEST",
         "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
         "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}]}
        """
            .formatted(name));
    long deadline = System.nanoTime() + WITHIN.toNanos();
    while (!api.post("DescribeTable", "{\"TableName\": \"" + name + "\"}")
        .body()
        .contains("\"TableStatus\":\"ACTIVE\"")) {
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
  }

  /**
   * The lines of a request, each shape once: a call that the router had to repeat has a line per
   * try. Asks again until two are there, since the limit may have to let go of a second first.
   */
  private Set<String> linesOf(String operation, String body) throws Exception {
    long deadline = System.nanoTime() + WITHIN.toNanos();
    while (true) {
      HttpResponse<String> answer = ask(operation, body);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      String id = answer.headers().firstValue("x-amzn-RequestId").orElseThrow();
      Set<String> found = new TreeSet<>();
      for (ILoggingEvent line : List.copyOf(lines.list)) {
        if (line.getFormattedMessage().contains(id)) {
          found.add(shape(line.getFormattedMessage().replace(id, "<id>")));
          assertThat(line.getKeyValuePairs()).contains(new KeyValuePair("requestId", id));
        }
      }
      if (found.size() >= 2) {
        return found;
      }
      assertThat(System.nanoTime()).as("lines so far: " + lines.list).isLessThan(deadline);
    }
  }

  private static String shape(String line) {
    return line.replaceAll("took [0-9.]+ ms.*", "took n ms");
  }

  @Test
  void theIdOfTheAnswerIsInTheLinesOfEdgeAndNode() throws Exception {
    makeTable("slow");
    assertThat(linesOf("GetItem", "{\"TableName\": \"slow\", \"Key\": {\"p\": {\"S\": \"1\"}}}"))
        .containsExactlyInAnyOrder(
            "slow call of request <id>: Get of partition 1 on node-1 took n ms",
            "slow request <id>: GetItem of slow took n ms");
    assertThat(linesOf("PutItem", "{\"TableName\": \"slow\", \"Item\": {\"p\": {\"S\": \"1\"}}}"))
        .containsExactlyInAnyOrder(
            "slow call of request <id>: Write of partition 1 on node-1 took n ms",
            "slow request <id>: PutItem of slow took n ms");
    assertThat(linesOf("Scan", "{\"TableName\": \"slow\"}"))
        .contains("slow call of request <id>: ReadPage of partition 1 on node-1 took n ms");
    assertThat(
            linesOf(
                "TransactWriteItems",
                "{\"TransactItems\": [{\"Put\": {\"TableName\": \"slow\","
                    + " \"Item\": {\"p\": {\"S\": \"2\"}}}}]}"))
        .contains("slow call of request <id>: TransactWrite of partition 1 on node-1 took n ms");
  }
}
