package io.equator.node.changes;

import io.equator.node.core.ChangeLog.Kept;
import io.equator.node.core.ChangePosition;
import io.equator.node.core.ChangeReader.Change;
import io.equator.node.core.ChangeReader.Changes;
import io.equator.node.service.HostedPartition;
import io.equator.proto.Effect;
import io.equator.proto.TrimChanges;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Lets go of change records that no reader needs any more.
 *
 * <p>Leaders ask for it through their log, at most {@value #RECORDS_MAX} records at a time, since
 * each record is deleted by itself; one request per table and partition is on its way at most.
 *
 * <p>Used by one thread. When a request was not enough, the caller is told to come again as soon as
 * it is applied, so that the log shrinks as fast as it grew.
 */
public final class ChangeTrimmer {
  private static final int RECORDS_MAX = 2_000;
  private static final long BYTES_MAX = 8 << 20;

  private record Place(long partition, int table) {}

  private final List<ChangeNeed> needs;
  private final Consumer<HostedPartition> again;
  private final Set<Place> onTheirWay = ConcurrentHashMap.newKeySet();

  /** Keeps what any of {@code needs} wants kept. */
  public ChangeTrimmer(List<ChangeNeed> needs) {
    this(needs, _ -> {});
  }

  /**
   * The same.
   *
   * @param again {@link #trim} is to be called for this partition, which has more to let go; called
   *     by any thread, which must not be held up
   */
  public ChangeTrimmer(List<ChangeNeed> needs, Consumer<HostedPartition> again) {
    this.needs = List.copyOf(needs);
    this.again = again;
  }

  /** Looks at every table of a partition that this node leads. */
  public void trim(HostedPartition partition) {
    for (int table : partition.machine().tablesWithChanges()) {
      Kept kept = partition.machine().changesKept(table);
      if (kept.records() > 0) {
        trim(partition, table, kept);
      }
    }
  }

  private void trim(HostedPartition partition, int table, Kept kept) {
    long needed = ChangeNeed.NOTHING;
    for (ChangeNeed need : needs) {
      needed = Math.min(needed, need.neededFrom(partition, table));
    }
    Place place = new Place(partition.machine().partition(), table);
    if (needed <= kept.floor() || onTheirWay.contains(place)) {
      return;
    }
    Changes oldest =
        partition
            .changes()
            .read(table, ChangePosition.ofEntry(kept.floor()), RECORDS_MAX, BYTES_MAX);
    // An entry that stands only partly in the page is kept until the next time.
    long seen = oldest.more() ? oldest.next().index() : kept.last() + 1;
    long before = Math.min(needed, Math.max(seen, kept.floor() + 1));
    boolean unfinished = oldest.more() && before >= seen;
    List<Change> gone =
        oldest.changes().stream().filter(change -> change.at().index() < before).toList();
    onTheirWay.add(place);
    TrimChanges trim = TrimChanges.newBuilder().setTableId(table).setBeforeIndex(before).build();
    var _ =
        partition
            .writer()
            .submit(Effect.newBuilder().setTrimChanges(trim).build())
            .whenComplete(
                (trimmed, _) -> {
                  onTheirWay.remove(place);
                  if (Boolean.TRUE.equals(trimmed)) {
                    needs.forEach(need -> need.letGo(partition, table, gone));
                    if (unfinished) {
                      again.accept(partition);
                    }
                  }
                });
  }
}
