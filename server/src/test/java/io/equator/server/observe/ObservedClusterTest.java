package io.equator.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.server.HttpCall;
import io.equator.server.SigV4;
import io.equator.server.dev.DevOptions;
import io.equator.server.dev.EmbeddedCluster;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A scrape of a running cluster after known traffic. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ObservedClusterTest {

  private static final Duration WITHIN = Duration.ofSeconds(30);

  private final HttpClient http = HttpClient.newHttpClient();
  private final EmbeddedCluster cluster =
      EmbeddedCluster.start(
          DevOptions.inMemory(1),
          ObserveOptions.NONE
              .withAdmin(new InetSocketAddress("localhost", 0))
              .withTableLabelsMax(2));
  private final HttpCall api =
      new HttpCall(
          Socket::new,
          cluster.address(),
          SigV4.unsigned(cluster.region(), InstantSource.system()),
          WITHIN);

  @BeforeAll
  void traffic() throws IOException {
    for (String table : new String[] {"one", "two", "three"}) {
      api.post(
          "CreateTable",
          """
          {"TableName": "%s", "BillingMode": "PAY_PER_REQUEST",
           "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
           "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}]}
          """
              .formatted(table));
      awaitActive(table);
    }
    for (int i = 0; i < 7; i++) {
      ok("PutItem", "{\"TableName\": \"one\", \"Item\": {\"p\": {\"S\": \"" + i + "\"}}}");
    }
    for (int i = 0; i < 5; i++) {
      ok("GetItem", "{\"TableName\": \"one\", \"Key\": {\"p\": {\"S\": \"1\"}}}");
    }
    ok("GetItem", "{\"TableName\": \"three\", \"Key\": {\"p\": {\"S\": \"1\"}}}");
    bad("GetItem", "{\"TableName\": \"one\", \"Key\": {\"q\": {\"S\": \"1\"}}}");
    bad("GetItem", "{\"TableName\": \"no-such-table\", \"Key\": {\"p\": {\"S\": \"1\"}}}");
    bad(
        "PutItem",
        """
        {"TableName": "one", "Item": {"p": {"S": "1"}},
         "ConditionExpression": "attribute_not_exists(p)"}
        """);
    ok(
        "BatchGetItem",
        """
        {"RequestItems": {"one": {"Keys": [{"p": {"S": "1"}}]},
                          "two": {"Keys": [{"p": {"S": "1"}}]}}}
        """);
    bad("NoSuchOperation", "{}");
    ok(
        "TransactWriteItems",
        """
        {"TransactItems": [{"Put": {"TableName": "two", "Item": {"p": {"S": "t"}}}},
                           {"Put": {"TableName": "two", "Item": {"p": {"S": "u"}}}}]}
        """);
    ok(
        "UpdateTable",
        """
        {"TableName": "two",
         "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"},
                                  {"AttributeName": "g", "AttributeType": "S"}],
         "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "by-g",
           "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
           "Projection": {"ProjectionType": "ALL"}}}]}
        """);
    awaitIndexActive("two");
    ok(
        "PutItem",
        "{\"TableName\": \"two\", \"Item\": {\"p\": {\"S\": \"t\"}, \"g\": {\"S\": \"x\"}}}");
  }

  private void awaitIndexActive(String table) throws IOException {
    long deadline = System.nanoTime() + WITHIN.toNanos();
    while (!api.post("DescribeTable", "{\"TableName\": \"" + table + "\"}")
        .body()
        .contains("\"IndexStatus\":\"ACTIVE\"")) {
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
  }

  private void awaitActive(String table) throws IOException {
    long deadline = System.nanoTime() + WITHIN.toNanos();
    while (!api.post("DescribeTable", "{\"TableName\": \"" + table + "\"}")
        .body()
        .contains("\"TableStatus\":\"ACTIVE\"")) {
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
  }

  private void ok(String operation, String body) throws IOException {
    assertThat(api.post(operation, body).status()).isEqualTo(200);
  }

  private void bad(String operation, String body) throws IOException {
    assertThat(api.post(operation, body).status()).isEqualTo(400);
  }

  @AfterAll
  void close() {
    http.close();
    cluster.close();
  }

  private String get(String path) throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(
                    URI.create(
                        "http://localhost:"
                            + cluster.adminAddress().orElseThrow().getPort()
                            + path))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return answer.statusCode() == 200 ? answer.body() : answer.statusCode() + answer.body();
  }

  private Scrape scrape() throws Exception {
    return Scrape.of(get("/metrics"));
  }

  @Test
  void requestsAreCountedExactly() throws Exception {
    assertThat(scrape().series("equator_requests_total"))
        .contains(
            "operation=PutItem,table=one,outcome=success,code= 7",
            "operation=PutItem,table=one,outcome=user_error,code=ConditionalCheckFailedException 1",
            "operation=GetItem,table=one,outcome=success,code= 5",
            "operation=GetItem,table=one,outcome=user_error,code=ValidationException 1",
            "operation=GetItem,table=_other,outcome=success,code= 1",
            "operation=GetItem,table=_other,outcome=user_error,code=ResourceNotFoundException 1",
            "operation=BatchGetItem,table=_several,outcome=success,code= 1",
            "operation=_unknown,table=_none,outcome=user_error,code=UnknownOperationException 1");
    assertThat(scrape().value("equator_request_duration_seconds_count", "operation=BatchGetItem"))
        .isEqualTo(1);
  }

  @Test
  void theEdgeIsThere() throws Exception {
    Scrape scrape = scrape();
    assertThat(scrape.value("equator_tables", "")).isEqualTo(3);
    assertThat(scrape.value("equator_requests_in_flight", "")).isZero();
    assertThat(scrape.value("equator_http_received_bytes_total", "")).isGreaterThan(1000);
    assertThat(scrape.value("equator_http_sent_bytes_total", "")).isGreaterThan(1000);
  }

  @Test
  void aPartitionTellsOfItsData() throws Exception {
    Scrape scrape = scrape();
    String partition = "node=node-1,partition=1";
    assertThat(scrape.value("equator_partition_leader", partition)).isEqualTo(1);
    assertThat(scrape.value("equator_partition_running", partition)).isEqualTo(1);
    assertThat(scrape.value("equator_partition_epoch", partition)).isEqualTo(1);
    // 7 of table one, 2 of table two; the transaction has left no row of its own.
    assertThat(scrape.value("equator_partition_items", partition)).isEqualTo(9);
    assertThat(scrape.value("equator_partition_size_bytes", partition)).isEqualTo(9 * 2 + 2);
    assertThat(scrape.value("equator_partition_index_size_bytes", partition)).isPositive();
    assertThat(scrape.value("equator_partition_locks", partition)).isZero();
    assertThat(scrape.value("equator_partition_pending_writes", partition)).isZero();
    assertThat(scrape.value("equator_partition_entries_in_flight", partition)).isZero();
    assertThat(scrape.value("equator_partition_applied_index", partition))
        .isEqualTo(scrape.value("equator_partition_committed_index", partition))
        .isPositive();
    assertThat(scrape.value("equator_raft_elections_won_total", partition)).isEqualTo(1);
    assertThat(scrape.value("equator_raft_leader_changes_total", partition)).isZero();
  }

  @Test
  void readsAndWritesOfAPartitionAreCounted() throws Exception {
    String partition = "node=node-1,partition=1";
    Scrape before = scrape();
    for (int i = 0; i < 3; i++) {
      ok("GetItem", "{\"TableName\": \"two\", \"Key\": {\"p\": {\"S\": \"1\"}}}");
    }
    ok("Scan", "{\"TableName\": \"one\"}");
    ok("PutItem", "{\"TableName\": \"two\", \"Item\": {\"p\": {\"S\": \"1\"}}}");
    ok("DeleteItem", "{\"TableName\": \"two\", \"Key\": {\"p\": {\"S\": \"1\"}}}");
    Scrape after = scrape();
    for (String[] expected :
        new String[][] {
          {"equator_partition_reads_total", "10"}, {"equator_partition_writes_total", "2"}
        }) {
      assertThat(after.value(expected[0], partition) - before.value(expected[0], partition))
          .as(expected[0])
          .isEqualTo(Double.parseDouble(expected[1]));
    }
    String gets = "node=node-1,method=Get";
    assertThat(
            after.value("equator_node_call_duration_seconds_count", gets)
                - before.value("equator_node_call_duration_seconds_count", gets))
        .isEqualTo(3);
    assertThat(heatAbove(0)).isTrue();
  }

  /** The rates are looked at twice a second. */
  private boolean heatAbove(double least) throws Exception {
    long deadline = System.nanoTime() + WITHIN.toNanos();
    while (System.nanoTime() < deadline) {
      if (scrape().sum("equator_partition_heat_reads_per_second") > least) {
        return true;
      }
    }
    return false;
  }

  @Test
  void aGlobalIndexCatchesUp() throws Exception {
    String index = "node=node-1,table=two,index=by-g";
    long deadline = System.nanoTime() + WITHIN.toNanos();
    while (scrape().value("equator_global_index_backlog_entries", index) > 0) {
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
    assertThat(scrape().value("equator_global_index_lag_seconds", index)).isZero();
  }

  @Test
  void theStoreIsThere() throws Exception {
    Scrape scrape = scrape();
    assertThat(scrape.sum("equator_store_memory_table_bytes")).isPositive();
    assertThat(scrape.value("equator_store_block_cache_max_bytes", "node=node-1"))
        .isGreaterThan(1 << 20);
    assertThat(scrape.value("equator_store_writes_stopped", "node=node-1")).isZero();
    assertThat(scrape.value("equator_store_stalls_total", "node=node-1")).isZero();
    assertThat(scrape.value("equator_clock_ahead_seconds", "node=node-1")).isLessThan(1);
  }

  @Test
  void everyMetricIsInTheScrape() throws Exception {
    Scrape scrape = scrape();
    for (Metric metric : Metric.values()) {
      // Of one node nobody else can be behind, and one region sends to nobody.
      // In one process nobody shows a certificate.
      if (metric != Metric.PARTITION_BEHIND
          && metric != Metric.CERTIFICATE_LEFT
          && !ofSeveralRegions(metric)) {
        String name =
            metric.exposedName() + (metric.kind() == Metric.Kind.HISTOGRAM ? "_bucket" : "");
        assertThat(scrape.names()).contains(name);
      }
    }
  }

  private static boolean ofSeveralRegions(Metric metric) {
    return metric.name().startsWith("REPLICATION_") || metric.name().startsWith("REGIONS_");
  }

  @Test
  void dashboardAndAlertsNameMetricsThatExist() throws Exception {
    Set<String> names = scrape().names();
    for (String file : new String[] {"equator.json", "alerts.yml"}) {
      Matcher named =
          Pattern.compile("\\b(equator|jvm|process|system_cpu)_[a-z_]+\\b")
              .matcher(Files.readString(Path.of("../deploy/grafana", file)));
      Set<String> asked = new TreeSet<>();
      while (named.find()) {
        asked.add(named.group());
      }
      assertThat(asked).as(file).hasSizeGreaterThan(5);
      // Of one node nobody else can be behind; the collector may not have paused yet.
      asked.removeAll(
          Set.of(
              Metric.PARTITION_BEHIND.exposedName(),
              Metric.CERTIFICATE_LEFT.exposedName(),
              "jvm_gc_pause_seconds_max"));
      Stream.of(Metric.values())
          .filter(ObservedClusterTest::ofSeveralRegions)
          .forEach(metric -> asked.remove(metric.exposedName()));
      assertThat(names).as(file).containsAll(asked);
    }
  }

  @Test
  void theDocumentationHasEveryMetricAndNoOther() throws Exception {
    String text = Files.readString(Path.of("../docs/operations.md"));
    Matcher rows =
        Pattern.compile("^\\| `(equator_[a-z_]+)` \\| ([a-z]+) \\| ([^|]*) \\|", Pattern.MULTILINE)
            .matcher(text);
    List<String> documented = new ArrayList<>();
    while (rows.find()) {
      documented.add(
          rows.group(1) + " " + rows.group(2) + " " + rows.group(3).replace("`", "").strip());
    }
    List<String> ours = new ArrayList<>();
    for (Metric metric : Metric.values()) {
      ours.add(
          (metric.exposedName()
              + " "
              + metric.kind().name().toLowerCase(Locale.ROOT)
              + " "
              + String.join(", ", metric.labels())));
    }
    assertThat(documented).containsExactlyElementsOf(ours);
  }

  @Test
  void theClusterIsReadyAndLives() throws Exception {
    for (String probe : new String[] {"/readyz", "/livez", "/startupz"}) {
      assertThat(get(probe)).as(probe).isEqualTo("{\"status\":\"ok\"}\n");
    }
  }
}
