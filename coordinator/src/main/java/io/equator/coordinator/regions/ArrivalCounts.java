package io.equator.coordinator.regions;

import io.equator.proto.ReplicationArrivals;
import io.equator.proto.ReplicationSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts what has come from other regions, for people who look. Any threads. */
final class ArrivalCounts {
  private record Way(String region, String globalTableId) {
    static Way of(ReplicationSource source) {
      return new Way(source.getRegion(), source.getGlobalTableId());
    }
  }

  private static final class Counts {
    final LongAdder taken = new LongAdder();
    final LongAdder lost = new LongAdder();
    final LongAdder refused = new LongAdder();
    volatile long lastMillis;
  }

  /** As many as there are tables and regions: only those that may send here are counted. */
  private final Map<Way, Counts> counts = new ConcurrentHashMap<>();

  private Counts of(ReplicationSource source) {
    return counts.computeIfAbsent(Way.of(source), _ -> new Counts());
  }

  void came(ReplicationSource source, long nowMillis) {
    of(source).lastMillis = nowMillis;
  }

  void refused(ReplicationSource source) {
    of(source).refused.increment();
  }

  void merged(ReplicationSource source, int taken, int lost) {
    Counts counted = of(source);
    counted.taken.add(taken);
    counted.lost.add(lost);
  }

  List<ReplicationArrivals> all() {
    return counts.entrySet().stream()
        .map(
            one ->
                ReplicationArrivals.newBuilder()
                    .setRegion(one.getKey().region())
                    .setGlobalTableId(one.getKey().globalTableId())
                    .setTaken(one.getValue().taken.sum())
                    .setLost(one.getValue().lost.sum())
                    .setClockRefusals(one.getValue().refused.sum())
                    .setLastMillis(one.getValue().lastMillis)
                    .build())
        .toList();
  }
}
