package io.equator.node.regions;

import io.equator.model.item.StoredValue;
import io.equator.proto.ReplicateRequest;
import io.equator.proto.ReplicateResponse;
import io.equator.replication.clock.HybridTimestamp;
import java.util.concurrent.atomic.LongAdder;

/** What a lane has done since it began. Written by one thread, read by any. */
final class LaneFigures {
  private final LongAdder walked = new LongAdder();
  private final LongAdder sent = new LongAdder();
  private final LongAdder taken = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final LongAdder parked = new LongAdder();
  private final LongAdder latencyMillis = new LongAdder();
  private final LongAdder latencies = new LongAdder();

  void walked(int rows) {
    walked.add(rows);
  }

  void refused(ReplicateResponse.Outcome outcome) {
    if (outcome == ReplicateResponse.Outcome.CLOCK_AHEAD) {
      parked.increment();
    }
  }

  /** Latency is counted of changes only, not of what a walk finds. */
  void acknowledged(ReplicateRequest request, ReplicateResponse response, long nowMillis) {
    sent.add(request.getItemsCount());
    taken.add(response.getTaken());
    lost.add(response.getLost());
    if (request.getNext().getWalked()) {
      for (int i = 0; i < request.getItemsCount(); i++) {
        long written =
            HybridTimestamp.millisOf(StoredValue.read(request.getItems(i).getValue()).timestamp());
        latencyMillis.add(Math.max(0, nowMillis - written));
        latencies.increment();
      }
    }
  }

  long walked() {
    return walked.sum();
  }

  long sent() {
    return sent.sum();
  }

  long taken() {
    return taken.sum();
  }

  long lost() {
    return lost.sum();
  }

  long parked() {
    return parked.sum();
  }

  long latencyMillis() {
    return latencyMillis.sum();
  }

  long latencies() {
    return latencies.sum();
  }
}
