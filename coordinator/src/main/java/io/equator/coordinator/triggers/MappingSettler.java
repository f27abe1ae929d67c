package io.equator.coordinator.triggers;

import io.equator.coordinator.streams.StreamFeed;
import io.equator.coordinator.triggers.CheckpointStore.Entry;
import io.equator.coordinator.triggers.CheckpointStore.UnavailableException;
import io.equator.model.error.ApiException;
import io.equator.partitioner.Partition;
import io.equator.proto.CatalogObject;
import io.equator.proto.ChangePlace;
import io.equator.proto.EventSourceMappingDescriptor;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.TriggerCheckpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings mappings to rest.
 *
 * <pre>
 *   Creating                 write the checkpoints of all shards       ─▶ Enabled or Disabled
 *   Enabling, Updating                                                 ─▶ Enabled or Disabled
 *   Disabling                wait until nobody works on a shard        ─▶ Disabled
 *   Deleting                 the same, then remove the checkpoints     ─▶ gone
 * </pre>
 *
 * <p>The checkpoints stand before a mapping is first enabled, so {@code LATEST} means: every change
 * that is answered after the state was seen to be {@code Enabled}, also when the cluster stops in
 * between. One virtual thread for each mapping on its way.
 */
final class MappingSettler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MappingSettler.class);
  private static final long PAUSE_MILLIS = 100;

  private final TriggerCatalog catalog;
  private final StreamFeed feed;
  private final CheckpointStore checkpoints;
  private final String coordinator;
  private final Predicate<String> idle;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<String> onTheirWay = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * @param idle whether nothing works for the mapping of this UUID here
   */
  MappingSettler(
      TriggerCatalog catalog,
      StreamFeed feed,
      CheckpointStore checkpoints,
      String coordinator,
      Predicate<String> idle) {
    this.catalog = catalog;
    this.feed = feed;
    this.checkpoints = checkpoints;
    this.coordinator = coordinator;
    this.idle = idle;
  }

  /** Begins to work on a mapping, unless that is done already. Does not block. */
  void settle(String uuid) {
    if (!onTheirWay.add(uuid)) {
      return;
    }
    try {
      threads.execute(() -> work(uuid));
    } catch (RejectedExecutionException e) {
      LOG.debug("closed: mapping {} is left to others", uuid, e);
    }
  }

  private void work(String uuid) {
    Map<Long, ShardLease.Seeker> seekers = new HashMap<>();
    try {
      while (closed.getCount() > 0) {
        Optional<CatalogObject> found = catalog.snapshot().eventSourceMapping(uuid);
        if (found.isEmpty() || MappingState.isSettled(found.get().getEventSourceMapping())) {
          return;
        }
        if (!attempt(found.get(), seekers)) {
          var _ = closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      onTheirWay.remove(uuid);
    }
  }

  private boolean attempt(CatalogObject object, Map<Long, ShardLease.Seeker> seekers) {
    EventSourceMappingDescriptor mapping = object.getEventSourceMapping();
    try {
      return step(object, mapping, seekers);
    } catch (UnavailableException | ApiException | LambdaException e) {
      LOG.warn(
          "mapping {} stays {} for now: {}", mapping.getUuid(), mapping.getState(), e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("mapping {} stays {} for now", mapping.getUuid(), mapping.getState(), e);
    }
    return false;
  }

  /** Makes the one step that there is; false when it cannot be made yet. */
  private boolean step(
      CatalogObject object,
      EventSourceMappingDescriptor mapping,
      Map<Long, ShardLease.Seeker> seekers) {
    switch (mapping.getState()) {
      case MappingState.CREATING -> writeCheckpoints(mapping);
      case MappingState.DISABLING, MappingState.DELETING -> {
        if (!idle.test(mapping.getUuid()) || !isFree(mapping, seekers)) {
          return false;
        }
      }
      default -> {}
    }
    Optional<String> next = MappingState.after(mapping);
    if (next.isEmpty()) {
      removeCheckpoints(mapping);
    }
    boolean made =
        catalog.commit(
            next.isEmpty()
                ? TriggerCatalog.removing(object)
                : TriggerCatalog.replacing(
                    object, mapping.toBuilder().setState(next.get()).build()));
    if (made) {
      LOG.info("mapping {} becomes {}", mapping.getUuid(), next.orElse("deleted"));
    }
    return made;
  }

  private void writeCheckpoints(EventSourceMappingDescriptor mapping) {
    Optional<StreamFeed.Source> source = feed.find(mapping.getEventSourceArn());
    if (source.isEmpty()) {
      return;
    }
    for (Partition partition : source.get().partitions()) {
      ChangePlace next =
          mapping.getStartingPosition().equals("LATEST")
              ? source.get().end(partition)
              : ChangePlace.getDefaultInstance();
      // One that is there stays: it is of this step, which was cut off and is made again.
      var _ =
          checkpoints.insert(
              CheckpointStore.key(mapping.getUuid(), partition.id().value()),
              TriggerCheckpoint.newBuilder().setNext(next).build());
    }
  }

  /** Whether no coordinator works on any shard. */
  private boolean isFree(
      EventSourceMappingDescriptor mapping, Map<Long, ShardLease.Seeker> seekers) {
    boolean free = true;
    for (long partition : partitions()) {
      var key = CheckpointStore.key(mapping.getUuid(), partition);
      ShardLease.Seeker seeker =
          seekers.computeIfAbsent(
              partition, _ -> new ShardLease.Seeker(checkpoints, key, coordinator, "settler"));
      Optional<Entry> entry = checkpoints.read(key);
      free &= entry.isEmpty() || seeker.isFree(entry.get(), System.nanoTime());
    }
    return free;
  }

  private void removeCheckpoints(EventSourceMappingDescriptor mapping) {
    for (long partition : partitions()) {
      checkpoints
          .read(CheckpointStore.key(mapping.getUuid(), partition))
          .ifPresent(checkpoints::remove);
    }
  }

  /** All that there are: the table may be gone, and with it what tells which were its own. */
  private List<Long> partitions() {
    List<Long> partitions = new ArrayList<>();
    for (PartitionDescriptor partition : catalog.snapshot().partitionDescriptors()) {
      partitions.add(partition.getPartitionId());
    }
    return partitions;
  }

  /** Stops; what is under way is left as it is. Idempotent. */
  @Override
  public void close() {
    closed.countDown();
    threads.shutdownNow();
    threads.close();
  }
}
