package io.equator.node.changes;

import io.equator.node.service.HostedPartition;
import io.equator.proto.Effect;
import io.equator.proto.PastStream;
import io.equator.proto.RequireSchema;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sees to it that, once a stream was switched on or off, no write decided before that is applied
 * behind it: raises the table's schema floor in each partition that this node leads.
 *
 * <p>Used by one thread.
 */
public final class StreamFloors {
  private record Place(long partition, int table) {}

  private final Set<Place> onTheirWay = ConcurrentHashMap.newKeySet();

  /**
   * Looks at every table whose stream has been changed, deleted ones too: what was decided before
   * the table went may still be on its way.
   */
  public void look(CatalogSnapshot snapshot, Collection<HostedPartition> partitions) {
    snapshot.tables().values().forEach(table -> look(table, partitions));
    snapshot.droppedTables().forEach(table -> look(table, partitions));
  }

  private void look(TableView table, Collection<HostedPartition> partitions) {
    long floor = floor(table.descriptor());
    if (floor > 1) {
      raise(table, floor, partitions);
    }
  }

  /** The schema version of the last change of the stream; 1 is the table's first. */
  private static long floor(TableDescriptor table) {
    long floor = table.getStreamEnabled() ? table.getStreamId() : 0;
    for (PastStream past : table.getPastStreamsList()) {
      floor = Math.max(floor, past.getEndedSchemaVersion());
    }
    return floor;
  }

  private void raise(TableView table, long floor, Collection<HostedPartition> partitions) {
    for (HostedPartition partition : partitions) {
      Place place = new Place(partition.machine().partition(), table.id());
      if (partition.descriptor().ringId() == table.ringId()
          && partition.machine().schemaFloor(table.id()) < floor
          && partition.leadsOwner()
          && onTheirWay.add(place)) {
        RequireSchema effect =
            RequireSchema.newBuilder().setTableId(table.id()).setSchemaVersion(floor).build();
        var _ =
            partition
                .writer()
                .submit(Effect.newBuilder().setRequireSchema(effect).build())
                .whenComplete((_, _) -> onTheirWay.remove(place));
      }
    }
  }
}
