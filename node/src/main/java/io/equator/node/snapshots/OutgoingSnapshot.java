package io.equator.node.snapshots;

import com.google.protobuf.ByteString;
import io.equator.node.core.Family;
import io.equator.node.core.MetaRows.Applied;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.PartitionMachine;
import io.equator.node.core.PartitionMachine.FixedState;
import io.equator.node.core.PartitionRows;
import io.equator.node.core.RowCursor;
import io.equator.node.core.RowFile;
import io.equator.node.core.RowRange;
import io.equator.node.core.Store;
import io.equator.node.core.StoreException;
import io.equator.proto.SnapshotFile;
import io.equator.proto.SnapshotHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A state of a partition that is sent to another node: its rows, family by family, in files of a
 * bounded size, each made when it is asked for. The newest ones stay, so a stream that broke off
 * can go on: as many as can be on their way when it breaks, however small they are.
 *
 * <p>Used by one thread at a time.
 */
final class OutgoingSnapshot implements AutoCloseable {
  private static final Family[] FAMILIES = Family.values();

  private final Store store;
  private final long partition;
  private final Descriptor descriptor;
  private final FixedState state;
  private final Path directory;
  private final int fileBytes;
  private final SnapshotHeader header;

  /** Bytes between what was sent last and what has arrived, at most: windows and buffers. */
  private static final long ON_THE_WAY_BYTES = 8 << 20;

  /** In order. */
  private final ArrayDeque<MadeFile> made = new ArrayDeque<>();

  private int family;
  private @Nullable List<RowRange> ranges;
  private int range;

  /** Where to go on in the range; null at its beginning. */
  private byte @Nullable [] from;

  /** A file, and where it is. */
  record MadeFile(SnapshotFile file, Path path) {}

  /**
   * Fixes the state of a partition as it is now.
   *
   * @param directory for the files; made, and deleted when this is closed
   * @throws StoreException when the replica has stopped
   */
  OutgoingSnapshot(
      Store store, PartitionMachine machine, ByteString id, Path directory, int fileBytes) {
    this.store = store;
    this.partition = machine.partition();
    this.descriptor = machine.descriptor();
    this.directory = directory;
    this.fileBytes = fileBytes;
    this.state = machine.fix();
    Applied position = state.position();
    this.header =
        SnapshotHeader.newBuilder()
            .setSnapshotId(id)
            .setPartitionId(partition)
            .setEpoch(descriptor.epoch())
            .setFirstToken(descriptor.firstToken())
            .setLastToken(descriptor.lastToken())
            .setTerm(position.term())
            .setIndex(position.index())
            .setDecidedTerm(position.decidedTerm())
            .setSequence(position.sequence())
            .build();
  }

  SnapshotHeader header() {
    return header;
  }

  /** Whether {@link #file} can give this one. */
  boolean reaches(int number) {
    int first = made.isEmpty() ? 0 : made.getFirst().file.getNumber();
    int next = made.isEmpty() ? 0 : made.getLast().file.getNumber() + 1;
    return first <= number && number <= next;
  }

  /**
   * One of the newest files again, or the next one.
   *
   * @return null when there are no more rows
   * @throws StoreException when the store cannot be read
   */
  @Nullable MadeFile file(int number) throws IOException {
    if (!reaches(number)) {
      throw new IllegalArgumentException("file " + number + " is not to be had");
    }
    for (MadeFile again : made) {
      if (again.file.getNumber() == number) {
        return again;
      }
    }
    while (family < FAMILIES.length) {
      Path path = directory.resolve(number + ".sst");
      long rows = write(FAMILIES[family], path);
      String name = FAMILIES[family].storedName();
      if (ranges == null) {
        family++;
      }
      if (rows > 0) {
        forgetArrived();
        MadeFile next =
            new MadeFile(
                SnapshotFile.newBuilder()
                    .setNumber(number)
                    .setFamily(name)
                    .setRows(rows)
                    .setBytes(Files.size(path))
                    .setCrc32C(Checksums.of(path))
                    .build(),
                path);
        made.add(next);
        return next;
      }
    }
    return null;
  }

  private void forgetArrived() throws IOException {
    long newer = made.stream().mapToLong(one -> one.file.getBytes()).sum();
    while (!made.isEmpty() && newer - made.getFirst().file.getBytes() >= ON_THE_WAY_BYTES) {
      MadeFile arrived = made.remove();
      newer -= arrived.file.getBytes();
      Files.deleteIfExists(arrived.path);
    }
  }

  /**
   * Writes the rows of a family from where the last file ended, until the file is full or the
   * family has no more; {@link #ranges} is null then.
   */
  private long write(Family of, Path path) throws IOException {
    List<RowRange> all = ranges;
    if (all == null) {
      all = PartitionRows.of(state.view(), of, partition, descriptor);
      ranges = all;
      range = 0;
      from = null;
    }
    long rows = 0;
    long bytes = 0;
    RowFile file = null;
    try {
      for (; range < all.size(); range++, from = null) {
        RowRange at = all.get(range);
        byte[] lower = from == null ? at.lower() : from;
        try (RowCursor cursor = state.view().cursor(of, lower, at.upper())) {
          for (cursor.first(); cursor.valid(); cursor.next()) {
            byte[] key = cursor.key();
            if (bytes >= fileBytes) {
              from = key;
              return rows;
            }
            if (file == null) {
              Files.createDirectories(directory);
              Files.deleteIfExists(path);
              file = store.newFile(of, path);
            }
            byte[] value = cursor.value();
            file.put(key, value);
            rows++;
            bytes += key.length + value.length;
          }
        }
      }
      ranges = null;
      return rows;
    } finally {
      if (file != null) {
        try (RowFile open = file) {
          open.finish();
        }
      }
    }
  }

  @Override
  public void close() {
    state.view().close();
    Directories.deleteQuietly(directory);
  }

  @Override
  public String toString() {
    return "the state of partition " + partition + " at " + state.position().index();
  }
}
