package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.server.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/** {@code admin dump} on a folder that a cluster has left, on one that is in use, on none. */
class DumpCommandTest {
  @TempDir private Path data;

  private EmbeddedCluster start() {
    return EmbeddedCluster.start(
        new DevOptions(
            "localhost",
            0,
            Optional.of(data),
            OptionalInt.of(1),
            OptionalInt.of(1),
            Optional.empty(),
            Optional.empty()));
  }

  private record Result(int exitCode, String out, String err) {}

  private Result dump(String... arguments) {
    List<String> all = new ArrayList<>(List.of("admin", "dump"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--data", data.toString()));
    return run(all.toArray(String[]::new));
  }

  private static Result run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return new Result(line.execute(arguments), out.toString(), err.toString());
  }

  private String printed(String... arguments) {
    Result result = dump(arguments);
    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(result.err()).isEmpty();
    return result.out();
  }

  private void refused(String sentence, String... arguments) {
    Result result = dump(arguments);
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("equator: ").contains(sentence).hasLineCount(1);
  }

  @Test
  void whatWasWrittenCanBePrintedOnceTheClusterHasStopped() throws IOException {
    try (EmbeddedCluster cluster = start();
        DynamoDbClient client = Writers.client(cluster.url())) {
      writeTwo(client);
      refused("is in use by process " + ProcessHandle.current().pid(), "store");
    }
    Map<String, String> before = files();

    assertThat(printed("store"))
        .contains("partition 1  epoch 1  ring 1  tokens 0000000000000000 to ffffffffffffffff")
        .containsPattern("table 1 +2 items")
        .containsPattern("family items +2 rows");
    assertThat(printed("store", "--output", "json"))
        .contains("\"partition\":1", "\"items\":2", "{\"family\":\"items\",\"rows\":2,");
    assertThat(printed("store", "--rows")).contains("items  0000000100");

    assertThat(printed("table", "Printed").lines())
        .containsExactlyInAnyOrder(
            "{\"pk\":{\"S\":\"one\"},\"v\":{\"N\":\"1\"}}",
            "{\"pk\":{\"S\":\"two\"},\"v\":{\"N\":\"1\"}}");
    assertThat(printed("table", "1", "--limit", "1").lines()).hasSize(1);
    assertThat(printed("table", "Printed", "--key", "{\"pk\":{\"S\":\"two\"}}", "--output", "json"))
        .contains("\"timestamp\":", "\"item\":{\"pk\":{\"S\":\"two\"}")
        .hasLineCount(1);

    assertThat(printed("catalog")).contains("table/Printed", "status: \"ACTIVE\"");
    assertThat(printed("catalog", "--output", "json")).contains("\"name\":\"Printed\"");

    String log = printed("log", "--partition", "1");
    assertThat(log)
        .startsWith("0  term 1  configuration")
        .contains("\"effect\":\"put\"", "\"one\"", "\"two\"");
    String last = log.lines().reduce((_, line) -> line).orElseThrow();
    String index = last.substring(0, last.indexOf(' '));
    assertThat(printed("entry", index, "--partition", "1").strip()).isEqualTo(last);
    assertThat(printed("log", "--partition", "1", "--from", index, "--output", "json"))
        .startsWith("{\"index\":" + index + ",\"term\":1,\"kind\":\"");
    assertThat(printed("log", "--partition", "1", "--limit", "2")).hasLineCount(2);
    assertThat(printed("log", "--partition", "catalog")).contains("\"commit\"", "Printed");

    refused("there is no node 7", "store", "--node", "7");
    refused("there is no table Absent in the catalog", "table", "Absent");
    refused("--key is not an item in DynamoDB's JSON", "table", "1", "--key", "pk=one");
    refused("there is no log of P9", "log", "--partition", "9");
    refused("the log has no entry 999999", "entry", "999999", "--partition", "1");
    refused("--partition is an id from 1, or catalog", "log", "--partition", "x");
    assertThat(dump("log").exitCode()).isEqualTo(2);

    assertThat(files()).as("nothing was changed").isEqualTo(before);
  }

  /** The image of the catalog lags behind: its log holds the rest, and a crash leaves just that. */
  @Test
  void theCatalogOfACrashedNodeIsReadFromItsLog() {
    try (EmbeddedCluster cluster = start();
        DynamoDbClient client = Writers.client(cluster.url())) {
      writeTwo(client);
      cluster.embeddedNodes().crash(1);
    }
    assertThat(data.resolve("node-1/catalog/catalog.image")).doesNotExist();
    assertThat(printed("catalog")).contains("table/Printed", "status: \"ACTIVE\"");
    assertThat(printed("log", "--partition", "1")).contains("\"one\"", "\"two\"");
    assertThat(dump("table", "Printed").exitCode()).isZero();
  }

  @Test
  void aFolderOfSomethingElseIsOneSentence() {
    refused(data + " is not a data folder of Equator.", "catalog");
    assertThat(data).isEmptyDirectory();
  }

  @Test
  void everyCommandHasHelp() {
    for (String command : List.of("store", "table", "log", "entry", "catalog")) {
      Result help = run("admin", "dump", command, "--help");
      assertThat(help.exitCode()).isZero();
      assertThat(help.out()).contains("Usage: equator admin dump " + command, "--data");
    }
  }

  @SuppressWarnings("unchecked") // The SDK takes its builders as arrays of generic types.
  private static void writeTwo(DynamoDbClient client) {
    client.createTable(
        r ->
            r.tableName("Printed")
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(
                    a -> a.attributeName("pk").attributeType(ScalarAttributeType.S))
                .keySchema(k -> k.attributeName("pk").keyType(KeyType.HASH)));
    client.waiter().waitUntilTableExists(r -> r.tableName("Printed"));
    for (String key : new String[] {"one", "two"}) {
      client.putItem(
          r ->
              r.tableName("Printed")
                  .item(
                      new TreeMap<>(
                          Map.of(
                              "pk", AttributeValue.fromS(key), "v", AttributeValue.fromN("1")))));
    }
  }

  /** Every file with its size and the time of its last change. */
  private Map<String, String> files() throws IOException {
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(data)) {
      paths.forEach(
          path -> {
            try {
              found.put(
                  data.relativize(path).toString(),
                  Files.isDirectory(path)
                      ? ""
                      : Files.size(path) + " " + Files.getLastModifiedTime(path));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
    return found;
  }
}
