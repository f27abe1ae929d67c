package io.equator.node.regions;

import com.google.protobuf.ByteString;
import io.equator.node.core.PartitionReader.StoredItem;
import io.equator.node.core.Tombstones;
import io.equator.node.service.HostedPartition;
import io.equator.proto.DropTombstones;
import io.equator.proto.Effect;
import io.equator.proto.RequireSchema;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Lets go of tombstones, in the partitions that this node leads: of those that every region has
 * passed, as the control plane says ({@link #pass}), and of all of a table that is in this region
 * only, also when others had it or may get it.
 *
 * <p>One step of one pass over the tombstones at each look; a pass begins when there is a new
 * horizon. Of a table that nobody else has there is none, so a pass begins as long as something is
 * found.
 *
 * <p>Used by one thread, but for {@link #pass}.
 */
public final class TombstoneSweep {
  private static final int ROWS_MAX = 2_000;
  private static final long EVERYTHING = -1L;

  /** How often tables that no other region has (any more) are looked at. */
  private static final long ALONE_MILLIS = 60_000;

  private record Place(long partition, int table) {}

  /** Where a pass is; the key after which it goes on. */
  private record Pass(long horizon, ByteString after, boolean done) {}

  private final LongSupplier wallMillis;
  private final Map<Integer, Long> horizons = new ConcurrentHashMap<>();
  private final Map<Place, Pass> passes = new HashMap<>();
  private final Set<Place> onTheirWay = ConcurrentHashMap.newKeySet();

  private long lookedMillis;

  /**
   * @param wallMillis milliseconds since the epoch
   */
  public TombstoneSweep(LongSupplier wallMillis) {
    this.wallMillis = wallMillis;
  }

  /** Every region has passed this timestamp of a table. */
  public void pass(int table, long horizon) {
    horizons.merge(table, horizon, (a, b) -> Long.compareUnsigned(a, b) >= 0 ? a : b);
  }

  /** One look at everything. */
  public void look(CatalogSnapshot snapshot, Collection<HostedPartition> partitions) {
    long now = wallMillis.getAsLong();
    boolean alsoAlone = now - lookedMillis >= ALONE_MILLIS;
    if (alsoAlone) {
      lookedMillis = now;
    }
    for (HostedPartition partition : partitions) {
      if (partition.leadsOwner()) {
        for (int table : horizons.keySet()) {
          look(snapshot, partition, table);
        }
        for (int table : alsoAlone ? partition.machine().tables() : Set.<Integer>of()) {
          look(snapshot, partition, table);
        }
      }
    }
  }

  private void look(CatalogSnapshot snapshot, HostedPartition partition, int id) {
    Optional<TableView> table = snapshot.table(id);
    if (table.isEmpty() || table.get().ringId() != partition.descriptor().ringId()) {
      return;
    }
    if (table.get().descriptor().getReplication().getTargetsCount() > 0) {
      long horizon = horizons.getOrDefault(id, 0L);
      if (horizon != 0) {
        step(partition, id, horizon);
      }
    } else if (!partition.reader().tombstones(id, ByteString.EMPTY, 1).isEmpty()) {
      forget(partition, table.get());
    }
  }

  /** Nobody else has the table: once nothing decided before that can be applied any more. */
  private void forget(HostedPartition partition, TableView table) {
    long schema = table.reference().getSchemaVersion();
    long floor = partition.machine().schemaFloor(table.id());
    if (floor == schema) {
      step(partition, table.id(), EVERYTHING);
    } else if (floor < schema) {
      RequireSchema raise =
          RequireSchema.newBuilder().setTableId(table.id()).setSchemaVersion(schema).build();
      var _ = partition.writer().submit(Effect.newBuilder().setRequireSchema(raise).build());
    }
  }

  private void step(HostedPartition partition, int table, long horizon) {
    Place place = new Place(partition.machine().partition(), table);
    Pass pass = passes.get(place);
    boolean again = pass != null && (pass.horizon() != horizon || horizon == EVERYTHING);
    if (pass == null || (pass.done() && again)) {
      pass = new Pass(horizon, ByteString.EMPTY, false);
    }
    if (pass.done() || !onTheirWay.add(place)) {
      return;
    }
    Next next = next(partition, table, pass.horizon(), pass.after());
    passes.put(place, new Pass(pass.horizon(), next.after(), next.done()));
    if (next.effect().isEmpty()) {
      onTheirWay.remove(place);
      return;
    }
    var _ =
        partition
            .writer()
            .submit(next.effect().get())
            .whenComplete((_, _) -> onTheirWay.remove(place));
  }

  /**
   * One step of a pass.
   *
   * @param effect drops what was found; empty when that is nothing
   * @param after where the next step begins
   * @param done there are no more
   */
  public record Next(Optional<Effect> effect, ByteString after, boolean done) {}

  /** Looks at some tombstones of a table. */
  public static Next next(HostedPartition partition, int table, long horizon, ByteString after) {
    DropTombstones.Builder drop = DropTombstones.newBuilder().setTableId(table).setUpTo(horizon);
    ByteString last = after;
    int rows = 0;
    for (StoredItem row : partition.reader().tombstones(table, after, ROWS_MAX)) {
      rows++;
      last = row.suffix();
      if (Long.compareUnsigned(Tombstones.deletedAt(row.value()), horizon) <= 0) {
        drop.addKeys(row.suffix());
      }
    }
    return new Next(
        drop.getKeysCount() == 0
            ? Optional.empty()
            : Optional.of(Effect.newBuilder().setDropTombstones(drop).build()),
        last,
        rows < ROWS_MAX);
  }
}
