package io.equator.chaos.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Decides whether transactions over lists were strictly serializable, after the idea of Elle
 * (Kingsbury and Alvaro, VLDB 2020): a list that only grows shows the order of its writers to
 * whoever reads it, so that nearly all dependencies between transactions can be read off.
 *
 * <pre>
 *   A wrote the element before B's                 A ──▶ B
 *   B saw A's element as the last one              A ──▶ B
 *   B wrote the element after the last that A saw  A ──▶ B
 *   A was answered before B was asked, if both are
 *   transactions, or concern a common list         A ──▶ B
 * </pre>
 *
 * <p>The last one is not drawn between calls of single items that have nothing in common: while a
 * transaction is finished, one may see it done where another, asked later, does not yet see it
 * elsewhere. That is what DynamoDB promises: serializable, and strictly so between transactions
 * (and for each item by itself).
 *
 * <p>Each arrow says "before" in every order that explains what was seen. A cycle is a history that
 * no order explains. Time is not an arrow per pair: answers stand on a line of instants, each
 * before the next, and a transaction comes after the last instant before it was asked.
 *
 * <p>What needs no graph is found first: elements that were seen though nobody wrote them or their
 * writer was refused, an element that is there twice, two reads of one list that do not agree.
 */
public final class ListAppendChecker {
  private final List<ListTransaction> history;
  private final List<String> violations = new ArrayList<>();
  private final Map<Long, ListTransaction> writers = new HashMap<>();

  /** The longest list that was seen under each key. */
  private final Map<String, List<Long>> orders = new TreeMap<>();

  /** Elements that some read has shown. */
  private final Set<Long> seen = new HashSet<>();

  private final Map<Integer, Map<Integer, String>> arrows = new LinkedHashMap<>();

  /** How many have been given out, over all lines. */
  private int instants;

  private ListAppendChecker(List<ListTransaction> history) {
    this.history = history;
  }

  /** What is wrong with a history; nothing when it is strictly serializable. */
  public static List<String> check(List<ListTransaction> history) {
    ListAppendChecker checker = new ListAppendChecker(history);
    checker.readOrders();
    if (checker.violations.isEmpty()) {
      checker.drawArrows();
      checker.findCycles();
    }
    return checker.violations;
  }

  private void readOrders() {
    for (ListTransaction one : history) {
      for (long element : one.appends().values()) {
        writers.put(element, one);
      }
    }
    for (ListTransaction one : history) {
      one.reads().forEach(this::readOne);
    }
    orders.forEach(
        (key, order) -> {
          if (new HashSet<>(order).size() < order.size()) {
            violations.add("an element stands twice in " + key + ": " + order);
          }
        });
  }

  private void readOne(String key, List<Long> list) {
    for (long element : list) {
      ListTransaction writer = writers.get(element);
      if (writer == null || !Long.valueOf(element).equals(writer.appends().get(key))) {
        violations.add("nobody wrote " + element + ", which was read in " + key);
      } else if (writer.fate() == Fate.REFUSED) {
        violations.add("the writer of " + element + " in " + key + " was refused: " + writer);
      }
      seen.add(element);
    }
    List<Long> longest = orders.getOrDefault(key, List.of());
    List<Long> shorter = list.size() < longest.size() ? list : longest;
    List<Long> longer = list.size() < longest.size() ? longest : list;
    if (!longer.subList(0, shorter.size()).equals(shorter)) {
      violations.add("two reads of " + key + " do not agree: " + shorter + " and " + longer);
    }
    orders.put(key, longer);
  }

  /** Whether it must have, or shows to have, taken effect. */
  private boolean counts(ListTransaction one) {
    return one.fate() == Fate.DONE
        || (one.fate() == Fate.UNKNOWN && one.appends().values().stream().anyMatch(seen::contains));
  }

  private void drawArrows() {
    orders.forEach(
        (_, order) -> {
          for (int i = 1; i < order.size(); i++) {
            arrow(writer(order.get(i - 1)), writer(order.get(i)), "wrote before it");
          }
        });
    Map<String, List<ListTransaction>> unseen = new HashMap<>();
    for (ListTransaction one : history) {
      one.appends()
          .forEach(
              (key, element) -> {
                if (counts(one) && !seen.contains(element)) {
                  unseen.computeIfAbsent(key, _ -> new ArrayList<>()).add(one);
                  List<Long> order = orders.getOrDefault(key, List.of());
                  if (!order.isEmpty()) {
                    arrow(writer(order.getLast()), one, "wrote before it");
                  }
                }
              });
    }
    for (ListTransaction one : history) {
      one.reads()
          .forEach(
              (key, list) -> {
                if (!list.isEmpty()) {
                  arrow(writer(list.getLast()), one, "was seen by it");
                }
                List<Long> order = orders.getOrDefault(key, List.of());
                if (list.size() < order.size()) {
                  arrow(one, writer(order.get(list.size())), "did not see it");
                }
                for (ListTransaction later : unseen.getOrDefault(key, List.of())) {
                  arrow(one, later, "did not see it");
                }
              });
    }
    drawTime();
  }

  private ListTransaction writer(long element) {
    return writers.get(element);
  }

  private void arrow(ListTransaction from, ListTransaction to, String why) {
    if (from.id() != to.id()) {
      arrow(from.id(), to.id(), why);
    }
  }

