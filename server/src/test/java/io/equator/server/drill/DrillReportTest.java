package io.equator.server.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.server.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** A report says what was measured, and loads nothing. */
class DrillReportTest {
  private static DrillResult result(long lost) {
    TreeMap<String, double[]> series = new TreeMap<>();
    series.put("us-west-2 \u2192 <us-east-1>", new double[] {1, 20.5, 3});
    return new DrillResult(
        Scenario.REGION_LOSS,
        List.of("us-west-2", "us-east-1"),
        "us-west-2",
        500,
        1000,
        1234,
        900,
        17,
        3,
        250,
        lost,
        4321,
        0,
        20.5,
        500,
        series,
        series,
        series);
  }

  @Test
  void thePageHasItsChartsInItself() {
    String page = DrillReport.html(result(0));
    assertThat(page)
        .contains("<svg", "<polyline", "1234", "Passed")
        .doesNotContain("://", "<script");
    assertThat(page).contains("&lt;us-east-1&gt;").doesNotContain("<us-east-1>");
  }

  @Test
  void aLostWriteFailsTheDrill() {
    assertThat(DrillReport.html(result(1))).contains("Failed");
    assertThat(DrillReport.json(result(1))).contains("\"passed\":false", "\"lost\":1");
    assertThat(DrillReport.json(result(0))).contains("\"passed\":true", "\"rtoMillis\":1234");
  }

  @Test
  void anUnknownDrillIsRefusedInOneSentence() {
    StringWriter err = new StringWriter();
    CommandLine command = Main.commandLine().setErr(new PrintWriter(err, true));
    assertThat(command.execute("drill", "earthquake")).isEqualTo(1);
    assertThat(err.toString()).contains("there is no drill 'earthquake'; choose region-loss");
  }
}
