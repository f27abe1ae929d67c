package io.equator.coordinator.triggers;

import io.equator.coordinator.streams.StreamFeed;
import io.equator.coordinator.triggers.CheckpointStore.Entry;
import io.equator.coordinator.triggers.CheckpointStore.UnavailableException;
import io.equator.partitioner.Partition;
import io.equator.proto.EventSourceMappingDescriptor;
import io.equator.proto.TriggerCheckpoint;
import java.util.Comparator;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the last batch of a mapping came to, of whichever shard it was. Blocking. */
final class Results {
  private static final Logger LOG = LoggerFactory.getLogger(Results.class);

  static final String NONE = "No records processed";
  static final String OK = "OK";
  static final String FUNCTION_FAILED = "PROBLEM: Function call failed";
  static final String NO_STREAM = "PROBLEM: Stream not found";

  private final StreamFeed feed;
  private final CheckpointStore checkpoints;

  Results(StreamFeed feed, CheckpointStore checkpoints) {
    this.feed = feed;
    this.checkpoints = checkpoints;
  }

  /** The text of {@code LastProcessingResult}. */
  String of(EventSourceMappingDescriptor mapping) {
    Optional<StreamFeed.Source> source = feed.find(mapping.getEventSourceArn());
    if (source.isEmpty()) {
      return NO_STREAM;
    }
    try {
      return source.get().partitions().stream()
          .map(partition -> row(mapping, partition))
          .filter(row -> !row.getLastProcessingResult().isEmpty())
          .max(Comparator.comparingLong(TriggerCheckpoint::getResultMillis))
          .map(TriggerCheckpoint::getLastProcessingResult)
          .orElse(NONE);
    } catch (UnavailableException e) {
      LOG.warn("the result of mapping {} cannot be read: {}", mapping.getUuid(), e.getMessage());
      return NONE;
    }
  }

  private TriggerCheckpoint row(EventSourceMappingDescriptor mapping, Partition partition) {
    return checkpoints
        .read(CheckpointStore.key(mapping.getUuid(), partition.id().value()))
        .map(Entry::row)
        .orElse(TriggerCheckpoint.getDefaultInstance());
  }
}
