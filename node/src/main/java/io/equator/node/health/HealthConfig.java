package io.equator.node.health;

import java.nio.file.Path;
import java.util.List;

/**
 * How a node looks after its machine.
 *
 * @param disk what is to stay free
 * @param slow when its disk counts as slow
 * @param probe finds out what is free
 * @param force measures how long a force takes, in microseconds, in a folder
 * @param logs the folder of the Raft logs, in which forces are measured; nobody: not measured
 */
public record HealthConfig(
    DiskLimits disk,
    SlowDiskRules slow,
    DiskSpace.Probe probe,
    ForceProbe.Measure force,
    List<Path> logs) {
  public HealthConfig {
    logs = List.copyOf(logs);
  }

  /** The defaults, of a node whose logs are measured by nobody. */
  public static HealthConfig defaults() {
    return new HealthConfig(
        DiskLimits.defaults(),
        SlowDiskRules.defaults(),
        DiskSpace::of,
        ForceProbe::force,
        List.of());
  }

  /** The same with logs in this folder. */
  public HealthConfig withLogs(Path folder) {
    return new HealthConfig(disk, slow, probe, force, List.of(folder));
  }

  /** The same with other bounds. */
  public HealthConfig with(DiskLimits limits, SlowDiskRules rules) {
    return new HealthConfig(limits, rules, probe, force, logs);
  }
}
