package io.equator.server.observe;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Prometheus's text format, read for tests. */
final class Scrape {

  private static final Pattern LINE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)\\})? ([^ ]+)");
  private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\",?");

  private final Map<String, List<String>> series = new TreeMap<>();
  private final Map<String, Double> values = new TreeMap<>();

  private Scrape() {}

  static Scrape of(String text) {
    Scrape scrape = new Scrape();
    for (String line : text.split("\n")) {
      if (!line.startsWith("#") && !line.isEmpty()) {
        Matcher parts = LINE.matcher(line);
        if (!parts.matches()) {
          throw new IllegalArgumentException("not a line of a scrape: " + line);
        }
        scrape.add(parts.group(1), parts.group(2), Double.parseDouble(parts.group(3)));
      }
    }
    return scrape;
  }

  private void add(String name, String labels, double value) {
    Map<String, String> byName = new TreeMap<>();
    if (labels != null) {
      Matcher label = LABEL.matcher(labels);
      while (label.find()) {
        byName.put(label.group(1), label.group(2));
      }
    }
    String key = ordered(name, byName);
    series.computeIfAbsent(name, _ -> new ArrayList<>()).add(key + " " + number(value));
    values.put(name + "{" + key + "}", value);
  }

  /** In the order in which our metrics declare them; the rest behind. */
  private static String ordered(String name, Map<String, String> labels) {
    List<String> parts = new ArrayList<>();
    for (Metric metric : Metric.values()) {
      if (name.startsWith(metric.exposedName())) {
        for (String label : metric.labels()) {
          if (labels.containsKey(label)) {
            parts.add(label + "=" + labels.remove(label));
          }
        }
      }
    }
    labels.forEach((label, value) -> parts.add(label + "=" + value));
    return String.join(",", parts);
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  /** All series of a name: labels and value, {@code "a=1,b=2 3"}. */
  List<String> series(String name) {
    return series.getOrDefault(name, List.of());
  }

  /** One value; {@code labels} as {@link #series} spells them. */
  double value(String name, String labels) {
    Double value = values.get(name + "{" + labels + "}");
    if (value == null) {
      throw new AssertionError("no " + name + " of " + labels + ", only " + series(name));
    }
    return value;
  }

  /** All values of a name, added up. */
  double sum(String name) {
    return values.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(name + "{"))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  /** Every name that has a series. */
  Set<String> names() {
    return new TreeSet<>(series.keySet());
  }
}
