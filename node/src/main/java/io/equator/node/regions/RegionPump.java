package io.equator.node.regions;

import io.equator.node.regions.RegionLane.Step;
import io.equator.node.regions.RegionLink.RegionAwayException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what a lane says, until it is stopped.
 *
 * <p>Threads: one, its own; {@link #wake} and {@link #stop} from any.
 */
final class RegionPump implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(RegionPump.class);

  private final RegionLane lane;
  private final RegionLink link;
  private final Semaphore wakes = new Semaphore(0);
  private volatile boolean stopped;
  private String told = "";

  RegionPump(RegionLane lane, RegionLink link) {
    this.lane = lane;
    this.link = link;
  }

  RegionLane lane() {
    return lane;
  }

  /** There may be something to send. */
  void wake() {
    if (wakes.availablePermits() == 0) {
      wakes.release();
    }
  }

  /** Ends the pump soon; what it has not sent waits in the change log. */
  void stop() {
    stopped = true;
    wake();
  }

  @Override
  public void run() {
    try {
      while (!stopped) {
        try {
          perform(lane.next());
        } catch (RegionAwayException e) {
          lane.failed(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
          LOG.error("{} cannot go on; it tries again", lane, e);
          lane.failed(String.valueOf(e.getMessage()));
        }
        tellTrouble();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void perform(Step step) throws InterruptedException {
    switch (step) {
      case Step.Submit(var effect) -> {
        if (!lane.source().writer().submit(effect).join()) {
          pause(100);
        }
      }
      case Step.Ask(var request) -> lane.answered(link.cursor(lane.name().region(), request));
      case Step.Send(var request) ->
          lane.answered(request, link.apply(lane.name().region(), request));
      case Step.Wait(long millis) -> pause(millis);
    }
  }

  private void pause(long millis) throws InterruptedException {
    if (!stopped && millis > 0) {
      var _ = wakes.tryAcquire(millis, TimeUnit.MILLISECONDS);
      wakes.drainPermits();
    }
  }

  /** Once for each new trouble, and once when it is over. */
  private void tellTrouble() {
    String now = lane.trouble();
    if (now.equals(told)) {
      return;
    }
    if (now.isEmpty()) {
      LOG.info("partition {}: {} goes on", lane.source().machine().partition(), lane.name());
    } else {
      LOG.warn("partition {}: {} waits: {}", lane.source().machine().partition(), lane.name(), now);
    }
    told = now;
  }
}
