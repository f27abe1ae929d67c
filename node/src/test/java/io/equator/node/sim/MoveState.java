package io.equator.node.sim;

import io.equator.node.core.Family;
import io.equator.node.core.MetaRows.Applied;
import io.equator.node.core.PartitionMachine;
import io.equator.node.core.PartitionMachine.FixedState;
import io.equator.node.core.PartitionRows;
import io.equator.node.core.RowCursor;
import io.equator.node.core.RowFile;
import io.equator.node.core.RowRange;
import io.equator.node.core.Store;
import io.equator.node.snapshots.ArrivedState;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A state of a partition on its way to another node: what {@code SnapshotEndpoint} sends, and
 * {@code SnapshotFetcher} takes, without their streams and files.
 *
 * @param rows of each family, in order
 */
record MoveState(Applied position, Map<Family, TreeMap<byte[], byte[]>> rows) {

  /** The state of a replica as it is now. */
  static MoveState of(PartitionMachine machine) {
    FixedState fixed = machine.fix();
    Map<Family, TreeMap<byte[], byte[]>> rows = new EnumMap<>(Family.class);
    for (Family family : Family.values()) {
      TreeMap<byte[], byte[]> there = new TreeMap<>(java.util.Arrays::compareUnsigned);
      for (RowRange range :
          PartitionRows.of(fixed.view(), family, machine.partition(), machine.descriptor())) {
        try (RowCursor cursor = fixed.view().cursor(family, range.lower(), range.upper())) {
          for (cursor.first(); cursor.valid(); cursor.next()) {
            there.put(cursor.key(), cursor.value());
          }
        }
      }
      rows.put(family, there);
    }
    fixed.view().close();
    return new MoveState(fixed.position(), rows);
  }

  /** Writes it into the files of a store. */
  ArrivedState into(Store store, long partition) {
    Applied at = position;
    rows.forEach(
        (family, there) -> {
          if (!there.isEmpty()) {
            try (RowFile file = store.newFile(family, path(partition, family))) {
              there.forEach(file::put);
              file.finish();
            }
          }
        });
    return new ArrivedState() {
      @Override
      public String name() {
        return "arrived";
      }

      @Override
      public Applied position() {
        return at;
      }

      @Override
      public List<Path> of(Family family) {
        var some = rows.get(family);
        return some == null || some.isEmpty() ? List.of() : List.of(path(partition, family));
      }
    };
  }

  private static Path path(long partition, Family family) {
    return Path.of(partition + "-" + family);
  }
}
