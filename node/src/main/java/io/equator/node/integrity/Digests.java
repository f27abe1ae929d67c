package io.equator.node.integrity;

import com.google.protobuf.UnsafeByteOperations;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.PartitionMachine.FixedState;
import io.equator.node.core.StateDigest;
import io.equator.node.core.StateDigest.DamagedException;
import io.equator.node.core.StateDigest.Result;
import io.equator.node.core.StoreDamagedException;
import io.equator.node.core.StoreException;
import io.equator.node.snapshots.ByteThrottle;
import io.equator.proto.DigestResponse;
import io.equator.proto.DigestResponse.Outcome;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The digests that this node's replicas were asked for by their logs: takes them one after the
 * other, slowly, and remembers the last ones.
 */
public final class Digests implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Digests.class);

  /** More than that are asked for at a time only when somebody plays. */
  private static final int REMEMBERED_MAX = 256;

  private final ByteThrottle throttle;
  private final ExecutorService reader;
  private final Map<Name, DigestResponse> digests =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Name, DigestResponse> eldest) {
          return size() > REMEMBERED_MAX;
        }
      };

  private volatile boolean closed;

  private record Name(long partition, long digestId) {}

  /**
   * @param node for the name of its thread
   * @param bytesPerSecond how fast rows are read; 0: no bound
   */
  public Digests(String node, long bytesPerSecond) {
    this.throttle = new ByteThrottle(bytesPerSecond, System::nanoTime);
    this.reader =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("scrub-" + node).factory());
  }

  /** Reads a state, later; closes it in any case. */
  public void take(long partition, Descriptor descriptor, long digestId, FixedState state) {
    Name name = new Name(partition, digestId);
    long index = state.position().index();
    put(name, DigestResponse.newBuilder().setOutcome(Outcome.COMPUTING).setLogIndex(index).build());
    try {
      reader.execute(() -> put(name, read(name, descriptor, index, state)));
    } catch (RejectedExecutionException _) {
      state.view().close();
      LOG.debug("the node closes before a digest of partition {} is taken", partition);
    }
  }

  private DigestResponse read(Name name, Descriptor descriptor, long index, FixedState state) {
    DigestResponse.Builder response = DigestResponse.newBuilder().setLogIndex(index);
    try (var view = state.view()) {
      if (closed) {
        return response.setOutcome(Outcome.UNKNOWN).setDetail("the node closes").build();
      }
      Result result = new StateDigest(view, name.partition, descriptor).compute(throttle::pass);
      result
          .families()
          .forEach(family -> response.addFamilies(UnsafeByteOperations.unsafeWrap(family)));
      return response
          .setOutcome(Outcome.COMPUTED)
          .setRows(result.rows())
          .setBytes(result.bytes())
          .build();
    } catch (DamagedException | StoreDamagedException e) {
      LOG.error("the replica of partition {} is damaged", name.partition, e);
      return response.setOutcome(Outcome.DAMAGED).setDetail(String.valueOf(e.getMessage())).build();
    } catch (StoreException e) {
      LOG.error("the replica of partition {} cannot be read now", name.partition, e);
      return response.setOutcome(Outcome.UNKNOWN).setDetail(String.valueOf(e.getMessage())).build();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return response.setOutcome(Outcome.UNKNOWN).setDetail("the node closes").build();
    }
  }

  private synchronized void put(Name name, DigestResponse digest) {
    digests.put(name, digest);
  }

  /** What is known of a digest. */
  synchronized DigestResponse get(long partition, long digestId) {
    return digests.getOrDefault(
        new Name(partition, digestId),
        DigestResponse.newBuilder().setOutcome(Outcome.UNKNOWN).build());
  }

  /** Ends reading; waits until nobody reads the store any more. */
  @Override
  public void close() {
    closed = true;
    // Those that wait are run here: each closes its state and reads nothing.
    reader.shutdownNow().forEach(Runnable::run);
    try {
      if (!reader.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.error("a digest is still being taken");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
