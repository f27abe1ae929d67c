package io.equator.server.roles;

import io.equator.node.NodeConfig;
import io.equator.node.ScrubConfig;
import io.equator.node.changes.ChangeLimits;
import io.equator.node.health.DiskLimits;
import io.equator.node.health.HealthConfig;
import io.equator.node.health.SlowDiskRules;
import io.equator.node.snapshots.SnapshotLimits;
import io.equator.partitioner.NodeId;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What an operator may set of a storage node.
 *
 * @param disk what is to stay free
 * @param slowDisk when its disk counts as slow
 * @param scrub how often and how fast replicas are compared
 * @param snapshots what sending states to other nodes may take
 * @param ttlDeletesPerSecond expired items that it deletes at most; 0: no bound
 * @param changes how much of the change log may wait for its readers
 */
public record NodeTuning(
    DiskLimits disk,
    SlowDiskRules slowDisk,
    ScrubConfig scrub,
    SnapshotLimits snapshots,
    int ttlDeletesPerSecond,
    ChangeLimits changes) {

  /** What is right for most. */
  public static NodeTuning defaults() {
    return new NodeTuning(
        DiskLimits.defaults(),
        SlowDiskRules.defaults(),
        ScrubConfig.defaults(),
        SnapshotLimits.defaults(),
        NodeConfig.TTL_DELETES_PER_SECOND,
        ChangeLimits.defaults());
  }

  /** The same for nodes that all have the same disk: none of them is slower than the others. */
  public static NodeTuning sharedDisk() {
    SlowDiskRules slow = SlowDiskRules.defaults();
    return new NodeTuning(
        DiskLimits.defaults(),
        new SlowDiskRules(Duration.ZERO, slow.timesPeers(), slow.after()),
        ScrubConfig.defaults(),
        SnapshotLimits.defaults(),
        NodeConfig.TTL_DELETES_PER_SECOND,
        ChangeLimits.defaults());
  }

  /** The same with other bounds of the change log. */
  public NodeTuning withChanges(ChangeLimits limits) {
    return new NodeTuning(disk, slowDisk, scrub, snapshots, ttlDeletesPerSecond, limits);
  }

  /** The configuration of a node's storage. */
  NodeConfig config(NodeId node, Path folder, boolean inMemory) {
    HealthConfig health = HealthConfig.defaults().with(disk, slowDisk);
    return NodeConfig.of(node, folder.resolve("store"))
        .withInMemory(inMemory)
        .withScrub(scrub)
        .withSnapshots(snapshots)
        .withTtlDeletesPerSecond(ttlDeletesPerSecond)
        .withChanges(changes)
        .withHealth(inMemory ? health : health.withLogs(folder.resolve("raft")));
  }
}
