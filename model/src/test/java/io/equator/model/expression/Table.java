package io.equator.model.expression;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Reads a table of cases out of a text block: a case a line, cells between bars. */
final class Table {

  private Table() {}

  static Stream<Arguments> cases(int columns, String text) {
    List<Arguments> cases = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (line.isBlank() || line.startsWith("--")) {
        continue;
      }
      String[] cells = line.split("\\|", -1);
      if (cells.length != columns) {
        throw new IllegalArgumentException(columns + " cells expected: " + line);
      }
      Object[] arguments = new Object[columns];
      for (int i = 0; i < columns; i++) {
        arguments[i] = cells[i].strip();
      }
      cases.add(Arguments.of(arguments));
    }
    return cases.stream();
  }
}
