package io.equator.server.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.server.Main;
import io.equator.server.Refusal;
import io.equator.server.dev.DevOptions;
import io.equator.server.dev.EmbeddedCluster;
import io.equator.server.dev.EmbeddedRegions;
import io.equator.server.observe.ObserveOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drills done to regions that run already: what they touch, and what they leave. */
class GivenDrillIT {
  private static final List<String> REGIONS = List.of("us-west-2", "us-east-1");

  @TempDir private Path temporary;

  private record Ran(int exitCode, String output) {}

  private Ran drill(String endpoints, String breaks, String mends) {
    StringWriter output = new StringWriter();
    PrintWriter printer = new PrintWriter(output);
    int exitCode =
        Main.commandLine()
            .setOut(printer)
            .setErr(printer)
            .execute(
                "drill",
                "region-isolation",
                "--endpoints",
                endpoints,
                "--break",
                breaks,
                "--mend",
                mends,
                "--quiet",
                "1",
                "--fault",
                "1",
                "--report",
                temporary.resolve("report").toString());
    return new Ran(exitCode, output.toString());
  }

  @Test
  void aDrillRunsWhatItIsToldAndLeavesNothing() throws IOException {
    try (EmbeddedRegions regions =
        EmbeddedRegions.startKept(
            new DevOptions(
                "localhost",
                0,
                Optional.empty(),
                OptionalInt.of(1),
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty()),
            ObserveOptions.NONE,
            REGIONS,
            Duration.ZERO)) {
      String endpoints =
          regions.running().stream()
              .map(cluster -> cluster.region() + "=" + cluster.url())
              .collect(Collectors.joining(","));
      Path broken = temporary.resolve("broken");
      Path mended = temporary.resolve("mended");

      Ran done = drill(endpoints, "touch " + broken, "test -e " + broken + " && touch " + mended);
      assertThat(done.output()).contains("passed", "the table is gone");
      assertThat(done.exitCode()).isZero();
      assertThat(mended).exists();
      for (EmbeddedCluster cluster : regions.running()) {
        assertThat(tables(cluster)).isEqualTo("{\"TableNames\":[]}");
      }

      // What cannot be broken is mended all the same, and the table goes.
      Ran failed = drill(endpoints, "exit 3", "rm " + broken);
      assertThat(failed.exitCode()).isEqualTo(1);
      assertThat(failed.output()).contains("--break ended with 3", "the table is gone");
      assertThat(broken).doesNotExist();

      // A table that is there is not the drill's.
      RegionEndpoint first = endpoint(regions.running().getFirst());
      var _ =
          first.ask(
              "CreateTable",
              """
              {"TableName": "equator-drill", "BillingMode": "PAY_PER_REQUEST",
               "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
               "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}\
              """);
      Ran refused = drill(endpoints, "touch " + broken, "true");
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.output()).contains("ResourceInUseException");
      assertThat(broken).doesNotExist();
      assertThat(tables(regions.running().getFirst())).contains("equator-drill");

      // Endpoints that are named wrongly are noticed before anything is broken.
      Ran misnamed =
          drill("us-west-2=" + regions.running().getLast().url(), "touch " + broken, "true");
      assertThat(misnamed.output()).contains("is of another region", "the table is gone");
      assertThat(broken).doesNotExist();
    }
  }

  private static RegionEndpoint endpoint(EmbeddedCluster cluster) {
    return new RegionEndpoint(cluster.region(), cluster.address(), "equator-drill");
  }

  private static String tables(EmbeddedCluster cluster) throws IOException {
    return endpoint(cluster).ask("ListTables", "{}");
  }

  @Test
  void endpointsAndCommandsBelongTogether() {
    assertThat(drill("here", "true", "true").output())
        .contains("--endpoints takes REGION=http://host:port, had 'here'");
    StringWriter output = new StringWriter();
    PrintWriter printer = new PrintWriter(output);
    int exitCode =
        Main.commandLine()
            .setOut(printer)
            .setErr(printer)
            .execute("drill", "node-loss", "--break", "true");
    assertThat(exitCode).isEqualTo(1);
    assertThat(output.toString()).contains("are given together, or none of them");
    assertThatThrownBy(() -> GivenEndpoint.of("a=https://b", "t", Map.of()))
        .isInstanceOf(Refusal.class);
  }
}
