package io.equator.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The dashboard and the alerts beside the metrics that there are. {@link ObservedClusterTest} looks
 * for their names in a scrape.
 */
class DashboardTest {
  private static final Path DASHBOARD = Path.of("../deploy/grafana/equator.json");
  private static final Path ALERTS = Path.of("../deploy/grafana/alerts.yml");

  /** Not drawn, because others say it better: begun terms are counted. */
  private static final Set<Metric> NOT_DRAWN = EnumSet.of(Metric.PARTITION_TERM);

  /** What Prometheus and its histograms add, and the labels of the JVM's metrics. */
  private static final Set<String> LABELS_OF_ALL = Set.of("instance", "job", "le", "area");

  private static final Pattern SELECTOR =
      Pattern.compile("\\b(equator_[a-z_]+)\\b(?:\\{([^}]*)\\})?");
  private static final Pattern MATCHER = Pattern.compile("([a-z_]+)\\s*(?:=~|!~|!=|=)\\s*\"");
  private static final Pattern BY = Pattern.compile("\\bby \\(([^)]*)\\)");
  private static final Pattern LEGEND = Pattern.compile("\\{\\{([a-z_]+)\\}\\}");
  private static final Pattern ALERT_LABEL = Pattern.compile("\\$labels\\.([a-z_]+)");

