package io.equator.server.dev;

import io.equator.node.core.Family;
import io.equator.node.core.RowCursor;
import io.equator.node.rocksdb.RocksConfig;
import io.equator.node.rocksdb.RocksStore;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** What the stores of a stopped embedded cluster hold. */
final class StoredRows {
  private static final byte DESCRIPTOR = 5;

  private StoredRows() {}

  /** Where the store of a node is. */
  static Path store(Path data, int node) {
    return data.resolve("node-" + node).resolve("store").resolve("rocksdb");
  }

  /** Whole families as text, except which node keeps a partition. */
  static Map<Family, String> of(Path data, int node) {
    Map<Family, String> rows = new TreeMap<>();
    try (RocksStore store = RocksStore.openReadOnly(store(data, node), RocksConfig.defaults())) {
      for (Family family : Family.values()) {
        StringBuilder text = new StringBuilder();
        try (RowCursor cursor = everything(store, family)) {
          for (cursor.first(); cursor.valid(); cursor.next()) {
            if (family != Family.META || cursor.key()[0] != DESCRIPTOR) {
              text.append(HexFormat.of().formatHex(cursor.key()))
                  .append(' ')
                  .append(HexFormat.of().formatHex(cursor.value()))
                  .append('\n');
            }
          }
        }
        rows.put(family, text.toString());
      }
    }
    return rows;
  }

  /** A cursor over all rows of a family. */
  static RowCursor everything(RocksStore store, Family family) {
    return store.cursor(family, new byte[] {0}, HexFormat.of().parseHex("ff".repeat(17)));
  }
}
