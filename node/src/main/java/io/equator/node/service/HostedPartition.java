package io.equator.node.service;

import io.equator.node.core.ChangeReader;
import io.equator.node.core.LoadSample;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.PartitionMachine;
import io.equator.node.core.PartitionReader;
import io.equator.node.core.PartitionWriter;
import io.equator.partitioner.NodeId;
import io.equator.replication.log.Leadership;
import io.equator.replication.log.ReplicatedLog;
import java.util.Optional;

/**
 * This node's replica of a partition, with everything that serves it.
 *
 * @param log its log, open
 * @param machine what the log drives
 * @param load which keys are asked for
 */
public record HostedPartition(
    ReplicatedLog log,
    PartitionMachine machine,
    PartitionWriter writer,
    PartitionReader reader,
    ChangeReader changes,
    LoadSample load) {

  /** One of which nobody has asked anything yet. */
  public HostedPartition(
      ReplicatedLog log,
      PartitionMachine machine,
      PartitionWriter writer,
      PartitionReader reader,
      ChangeReader changes) {
    this(log, machine, writer, reader, changes, new LoadSample());
  }

  /** What the partition is. */
  public Descriptor descriptor() {
    return machine.descriptor();
  }

  /** True while this replica leads and has applied everything that earlier leaders acknowledged. */
  public boolean leads() {
    return log.leadership() instanceof Leadership.Leader(_, boolean ready) && ready;
  }

  /** True while it leads a partition that has not been split: one that may still change. */
  public boolean leadsOwner() {
    return machine.sealed() == null && leads();
  }

  /** Who leads instead, if that is known. */
  public Optional<NodeId> leaderHint() {
    return log.leadership() instanceof Leadership.Follower(_, Optional<NodeId> leader)
        ? leader
        : Optional.empty();
  }
}
