package io.equator.chaos.history;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Decides whether a reader of a stream has learnt of every change: of each item, every record's old
 * image is the new image of the record before, the first one's is empty, and the last one's new
 * image is the item. A record that comes again, after a crash of the reader, must be the same.
 */
public final class ChangesChecker {

  /** A change of one item; an empty image means that there was, or is, none. */
  public record Change(String item, BigInteger sequence, String before, String after) {}

  private ChangesChecker() {}

  /**
   * What is wrong.
   *
   * @param read in the order of reading, some perhaps more than once
   * @param end the items at the end
   */
  public static List<String> check(List<Change> read, Map<String, String> end) {
    List<String> violations = new ArrayList<>();
    Map<String, TreeMap<BigInteger, Change>> byItem = new TreeMap<>();
    for (Change change : read) {
      Change known =
          byItem
              .computeIfAbsent(change.item(), _ -> new TreeMap<>())
              .putIfAbsent(change.sequence(), change);
      if (known != null && !known.equals(change)) {
        violations.add("two records have one number: " + known + " and " + change);
      }
    }
    Map<String, String> rest = new HashMap<>(end);
    byItem.forEach(
        (item, changes) -> {
          String last = "";
          for (Change change : changes.values()) {
            if (!change.before().equals(last)) {
              violations.add("a change before " + change + " is missing, after " + last);
            }
            last = change.after();
          }
          String there = rest.remove(item);
          if (!last.equals(there == null ? "" : there)) {
            violations.add(
                "the stream ends with " + item + " = '" + last + "', the item is " + there);
          }
        });
    rest.forEach((item, value) -> violations.add("no record of " + item + " = " + value));
    return violations;
  }
}
