package io.equator.node.sim;

import io.equator.node.sim.StreamFollower.Followed;
import io.equator.node.sim.StreamFollower.Gap;
import io.equator.node.sim.StreamFollower.Progress;
import io.equator.node.sim.StreamFollower.Seen;
import io.equator.node.sim.StreamTruth.Change;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compares what a reader has read with what was written: of each partition every change of the
 * stream once and in order, but for those that were trimmed, which were old, and of which the
 * reader was told; of each item all changes in order, over all shards that it was in.
 */
final class StreamJudge {
  private final StreamDriver driver;
  private final StreamTruth truth;
  private final StreamFollower reader;
  private final List<String> wrong = new ArrayList<>();

  StreamJudge(StreamDriver driver, StreamFollower reader) {
    this.driver = driver;
    this.truth = driver.truth();
    this.reader = reader;
    wrong.addAll(reader.wrong());
  }

  List<String> wrong() {
    for (long id : truth.streams()) {
      Followed followed = null;
      for (Map.Entry<String, Followed> entry : reader.streams().entrySet()) {
        if (entry.getKey().endsWith("/stream/label-" + id)) {
          followed = entry.getValue();
        }
      }
      if (followed == null) {
        wrong.add(reader.name() + " has not found stream " + id);
      } else {
        judge(id, followed);
      }
    }
    return wrong;
  }

  private void judge(long stream, Followed followed) {
    Map<Long, List<Progress>> shards = new TreeMap<>();
    followed.shards.values().stream()
        .sorted(Comparator.comparing((Progress p) -> p.shard.length()).thenComparing(p -> p.shard))
        .forEach(
            shard ->
                shards
                    .computeIfAbsent(
                        Long.parseLong(shard.shard.substring(8, 28)), _ -> new ArrayList<>())
                    .add(shard));
    Map<Seen, Change> matched = new HashMap<>();
    for (long partition : truth.partitions()) {
      List<Change> expected = truth.of(partition, stream);
      String what = reader.name() + ", stream " + stream + ", partition " + partition + ": ";
      match(what, partition, expected, shards.getOrDefault(partition, List.of()), matched);
    }
    order(stream, followed, matched);
  }

  private void match(
      String what,
      long partition,
      List<Change> expected,
      List<Progress> shards,
      Map<Seen, Change> matched) {
    List<Seen> seen = new ArrayList<>();
    List<Gap> gaps = new ArrayList<>();
    for (Progress shard : shards) {
      shard.gaps.forEach(
          gap -> gaps.add(new Gap(seen.size() + gap.at(), gap.millis(), gap.latest())));
      seen.addAll(shard.seen);
    }
    Long retired = truth.retiredMillis(partition);
    if (retired != null) {
      gaps.add(new Gap(seen.size(), retired, false));
    }
    int next = 0;
    for (int i = 0; i <= seen.size(); i++) {
      Seen record = i < seen.size() ? seen.get(i) : null;
      while (next < expected.size() && (record == null || !same(record, expected.get(next)))) {
        Change missing = expected.get(next);
        if (!mayBeMissing(gaps, i, missing)) {
          wrong.add(
              what
                  + "lacks "
                  + missing
                  + (record == null ? "" : " before " + record)
                  + ", "
                  + i
                  + " read, gaps "
                  + gaps
                  + ", kept for "
                  + driver.keptMillis());
          return;
        }
        next++;
      }
      if (record != null && next == expected.size()) {
        wrong.add(what + "has " + record + ", which nobody wrote");
        return;
      }
      if (record != null) {
        matched.put(record, expected.get(next++));
      }
    }
  }

  private boolean mayBeMissing(List<Gap> gaps, int at, Change change) {
    for (Gap gap : gaps) {
      long old = gap.millis() + driver.skewMaxMillis() - driver.keptMillis();
      boolean there =
          gap.latest()
              ? change.appliedMillis() <= gap.millis()
              : change.decidedMillis() < old || truth.isForgotten(change.stream(), old);
      if (gap.at() == at && there) {
        return true;
      }
    }
    return false;
  }

  private static boolean same(Seen record, Change change) {
    return Long.parseLong(record.number().substring(5, 23)) == change.index()
        && record.item().equals(change.item())
        && Objects.equals(record.before(), change.before())
        && Objects.equals(record.after(), change.after());
  }

  private void order(long stream, Followed followed, Map<Seen, Change> matched) {
    Map<String, @Nullable Seen> last = new HashMap<>();
    followed.shards.values().stream()
        .flatMap(shard -> shard.seen.stream())
        .sorted(Comparator.comparingLong(Seen::order))
        .forEach(
            record -> {
              Seen before = last.put(record.item(), record);
              Change change = matched.get(record);
              if (before == null || change == null) {
                return;
              }
              Change earlier = matched.get(before);
              if (earlier != null && earlier.number() >= change.number()) {
                wrong.add(
                    reader.name()
                        + ", stream "
                        + stream
                        + ": "
                        + record
                        + " comes after "
                        + before);
              }
              if (before.number().compareTo(record.number()) >= 0) {
                wrong.add(
                    reader.name()
                        + ", stream "
                        + stream
                        + ": the number of "
                        + record
                        + " is not greater than that of "
                        + before);
              }
            });
  }
}
