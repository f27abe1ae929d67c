package io.equator.server.dev;

import static io.equator.server.dev.TriggerReceiver.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.json.JsonValue.JsonObject;
import io.equator.server.Main;
import io.equator.server.dev.TriggerReceiver.Reply;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.EventSourcePosition;

/**
 * A cluster of processes, of which the coordinators that deliver are killed one after the other:
 * those that are left take their shards over when the leases have run out.
 */
class TriggerClusterIT {
  private static final int KEYS = 24;

  @TempDir private Path temporary;

  private int founderPort;
  private int founderInternal;

  @Test
  void theShardsOfAKilledCoordinatorAreTakenOver() throws Exception {
    Path founder = configuration(1, "[node, coordinator]", "");
    command("admin", "init", "--config", founder.toString());
    try (TriggerReceiver receiver = new TriggerReceiver(_ -> Reply.OK);
        DevProcess first = serve(founder);
        DevProcess second = serve(join(2, founder));
        DevProcess third = serve(join(3, founder));
        DynamoDbClient dynamo = Writers.client("http://localhost:" + founderPort)) {
      Writers.createTable(dynamo);
      dynamo.updateTable(
          r ->
              r.tableName(OwnedItems.TABLE)
                  .streamSpecification(
                      s -> s.streamEnabled(true).streamViewType(StreamViewType.NEW_IMAGE)));
      createMapping(dynamo, receiver.url("/f"));
      put(dynamo, 1, 5);
      receiver.awaitRecords("/f", 5 * KEYS);
      second.kill();
      put(dynamo, 6, 10);
      awaitVersion(receiver, 10);
      third.kill();
      put(dynamo, 11, 15);
      awaitVersion(receiver, 15);
      assertThat(first.stop()).isLessThan(256);
    }
  }

  /** A node's configuration, with ports that are free. */
  private Path configuration(int node, String roles, String join) throws IOException {
    List<Integer> ports = freePorts();
    if (node == 1) {
      founderPort = ports.get(0);
      founderInternal = ports.get(1);
    }
    Path file = temporary.resolve("n" + node + ".yaml");
    Files.writeString(
        file,
        """
        node: {id: n%d, data: "%s"}
        roles: %s
        cluster: {partitions: 4, replicas: 1}
        api: {host: localhost, port: %d, auth: any}
        internal: {host: 127.0.0.1, port: %d, raft-port: %d, advertise: 127.0.0.1, tls: "off"}
        %s
        """
            .formatted(
                node,
                temporary.resolve("n" + node),
                roles,
                ports.get(0),
                ports.get(1),
                ports.get(2),
                join));
    return file;
  }

  private static List<Integer> freePorts() throws IOException {
    try (ServerSocket one = free();
        ServerSocket two = free();
        ServerSocket three = free()) {
      return List.of(one.getLocalPort(), two.getLocalPort(), three.getLocalPort());
    }
  }

  private static ServerSocket free() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  /** A coordinator that may join. */
  private Path join(int node, Path founder) throws IOException {
    String token = command("admin", "token", "--config", founder.toString()).strip();
    return configuration(
        node,
        "[coordinator]",
        "join: {seeds: [\"127.0.0.1:%d\"], token: \"%s\"}".formatted(founderInternal, token));
  }

  private static DevProcess serve(Path configuration) throws Exception {
    DevProcess process = DevProcess.run("serve", "--config", configuration.toString());
    process.awaitReady();
    return process;
  }

  private static String command(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    assertThat(command.execute(arguments)).as(err::toString).isZero();
    return out.toString();
  }

  private void createMapping(DynamoDbClient dynamo, String function) {
    String stream =
        dynamo.describeTable(r -> r.tableName(OwnedItems.TABLE)).table().latestStreamArn();
    try (LambdaClient lambda =
        LambdaClient.builder()
            .endpointOverride(URI.create("http://localhost:" + founderPort))
            .region(Region.US_WEST_2)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
            .httpClient(UrlConnectionHttpClient.create())
            .build()) {
      String uuid =
          lambda
              .createEventSourceMapping(
                  r ->
                      r.eventSourceArn(stream)
                          .functionName(function)
                          .startingPosition(EventSourcePosition.LATEST))
              .uuid();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!lambda.getEventSourceMapping(r -> r.uuid(uuid)).state().equals("Enabled")) {
        assertThat(System.nanoTime()).as("the mapping is enabled").isLessThan(deadline);
      }
    }
  }

  private static void put(DynamoDbClient dynamo, int from, int to) {
    for (int v = from; v <= to; v++) {
      for (int k = 0; k < KEYS; k++) {
        Map<String, AttributeValue> item =
            Map.of(
                "pk", AttributeValue.fromS("key-" + k),
                "sk", AttributeValue.fromN("1"),
                "v", AttributeValue.fromN(Integer.toString(v)));
        dynamo.putItem(r -> r.tableName(OwnedItems.TABLE).item(item));
      }
    }
  }

  /** Waits until every key has come this far; none has skipped a version, though it may repeat. */
  private static void awaitVersion(TriggerReceiver receiver, int version) throws Exception {
    receiver.await(
        "/f",
        calls -> {
          Map<String, Integer> newest =
              newest(calls.stream().flatMap(c -> c.records().stream()).toList());
          return newest.size() == KEYS && newest.values().stream().allMatch(v -> v == version);
        });
  }

  private static Map<String, Integer> newest(List<JsonObject> records) {
    Map<String, Integer> newest = new HashMap<>();
    List<String> skipped = new ArrayList<>();
    for (JsonObject record : records) {
      String key = text(record, "dynamodb", "Keys", "pk", "S");
      int version = Integer.parseInt(text(record, "dynamodb", "NewImage", "v", "N"));
      int before = newest.getOrDefault(key, 0);
      if (version > before + 1) {
        skipped.add(key + " from " + before + " to " + version);
      }
      newest.put(key, Math.max(before, version));
    }
    assertThat(skipped).isEmpty();
    return newest;
  }
}
