package io.equator.chaos.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What clients in several regions wrote to the items of a global table, and what may be left of it
 * when all regions have heard everything. Every value is written once.
 *
 * <p>The greatest version of an item stays, and the versions that one region makes of an item only
 * grow, also above what it has taken from others. So what stays was written, and no answered write
 * came <em>after</em> it: neither one that the same region began when it had been answered, nor one
 * of a client that had read it. Nothing else is promised of items that several regions write; of
 * one that a single region writes, this leaves its last answered write alone.
 *
 * <p>Safe for many threads.
 */
public final class RegionHistory {
  private static final int WORDS_MAX = 10;

  /**
   * One write of a client.
   *
   * @param value what it leaves; empty when it deletes
   * @param saw what the client had read in its region before; empty when it did not read, or found
   *     nothing
   * @param begun nanoseconds of one clock for all clients
   * @param ended when the answer came
   */
  public record Attempt(
      String region,
      Optional<String> value,
      Optional<String> saw,
      Fate fate,
      long begun,
      long ended) {

    private Attempt inDoubt() {
      return fate == Fate.DONE ? new Attempt(region, value, saw, Fate.UNKNOWN, begun, ended) : this;
    }

    private boolean isAfter(Attempt other) {
      return fate == Fate.DONE
          && this != other
          && ((other.fate == Fate.DONE && region.equals(other.region) && begun > other.ended)
              || (other.value.isPresent() && saw.equals(other.value)));
    }
  }

  private record Count(long done, long unknown) {}

  private final Map<String, List<Attempt>> attempts = new TreeMap<>();
  private final Map<String, Map<String, Count>> counts = new TreeMap<>();
  private final Map<String, Map<String, Fate>> members = new TreeMap<>();
  private final Set<String> shared = new HashSet<>();

  /** A write came to its end. */
  public synchronized void wrote(String key, Attempt attempt) {
    attempts.computeIfAbsent(key, _ -> new ArrayList<>()).add(attempt);
  }

  /**
   * A region is gone for good: what it had answered may have reached nobody else, so from here on
   * nobody knows whether it was written.
   */
  public synchronized void lost(String region) {
    attempts.replaceAll(
        (_, all) ->
            new ArrayList<>(
                all.stream().map(one -> one.region.equals(region) ? one.inDoubt() : one).toList()));
    counts.replaceAll(
        (_, byRegion) -> {
          Map<String, Count> next = new TreeMap<>(byRegion);
          next.computeIfPresent(region, (_, one) -> new Count(0, one.done + one.unknown));
          return next;
        });
    members.forEach(
        (key, fates) -> {
          if (!shared.contains(key)) {
            fates.replaceAll(
                (member, fate) ->
                    fate == Fate.DONE && member.startsWith(region + "/") ? Fate.UNKNOWN : fate);
          }
        });
  }

  /** A counter was to be raised by one. */
  public synchronized void counted(String key, String region, Fate fate) {
    counts
        .computeIfAbsent(key, _ -> new TreeMap<>())
        .merge(
            region,
            new Count(fate == Fate.DONE ? 1 : 0, fate == Fate.UNKNOWN ? 1 : 0),
            (a, b) -> new Count(a.done + b.done, a.unknown + b.unknown));
  }

  /** Something was to be added to a set, once and for all. */
  public synchronized void added(String key, String member, Fate fate, boolean byAllRegions) {
    members.computeIfAbsent(key, _ -> new TreeMap<>()).put(member, fate);
    if (byAllRegions) {
      shared.add(key);
    }
  }

  /**
   * What is wrong with items, in words.
   *
   * @param found the values of all items that were found, by key
   */
  public synchronized List<String> judgeItems(Map<String, String> found) {
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, String> item : found.entrySet()) {
      if (!attempts.containsKey(item.getKey())) {
        say(wrong, item.getKey() + " was never written, and is there");
      }
    }
    attempts.forEach((key, all) -> judge(key, all, Optional.ofNullable(found.get(key)), wrong));
    return wrong;
  }

  private static void judge(
      String key, List<Attempt> all, Optional<String> found, List<String> wrong) {
    List<Attempt> sources =
        all.stream().filter(one -> one.fate != Fate.REFUSED && one.value.equals(found)).toList();
    if (sources.isEmpty()) {
      if (found.isPresent()) {
        say(wrong, "%s is %s, which nobody wrote".formatted(key, found.get()));
      } else if (all.stream().anyMatch(one -> one.fate == Fate.DONE)) {
        say(wrong, "%s is not there, and nobody deleted it: %s".formatted(key, last(all)));
      }
      return;
    }
    boolean stands =
        sources.stream().anyMatch(source -> all.stream().noneMatch(one -> one.isAfter(source)));
    if (!stands) {
      say(
          wrong,
          "%s is %s, after which others were answered: %s"
              .formatted(key, found.orElse("deleted"), last(all)));
    }
  }

  private static List<Attempt> last(List<Attempt> all) {
    return all.subList(Math.max(0, all.size() - 3), all.size());
  }

  /** What is wrong with counters, in words: all were found with these counts. */
  public synchronized List<String> judgeCounters(Map<String, Long> found) {
    List<String> wrong = new ArrayList<>();
    counts.forEach(
        (key, byRegion) -> {
          long done = byRegion.values().stream().mapToLong(Count::done).sum();
          long unknown = byRegion.values().stream().mapToLong(Count::unknown).sum();
          long least = byRegion.size() == 1 ? done : Math.min(done, 1);
          long is = found.getOrDefault(key, 0L);
          if (is < least || is > done + unknown) {
            say(wrong, "%s is %d, not from %d to %d".formatted(key, is, least, done + unknown));
          }
        });
    return wrong;
  }

  /** What is wrong with sets, in words: all were found with these members. */
  public synchronized List<String> judgeSets(Map<String, Set<String>> found) {
    List<String> wrong = new ArrayList<>();
    members.forEach(
        (key, fates) -> {
          Set<String> is = found.getOrDefault(key, Set.of());
          for (String member : is) {
            if (Objects.requireNonNullElse(fates.get(member), Fate.REFUSED) == Fate.REFUSED) {
              say(wrong, key + " has " + member + ", which nobody added");
            }
          }
          if (!shared.contains(key)) {
            Map<String, Fate> missing = new HashMap<>(fates);
            missing.keySet().removeAll(is);
            missing.values().removeIf(fate -> fate != Fate.DONE);
            if (!missing.isEmpty()) {
              say(wrong, key + " lacks " + missing.keySet());
            }
          }
        });
    return wrong;
  }

  private static void say(List<String> wrong, String what) {
    if (wrong.size() < WORDS_MAX) {
      wrong.add(what);
    }
  }

  /** How many items there are, and how many of them several regions wrote. */
  public synchronized String summary() {
    long contested =
        attempts.values().stream()
            .filter(all -> all.stream().map(Attempt::region).distinct().count() > 1)
            .count();
    return "%d items, %d of them written by several regions".formatted(attempts.size(), contested);
  }
}
