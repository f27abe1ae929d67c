package io.equator.server.load;

import io.equator.server.load.Operation.Step;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Decides what one thread's connections do next. */
interface Traffic {

  /** The next operation; null when there is nothing left to do. */
  @Nullable Operation next();

  /** The record that {@code operation}, just drawn, is about. */
  long record(Operation operation);

  void write(Step step, long record, ByteBuffer out);

  /** Whether an operation that failed is sent again, or counted as failed. */
  boolean retriesFailures();

  /** The workload's mix, without end. */
  static Traffic mixed(Requests requests) {
    return new Traffic() {
      @Override
      public Operation next() {
        return requests.nextOperation();
      }

      @Override
      public long record(Operation operation) {
        return requests.nextRecord(operation);
      }

      @Override
      public void write(Step step, long record, ByteBuffer out) {
        requests.write(step, record, out);
      }

      @Override
      public boolean retriesFailures() {
        return false;
      }
    };
  }

  /**
   * Fills the table: every record once, in batches.
   *
   * @param nextRecord shared by all threads
   */
  static Traffic filling(Requests requests, LoadPlan plan, AtomicLong nextRecord) {
    return new Traffic() {
      @Override
      public @Nullable Operation next() {
        return nextRecord.get() < plan.records() ? Operation.BATCH_WRITE : null;
      }

      @Override
      public long record(Operation operation) {
        return nextRecord.getAndAdd(plan.batchSize());
      }

      @Override
      public void write(Step step, long record, ByteBuffer out) {
        requests.writeBatchFrom(record, out);
      }

      @Override
      public boolean retriesFailures() {
        return true;
      }
    };
  }
}
