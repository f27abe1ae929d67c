package io.equator.partitioner;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Which partition of a ring should be split next, if any. One thread; remembers only since when
 * partitions have been hot.
 *
 * <p>One at a time in a ring, the biggest first, then the hottest. Not split is a partition
 *
 * <ul>
 *   <li>for its load, when one key has more than half of it, or there is no token that parts it:
 *       the key would be as hot in a partition of its own. Keys that are appended to fall under
 *       this rule, too: a token is a hash of the partition key, so appending moves through no
 *       tokens;
 *   <li>for its size, when it has {@value #UNEVEN_MAX} times what its share of the tokens says:
 *       then few keys hold it, and its middle would part nothing;
 *   <li>before its cooldown is over;
 *   <li>one of whose nodes has its full number of replicas.
 * </ul>
 *
 * <p>A load has to last before it counts, and begins to last anew when it falls below {@value
 * #STILL_HOT_PERCENT} % of the bound: a load that swings about the bound is a lasting one.
 */
public final class SplitPlanner {
  /** How unevenly bytes may lie before a partition is not halved any more. */
  static final int UNEVEN_MAX = 8;

  static final int STILL_HOT_PERCENT = 70;

  private static final double TOKENS = 0x1p64;

  private final SplitRules rules;
  private final Map<Long, Long> hotSince = new HashMap<>();

  /** Plans by these rules. */
  public SplitPlanner(SplitRules rules) {
    this.rules = rules;
  }

  /**
   * A partition that owns its tokens, is not changing, and has all of its replicas.
   *
   * @param range its tokens
   * @param heatToken where its load would be halved; empty when nowhere
   * @param changedMillis when a split made it; 0: none did
   * @param fullestNode replicas on the fullest of its nodes
   */
  public record Candidate(
      PartitionId partition,
      int ring,
      TokenRange range,
      long sizeBytes,
      double rowsPerSecond,
      OptionalLong heatToken,
      long changedMillis,
      int fullestNode) {}

  /** A split to begin; without a token in the middle of the tokens, which are even. */
  public record Plan(PartitionId partition, OptionalLong token, String reason) {}

  /**
   * The next split, if there should be one.
   *
   * @param candidates of all rings
   * @param busyRings those in which a partition is being split
   * @param nowMillis of the clock of {@link Candidate#changedMillis}
   */
  public Optional<Plan> plan(List<Candidate> candidates, Set<Integer> busyRings, long nowMillis) {
    noteHeat(candidates, nowMillis);
    Map<Integer, Double> bytes = new HashMap<>();
    candidates.forEach(each -> bytes.merge(each.ring(), (double) each.sizeBytes(), Double::sum));
    List<Candidate> possible =
        candidates.stream()
            .filter(each -> !busyRings.contains(each.ring()))
            .filter(each -> each.fullestNode() < rules.partitionsPerNodeMax())
            .filter(
                each ->
                    each.changedMillis() == 0
                        || nowMillis - each.changedMillis() >= rules.cooldown().toMillis())
            .toList();
    Optional<Plan> big =
        possible.stream()
            .filter(each -> isBig(each, bytes.getOrDefault(each.ring(), 0.0)))
            .max(Comparator.comparingLong(Candidate::sizeBytes))
            .map(
                each ->
                    new Plan(
                        each.partition(),
                        OptionalLong.empty(),
                        "it has " + each.sizeBytes() + " bytes"));
    return big.isPresent()
        ? big
        : possible.stream()
            .filter(each -> isHot(each, nowMillis))
            .max(Comparator.comparingDouble(Candidate::rowsPerSecond))
            .map(
                each ->
                    new Plan(
                        each.partition(),
                        each.heatToken(),
                        "it is asked for " + Math.round(each.rowsPerSecond()) + " rows a second"));
  }

  private void noteHeat(List<Candidate> candidates, long nowMillis) {
    Set<Long> known = new HashSet<>();
    for (Candidate each : candidates) {
      long id = each.partition().value();
      known.add(id);
      double bound = rules.rowsPerSecond();
      if (bound <= 0 || each.rowsPerSecond() < bound * STILL_HOT_PERCENT / 100) {
        hotSince.remove(id);
      } else if (each.rowsPerSecond() >= bound) {
        hotSince.putIfAbsent(id, nowMillis);
      }
    }
    hotSince.keySet().retainAll(known);
  }

  private boolean isBig(Candidate candidate, double ringBytes) {
    long first = candidate.range().first().bits();
    long last = candidate.range().last().bits();
    if (rules.sizeBytes() == 0 || candidate.sizeBytes() < rules.sizeBytes() || first == last) {
      return false;
    }
    double share = (toDouble(last - first) + 1) / TOKENS;
    return candidate.sizeBytes() < UNEVEN_MAX * share * ringBytes;
  }

  private static double toDouble(long unsigned) {
    return (unsigned >>> 1) * 2.0 + (unsigned & 1);
  }

  private boolean isHot(Candidate candidate, long nowMillis) {
    Long since = hotSince.get(candidate.partition().value());
    return since != null
        && nowMillis - since >= rules.heatFor().toMillis()
        && candidate.heatToken().isPresent();
  }
}
