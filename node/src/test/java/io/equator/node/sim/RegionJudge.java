package io.equator.node.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.model.item.StoredValue;
import io.equator.node.core.ItemVersion;
import io.equator.node.regions.ComparedRegions;
import io.equator.node.regions.LaneName;
import io.equator.proto.ChangeCause;
import io.equator.proto.Effect;
import io.equator.proto.PartitionEntry;
import io.equator.proto.RegionComparisonReport;
import io.equator.proto.ReplicateRequest;
import io.equator.proto.ReplicatedItem;
import io.equator.proto.ReplicationSource;
import io.equator.proto.ReplicationTarget;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Sees every entry that is applied and everything that is sent, and says what is wrong. */
final class RegionJudge {
  private final int keys;
  private final Collection<SimulatedRegion> regions;
  private final List<String> wrong = new ArrayList<>();

  /** Every version that a region made, by key. */
  private final Map<Integer, NavigableMap<ItemVersion, StoredValue>> made = new TreeMap<>();

  private final List<Expired> expired = new ArrayList<>();
  private final List<Acknowledged> acknowledged = new ArrayList<>();
  private long compared;

  private record Made(int key, ItemVersion version) {}

  /** What regions made that have dropped the table since: they do not send it any more. */
  private final Set<Made> ofFormerLives = new HashSet<>();

  /** A client's write that was answered. */
  private record Acknowledged(SimulatedRegion by, int life, int key, ItemVersion version) {}

  /** An item that was deleted because it had expired: what was seen of it, what it left. */
  private record Expired(int key, ItemVersion seen, ItemVersion left) {}

  RegionJudge(int keys, Collection<SimulatedRegion> regions) {
    this.keys = keys;
    this.regions = regions;
    for (int key = 0; key < keys; key++) {
      made.put(key, new TreeMap<>());
    }
  }

  List<String> wrong() {
    return wrong;
  }

  void say(String what) {
    if (wrong.size() < 5) {
      wrong.add(what);
    }
  }

  /** Keys that the product has compared in the end. */
  long compared() {
    return compared;
  }

  int madeCount() {
    return made.values().stream().mapToInt(Map::size).sum();
  }

  private NavigableMap<ItemVersion, StoredValue> made(int key) {
    return made.getOrDefault(key, new TreeMap<>());
  }

  /** An entry was applied in a region, for the first time there. */
  void applied(SimulatedRegion region, ByteString bytes) {
    for (int key = 0; key < keys; key++) {
      StoredValue stored = region.stored(key);
      if (stored == null) {
        ItemVersion last = region.seen.get(key);
        if (last != null) {
          region.forgotten.put(key, last);
        }
        continue;
      }
      ItemVersion version = ItemVersion.of(stored);
      ItemVersion before = region.seen.get(key);
      if (before == null || version.compareTo(before) > 0) {
        region.seen.put(key, version);
        if (version.region() == region.number || version.region() == ItemVersion.NO_REGION) {
          made(key).put(version, stored);
          noteExpiry(key, region.suffix(key), before, version, bytes);
        } else {
          region.seenOfOthers.put(key, version);
        }
      } else if (version.compareTo(before) < 0 && region.targets().isEmpty()) {
        // Nobody else has the table: a deletion need not be remembered.
        region.seen.put(key, version);
        made(key).put(version, stored);
      } else if (version.compareTo(before) < 0) {
        say("key " + key + " goes back in " + region.name + " from " + before + " to " + version);
      }
    }
  }

