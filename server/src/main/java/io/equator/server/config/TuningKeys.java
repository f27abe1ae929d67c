package io.equator.server.config;

import io.equator.node.ScrubConfig;
import io.equator.node.changes.ChangeLimits;
import io.equator.node.health.DiskLimits;
import io.equator.node.health.SlowDiskRules;
import io.equator.node.snapshots.SnapshotLimits;
import io.equator.server.Refusal;
import io.equator.server.roles.NodeTuning;
import java.time.Duration;

/**
 * The keys {@code disk.…}, {@code storage.…}, {@code changes.…} and {@code regions.compare-…}: what
 * an operator may set of a storage node.
 */
final class TuningKeys {
  private TuningKeys() {}

  static NodeTuning read(Settings settings) {
    try {
      SnapshotLimits snapshots = SnapshotLimits.defaults();
      return new NodeTuning(
          new DiskLimits(
              settings.bytes(Key.DISK_FREE_BYTES_MIN),
              settings.number(Key.DISK_FREE_PERCENT_MIN, 0.0, 90.0)),
          new SlowDiskRules(
              orOff(settings, Key.DISK_SLOW_FORCE),
              settings.number(Key.DISK_SLOW_TIMES_PEERS, 1.0, 1e6),
              positive(settings, Key.DISK_SLOW_AFTER)),
          new ScrubConfig(
              orOff(settings, Key.STORAGE_SCRUB_INTERVAL),
              settings.bytes(Key.STORAGE_SCRUB_RATE),
              new ScrubConfig.Regions(
                  orOff(settings, Key.REGIONS_COMPARE_INTERVAL),
                  settings.bytes(Key.REGIONS_COMPARE_RATE))),
          new SnapshotLimits(
              settings.bytes(Key.STORAGE_SNAPSHOT_RATE),
              settings.number(Key.STORAGE_SNAPSHOTS_SENDING_MAX, 1, 64),
              snapshots.fileBytes(),
              snapshots.keptFor()),
          settings.number(Key.STORAGE_TTL_RATE, 0, 10_000_000),
          new ChangeLimits(
              settings.bytes(Key.CHANGES_INDEX_BACKLOG_BYTES),
              orOff(settings, Key.CHANGES_INDEX_BACKLOG_AGE),
              settings.bytes(Key.CHANGES_STREAM_BYTES),
              orOff(settings, Key.CHANGES_SHARD_ROTATION)));
    } catch (IllegalArgumentException e) {
      throw new Refusal(e.getMessage() + ".", e);
    }
  }

  static Duration positive(Settings settings, Key key) {
    Duration time = settings.duration(key);
    if (time.isZero()) {
      throw settings.wrong(key, "a time of more than 0, such as 500ms, 5s, 10m or 2h");
    }
    return time;
  }

  private static Duration orOff(Settings settings, Key key) {
    return ServeConfig.isOff(settings.text(key)) ? Duration.ZERO : positive(settings, key);
  }
}
