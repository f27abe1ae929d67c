package io.equator.server.admin.cluster;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Rows under headings: aligned columns for people, an array of objects for programs. Values are
 * Strings, Longs, Booleans, or Lists of Strings.
 */
final class Listing {
  private final List<String> headings;
  private final List<List<Object>> rows = new ArrayList<>();

  Listing(String... headings) {
    this.headings = List.of(headings);
  }

  Listing add(Object... values) {
    if (values.length != headings.size()) {
      throw new IllegalArgumentException(
          "a row has " + headings.size() + " values, not " + values.length);
    }
    rows.add(List.of(values));
    return this;
  }

  String text() {
    int[] widths = new int[headings.size()];
    List<List<String>> lines = new ArrayList<>();
    lines.add(headings.stream().map(heading -> heading.toUpperCase(Locale.ROOT)).toList());
    rows.forEach(row -> lines.add(row.stream().map(Listing::cell).toList()));
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder padded = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        padded.append(line.get(i)).append(" ".repeat(widths[i] - line.get(i).length() + 2));
      }
      text.append(text.isEmpty() ? "" : "\n").append(padded.toString().stripTrailing());
    }
    return text.toString();
  }

  private static String cell(Object value) {
    String text =
        value instanceof List<?> list
            ? String.join(",", list.stream().map(String::valueOf).toList())
            : String.valueOf(value);
    return text.isEmpty() ? "-" : text;
  }

  String json() {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      json.writeStartArray();
      for (List<Object> row : rows) {
        json.writeStartObject();
        for (int i = 0; i < headings.size(); i++) {
          json.writeFieldName(headings.get(i).replace(' ', '-'));
          write(json, row.get(i));
        }
        json.writeEndObject();
      }
      json.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static void write(JsonGenerator json, Object value) throws IOException {
    switch (value) {
      case Long number -> json.writeNumber(number);
      case Boolean truth -> json.writeBoolean(truth);
      case List<?> list -> {
        json.writeStartArray();
        for (Object element : list) {
          json.writeString(String.valueOf(element));
        }
        json.writeEndArray();
      }
      default -> json.writeString(String.valueOf(value));
    }
  }
}