  private void noteExpiry(
      int key,
      ByteString suffix,
      @Nullable ItemVersion before,
      ItemVersion version,
      ByteString bytes) {
    PartitionEntry entry;
    try {
      entry = PartitionEntry.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
    long onKey =
        entry.getEffectsList().stream()
            .filter(effect -> effect.getItem().getKey().equals(suffix))
            .count();
    for (Effect effect : entry.getEffectsList()) {
      if (onKey == 1
          && before != null
          && effect.getItem().hasTombstone()
          && effect.getItem().getCapture().getCause() == ChangeCause.CAUSE_TTL
          && ItemVersion.of(StoredValue.read(effect.getItem().getTombstone())).equals(version)) {
        expired.add(new Expired(key, before, version));
      }
    }
  }

  /** A region drops the table, with what it had made and perhaps sent to nobody. */
  void dropped(SimulatedRegion region) {
    made.forEach(
        (key, versions) ->
            versions.keySet().stream()
                .filter(version -> version.region() == region.number)
                .forEach(version -> ofFormerLives.add(new Made(key, version))));
  }

  /** A client was answered that its write is made. */
  void acknowledged(SimulatedRegion by, int key, ItemVersion version) {
    acknowledged.add(new Acknowledged(by, by.lives(), key, version));
  }

  /** A region sends something. */
  void sent(SimulatedRegion from, ReplicationTarget to, ReplicateRequest request) {
    if (to.getSendsAll() && !request.getNext().getWalked()) {
      return;
    }
    // What a region wrote before it went and came back, whoever has it sends in a walk.
    List<String> senders =
        from.targets().stream()
            .filter(target -> !target.getJoinedAgain())
            .map(ReplicationTarget::getRegion)
            .toList();
    for (ReplicatedItem item : request.getItemsList()) {
      int origin = StoredValue.read(item.getValue()).originRegion();
      boolean sentByOthers =
          request.getNext().getWalked() || senders.contains(SimulatedRegion.name(origin));
      if (origin != from.number && origin != ItemVersion.NO_REGION && sentByOthers) {
        say(from.name + " sends what region " + origin + " has written");
      }
    }
  }

  /**
   * What a region says is in another one must be there; or was beaten, before it was sent, by a
   * version of a third region, which is on its way from there; or was deleted, and that forgotten,
   * before the other region had the table: then it never gets it, also when the key is written anew
   * in the meantime.
   */
  void resolved(SimulatedRegion from, SimulatedRegion to, long resolved) {
    if (resolved == 0) {
      return;
    }
    for (int key = 0; key < keys; key++) {
      ItemVersion there = to.seen.get(key);
      ItemVersion forgotten = there == null ? from.forgotten.get(key) : null;
      ItemVersion beatenBy = from.seenOfOthers.get(key);
      for (ItemVersion version : made(key).keySet()) {
        if (version.region() == from.number
            && !ofFormerLives.contains(new Made(key, version))
            && Long.compareUnsigned(version.timestamp(), resolved) <= 0
            && (there == null || version.compareTo(there) > 0)
            && (forgotten == null || version.compareTo(forgotten) > 0)
            && (beatenBy == null || version.compareTo(beatenBy) > 0)) {
          say(
              "%s says that %s is resolved in %s, where key %s is at %s"
                  .formatted(from.name, version, to.name, key, there));
          return;
        }
      }
    }
  }

  /** Whether every region that has the table holds the greatest version of each key. */
  boolean converged() {
    return difference() == null;
  }

  /** Those that have the table together in the end. */
  private List<SimulatedRegion> members() {
    return regions.stream()
        .filter(region -> !region.isGone() && region.membership().takesPart())
        .toList();
  }

  /** The greatest version that any of them has seen; what only others had is lost with them. */
  private @Nullable ItemVersion greatest(int key) {
    return members().stream()
        .flatMap(region -> Optional.ofNullable(region.seen.get(key)).stream())
        .max(Comparator.naturalOrder())
        .orElse(null);
  }

  @Nullable String difference() {
    for (int key = 0; key < keys; key++) {
      ItemVersion greatest = greatest(key);
      StoredValue last = greatest == null ? null : made(key).get(greatest);
      for (SimulatedRegion region : members()) {
        StoredValue stored = region.stored(key);
        boolean there = stored != null && !stored.isTombstone();
        boolean wanted = last != null && !last.isTombstone();
        if (there != wanted || (there && !Arrays.equals(stored.bytes(), last.bytes()))) {
          return "key %s in %s is %s, not %s"
              .formatted(
                  key,
                  region.name,
                  stored == null ? "nothing" : ItemVersion.of(stored),
                  greatest == null ? "nothing" : greatest);
        }
      }
    }
    return null;
  }

  /** The product's own comparison of all pairs of regions finds nothing. */
  void compare() {
    for (SimulatedRegion from : members()) {
      for (ReplicationTarget target : from.targets()) {
        for (RegionPartition partition : from.owners()) {
          compare(from, target, partition);
        }
      }
    }
  }

  private void compare(SimulatedRegion from, ReplicationTarget target, RegionPartition partition) {
    SimulatedRegion to =
        regions.stream()
            .filter(each -> each.name.equals(target.getRegion()))
            .findFirst()
            .orElseThrow();
    RegionComparisonReport report =
        ComparedRegions.compare(
            partition.leader().hosted,
            from.table().orElseThrow(),
            new LaneName(SimulatedRegion.TABLE, target.getRegion(), target.getGeneration()),
            ReplicationSource.newBuilder()
                .setRegion(from.name)
                .setPartitionId(partition.id())
                .setGlobalTableId("g")
                .setGeneration(target.getGeneration())
                .build(),
            request -> to.inbox().versions(request).join());
    if (!report.getTrouble().isEmpty() || report.getDifferent() > 0 || report.getCorrupt() > 0) {
      say(from.name + " compared with " + to.name + ": " + report.getTrouble());
    }
    compared += report.getCompared();
  }

  /** What must hold in the end, beside convergence. */
  void end() {
    for (Acknowledged one : acknowledged) {
      ItemVersion last = greatest(one.key());
      boolean sent = one.by().lives() == one.life() && one.by().membership().takesPart();
      if (sent && !one.by().isGone() && (last == null || last.compareTo(one.version()) < 0)) {
        say("key " + one.key() + ": the acknowledged " + one.version() + " is lost");
      }
    }
    for (Expired one : expired) {
      for (ItemVersion version : made(one.key()).keySet()) {
        if (version.region() != ItemVersion.NO_REGION
            && !version.equals(one.left())
            && Long.compareUnsigned(version.timestamp(), one.seen().timestamp()) > 0
            && version.compareTo(one.left()) < 0) {
          say("key %s: %s is lost to an expiry of %s".formatted(one.key(), version, one.seen()));
        }
      }
    }
  }
}
