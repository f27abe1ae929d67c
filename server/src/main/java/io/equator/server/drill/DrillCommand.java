package io.equator.server.drill;

import io.equator.server.HelpOption;
import io.equator.server.OutputFormat;
import io.equator.server.Refusal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code equator drill}: a fault, and what an application sees of it. */
@Command(
    name = "drill",
    sortOptions = false,
    description = {
      "Start a cluster of several regions in this process, send it an application's traffic, break"
          + " something, and measure: time without an answer (RTO), acknowledged writes that nobody"
          + " else had (RPO), errors, lag, and whether all regions are equal in the end.",
      "",
      "Nothing else is touched: the cluster lies in a temporary folder that is gone afterwards."
          + " With --endpoints it is done to regions that run already: the drill makes a table of"
          + " its own there, which must not exist, sends its traffic to the endpoints, runs the two"
          + " commands that it is given and nothing else, and deletes the table.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every acknowledged write is there, and all regions are equal",
      "1:not so, or it could not be done; one sentence says why",
      "2:wrong usage"
    })
public final class DrillCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "SCENARIO",
      description =
          "region-loss, region-isolation, region-return, node-loss, rolling-restart or clock-skew.")
  private String scenario = "";

  @Option(
      names = "--regions",
      split = ",",
      defaultValue = "us-west-2,us-east-1,eu-west-1",
      paramLabel = "REGION",
      description = "The regions; it is done to the first one (default ${DEFAULT-VALUE}).")
  private List<String> regions = List.of();

  @Option(
      names = "--endpoints",
      split = ",",
      paramLabel = "REGION=URL",
      description =
          "Regions that run already, such as us-west-2=http://localhost:8000; it is done to the"
              + " first one. Needs --break and --mend. Signed with AWS_ACCESS_KEY_ID and"
              + " AWS_SECRET_ACCESS_KEY, if set.")
  private List<String> endpoints = List.of();

  @Option(
      names = "--break",
      paramLabel = "COMMAND",
      description = "With --endpoints: breaks the first region; run by sh.")
  private @Nullable String breaks;

  @Option(
      names = "--mend",
      paramLabel = "COMMAND",
      description = "With --endpoints: mends it; run by sh.")
  private @Nullable String mends;

  @Option(
      names = "--table",
      defaultValue = "equator-drill",
      paramLabel = "NAME",
      description = "The table that the drill makes (default ${DEFAULT-VALUE}).")
  private String table = "equator-drill";

  @Option(
      names = "--region-delay",
      defaultValue = "40",
      paramLabel = "MILLIS",
      description = "How long a message takes between regions (default ${DEFAULT-VALUE}).")
  private int delayMillis;

  @Option(
      names = "--quiet",
      defaultValue = "5",
      paramLabel = "SECONDS",
      description = "Time before the fault, and after its end (default ${DEFAULT-VALUE}).")
  private int quietSeconds;

  @Option(
      names = "--fault",
      defaultValue = "10",
      paramLabel = "SECONDS",
      description = "How long the fault lasts (default ${DEFAULT-VALUE}).")
  private int faultSeconds;

  @Option(
      names = "--writers",
      defaultValue = "2",
      paramLabel = "N",
      description = "Writers in each region (default ${DEFAULT-VALUE}).")
  private int writers;

  @Option(
      names = "--rate",
      defaultValue = "20",
      paramLabel = "N",
      description = "Writes a second of each writer (default ${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--skew",
      defaultValue = "400",
      paramLabel = "MILLIS",
      description = "For clock-skew: how far the clock is ahead (default ${DEFAULT-VALUE}).")
  private int skewMillis;

  @Option(
      names = "--report",
      defaultValue = "drill-report",
      paramLabel = "NAME",
      description = "Writes NAME.html and NAME.json (default ${DEFAULT-VALUE}).")
  private Path report = Path.of("drill-report");

  @Option(
      names = "--output",
      defaultValue = "text",
      paramLabel = "FORMAT",
      description = "text or json (default ${DEFAULT-VALUE}).")
  private OutputFormat output = OutputFormat.TEXT;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private final HelpOption help = new HelpOption();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before call().
  private CommandSpec spec;

  @Override
  public Integer call() {
    Scenario chosen = chosen();
    if (quietSeconds < 1 || faultSeconds < 1 || writers < 1 || rate < 1 || delayMillis < 0) {
      throw new Refusal(
          "times, --writers and --rate must be at least 1, --region-delay at least 0.");
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter progress = spec.commandLine().getErr();
    if (endpoints.isEmpty() == (breaks != null || mends != null)
        || (breaks == null) != (mends == null)) {
      throw new Refusal("--endpoints, --break and --mend are given together, or none of them.");
    }
    List<RegionEndpoint> given =
        endpoints.stream().map(text -> GivenEndpoint.of(text, table, System.getenv())).toList();
    Drill.Plan plan =
        new Drill.Plan(
            chosen,
            given.isEmpty() ? regions : given.stream().map(RegionEndpoint::region).toList(),
            table,
            !given.isEmpty(),
            Duration.ofSeconds(quietSeconds),
            Duration.ofSeconds(faultSeconds),
            writers,
            rate,
            Duration.ofMillis(skewMillis));
    DrillResult result;
    try (Ground ground =
        breaks == null || mends == null
            ? new EmbeddedGround(plan, Duration.ofMillis(delayMillis))
            : new GivenGround(given, breaks, mends)) {
      result = new Drill(plan, progress).run(ground);
    }
    Path html = report.resolveSibling(report.getFileName() + ".html");
    Path json = report.resolveSibling(report.getFileName() + ".json");
    try {
      Files.writeString(html, DrillReport.html(result));
      Files.writeString(json, DrillReport.json(result) + "\n");
    } catch (IOException e) {
      throw new Refusal("the report cannot be written: " + e.getMessage() + ".", e);
    }
    if (output == OutputFormat.JSON) {
      out.println(DrillReport.json(result));
    } else {
      out.println(result.scenario() + " in " + result.region());
      result
          .figures()
          .forEach(
              (name, value) ->
                  out.println(String.format(Locale.ROOT, "  %-18s %8d", name, value.longValue())));
      out.println(result.passed() ? "passed" : "FAILED");
      out.println("report: " + html.toAbsolutePath());
    }
    out.flush();
    return result.passed() ? 0 : 1;
  }

  private Scenario chosen() {
    for (Scenario one : Scenario.values()) {
      if (one.toString().equals(scenario)) {
        return one;
      }
    }
    throw new Refusal(
        "there is no drill '"
            + scenario
            + "'; choose region-loss, region-isolation, region-return, node-loss, rolling-restart"
            + " or clock-skew.");
  }
}
