package io.equator.server.observe;

import io.equator.coordinator.api.AboutTable;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which tables have label values of their own: those that exist, the first so many of them to be
 * asked for. All others share one. What a client sends as a name never becomes a label by itself.
 *
 * <p>Threads: any; the monitor guards the set.
 */
final class TableLabels {
  /** Tables that do not exist, and tables beyond the limit. */
  static final String OTHER = "_other";

  /** Requests that are about no table. */
  static final String NONE = "_none";

  private static final String ARN_START = "arn:";
  private static final String ARN_TABLE = ":table/";

  private final int tablesMax;
  private final Predicate<String> exists;
  private final Set<String> named = new HashSet<>();

  /**
   * @param tablesMax so many tables have labels of their own
   * @param exists whether there is a table of this name now
   */
  TableLabels(int tablesMax, Predicate<String> exists) {
    this.tablesMax = tablesMax;
    this.exists = exists;
  }

  /** The label of a table as a request named it, by name or ARN. */
  String of(@Nullable String nameOrArn) {
    if (nameOrArn == null) {
      return NONE;
    }
    if (nameOrArn.equals(AboutTable.SEVERAL)) {
      return nameOrArn;
    }
    String name = name(nameOrArn);
    synchronized (this) {
      if (named.contains(name)) {
        return name;
      }
      if (named.size() >= tablesMax || !exists.test(name)) {
        return OTHER;
      }
      named.add(name);
      return name;
    }
  }

  private static String name(String nameOrArn) {
    int table = nameOrArn.startsWith(ARN_START) ? nameOrArn.indexOf(ARN_TABLE) : -1;
    if (table < 0) {
      return nameOrArn;
    }
    int start = table + ARN_TABLE.length();
    int end = nameOrArn.indexOf('/', start);
    return end < 0 ? nameOrArn.substring(start) : nameOrArn.substring(start, end);
  }

  /** Takes their labels from tables that are gone; returns those. */
  synchronized Set<String> forgetDeleted() {
    Set<String> forgotten = new HashSet<>();
    for (Iterator<String> names = named.iterator(); names.hasNext(); ) {
      String name = names.next();
      if (!exists.test(name)) {
        names.remove();
        forgotten.add(name);
      }
    }
    return forgotten;
  }
}
