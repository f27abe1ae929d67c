package io.equator.server.dev;

import io.equator.server.BuildVersion;
import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What {@code equator dev} says when it is ready. */
final class Banner {

  private final boolean colours;

  /** With colours on a terminal, unless {@code NO_COLOR} is set (see no-color.org). */
  Banner(boolean colours) {
    this.colours = colours;
  }

  @SuppressWarnings("SystemConsoleNull") // JDK 25 answers null again where there is no terminal.
  static Banner forThisTerminal() {
    Console console = System.console();
    return new Banner(console != null && console.isTerminal() && System.getenv("NO_COLOR") == null);
  }

  /**
   * One region.
   *
   * @param url the endpoint
   * @param metrics where metrics are, if they are served
   */
  record Region(String url, Optional<String> metrics, String name) {}

  /**
   * @param regions at least one
   * @param data where the data is, in words
   * @param shape how many nodes and partitions, in words
   * @param ready from the start of the process to the first answered request
   */
  void print(PrintWriter out, List<Region> regions, String data, String shape, Duration ready) {
    Region first = regions.getFirst();
    String secure = first.url.startsWith("https:") ? " --no-verify-ssl" : "";
    out.println();
    out.println(
        "  " + bold("Equator " + BuildVersion.text()) + dim("  the DynamoDB API, in one process"));
    out.println();
    if (regions.size() == 1) {
      line(out, "endpoint", bold(first.url));
      first.metrics.ifPresent(at -> line(out, "metrics", at));
      line(out, "region", first.name);
    } else {
      for (Region region : regions) {
        line(out, "endpoint", bold(region.url) + "  " + region.name);
        region.metrics.ifPresent(at -> line(out, "metrics", at));
      }
    }
    line(out, "data", data);
    line(out, "cluster", shape);
    line(out, "security", "any credentials are accepted; for development only");
    line(
        out,
        "try",
        bold(
            "aws dynamodb list-tables --endpoint-url "
                + first.url
                + " --region "
                + first.name
                + secure));
    out.println();
    out.println(
        "  "
            + String.format(Locale.ROOT, "Ready: ListTables answered %.2f s", ready.toNanos() / 1e9)
            + " after the start. Ctrl-C stops."
            + "\n");
    out.flush();
  }

  private void line(PrintWriter out, String name, String value) {
    out.println("  " + dim(String.format(Locale.ROOT, "%-10s", name)) + value);
  }

  private String bold(String text) {
    return colours ? "\u001b[1m" + text + "\u001b[0m" : text;
  }

  private String dim(String text) {
    return colours ? "\u001b[2m" + text + "\u001b[0m" : text;
  }
}
