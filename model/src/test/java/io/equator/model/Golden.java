package io.equator.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Golden files: what a stored format looked like when it was released. A line is {@code name = hex
 * digits}; lines that begin with {@code #} are for people.
 *
 * <p>They are written once, with {@code -Dgolden.write=true}, and never change: a new form gets a
 * new version byte and a new file.
 */
public final class Golden {
  private static final Path SOURCES = Path.of("src/test/resources/golden");

  private Golden() {}

  /** Compares with the file; returns what stands in the file. */
  public static Map<String, String> check(String file, Map<String, String> actual) {
    if (Boolean.getBoolean("golden.write")) {
      write(file, actual);
    }
    Map<String, String> expected = read(file);
    assertThat(actual).as(file).containsExactlyEntriesOf(expected);
    return expected;
  }

  private static Map<String, String> read(String file) {
    Path source = SOURCES.resolve(file);
    Map<String, String> entries = new LinkedHashMap<>();
    try (InputStream in =
        Files.exists(source)
            ? Files.newInputStream(source)
            : Golden.class.getResourceAsStream("/golden/" + file)) {
      assertThat(in).as("golden file " + file).isNotNull();
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        if (!line.startsWith("#") && !line.isBlank()) {
          int separator = line.indexOf(" = ");
          entries.put(line.substring(0, separator), line.substring(separator + 3));
        }
      }
      return entries;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(String file, Map<String, String> entries) {
    StringBuilder text = new StringBuilder("# Stored format, never to be changed: see Golden.\n");
    entries.forEach((name, hex) -> text.append(name).append(" = ").append(hex).append('\n'));
    try {
      Files.createDirectories(SOURCES);
      Files.writeString(SOURCES.resolve(file), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
