package io.equator.server.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.server.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The load command against an endpoint that only pretends: what it sends and what it reports. */
class LoadCommandTest {

  @Test
  void aClosedLoopReportsEveryAnswer() throws Exception {
    try (FakeEndpoint endpoint = FakeEndpoint.start()) {
      Run run =
          run(
              "load",
              "a",
              "--endpoint-url",
              endpoint.url(),
              "--records",
              "100",
              "--warmup",
              "0",
              "--duration",
              "1",
              "--connections",
              "4",
              "--output",
              "json");

      assertThat(run.exitCode).as(run.err).isZero();
      assertThat(number(run.out, "operationsPerSecond")).isGreaterThan(10);
      assertThat(run.out).contains("\"read\"").contains("\"update\"").contains("\"errors\" : { }");
      assertThat(endpoint.count("CreateTable")).isEqualTo(1);
      assertThat(endpoint.count("BatchWriteItem")).isEqualTo(4);
      assertThat(endpoint.count("DeleteTable")).isEqualTo(1);
      assertThat(endpoint.count("GetItem")).isPositive();
      assertThat(endpoint.count("UpdateItem")).isPositive();
    }
  }

  @Test
  void transactionsGoToATableWithIndexesAndAStream() throws Exception {
    try (FakeEndpoint endpoint = FakeEndpoint.start()) {
      Run run =
          run(
              "load",
              "transact",
              "--endpoint-url",
              endpoint.url(),
              "--records",
              "100",
              "--batch-size",
              "4",
              "--indexes",
              "2",
              "--stream",
              "--warmup",
              "0",
              "--duration",
              "1",
              "--connections",
              "2",
              "--output",
              "json");

      assertThat(run.exitCode).as(run.err).isZero();
      assertThat(endpoint.count("TransactWriteItems")).isPositive();
      assertThat(endpoint.last("TransactWriteItems"))
          .startsWith("{\"TransactItems\":[")
          .satisfies(body -> assertThat(body.split("\"Put\":", -1)).hasSize(1 + 4));
      assertThat(endpoint.last("CreateTable"))
          .contains(
              "\"IndexName\":\"index0\"", "\"IndexName\":\"index1\"", "\"StreamEnabled\":true");
    }
  }

  @Test
  void moreIndexesThanAttributesAreRefused() throws Exception {
    try (FakeEndpoint endpoint = FakeEndpoint.start()) {
      Run run =
          run(
              "load",
              "put",
              "--endpoint-url",
              endpoint.url(),
              "--attributes",
              "3",
              "--indexes",
              "4");
      assertThat(run.exitCode).isEqualTo(1);
      assertThat(run.err)
          .contains("--indexes must be 0 to 20, and no more than there are attributes");
    }
  }

  /** The defining test: a server that stalls must show in the percentiles of a fixed rate. */
  @Test
  void aStallOfTheServerShowsInTheLatenciesOfAFixedRate() throws Exception {
    try (FakeEndpoint endpoint = FakeEndpoint.start()) {
      endpoint.stallOnce("GetItem", 200, 600);
      Run run =
          run(
              "load",
              "c",
              "--endpoint-url",
              endpoint.url(),
              "--records",
              "100",
              "--warmup",
              "0",
              "--duration",
              "2",
              "--connections",
              "1",
              "--rate",
              "500",
              "--output",
              "json");

      assertThat(run.exitCode).as(run.err).isZero();
      // 600 of 2,000 ms: about three in ten operations were due in the stall and waited for its
      // end.
      assertThat(number(run.out.substring(run.out.indexOf("\"all\"")), "p90"))
          .isGreaterThan(200_000);
      // Sent or not, all 2 s times 500/s that were due are accounted for.
      assertThat(run.out).containsPattern("\"all\" : \\{\\s+\"count\" : (999|1000),");
    }
  }

  @Test
  void errorsAreCountedAndEndInExitCodeOne() throws Exception {
    try (FakeEndpoint endpoint = FakeEndpoint.start()) {
      endpoint.refuse("Query", "ThrottlingException");
      Run run =
          run(
              "load",
              "query",
              "--endpoint-url",
              endpoint.url(),
              "--records",
              "100",
              "--warmup",
              "0",
              "--duration",
              "1",
              "--connections",
              "2");

      assertThat(run.exitCode).isEqualTo(1);
      assertThat(run.out).contains("ERROR ThrottlingException, ");
    }
  }

  @Test
  void aTableThatExistsIsNotTouched() throws Exception {
    try (FakeEndpoint endpoint = FakeEndpoint.start()) {
      endpoint.createTable("equator-load");
      Run run = run("load", "c", "--endpoint-url", endpoint.url());

      assertThat(run.exitCode).isEqualTo(1);
      assertThat(run.err)
          .isEqualTo(
              "equator: the table equator-load exists; use it as it is with --reuse, name another"
                  + " with --table, or delete it.\n");
      assertThat(endpoint.count("DeleteTable")).isZero();
    }
  }

  @Test
  void anEndpointThatIsNotThereIsOneSentence() {
    Run run = run("load", "c", "--endpoint-url", "http://localhost:1");

    assertThat(run.exitCode).isEqualTo(1);
    assertThat(run.err)
        .startsWith("equator: nobody answers DescribeTable at http://localhost:1")
        .doesNotContain("\tat ");
  }

  @Test
  void aWrongOptionIsOneSentence() {
    Run run = run("load", "c", "--records", "3");

    assertThat(run.exitCode).isEqualTo(1);
    assertThat(run.err).isEqualTo("equator: --records must be 100 to 500000000000, was 3.\n");
  }

  private static double number(String json, String name) {
    Matcher matcher = Pattern.compile('"' + name + "\" : ([0-9.E]+)").matcher(json);
    assertThat(matcher.find()).as(name + " in " + json).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  private record Run(int exitCode, String out, String err) {}

  private static Run run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int exitCode = command.execute(arguments);
    return new Run(exitCode, out.toString(), err.toString());
  }
}