  /** Every value of a file of JSON by its pointer, {@code /panels/3/title}. */
  private static Map<String, String> values(Path file) throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(file.toFile())) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isScalarValue()) {
          values.put(parser.getParsingContext().pathAsPointer().toString(), parser.getText());
        }
      }
    }
    return values;
  }

  /**
   * A panel, or the head of a row of them.
   *
   * @param queries what it draws, with the legend
   */
  private record Panel(
      String id,
      String type,
      String title,
      String description,
      int[] place,
      Map<String, String> queries) {}

  private static List<Panel> panels() throws IOException {
    Map<String, String> values = values(DASHBOARD);
    List<Panel> panels = new ArrayList<>();
    for (int i = 0; values.containsKey("/panels/" + i + "/id"); i++) {
      String panel = "/panels/" + i;
      Map<String, String> queries = new LinkedHashMap<>();
      for (int j = 0; values.containsKey(panel + "/targets/" + j + "/expr"); j++) {
        String target = panel + "/targets/" + j;
        queries.put(values.get(target + "/expr"), values.get(target + "/legendFormat"));
      }
      panels.add(
          new Panel(
              values.get(panel + "/id"),
              values.get(panel + "/type"),
              values.get(panel + "/title"),
              values.getOrDefault(panel + "/description", ""),
              Stream.of("x", "y", "w", "h")
                  .mapToInt(side -> Integer.parseInt(values.get(panel + "/gridPos/" + side)))
                  .toArray(),
              queries));
    }
    return panels;
  }

  private static List<String> queries() throws IOException {
    return panels().stream().flatMap(panel -> panel.queries().keySet().stream()).toList();
  }

  /**
   * One rule.
   *
   * @param text all of it
   */
  private record Alert(String name, String query, String text) {}

  private static List<Alert> alerts() throws IOException {
    List<Alert> alerts = new ArrayList<>();
    String[] parts = Files.readString(ALERTS).split("(?m)^ *- alert: ", -1);
    for (String part : Arrays.asList(parts).subList(1, parts.length)) {
      Matcher query =
          Pattern.compile("expr: >-\\n(.*?)\\n {8}(?:for|labels):", Pattern.DOTALL).matcher(part);
      assertThat(query.find()).as(part).isTrue();
      alerts.add(new Alert(part.lines().findFirst().orElseThrow(), query.group(1), part));
    }
    return alerts;
  }

  /** Of our metrics the one with this name, or the histogram that a series belongs to. */
  private static Optional<Metric> metric(String series) {
    return Stream.of(Metric.values())
        .filter(
            metric ->
                series.equals(metric.exposedName())
                    || metric.kind() == Metric.Kind.HISTOGRAM
                        && series.matches(metric.exposedName() + "_(bucket|count|sum)"))
        .findFirst();
  }

  private static Set<Metric> metrics(List<String> queries) {
    Set<Metric> asked = EnumSet.noneOf(Metric.class);
    for (String query : queries) {
      Matcher selector = SELECTOR.matcher(query);
      while (selector.find()) {
        String series = selector.group(1);
        Optional<Metric> metric = metric(series);
        assertThat(metric).as(series).isPresent();
        asked.add(metric.orElseThrow());
      }
    }
    return asked;
  }

  private static List<String> split(String labels) {
    return Arrays.stream(labels.split(",")).map(String::strip).toList();
  }

  /** The labels that the series of a query can have, all of them together. */
  private static Set<String> labels(String query) {
    Set<String> labels = new TreeSet<>(LABELS_OF_ALL);
    metrics(List.of(query)).forEach(metric -> labels.addAll(metric.labels()));
    return labels;
  }

  /** The labels that are left for a legend or a sentence. */
  private static Set<String> labelsLeft(String query) {
    Matcher by = BY.matcher(query);
    Set<String> left = new TreeSet<>();
    boolean grouped = false;
    while (by.find()) {
      grouped = true;
      left.addAll(split(by.group(1)));
    }
    return grouped ? left : labels(query);
  }

  private static void asksForLabelsThatExist(String query) {
    Matcher selector = SELECTOR.matcher(query);
    while (selector.find()) {
      Set<String> known = new TreeSet<>(LABELS_OF_ALL);
      known.addAll(metric(selector.group(1)).orElseThrow().labels());
      Matcher matcher = MATCHER.matcher(Optional.ofNullable(selector.group(2)).orElse(""));
      while (matcher.find()) {
        assertThat(known).as(query).contains(matcher.group(1));
      }
    }
    Matcher by = BY.matcher(query);
    while (by.find()) {
      assertThat(labels(query)).as(query).containsAll(split(by.group(1)));
    }
  }

  @Test
  void everyMetricIsOnTheDashboardOrLeftOutOnPurpose() throws Exception {
    Set<Metric> drawn = metrics(queries());
    assertThat(drawn).doesNotContainAnyElementsOf(NOT_DRAWN);
    drawn.addAll(NOT_DRAWN);
    assertThat(drawn).containsExactlyInAnyOrder(Metric.values());
  }

  @Test
  void queriesAskForLabelsThatTheirMetricsHave() throws Exception {
    queries().forEach(DashboardTest::asksForLabelsThatExist);
    alerts().forEach(alert -> asksForLabelsThatExist(alert.query()));
  }

  @Test
  void legendsNameLabelsThatAreLeft() throws Exception {
    for (Panel panel : panels()) {
      panel
          .queries()
          .forEach(
              (query, legend) -> {
                Matcher label = LEGEND.matcher(legend);
                while (label.find()) {
                  assertThat(labelsLeft(query)).as(panel.title()).contains(label.group(1));
                }
              });
    }
  }

  @Test
  void sentencesOfAlertsNameLabelsThatAreLeft() throws Exception {
    for (Alert alert : alerts()) {
      Matcher label = ALERT_LABEL.matcher(alert.text());
      while (label.find()) {
        assertThat(labelsLeft(alert.query())).as(alert.name()).contains(label.group(1));
      }
    }
  }

  @Test
  void everyPanelLooksAtTheChosenProcessesAndSaysWhatItShows() throws Exception {
    for (Panel panel : panels()) {
      if (!panel.type().equals("row")) {
        assertThat(panel.description()).as(panel.title()).endsWith(".");
        assertThat(panel.queries()).as(panel.title()).isNotEmpty();
        assertThat(panel.queries().keySet())
            .as(panel.title())
            .allSatisfy(query -> assertThat(query).contains("instance=~\"$instance\""));
      }
    }
  }

  @Test
  void noTwoPanelsShareANumberOrAPlace() throws Exception {
    List<Panel> panels = panels();
    assertThat(panels).extracting(Panel::id).doesNotHaveDuplicates();
    Set<List<Integer>> taken = new HashSet<>();
    for (Panel panel : panels) {
      int[] place = panel.place();
      assertThat(place[0] + place[2]).as(panel.title()).isLessThanOrEqualTo(24);
      for (int x = place[0]; x < place[0] + place[2]; x++) {
        for (int y = place[1]; y < place[1] + place[3]; y++) {
          assertThat(taken.add(List.of(x, y))).as(panel.title()).isTrue();
        }
      }
    }
  }

  @Test
  void everyAlertHasANameOfItsOwnAndSaysHowUrgentItIs() throws Exception {
    List<Alert> alerts = alerts();
    assertThat(alerts).extracting(Alert::name).doesNotHaveDuplicates().hasSizeGreaterThan(20);
    for (Alert alert : alerts) {
      assertThat(alert.name()).matches("Equator[A-Za-z]+");
      assertThat(alert.text())
          .as(alert.name())
          .containsPattern("severity: (page|ticket)\\n")
          .contains("summary: '", "description: >-\n");
    }
  }

  @Test
  void theDocumentationNamesAlertsThatExist() throws Exception {
    Set<String> names = new TreeSet<>();
    alerts().forEach(alert -> names.add(alert.name()));
    Matcher named =
        Pattern.compile("`(Equator[A-Z][A-Za-z]+)`")
            .matcher(Files.readString(Path.of("../docs/operations.md")));
    int found = 0;
    while (named.find()) {
      assertThat(names).contains(named.group(1));
      found++;
    }
    assertThat(found).isGreaterThan(3);
  }
}
