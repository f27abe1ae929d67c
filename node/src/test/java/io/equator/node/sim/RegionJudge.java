package io.equator.node.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.model.item.StoredValue;
import io.equator.node.core.ItemVersion;
import io.equator.proto.ChangeCause;
import io.equator.proto.Effect;
import io.equator.proto.PartitionEntry;
import io.equator.proto.ReplicateRequest;
import io.equator.proto.ReplicatedItem;
import io.equator.proto.ReplicationTarget;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
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
  private final Map<Integer, ItemVersion> acknowledged = new TreeMap<>();
  int taken;

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

  /** A client was answered that its write is made. */
  void acknowledged(int key, ItemVersion version) {
    acknowledged.merge(key, version, (a, b) -> a.compareTo(b) >= 0 ? a : b);
  }

  /** A region sends something. */
  void sent(SimulatedRegion from, ReplicationTarget to, ReplicateRequest request) {
    if (to.getSendsAll() && !request.getNext().getWalked()) {
      return;
    }
    for (ReplicatedItem item : request.getItemsList()) {
      int origin = StoredValue.read(item.getValue()).originRegion();
      if (origin != from.number && origin != ItemVersion.NO_REGION) {
        say(from.name + " sends what region " + origin + " has written");
      }
    }
  }

  /**
   * What a region says is in another one must be there; or was beaten, before it was sent, by a
   * version of a third region, which is on its way from there.
   */
  void resolved(SimulatedRegion from, SimulatedRegion to, long resolved) {
    if (resolved == 0) {
      return;
    }
    for (int key = 0; key < keys; key++) {
      ItemVersion there = to.seen.get(key);
      ItemVersion beatenBy = from.seenOfOthers.get(key);
      for (ItemVersion version : made(key).keySet()) {
        if (version.region() == from.number
            && Long.compareUnsigned(version.timestamp(), resolved) <= 0
            && (there == null || version.compareTo(there) > 0)
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

  @Nullable String difference() {
    for (int key = 0; key < keys; key++) {
      var last = made(key).lastEntry();
      for (SimulatedRegion region : regions) {
        if (region.table().isEmpty()) {
          continue;
        }
        StoredValue stored = region.stored(key);
        boolean there = stored != null && !stored.isTombstone();
        boolean wanted = last != null && !last.getValue().isTombstone();
        if (there != wanted || (there && !Arrays.equals(stored.bytes(), last.getValue().bytes()))) {
          return "key %s in %s is %s, not %s"
              .formatted(
                  key,
                  region.name,
                  stored == null ? "nothing" : ItemVersion.of(stored),
                  last == null ? "nothing" : last.getKey());
        }
      }
    }
    return null;
  }

  /** What must hold in the end, beside convergence. */
  void end() {
    acknowledged.forEach(
        (key, version) -> {
          var last = made(key).lastEntry();
          if (last == null || last.getKey().compareTo(version) < 0) {
            say("key " + key + ": the acknowledged " + version + " is lost");
          }
        });
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
