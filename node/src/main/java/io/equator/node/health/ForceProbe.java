package io.equator.node.health;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures how long a disk takes to make something durable: once a second it overwrites and forces
 * the same 4 KiB of a file beside the Raft logs.
 *
 * <p>Why not the logs' own forces: an idle node makes none, a busy one makes larger ones, so nodes
 * could not be compared. This one waits in the same queue of the same device.
 *
 * <p>A force that does not come back counts for as long as it has lasted, so a disk that hangs is
 * seen. It runs on a thread of its own for that.
 */
public final class ForceProbe implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ForceProbe.class);
  private static final int BYTES = 4096;
  private static final long PAUSE_MILLIS = 1_000;

  /** The newest counts a quarter: a single late force is forgotten after a few. */
  private static final double NEWEST = 0.25;

  /** Measures one force. */
  @FunctionalInterface
  public interface Measure {
    /** Makes one and returns when it is done. */
    void force(Path folder) throws IOException;
  }

  private record Sample(double smoothedMicros, boolean any) {}

  private final Path folder;
  private final Measure measure;
  private final AtomicReference<Sample> sample = new AtomicReference<>(new Sample(0, false));
  private final AtomicReference<Optional<Long>> begun = new AtomicReference<>(Optional.empty());
  private final Thread thread;

  /** A probe that has not started. */
  ForceProbe(String name, Path folder, Measure measure) {
    this.folder = folder;
    this.measure = measure;
    this.thread = Thread.ofPlatform().daemon().name("force-" + name).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Overwrites 4 KiB and forces them. */
  public static void force(Path folder) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            folder.resolve("force-probe"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer block = ByteBuffer.allocate(BYTES);
      while (block.hasRemaining()) {
        file.write(block, block.position());
      }
      file.force(false);
    }
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        long start = System.nanoTime();
        begun.set(Optional.of(start));
        measure.force(folder);
        took((System.nanoTime() - start) / 1e3);
        Thread.sleep(PAUSE_MILLIS);
      } catch (IOException e) {
        // A disk that is full or broken shows elsewhere, and says nothing about its speed.
        LOG.debug("the disk of {} could not be measured", folder, e);
        begun.set(Optional.empty());
        pause();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void took(double micros) {
    begun.set(Optional.empty());
    sample.updateAndGet(
        before ->
            before.any
                ? new Sample(before.smoothedMicros * (1 - NEWEST) + micros * NEWEST, true)
                : new Sample(micros, true));
  }

  /** Smoothed, in microseconds; 0 before the first. */
  long micros() {
    double running = begun.get().map(start -> (System.nanoTime() - start) / 1e3).orElse(0.0);
    return (long) Math.max(running, sample.get().smoothedMicros);
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
