package io.equator.chaos.cluster;

import io.equator.node.dump.StoreDump;
import io.equator.replication.catalog.SystemTables;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Compares the stores of nodes that have stopped in order, each of which holds every partition: the
 * same items and rows of indexes, byte by byte, no lock, and no transaction in the ledger that is
 * not completed.
 */
public final class StoppedReplicas {
  private static final Set<String> COMPARED =
      Set.of("items", "local_indexes", "global_indexes", "ttl");
  private static final int SHOWN = 5;

  private StoppedReplicas() {}

  /** What is wrong; the nodes' folders by their number. */
  public static List<String> check(Map<Integer, Path> folders) {
    List<String> violations = new ArrayList<>(differences(folders));
    folders.forEach((node, folder) -> unfinished(node, folder, violations));
    return violations;
  }

  /** The same, but for what transactions may still have to do. */
  public static List<String> differences(Map<Integer, Path> folders) {
    List<String> violations = new ArrayList<>();
    Map<Integer, Map<String, String>> rows = new TreeMap<>();
    folders.forEach((node, folder) -> rows.put(node, rows(folder)));
    var first = rows.entrySet().iterator().next();
    rows.forEach(
        (node, others) -> {
          List<String> differ =
              java.util.stream.Stream.concat(
                      first.getValue().keySet().stream(), others.keySet().stream())
                  .distinct()
                  .filter(
                      key -> !java.util.Objects.equals(first.getValue().get(key), others.get(key)))
                  .limit(SHOWN)
                  .toList();
          if (!differ.isEmpty()) {
            violations.add(
                "nodes " + first.getKey() + " and " + node + " differ, among others in " + differ);
          }
        });
    return violations;
  }

  private static Map<String, String> rows(Path folder) {
    Map<String, String> rows = new TreeMap<>();
    try (StoreDump dump = StoreDump.open(folder.resolve("store"))) {
      dump.everyRow(
          (family, key, value) -> {
            if (COMPARED.contains(family) && !isSystem(family, key)) {
              rows.put(family + " " + hex(key), hex(value));
            }
          });
    }
    return rows;
  }

  private static void unfinished(int node, Path folder, List<String> violations) {
    try (StoreDump dump = StoreDump.open(folder.resolve("store"))) {
      dump.everyRow(
          (family, key, _) -> {
            if (family.equals("locks")) {
              violations.add("a lock is left on node " + node + ": " + hex(key));
            }
          });
      dump.items(
          SystemTables.LEDGER.id(),
          Long.MAX_VALUE,
          row -> {
            if (!row.contains("\"s\":{\"N\":\"4\"}")) {
              violations.add("a transaction is not completed on node " + node + ": " + row);
            }
          });
    }
  }

  /** Rows of system tables change while nobody writes; the ledger is looked at by itself. */
  private static boolean isSystem(String family, byte[] key) {
    return !family.equals("ttl") && ByteBuffer.wrap(key).getInt() >>> 8 == 0xFFFFFF;
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