  private void arrow(int from, int to, String why) {
    arrows.computeIfAbsent(from, _ -> new LinkedHashMap<>()).putIfAbsent(to, why);
  }

  /** A line for the transactions, and one for the calls of each list. */
  private void drawTime() {
    drawTime(history.stream().filter(ListTransaction::transaction).toList());
    Map<String, List<ListTransaction>> byKey = new TreeMap<>();
    for (ListTransaction one : history) {
      Set<String> keys = new HashSet<>(one.appends().keySet());
      keys.addAll(one.reads().keySet());
      keys.forEach(key -> byKey.computeIfAbsent(key, _ -> new ArrayList<>()).add(one));
    }
    byKey.values().forEach(this::drawTime);
  }

  /** Instants have numbers below zero. */
  private void drawTime(List<ListTransaction> line) {
    List<ListTransaction> answered =
        line.stream()
            .filter(one -> one.fate() == Fate.DONE)
            .sorted(Comparator.comparingLong(ListTransaction::returned))
            .toList();
    long[] times = answered.stream().mapToLong(ListTransaction::returned).toArray();
    int first = instants;
    instants += times.length;
    for (int i = 0; i < times.length; i++) {
      arrow(answered.get(i).id(), instant(first, i), "was answered");
      if (i > 0) {
        arrow(instant(first, i - 1), instant(first, i), "then");
      }
    }
    for (ListTransaction one : line) {
      if (counts(one)) {
        int at = Arrays.binarySearch(times, one.invoked());
        // The last answer that came strictly before the question.
        int before = (at >= 0 ? at : -at - 1) - 1;
        while (before >= 0 && times[before] >= one.invoked()) {
          before--;
        }
        if (before >= 0) {
          arrow(instant(first, before), one.id(), "before it was asked");
        }
      }
    }
  }

  private static int instant(int first, int place) {
    return -(first + place) - 1;
  }

  // ---- cycles
  // -------------------------------------------------------------------------------------

  /** Tarjan's components (1972), without recursion; each of more than one part holds a cycle. */
  private void findCycles() {
    Map<Integer, Integer> index = new HashMap<>();
    Map<Integer, Integer> low = new HashMap<>();
    Deque<Integer> path = new ArrayDeque<>();
    Set<Integer> onPath = new HashSet<>();
    record Visit(int node, List<Integer> targets, int[] next) {}
    for (int root : List.copyOf(arrows.keySet())) {
      if (index.containsKey(root)) {
        continue;
      }
      Deque<Visit> visits = new ArrayDeque<>();
      visits.push(new Visit(root, targets(root), new int[1]));
      index.put(root, index.size());
      low.put(root, index.get(root));
      path.push(root);
      onPath.add(root);
      while (!visits.isEmpty()) {
        Visit visit = visits.peek();
        if (visit.next[0] < visit.targets.size()) {
          int target = visit.targets.get(visit.next[0]++);
          if (!index.containsKey(target)) {
            index.put(target, index.size());
            low.put(target, index.get(target));
            path.push(target);
            onPath.add(target);
            visits.push(new Visit(target, targets(target), new int[1]));
          } else if (onPath.contains(target)) {
            low.merge(visit.node, index.get(target), Math::min);
          }
          continue;
        }
        visits.pop();
        if (!visits.isEmpty()) {
          low.merge(visits.peek().node, low.get(visit.node), Math::min);
        }
        if (low.get(visit.node).equals(index.get(visit.node))) {
          Set<Integer> component = new LinkedHashSet<>();
          int member;
          do {
            member = path.pop();
            onPath.remove(member);
            component.add(member);
          } while (member != visit.node);
          if (component.size() > 1) {
            violations.add("no order explains " + describe(cycle(component)));
          }
        }
      }
    }
  }

  private List<Integer> targets(int node) {
    return List.copyOf(arrows.getOrDefault(node, Map.of()).keySet());
  }

  /** A shortest way from some transaction of the component back to it. */
  private List<Integer> cycle(Set<Integer> component) {
    int start = component.stream().filter(node -> node >= 0).findFirst().orElseThrow();
    Map<Integer, Integer> from = new HashMap<>();
    Deque<Integer> queue = new ArrayDeque<>(List.of(start));
    while (!queue.isEmpty()) {
      int node = queue.poll();
      for (int target : targets(node)) {
        if (target == start) {
          List<Integer> way = new ArrayList<>(List.of(start));
          for (int at = node; at != start; at = from.get(at)) {
            way.add(1, at);
          }
          return way;
        }
        if (component.contains(target) && from.putIfAbsent(target, node) == null) {
          queue.add(target);
        }
      }
    }
    throw new IllegalStateException("no cycle in " + component);
  }

  private String describe(List<Integer> cycle) {
    Map<Integer, ListTransaction> byId = new HashMap<>();
    history.forEach(one -> byId.put(one.id(), one));
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < cycle.size(); i++) {
      int node = cycle.get(i);
      int next = cycle.get((i + 1) % cycle.size());
      text.append("\n  ").append(node >= 0 ? byId.get(node) : "(time " + -node + ")");
      text.append(" -- ").append(arrows.get(node).get(next)).append(" -->");
    }
    return text.toString();
  }
}
