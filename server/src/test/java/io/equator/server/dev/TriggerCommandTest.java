package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.json.JsonValue;
import io.equator.coordinator.json.JsonValue.JsonObject;
import io.equator.coordinator.json.WireWriter;
import io.equator.server.Main;
import io.equator.server.dev.TriggerReceiver.Reply;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;

/** {@code equator admin trigger} against an endpoint, from registering a function to deleting. */
class TriggerCommandTest {
  private String url = "";

  /** What a command printed, and how it ended. */
  private record Run(int code, String out, String err) {
    JsonObject json() {
      assertThat(code).as(err).isZero();
      return (JsonObject) JsonValue.parse(out.strip()).orElseThrow();
    }
  }

  private Run run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    List<String> all = new ArrayList<>(List.of("admin", "trigger"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--endpoint-url", url));
    int code = command.execute(all.toArray(String[]::new));
    return new Run(code, out.toString(), err.toString());
  }

  @Test
  void aTriggerIsMadeShownChangedAndDeleted() throws Exception {
    DevOptions options =
        new DevOptions(
            "localhost",
            0,
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty());
    try (EmbeddedCluster cluster = EmbeddedCluster.start(options);
        DynamoDbClient dynamo = Writers.client(cluster.url());
        TriggerReceiver receiver = new TriggerReceiver(_ -> Reply.OK)) {
      url = cluster.url();
      Writers.createTable(dynamo);
      assertThat(run("create", "--table", OwnedItems.TABLE, "--function", "F").err())
          .contains("has no stream; switch one on");
      dynamo.updateTable(
          r ->
              r.tableName(OwnedItems.TABLE)
                  .streamSpecification(
                      s -> s.streamEnabled(true).streamViewType(StreamViewType.NEW_IMAGE)));
      assertThat(run("create", "--table", OwnedItems.TABLE).err())
          .contains("name a --function or a --url");
      Run unknown = run("create", "--table", OwnedItems.TABLE, "--function", "F");
      assertThat(unknown.code()).isEqualTo(1);
      assertThat(unknown.err().strip()).isEqualTo("equator: Function does not exist");

      assertThat(run("function", "put", "F", receiver.url("/f"), "--timeout", "5").out())
          .contains("TimeoutInSeconds  5");
      assertThat(run("function", "list").out()).contains("F ").contains(receiver.url("/f"));
      JsonObject made =
          run(
                  "create",
                  "--table",
                  OwnedItems.TABLE,
                  "--function",
                  "F",
                  "--batch-size",
                  "10",
                  "--bisect",
                  "--report-item-failures",
                  "--filter",
                  "{\"eventName\":[\"INSERT\"]}",
                  "--on-failure",
                  receiver.url("/failed"),
                  "--output",
                  "json")
              .json();
      String uuid = made.text("UUID").orElseThrow();
      assertThat(made.text("State")).contains("Enabled");
      assertThat(json(made))
          .contains("\"BatchSize\":10", "\"BisectBatchOnFunctionError\":true")
          .contains("\"FunctionResponseTypes\":[\"ReportBatchItemFailures\"]")
          .contains("{\"Pattern\":\"{\\\"eventName\\\":[\\\"INSERT\\\"]}\"}")
          .contains("\"Destination\":\"" + receiver.url("/failed") + "\"");

      dynamo.putItem(
          r ->
              r.tableName(OwnedItems.TABLE)
                  .item(Map.of("pk", AttributeValue.fromS("a"), "sk", AttributeValue.fromN("1"))));
      receiver.awaitRecords("/f", 1);
      assertThat(run("list").out()).contains(uuid).contains("Enabled").contains(OwnedItems.TABLE);
      assertThat(run("list", "--function", "F", "--output", "json").json().members())
          .containsKey("EventSourceMappings");
      assertThat(run("update", uuid, "--no-enabled", "--no-bisect", "--no-filter").out())
          .containsPattern("State +Disabled")
          .containsPattern("BisectBatchOnFunctionError +false")
          .doesNotContain("FilterCriteria");
      assertThat(run("update", uuid, "--batch-size", "0").err())
          .contains("Value '0' at 'batchSize' failed to satisfy constraint");
      assertThat(run("function", "delete", "F").err()).contains("is named by");
      assertThat(run("delete", uuid).out().strip()).isEqualTo("Deleted " + uuid + ".");
      assertThat(run("show", uuid).err().strip())
          .isEqualTo("equator: The resource you requested does not exist.");
      assertThat(run("function", "delete", "F").code()).isZero();
      assertThat(run("list").out().strip()).isEqualTo("There are none.");
      assertThat(run("create", "--table", "Nowhere", "--url", "http://x/").err())
          .contains("Requested resource not found: Table: Nowhere not found");
    }
    url = "http://localhost:1";
    assertThat(run("list").err()).contains("does not answer; is it running");
  }

  private static String json(JsonObject object) {
    WireWriter out = new WireWriter();
    object.writeTo(out);
    return out.toString();
  }
}
