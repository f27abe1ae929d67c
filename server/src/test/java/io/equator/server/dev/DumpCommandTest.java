package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.server.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/** {@code admin dump} on a folder that a cluster has left, and on one that is in use. */
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
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    String[] all = new String[arguments.length + 4];
    all[0] = "admin";
    all[1] = "dump";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    all[all.length - 2] = "--data";
    all[all.length - 1] = data.toString();
    return new Result(line.execute(all), out.toString(), err.toString());
  }

  @Test
  @SuppressWarnings("unchecked") // The SDK takes its builders as arrays of generic types.
  void whatWasWrittenCanBePrintedOnceTheClusterHasStopped() {
    try (EmbeddedCluster cluster = start();
        DynamoDbClient client = Writers.client(cluster.url())) {
      client.createTable(
          r ->
              r.tableName("Printed")
                  .billingMode(BillingMode.PAY_PER_REQUEST)
                  .attributeDefinitions(
                      a -> a.attributeName("pk").attributeType(ScalarAttributeType.S))
                  .keySchema(k -> k.attributeName("pk").keyType(KeyType.HASH)));
      client.waiter().waitUntilTableExists(r -> r.tableName("Printed"));
      for (String key : new String[] {"one", "two"}) {
        client.putItem(r -> r.tableName("Printed").item(Map.of("pk", AttributeValue.fromS(key))));
      }
      Result used = dump("store");
      assertThat(used.exitCode()).isEqualTo(1);
      assertThat(used.err()).contains("is in use; stop the process first.");
    }
    assertThat(dump("store").out()).contains("\"partition\":1", "\"items\":2");
    assertThat(dump("catalog").out()).contains("Printed");
    assertThat(dump("table", "1").out()).contains("\"one\"", "\"two\"");
    assertThat(dump("table", "1", "--limit", "1").out().lines()).hasSize(1);
    assertThat(dump("log", "--partition", "1").out())
        .contains("\"effect\":\"put\"", "\"one\"", "\"two\"");
    Result missing = dump("store", "--node", "7");
    assertThat(missing.exitCode()).isEqualTo(1);
    assertThat(missing.err()).contains("there is no node 7 in the data folder");
  }
}
