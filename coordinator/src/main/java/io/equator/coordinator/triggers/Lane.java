package io.equator.coordinator.triggers;

import io.equator.coordinator.streams.StreamFeed.Event;
import io.equator.coordinator.triggers.core.BatchDelivery;
import io.equator.coordinator.triggers.core.BatchDelivery.Step;
import io.equator.coordinator.triggers.core.FunctionAnswer;
import io.equator.proto.ChangePlace;
import io.equator.proto.EventSourceMappingDescriptor;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers records one batch after the other, in their order. Blocking; several lanes of a shard
 * run at a time when records of different partition keys may overtake one another.
 */
final class Lane implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  private final MappingTarget target;
  private final EventSourceMappingDescriptor mapping;
  private final ShardWorker.Control control;
  private final String shardId;
  private final List<Event> events;

  /** How many of the events are done with. */
  private volatile int done;

  /** The last result, empty before the first. */
  private volatile String result = "";

  Lane(
      MappingTarget target,
      EventSourceMappingDescriptor mapping,
      ShardWorker.Control control,
      String shardId,
      List<Event> events) {
    this.target = target;
    this.mapping = mapping;
    this.control = control;
    this.shardId = shardId;
    this.events = List.copyOf(events);
  }

  /** The first record that is not done with; empty when all are. */
  Optional<ChangePlace> unfinished() {
    int at = done;
    return at == events.size() ? Optional.empty() : Optional.of(events.get(at).at());
  }

  String result() {
    return result;
  }

  @Override
  public void run() {
    try {
      for (int from = 0; from < events.size(); from += mapping.getBatchSize()) {
        int to = Math.min(events.size(), from + mapping.getBatchSize());
        if (!deliver(from, events.subList(from, to))) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("mapping {}: a lane failed; what it left is tried again", mapping.getUuid(), e);
    }
  }

  /** Delivers one batch; false when it was stopped before the end. */
  private boolean deliver(int base, List<Event> batch) throws InterruptedException {
    BatchDelivery delivery =
        new BatchDelivery(
            batch.stream().mapToLong(Event::createdMillis).toArray(),
            new BatchDelivery.Rules(
                mapping.getMaximumRetryAttempts(),
                mapping.getMaximumRecordAgeSeconds() < 0
                    ? -1
                    : mapping.getMaximumRecordAgeSeconds() * 1_000L,
                mapping.getBisectBatchOnFunctionError()));
    while (!control.isStopping()) {
      if (!control.mayDeliver()) {
        // Perhaps somebody else has the shard; whoever holds the lease finds out.
        control.pause(100);
        continue;
      }
      switch (delivery.next(control.nowMillis())) {
        case Step.Send(int from, int to, int _) -> {
          FunctionAnswer answer = target.call(batch.subList(from, to));
          result =
              answer instanceof FunctionAnswer.Succeeded ? Results.OK : Results.FUNCTION_FAILED;
          delivery.answered(answer, control.nowMillis());
        }
        case Step.Pause(long until) -> control.pause(until - control.nowMillis());
        case Step.Discard discard -> {
          List<Event> given = batch.subList(discard.from(), discard.to());
          if (!target.tell(discard, given, shardId, control)) {
            return false;
          }
          delivery.discarded(discard);
        }
        case Step.Done() -> {
          done = base + batch.size();
          return true;
        }
      }
      done = base + delivery.done();
    }
    return false;
  }
}
