package io.equator.node.regions;

import com.google.protobuf.ByteString;
import io.equator.model.item.StoredValue;
import io.equator.model.key.KeyCodec;
import io.equator.node.changes.ChangeNeed;
import io.equator.node.core.ChangePosition;
import io.equator.node.core.ChangeReader.Change;
import io.equator.node.core.ChangeReader.Changes;
import io.equator.node.core.ClosedTimestamps.Closed;
import io.equator.node.core.ItemVersion;
import io.equator.node.core.PartitionReader.StoredItem;
import io.equator.node.core.Tombstones;
import io.equator.node.service.HostedPartition;
import io.equator.proto.ChangeRecord;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.Effect;
import io.equator.proto.ReplicateRequest;
import io.equator.proto.ReplicateResponse;
import io.equator.proto.ReplicatedItem;
import io.equator.proto.ReplicationCursor;
import io.equator.proto.ReplicationCursorRequest;
import io.equator.proto.ReplicationCursorResponse;
import io.equator.proto.ReplicationSource;
import io.equator.proto.ReplicationTarget;
import io.equator.proto.RequireSchema;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridTimestamp;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What one partition has of one table, on its way to one region: says what to send next, and is
 * told what came of it. One message is on its way at a time.
 *
 * <p><b>Beginning.</b> The lane raises the table's schema floor to a schema that has the target, so
 * that every later change leaves a record; then it takes a place in the change log, walks over the
 * items and tombstones that are there, and follows the log from that place. What changes during the
 * walk comes from the log. A cursor that the target keeps for this generation lets a later leader
 * go on, as long as the log still reaches back to it; otherwise the walk begins again.
 *
 * <p><b>What is sent:</b> changes that were made in this region, and no others: each region sends
 * its own to everybody, so nothing goes in circles. A walk also sends what regions have left here
 * that have the table no more, or have it again, because nobody else would send it to those that
 * did not get it: a region that comes back with nothing gets it like all others, perhaps after its
 * own walk. And to a target that is to get everything, it sends everything. Deletions of expired
 * items have no region (see {@link ItemVersion#NO_REGION}) and are sent by whoever made them.
 *
 * <p><b>Resolved.</b> When everything before the entry that closed a timestamp has arrived, every
 * change of this region up to that timestamp is at the target.
 *
 * <p><b>Splits:</b> see {@link LaneLineage}.
 *
 * <p>Threads: one calls {@link #next} and the answers in turn; what is said about it ({@link
 * #neededFrom}, {@link #walked}) may be asked by any.
 */
public final class RegionLane {
  private static final int ITEMS_MAX = 512;
  private static final long BYTES_MAX = 1 << 20;

  /** Rows looked at in one go when none of them is to be sent. */
  private static final int PAGES_MAX = 16;

  /** A cursor that moves without items being sent is written down this often. */
  private static final long CURSOR_MILLIS = 10_000;

  private static final long BACK_OFF_FIRST_MILLIS = 100;
  private static final long BACK_OFF_MAX_MILLIS = 5_000;
  private static final long CAUGHT_UP_MILLIS = 5_000;

  private static final byte WALKS_ITEMS = 1;
  private static final byte WALKS_TOMBSTONES = 2;

  /** What is to be done next. */
  public sealed interface Step {
    /** Put an effect into the log, then ask again. */
    record Submit(Effect effect) implements Step {}

    /** Ask the target where it stands. */
    record Ask(ReplicationCursorRequest request) implements Step {}

    /** Send items, or only a cursor. */
    record Send(ReplicateRequest request) implements Step {}

    /** Nothing to do for so long, unless something changes. */
    record Wait(long millis) implements Step {}
  }

  private enum Phase {
    ASKING,
    ASKING_FOR_PARENT,
    WALKING,
    FOLLOWING,
    /** Sealed, and cannot send everything: says so. */
    GIVING_UP,
    /** Sealed, and everything is sent or left to the halves. */
    OVER
  }

  private final HostedPartition source;
  private final LaneName name;
  private final Supplier<CatalogSnapshot> catalog;
  private final LongSupplier wallMillis;
  private final LaneFigures figures = new LaneFigures();
  private final LaneLineage lineage;

  private Phase phase = Phase.ASKING;
  private int walk;
  private ByteString walkedTo = ByteString.EMPTY;
  private ChangePosition place = ChangePosition.START;
  private ReplicationCursor acknowledged = ReplicationCursor.getDefaultInstance();
  private long acknowledgedMillis;
  private int failures;
  private long restUntilMillis;

  private volatile boolean over;
  private volatile boolean waitsForParent;
  private volatile long neededFrom;
  private volatile boolean walked;
  private volatile long resolved;
  private volatile ChangePosition reached = ChangePosition.START;
  private volatile long behindSinceMillis;
  private volatile String trouble = "";

  /**
   * A lane that has not begun.
   *
   * @param wallMillis milliseconds since the epoch
   */
  public RegionLane(
      HostedPartition source,
      LaneName name,
      Supplier<CatalogSnapshot> catalog,
      LongSupplier wallMillis) {
    this.source = source;
    this.name = name;
    this.catalog = catalog;
    this.wallMillis = wallMillis;
    this.lineage = new LaneLineage(source, catalog);
  }

  /**
   * The table and the target as the catalog has them now.
   *
   * @param senders numbers of the other regions that send whatever they ever wrote: those that have
   *     the table, and have always had it
   */
  private record Subject(
      TableView table,
      ReplicationTarget target,
      int region,
      String regionName,
      Set<Integer> senders) {

    boolean isSent(StoredValue value) {
      int origin = value.originRegion();
      return target.getSendsAll() || origin == region || !senders.contains(origin);
    }

    ReplicationSource source(long partition) {
      return ReplicationSource.newBuilder()
          .setRegion(regionName)
          .setPartitionId(partition)
          .setGlobalTableId(table.descriptor().getReplication().getGlobalTableId())
          .setGeneration(target.getGeneration())
          .build();
    }
  }

  private Optional<Subject> subject() {
    CatalogSnapshot snapshot = catalog.get();
    Optional<TableView> table = snapshot.table(name.table());
    Optional<ClusterDescriptor> cluster = snapshot.cluster();
    if (table.isEmpty() || cluster.isEmpty()) {
      return Optional.empty();
    }
    for (ReplicationTarget target : table.get().descriptor().getReplication().getTargetsList()) {
      if (target.getRegion().equals(name.region()) && target.getGeneration() == name.generation()) {
        int region = Math.max(1, cluster.get().getRegionNumber());
        return Optional.of(
            new Subject(
                table.get(),
                target,
                region,
                cluster.get().getRegion(),
                senders(snapshot, table.get())));
      }
    }
    return Optional.empty();
  }

  private static Set<Integer> senders(CatalogSnapshot snapshot, TableView table) {
    Set<Integer> senders = new HashSet<>();
    for (ReplicationTarget target : table.descriptor().getReplication().getTargetsList()) {
      if (!target.getJoinedAgain()) {
        snapshot
            .region(target.getRegion())
            .ifPresent(region -> senders.add(region.getRegion().getNumber()));
      }
    }
    return senders;
  }

  HostedPartition source() {
    return source;
  }

  LaneName name() {
    return name;
  }

  // ---- what to do

  /** What to do now. */
  public Step next() {
    long now = wallMillis.getAsLong();
    Optional<Subject> found = subject();
    if (phase == Phase.OVER) {
      return new Step.Wait(CURSOR_MILLIS);
    }
    if (found.isEmpty() || !source.leads()) {
      phase = Phase.ASKING;
      return new Step.Wait(BACK_OFF_FIRST_MILLIS);
    }
    if (now < restUntilMillis) {
      return new Step.Wait(restUntilMillis - now);
    }
    Subject subject = found.get();
    return switch (phase) {
      case ASKING -> begin(subject);
      case ASKING_FOR_PARENT -> ask(subject, lineage.parent().orElseThrow());
      case GIVING_UP -> send(subject, List.of(), LaneLineage.unfinished(walk));
      case OVER -> new Step.Wait(CURSOR_MILLIS);
      case WALKING -> walk(subject);
      case FOLLOWING -> follow(subject, now);
    };
  }

  private Step begin(Subject subject) {
    long schema = subject.table().reference().getSchemaVersion();
    if (source.machine().schemaFloor(name.table()) < schema && lineage.sealedAt().isEmpty()) {
      RequireSchema floor =
          RequireSchema.newBuilder().setTableId(name.table()).setSchemaVersion(schema).build();
      return new Step.Submit(Effect.newBuilder().setRequireSchema(floor).build());
    }
    return ask(subject, source.machine().partition());
  }

  private static Step ask(Subject subject, long partition) {
    return new Step.Ask(
        ReplicationCursorRequest.newBuilder().setSource(subject.source(partition)).build());
  }

  /** The target has said where it stands. */
  public void answered(ReplicationCursorResponse response) {
    if (response.getRefused() != ReplicateResponse.Outcome.OUTCOME_UNSPECIFIED) {
      rest("the target has no cursor: " + response.getRefused());
      return;
    }
    over();
    ReplicationCursor cursor = response.getCursor();
    if (phase == Phase.ASKING_FOR_PARENT) {
      answeredForParent(cursor);
    } else if (cursor.getWalk() == 0 && lineage.parent().isPresent()) {
      phase = Phase.ASKING_FOR_PARENT;
    } else {
      resume(cursor);
    }
  }

  private void answeredForParent(ReplicationCursor cursor) {
    LaneLineage.Beginning beginning = lineage.beginning(cursor);
    waitsForParent = beginning == LaneLineage.Beginning.WAIT;
    switch (beginning) {
      case WAIT -> restUntilMillis = wallMillis.getAsLong() + BACK_OFF_FIRST_MILLIS;
      case WALK -> resume(ReplicationCursor.getDefaultInstance());
      // As if the walk had been made: by the parent.
      case FOLLOW -> resume(ReplicationCursor.newBuilder().setWalk(1).setWalked(true).build());
    }
  }

  /** Goes on where the target stands. */
  private void resume(ReplicationCursor cursor) {
    ChangePosition at = new ChangePosition(cursor.getLogIndex(), cursor.getPosition());
    long floor = source.machine().changesKept(name.table()).floor();
    boolean mustWalk = cursor.getWalk() == 0 || at.index() < floor;
    if (lineage.sealedAt().isPresent() && (mustWalk || !cursor.getWalked())) {
      giveUp(cursor.getWalk());
    } else if (mustWalk) {
      beginWalk(cursor.getWalk() + 1);
    } else {
      walk = cursor.getWalk();
      walkedTo = cursor.getLastKey();
      place = at;
      phase = cursor.getWalked() ? Phase.FOLLOWING : Phase.WALKING;
      walked = cursor.getWalked();
      resolved = cursor.getResolved();
    }
    acknowledged = cursor;
    acknowledgedMillis = wallMillis.getAsLong();
    reached = place;
    neededFrom = phase == Phase.GIVING_UP ? ChangeNeed.NOTHING : place.index();
  }

  /** Of a sealed partition the rows belong to its halves: they walk. */
  private void giveUp(int walkBefore) {
    walk = walkBefore;
    walked = false;
    resolved = 0;
    phase = Phase.GIVING_UP;
    neededFrom = ChangeNeed.NOTHING;
  }

  private void beginWalk(int number) {
    walk = number;
    walkedTo = ByteString.EMPTY;
    place = ChangePosition.ofEntry(source.machine().appliedPosition().index() + 1);
    reached = place;
    neededFrom = place.index();
    phase = Phase.WALKING;
    walked = false;
    resolved = 0;
  }

  // ---- the walk

  private Step walk(Subject subject) {
    if (lineage.sealedAt().isPresent()) {
      giveUp(walk);
      return new Step.Wait(0);
    }
    List<ReplicatedItem> items = new ArrayList<>();
    ByteString at = walkedTo;
    for (int page = 0; page < PAGES_MAX && items.isEmpty(); page++) {
      boolean tombstones = !at.isEmpty() && at.byteAt(0) == WALKS_TOMBSTONES;
      ByteString after = at.isEmpty() ? ByteString.EMPTY : at.substring(1);
      List<StoredItem> rows =
          tombstones
              ? source.reader().tombstones(name.table(), after, ITEMS_MAX)
              : source.reader().items(name.table(), after, ITEMS_MAX, BYTES_MAX);
      if (rows.isEmpty() && tombstones) {
        return send(subject, items, cursor(true, ByteString.EMPTY, place));
      }
      for (StoredItem row : rows) {
        StoredValue value =
            tombstones ? Tombstones.value(row.value()) : StoredValue.read(row.value());
        if (subject.isSent(value)) {
          items.add(item(subject.table(), row.suffix(), value.toByteString()));
        }
      }
      figures.walked(rows.size());
      at =
          rows.isEmpty()
              ? ByteString.copyFrom(new byte[] {WALKS_TOMBSTONES})
              : ByteString.copyFrom(new byte[] {tombstones ? WALKS_TOMBSTONES : WALKS_ITEMS})
                  .concat(rows.getLast().suffix());
    }
    return send(subject, items, cursor(false, at, place));
  }

  // ---- the change log

  private Step follow(Subject subject, long now) {
    // Both asked before the changes are read: whatever stands before is then among them.
    OptionalLong sealedAt = lineage.sealedAt();
    Closed closed = source.machine().closed(name.table());
    Changes changes = source.changes().read(name.table(), place, ITEMS_MAX, BYTES_MAX);
    if (place.index() < source.machine().changesKept(name.table()).floor()) {
      // The log has been cut under this lane: what is gone from it is found by walking.
      if (sealedAt.isPresent()) {
        giveUp(walk);
        return new Step.Wait(0);
      }
      beginWalk(walk + 1);
      return walk(subject);
    }
    List<ReplicatedItem> items = new ArrayList<>();
    long oldest = 0;
    for (Change change : changes.changes()) {
      ChangeRecord record = change.record();
      if (record.getForRegions()) {
        oldest = oldest == 0 ? record.getMillis() : oldest;
        ByteString value = record.getRemoves() ? record.getTombstone() : record.getNewValue();
        items.add(item(subject.table(), record.getKey(), value));
      }
    }
    long resolving =
        closed.index() < changes.next().index() ? greater(resolved, closed.timestamp()) : resolved;
    ReplicationCursor next =
        cursor(true, ByteString.EMPTY, changes.next()).toBuilder().setResolved(resolving).build();
    if (!items.isEmpty()) {
      behindSinceMillis = oldest;
      return send(subject, items, next);
    }
    place = changes.next();
    reached = place;
    resolved = resolving;
    behindSinceMillis = 0;
    if (changes.more()) {
      return new Step.Wait(0);
    }
    if (sealedAt.isPresent()) {
      return end(subject, next, sealedAt.getAsLong());
    }
    boolean moved =
        next.getResolved() != acknowledged.getResolved() || !changes.changes().isEmpty();
    return moved && now - acknowledgedMillis >= CURSOR_MILLIS
        ? send(subject, items, next)
        : new Step.Wait(1_000);
  }

  /** Everything is sent: the cursor says so to the halves. */
  private Step end(Subject subject, ReplicationCursor next, long sealedIndex) {
    if (acknowledged.getWalked() && acknowledged.getLogIndex() > sealedIndex) {
      finish();
      return new Step.Wait(0);
    }
    return send(subject, List.of(), next);
  }

  private void finish() {
    phase = Phase.OVER;
    over = true;
    neededFrom = ChangeNeed.NOTHING;
  }

  private static long greater(long one, long other) {
    return Long.compareUnsigned(one, other) >= 0 ? one : other;
  }

  private ReplicationCursor cursor(boolean done, ByteString lastKey, ChangePosition at) {
    return ReplicationCursor.newBuilder()
        .setWalk(walk)
        .setWalked(done)
        .setLastKey(lastKey)
        .setLogIndex(at.index())
        .setPosition(at.position())
        .build();
  }

  private Step send(Subject subject, List<ReplicatedItem> items, ReplicationCursor next) {
    return new Step.Send(
        ReplicateRequest.newBuilder()
            .setSource(subject.source(source.machine().partition()))
            .addAllItems(items)
            .setNext(next)
            .build());
  }

  /** Keys are the same everywhere but for their token. */
  static ReplicatedItem item(TableView table, ByteString suffix, ByteString value) {
    byte[] key = suffix.toByteArray();
    int end = KeyCodec.end(table.keySchema().partition().type(), key, Long.BYTES, key.length);
    return ReplicatedItem.newBuilder()
        .setPartitionKey(suffix.substring(Long.BYTES, end))
        .setSortKey(suffix.substring(end))
        .setValue(value)
        .build();
  }

  // ---- what came of it

  /** The target has answered what {@link Step.Send} sent. */
  public void answered(ReplicateRequest request, ReplicateResponse response) {
    if (response.getOutcome() != ReplicateResponse.Outcome.APPLIED) {
      if (response.getOutcome() == ReplicateResponse.Outcome.STALE_GENERATION
          || response.getOutcome() == ReplicateResponse.Outcome.UNKNOWN_TABLE) {
        phase = Phase.ASKING;
      }
      figures.refused(response.getOutcome());
      rest(response.getOutcome() + ": " + response.getDetail());
      return;
    }
    over();
    ReplicationCursor cursor = request.getNext();
    long now = wallMillis.getAsLong();
    figures.acknowledged(request, response, now);
    acknowledged = cursor;
    acknowledgedMillis = now;
    if (phase == Phase.GIVING_UP) {
      finish();
      return;
    }
    if (cursor.getWalked()) {
      place = new ChangePosition(cursor.getLogIndex(), cursor.getPosition());
      reached = place;
      resolved = greater(resolved, cursor.getResolved());
      phase = Phase.FOLLOWING;
      walked = true;
    } else {
      walkedTo = cursor.getLastKey();
    }
    neededFrom = cursor.getLogIndex();
  }

  /** Nobody answered, or the answer was lost: what was sent may have been applied. */
  public void failed(String why) {
    rest(why);
  }

  private void rest(String why) {
    trouble = why;
    long pause = Math.min(BACK_OFF_MAX_MILLIS, BACK_OFF_FIRST_MILLIS << Math.min(failures++, 10));
    restUntilMillis = wallMillis.getAsLong() + pause;
  }

  private void over() {
    failures = 0;
    trouble = "";
  }

  // ---- what others ask

  /** The log index from which on this lane needs the table's changes; 0 while it does not know. */
  public long neededFrom() {
    return neededFrom;
  }

  /** Whether the target has not taken anything for a while. */
  boolean isFailing() {
    return !trouble.isEmpty() || waitsForParent;
  }

  /** The partition was split, and this lane has nothing more to say. */
  public boolean isOver() {
    return over;
  }

  /** Everything that was there is at the target. */
  public boolean walked() {
    return walked;
  }

  /** Every change made here up to this timestamp is at the target; 0 when that is not known. */
  public long resolved() {
    return walked ? resolved : 0;
  }

  /** Where it is, as a cursor. */
  ReplicationCursor reached() {
    ChangePosition at = reached;
    return ReplicationCursor.newBuilder()
        .setWalked(walked)
        .setLogIndex(at.index())
        .setPosition(at.position())
        .setResolved(resolved())
        .build();
  }

  LaneFigures figures() {
    return figures;
  }

  String trouble() {
    return trouble;
  }

  /** The changes that are not at the target, counted up to a bound, and since when the oldest. */
  Backlog backlog(int countMax) {
    Changes changes = source.changes().read(name.table(), reached, countMax, 16 << 20);
    long records = changes.changes().size();
    if (changes.more()) {
      long last = source.machine().changesKept(name.table()).last();
      records = Math.max(records, last - reached.index() + 1);
    }
    for (Change change : changes.changes()) {
      if (change.record().getForRegions()) {
        return new Backlog(records, change.record().getMillis());
      }
    }
    return new Backlog(records, 0);
  }

  /**
   * What waits.
   *
   * @param oldestMillis when the oldest of them was made, milliseconds since the epoch; 0: none
   */
  record Backlog(long records, long oldestMillis) {}

  /** Walked, and nothing waits that is older than some seconds. */
  boolean isCaughtUp(Backlog backlog) {
    long now = wallMillis.getAsLong();
    return walked
        && (backlog.oldestMillis() == 0 || now - backlog.oldestMillis() < CAUGHT_UP_MILLIS);
  }

  /** How far the target is behind, in milliseconds; 0 when it is not. */
  long lagMillis() {
    long since = behindSinceMillis;
    return since == 0 ? 0 : Math.max(0, wallMillis.getAsLong() - since);
  }

  /** How old is what the target has for certain; -1 when that is not known. */
  long resolvedLagMillis() {
    long timestamp = resolved();
    return timestamp == 0
        ? -1
        : Math.max(0, wallMillis.getAsLong() - HybridTimestamp.millisOf(timestamp));
  }

  /** For tests: the phase, in a word. */
  @Override
  public String toString() {
    return name + " " + phase + " at " + reached + (trouble.isEmpty() ? "" : " (" + trouble + ")");
  }
}
