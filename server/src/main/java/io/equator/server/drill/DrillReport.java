package io.equator.server.drill;

import io.equator.coordinator.json.WireWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/** A drill's result as JSON, and as one page of HTML with charts that loads nothing. */
final class DrillReport {
  private static final List<String> COLOURS =
      List.of(
          "#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#7f7f7f");

  private static final int WIDTH = 860;
  private static final int HEIGHT = 220;
  private static final int LEFT = 60;
  private static final int BOTTOM = 26;

  private DrillReport() {}

  /** The result for programs. */
  static String json(DrillResult result) {
    WireWriter out = new WireWriter();
    out.beginObject();
    out.field("scenario", result.scenario().toString());
    out.field("regions", result.regions());
    out.field("region", result.region());
    out.field("passed", result.passed());
    out.field("faultAtMillis", result.faultAt());
    out.field("healedAtMillis", result.healedAt());
    result.figures().forEach((name, value) -> out.field(name, value.longValue()));
    out.field("bucketMillis", result.bucketMillis());
    series(out, "acknowledgedPerSecond", result.acknowledgedSeries());
    series(out, "failedPerSecond", result.failedSeries());
    series(out, "lagMillis", result.lagSeries());
    out.endObject();
    return out.toString();
  }

  private static void series(WireWriter out, String name, SortedMap<String, double[]> series) {
    out.beginObject(name);
    series.forEach(
        (label, values) -> {
          out.beginArray(label);
          for (double value : values) {
            out.number(value);
          }
          out.endArray();
        });
    out.endObject();
  }

  /** The result for people. */
  static String html(DrillResult result) {
    StringBuilder page = new StringBuilder(1 << 16);
    page.append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Equator drill: ")
        .append(result.scenario())
        .append(
            "</title><style>body{font:15px/1.5 system-ui,sans-serif;margin:2em"
                + " auto;max-width:900px;color:#222}table{border-collapse:collapse}td{padding:.2em"
                + " 1.2em .2em 0}"
                + "td+td{text-align:right;font-variant-numeric:tabular-nums}.good{color:#0a7a2f}.bad{color:#b00020}svg"
                + " text{font:11px system-ui}</style>")
        .append("<h1>Drill: ")
        .append(result.scenario())
        .append("</h1><p>In ")
        .append(escaped(result.region()))
        .append(", of ")
        .append(escaped(String.join(", ", result.regions())))
        .append(": ")
        .append(escaped(result.scenario().words()))
        .append(".</p><p class=\"")
        .append(result.passed() ? "good" : "bad")
        .append("\"><b>")
        .append(
            result.passed()
                ? "Passed: every acknowledged write is there, and all regions are equal."
                : "Failed: see lost and different.")
        .append("</b></p><table>");
    Map<String, String> meanings = meanings();
    result
        .figures()
        .forEach(
            (name, value) ->
                page.append("<tr><td>")
                    .append(escaped(meanings.getOrDefault(name, name)))
                    .append("</td><td>")
                    .append(value)
                    .append("</td></tr>"));
    page.append("</table>");
    chart(page, result, "Acknowledged writes a second", result.acknowledgedSeries());
    chart(page, result, "Failed writes a second", result.failedSeries());
    chart(page, result, "Age of what a region has of another, ms", result.lagSeries());
    return page.append("</html>\n").toString();
  }

  private static Map<String, String> meanings() {
    return Map.of(
        "rtoMillis", "without an acknowledgement after the fault (RTO), ms",
        "acknowledged", "acknowledged writes",
        "failed", "attempts that failed and went to the next region",
        "atRisk", "acknowledged, but in no other region (RPO), writes",
        "atRiskMillis", "age of the oldest of them, ms",
        "lost", "acknowledged writes that are nowhere in the end",
        "convergedMillis", "from the end of the traffic until all regions were equal, ms",
        "different", "items on which regions differ in the end",
        "lagMillisMax", "greatest age of what a region had of another, ms");
  }

  private static void chart(
      StringBuilder page, DrillResult result, String title, SortedMap<String, double[]> series) {
    double most = 1;
    int buckets = 1;
    for (double[] values : series.values()) {
      buckets = Math.max(buckets, values.length);
      for (double value : values) {
        most = Math.max(most, value);
      }
    }
    page.append("<h2>").append(escaped(title)).append("</h2>");
    page.append(
        String.format(
            Locale.ROOT,
            "<svg viewBox=\"0 0 %d %d\" width=\"100%%\" role=\"img\" aria-label=\"%s\">",
            WIDTH,
            HEIGHT + BOTTOM,
            escaped(title)));
    double seconds = buckets * result.bucketMillis() / 1000.0;
    mark(page, result.faultAt() / 1000.0 / seconds, "fault", "#b00020");
    mark(page, result.healedAt() / 1000.0 / seconds, "healed", "#0a7a2f");
    page.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%1$d\" y1=\"%2$d\" x2=\"%3$d\" y2=\"%2$d\" stroke=\"#999\"/>"
                + "<text x=\"4\" y=\"14\">%4$.0f</text><text x=\"4\" y=\"%2$d\">0</text>"
                + "<text x=\"%3$d\" y=\"%5$d\" text-anchor=\"end\">%6$.0f s</text>",
            LEFT,
            HEIGHT,
            WIDTH,
            most,
            HEIGHT + BOTTOM - 8,
            seconds));
    int colour = 0;
    for (var one : series.entrySet()) {
      String paint = COLOURS.get(colour % COLOURS.size());
      page.append("<polyline fill=\"none\" stroke-width=\"1.5\" stroke=\"")
          .append(paint)
          .append("\" points=\"");
      double[] values = one.getValue();
      for (int i = 0; i < values.length; i++) {
        page.append(
            String.format(
                Locale.ROOT,
                "%.1f,%.1f ",
                LEFT + (WIDTH - LEFT) * (double) i / Math.max(1, buckets - 1),
                HEIGHT - (HEIGHT - 16) * values[i] / most));
      }
      page.append("\"/>");
      page.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>",
              LEFT + 10,
              14 + 14 * colour,
              paint,
              escaped(one.getKey())));
      colour++;
    }
    page.append("</svg>");
  }

  private static void mark(StringBuilder page, double share, String word, String colour) {
    double x = LEFT + (WIDTH - LEFT) * share;
    page.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%1$.1f\" y1=\"0\" x2=\"%1$.1f\" y2=\"%2$d\" stroke=\"%3$s\""
                + " stroke-dasharray=\"4 3\"/><text x=\"%1$.1f\" y=\"%4$d\""
                + " fill=\"%3$s\">%5$s</text>",
            x,
            HEIGHT,
            colour,
            HEIGHT + 14,
            word));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
