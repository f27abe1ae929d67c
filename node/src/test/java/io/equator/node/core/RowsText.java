package io.equator.node.core;

import java.util.HexFormat;
import java.util.Map;
import java.util.StringJoiner;

/** Rows as text, one a line, for comparisons and golden files. */
final class RowsText {
  private static final HexFormat HEX = HexFormat.of();

  private RowsText() {}

  static String of(Map<byte[], byte[]> rows) {
    StringJoiner lines = new StringJoiner("\n");
    rows.forEach((key, value) -> lines.add(HEX.formatHex(key) + " " + HEX.formatHex(value)));
    return lines.toString();
  }
}
