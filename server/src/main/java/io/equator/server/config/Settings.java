package io.equator.server.config;

import io.equator.server.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The values of a configuration file and of the environment, which wins, as they were written.
 *
 * <p>Reading a value checks its form; {@link ServeConfig} checks what the values mean together.
 */
public final class Settings {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

  private static final Pattern BYTES = Pattern.compile("(\\d{1,12})(B|KiB|MiB|GiB|TiB)?");

  private final Map<Key, String> values;
  private final String source;

  private Settings(Map<Key, String> values, String source) {
    this.values = values;
    this.source = source;
  }

  /**
   * Reads a file.
   *
   * @param environment the process's
   * @throws Refusal when it cannot be read, is no YAML, or has a key that is not known
   */
  public static Settings read(Path file, Map<String, String> environment) {
    Map<Key, String> values = new EnumMap<>(Key.class);
    Object document;
    try {
      document =
          new Load(LoadSettings.builder().setLabel(file.toString()).build())
              .loadFromString(Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new Refusal("there is no configuration file " + file + ".", e);
    } catch (IOException | YamlEngineException e) {
      throw new Refusal(
          "the configuration file " + file + " cannot be read: " + e.getMessage() + ".", e);
    }
    if (document != null) {
      collect(file.toString(), "", document, values);
    }
    for (Key key : Key.values()) {
      String given = environment.get(key.variable());
      if (given != null) {
        values.put(key, given);
      }
    }
    return new Settings(values, file.toString());
  }

  private static void collect(String file, String path, Object value, Map<Key, String> into) {
    if (value instanceof Map<?, ?> map) {
      Optional<Key> whole = Key.of(path);
      if (whole.isPresent()) {
        throw new Refusal(file + ": " + path + " is a value, not a group of keys.");
      }
      map.forEach(
          (name, below) ->
              collect(
                  file,
                  path.isEmpty() ? String.valueOf(name) : path + "." + name,
                  below == null ? "" : below,
                  into));
      return;
    }
    Key key =
        Key.of(path)
            .orElseThrow(
                () ->
                    new Refusal(
                        file
                            + ": the key "
                            + path
                            + " is not known; nearest: "
                            + nearest(path)
                            + "."));
    into.put(key, text(value));
  }

  private static String text(Object value) {
    if (value instanceof List<?> list) {
      return String.join(",", list.stream().map(String::valueOf).toList());
    }
    return String.valueOf(value);
  }

  private static String nearest(String path) {
    String best = "";
    int least = Integer.MAX_VALUE;
    for (Key key : Key.values()) {
      int distance = distance(path, key.path());
      if (distance < least) {
        least = distance;
        best = key.path();
      }
    }
    return best;
  }

  /** Signs to insert, delete or replace (Levenshtein 1966). */
  private static int distance(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int above = row[j];
        int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, Math.min(above, row[j - 1]) + 1);
        diagonal = above;
      }
    }
    return row[other.length()];
  }

  /** A value, or the default; empty when there is neither. */
  public String text(Key key) {
    return values.getOrDefault(key, key.otherwise()).strip();
  }

  /** A value that must be there. */
  public String required(Key key) {
    String value = text(key);
    if (value.isEmpty()) {
      throw new Refusal(
          source + ": " + key.path() + " is missing (or " + key.variable() + "). " + key.meaning());
    }
    return value;
  }

  /** Values with commas between them. */
  public List<String> list(Key key) {
    List<String> list = new ArrayList<>();
    for (String part : text(key).split(",", -1)) {
      if (!part.isBlank()) {
        list.add(part.strip());
      }
    }
    return list;
  }

  /** A whole number within bounds. */
  public int number(Key key, int least, int most) {
    try {
      int value = Integer.parseInt(text(key));
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException _) {
      // Told below.
    }
    throw wrong(key, "a whole number from " + least + " to " + most);
  }

  /** A positive number. */
  public double positive(Key key) {
    try {
      double value = Double.parseDouble(text(key));
      if (value > 0 && Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException _) {
      // Told below.
    }
    throw wrong(key, "a number greater than 0");
  }

  /** A time such as 500ms, 5s, 10m, 2h. */
  public Duration duration(Key key) {
    Matcher matcher = DURATION.matcher(text(key));
    if (!matcher.matches()) {
      throw wrong(key, "a time such as 500ms, 5s, 10m or 2h");
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      default -> Duration.ofHours(amount);
    };
  }

  /** A size such as 64KiB, 32MiB, 1GiB; without a unit bytes. */
  public long bytes(Key key) {
    Matcher matcher = BYTES.matcher(text(key));
    if (!matcher.matches()) {
      throw wrong(key, "a size such as 64KiB, 32MiB or 1GiB");
    }
    long amount = Long.parseLong(matcher.group(1));
    int shift =
        switch (matcher.group(2)) {
          case "KiB" -> 10;
          case "MiB" -> 20;
          case "GiB" -> 30;
          case "TiB" -> 40;
          case null, default -> 0;
        };
    if (amount > (Long.MAX_VALUE >> shift)) {
      throw wrong(key, "less than " + (Long.MAX_VALUE >> 40) + "TiB");
    }
    return amount << shift;
  }

  /** A number within bounds. */
  public double number(Key key, double least, double most) {
    try {
      double value = Double.parseDouble(text(key));
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException _) {
      // Told below.
    }
    throw wrong(key, "a number from " + plain(least) + " to " + plain(most));
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  /** The refusal of a value. */
  public Refusal wrong(Key key, String right) {
    return new Refusal(
        source
            + ": "
            + key.path()
            + " is "
            + (key.secret() ? "not in order" : "'" + text(key) + "'")
            + "; it must be "
            + right
            + ".");
  }
}
