package io.equator.node.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.equator.node.core.Family;
import io.equator.node.core.RowBatch;
import io.equator.node.core.Store;
import io.equator.node.core.StoreException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A store on a file system that really is full: it says so, loses nothing of what it took, and goes
 * on by itself when there is space. Needs the right to mount.
 */
final class NoSpaceTest {
  private static final RocksConfig SMALL = new RocksConfig(8 << 20, 1 << 20, 1 << 20, 1);
  private static final int MIB = 1 << 20;

  @TempDir private Path temporary;
  private Path disk;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(temporary.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk.toString()),
        "this machine does not permit to mount a file system");
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", "-l", disk.toString());
  }

  private static boolean run(String... command) throws Exception {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static void fill(Path file) {
    try (OutputStream out = Files.newOutputStream(file)) {
      while (true) {
        out.write(new byte[1 << 16]);
      }
    } catch (IOException full) {
      // That is what was wanted.
    }
  }

  private static void put(Store store, int number, byte[] value) {
    try (RowBatch batch = store.newBatch()) {
      batch.put(Family.ITEMS, key(number), value);
      store.commit(batch);
    }
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  @Test
  void itGoesOnByItselfWhenThereIsSpaceAndHasEverythingThatItTook() throws Exception {
    Random random = new Random(1);
    byte[] value = new byte[10_000];
    int taken = 0;
    try (RocksStore store = RocksStore.open(disk.resolve("store"), SMALL)) {
      random.nextBytes(value);
      put(store, taken++, value);
      store.flush();
      fill(disk.resolve("ballast"));
      assertThatThrownBy(
              () -> {
                for (int i = 1; i < 2_000; i++) {
                  random.nextBytes(value);
                  put(store, i, value);
                }
                store.flush();
              })
          .isInstanceOf(StoreException.class);
      assertThat(store.missesSpace()).isTrue();
      assertThat(store.failure()).as("not for ever").isEmpty();
      while (taken < 2_000 && store.get(Family.ITEMS, key(taken)) != null) {
        taken++;
      }
      Files.delete(disk.resolve("ballast"));
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
      while (store.missesSpace()) {
        assertThat(System.nanoTime()).as("it does not go on").isLessThan(end);
        Thread.sleep(100);
      }
      put(store, 5_000, new byte[MIB]);
      store.flush();
    }
    try (RocksStore store = RocksStore.open(disk.resolve("store"), SMALL)) {
      for (int i = 0; i < taken; i++) {
        assertThat(store.get(Family.ITEMS, key(i))).as("row %s of %s", i, taken).hasSize(10_000);
      }
      assertThat(store.get(Family.ITEMS, key(5_000))).hasSize(MIB);
    }
  }
}
