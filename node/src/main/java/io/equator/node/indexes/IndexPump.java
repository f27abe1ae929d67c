package io.equator.node.indexes;

import com.google.protobuf.ByteString;
import io.equator.model.item.StoredValue;
import io.equator.node.changes.ChangeLimits;
import io.equator.node.changes.ChangeNeed;
import io.equator.node.core.ChangeLog.Kept;
import io.equator.node.core.ChangePosition;
import io.equator.node.core.ChangeReader.Change;
import io.equator.node.core.ChangeReader.Changes;
import io.equator.node.core.IndexBuilds.Build;
import io.equator.node.core.PartitionReader.StoredItem;
import io.equator.node.core.StoreException;
import io.equator.node.indexes.IndexChecks.Difference;
import io.equator.node.indexes.IndexChecks.Expected;
import io.equator.node.service.HostedPartition;
import io.equator.partitioner.Partition;
import io.equator.proto.ApplyIndex;
import io.equator.proto.ApplyIndexRequest;
import io.equator.proto.ChangePlace;
import io.equator.proto.CompareIndexRequest;
import io.equator.proto.Effect;
import io.equator.proto.IndexBuildStep;
import io.equator.proto.IndexDifferences;
import io.equator.proto.IndexRowOrigin;
import io.equator.proto.IndexRowVerdict;
import io.equator.proto.PartitionOrigin;
import io.equator.proto.RequireSchema;
import io.equator.proto.SealedAncestor;
import io.equator.proto.SealedPartition;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the changes of one source partition into one global index, in order.
 *
 * <pre>
 *   ask the targets for their cursors ─▶ read changes from the least one on ─▶ deliver ─▶ read …
 *                    ▲                                                           │
 *                    └──────────────── nobody answered, or not leading ──────────┘
 *   while the index is built, after each delivery: one step of the walk over the items
 * </pre>
 *
 * <p><b>The walk.</b> Everything before place {@code c} has been delivered. The items are read from
 * a state at or behind {@code c}, and delivered as of {@code c}; then the pump goes on from {@code
 * c}. Changes between {@code c} and the state that was read come again, in order and complete, so
 * each key ends as it is after them (facts page §3.5). Rows of a walk never come after changes that
 * are newer than what it read, because one thread does both, and the target refuses rows of a
 * former leader's walk that are behind its cursor.
 *
 * <p><b>Building begins</b> with the schema floor of the table, so that every later change is
 * captured, and then with the first {@link IndexBuildStep}, whose own log index is where the index
 * begins.
 *
 * <p>Rows of one change that lie in two partitions are not changed at one moment: for a short time
 * the item can be in the index twice, or not at all. DynamoDB promises no more.
 *
 * <p><b>Splits.</b> The changes of a partition that was split are in the index before those of its
 * heirs: the pump of the sealed partition delivers its log to the end and puts its cursor behind
 * the end in every target; the pumps of the heirs begin when they see it there. A target that is
 * split hands its cursors to its heirs, so what was delivered stays delivered, and rows go to the
 * heir that has their token by now.
 *
 * <p>Threads: one, its own; {@link #wake}, {@link #stop} and {@link #neededFrom} from any.
 */
final class IndexPump implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(IndexPump.class);
  private static final long BYTES_MAX = 1 << 20;
  private static final long WALK_BYTES_MAX = 1 << 20;
  private static final long IDLE_MILLIS = 1_000;
  private static final long RETRY_MILLIS = 100;

  private final HostedPartition source;
  private final int tableId;
  private final int indexId;
  private final Supplier<CatalogSnapshot> catalog;
  private final IndexTargets targets;
  private final PumpThreads.Waits waits;
  private final PumpLimits limits;
  private final IndexChecks checks;
  private final Map<Long, ChangePosition> cursors = new HashMap<>();
  private final Set<Long> ended = new HashSet<>();
  private volatile boolean stopped;
  private volatile long neededFrom;
  private volatile @Nullable ChangePosition delivered;

  /**
   * How far {@link io.equator.node.core.PartitionMachine#changeBytesAppended} had counted when the
   * newest change that is delivered was made. Exact from the first time on that the pump is at the
   * end of the log; until then it is estimated by how the kept bytes lie between log indexes.
   */
  private volatile long deliveredBytes;

  private volatile boolean throttles;

  /** When the oldest change was made that is not delivered; 0 when there is none. */
  private volatile long behindSinceMillis;

  private @Nullable ChangePosition at;

  IndexPump(
      HostedPartition source,
      int tableId,
      int indexId,
      Supplier<CatalogSnapshot> catalog,
      IndexTargets targets,
      PumpThreads.Waits waits,
      PumpLimits limits) {
    this.source = source;
    this.tableId = tableId;
    this.indexId = indexId;
    this.catalog = catalog;
    this.targets = targets;
    this.waits = waits;
    this.limits = limits;
    this.checks = new IndexChecks(source, tableId);
    // What another leader has delivered is not known before all targets have said so. Records that
    // only a stream keeps must not hold writes up, so what was there before does not count then.
    boolean keptForOthers =
        catalog.get().table(tableId).map(IndexPump::hasOtherReaders).orElse(true);
    long appended = source.machine().changeBytesAppended(tableId);
    this.deliveredBytes =
        keptForOthers ? appended : appended - source.machine().changesKept(tableId).bytes();
  }

  private static boolean hasOtherReaders(TableView table) {
    return table.descriptor().getStreamEnabled()
        || table.descriptor().getPastStreamsCount() > 0
        || table.isReplicated();
  }

  /** The table and the index as the catalog has them now. */
  private record Subject(
      TableView table, IndexView index, IndexRows rows, List<Partition> partitions) {}

  /** There may be something to carry. */
  void wake() {
    waits.wake();
  }

  /** Ends the pump soon; what it has not delivered waits in the change log. */
  void stop() {
    stopped = true;
    wake();
  }

  /**
   * Has items compared with their rows, between two deliveries; what differs is put right.
   *
   * @return empty when too many wait already
   */
  Optional<CompletableFuture<IndexDifferences>> check(List<IndexRowOrigin> rows) {
    Optional<CompletableFuture<IndexDifferences>> answer = checks.submit(rows);
    wake();
    return answer;
  }

  /** The log index from which on this pump needs the table's changes; 0 while it does not know. */
  long neededFrom() {
    return neededFrom;
  }

  /**
   * Whether so much waits for this index that no more must be added. Cheap: asked for each write
   * that changes the index.
   *
   * @param nowMillis the wall's time; not asked for when no age is bounded
   */
  boolean isFull(ChangeLimits bounds, LongSupplier nowMillis) {
    long backlog = backlogBytes();
    boolean full =
        (bounds.indexBacklogBytes() > 0 && backlog >= bounds.indexBacklogBytes())
            || (!bounds.indexBacklogAge().isZero()
                && backlog > 0
                && isOlder(bounds.indexBacklogAge(), nowMillis.getAsLong()));
    if (full && !throttles) {
      throttles = true;
      LOG.warn(
          "index {} of table {} is too far behind: writes to partition {} that change it are"
              + " throttled, {} bytes wait",
          indexId,
          tableId,
          source.machine().partition(),
          backlog);
    }
    return full;
  }

  private boolean isOlder(Duration age, long nowMillis) {
    long since = behindSinceMillis;
    if (since == 0) {
      // A pump that cannot even ask its targets has not seen the change yet.
      behindSinceMillis = nowMillis;
      return false;
    }
    return nowMillis - since >= age.toMillis();
  }

  /** Bytes of the records that are not delivered. */
  private long backlogBytes() {
    return Math.max(0, source.machine().changeBytesAppended(tableId) - deliveredBytes);
  }

  /** The same at a place, estimated. */
  private long bytesBehind(ChangePosition place) {
    Kept kept = source.machine().changesKept(tableId);
    long behind = kept.last() - place.index() + 1;
    long span = kept.last() - kept.floor() + 1;
    return behind <= 0
        ? 0
        : behind >= span ? kept.bytes() : (long) ((double) kept.bytes() / span * behind);
  }

  /**
   * How far the index is behind. A pump that cannot even read is behind from when that is first
   * seen here.
   */
  IndexLag lag(long nowMillis) {
    ChangePosition place = delivered;
    long last = source.machine().changesKept(tableId).last();
    long from = place == null ? source.machine().changesKept(tableId).floor() : place.index();
    long entries = Math.max(0, last - from + 1);
    if (entries > 0 && behindSinceMillis == 0) {
      behindSinceMillis = nowMillis;
    }
    long millis = entries == 0 ? 0 : Math.max(0, nowMillis - behindSinceMillis);
    return new IndexLag(
        source.machine().partition(), tableId, indexId, entries, backlogBytes(), millis);
  }

  @Override
  public void run() {
    try {
      while (!stopped) {
        try {
          step();
        } catch (RuntimeException e) {
          LOG.error(
              "index {} of table {}: partition {} cannot go on; it tries again",
              indexId,
              tableId,
              source.machine().partition(),
              e);
          restart();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      checks.refuse();
      checks.close();
    }
  }

  private void step() throws InterruptedException {
    Optional<Subject> found = subject();
    if (found.isEmpty() || !source.leads()) {
      checks.refuse();
      restart();
      return;
    }
    Subject subject = found.get();
    if (!subject.index().descriptor().getStatus().equals("ACTIVE")) {
      checks.refuse();
    }
    SealedPartition sealed = source.machine().sealed();
    if (sealed != null && isYounger(subject)) {
      // Its heirs build it, from the items that they have.
      neededFrom = ChangeNeed.NOTHING;
      pause(IDLE_MILLIS);
      return;
    }
    if (isAnnounced(subject)) {
      // Changes of now may leave no record, so what is delivered of them could not be taken back.
      pause(RETRY_MILLIS);
      return;
    }
    boolean building = sealed == null && isBuilding(subject);
    if (building && !begun(subject)) {
      pause(RETRY_MILLIS);
      return;
    }
    if (at == null && !ancestorsAreDone(subject)) {
      pause(RETRY_MILLIS);
      return;
    }
    ChangePosition from = at;
    if (from == null) {
      from = resume(subject);
      if (from == null) {
        restart();
        return;
      }
      at = from;
      deliveredBytes = source.machine().changeBytesAppended(tableId) - bytesBehind(from);
    }
    if (sealed == null) {
      checks.begin(subject.rows());
    } else {
      checks.refuse();
    }
    long appended = source.machine().changeBytesAppended(tableId);
    Changes changes = source.changes().read(tableId, from, limits.changes(), BYTES_MAX);
    if (!changes.changes().isEmpty()) {
      behindSinceMillis = changes.changes().getFirst().record().getMillis();
    }
    if (!deliver(subject, changes)) {
      restart();
      return;
    }
    at = changes.next();
    delivered = changes.next();
    behindSinceMillis = 0;
    noteDelivered(changes, appended);
    if (sealed == null || !changes.changes().isEmpty()) {
      neededFrom = changes.next().index();
    }
    if (building) {
      // Behind the newest change only: a former leader's pump may have gone further than this page.
      if (!changes.more() && !walk(subject, changes.next())) {
        restart();
      }
    } else if (sealed != null && !changes.more()) {
      end(subject, sealed);
    } else if (checks.isReady(changes)) {
      compare(subject, changes.next());
    } else if (!changes.more() && changes.changes().isEmpty() && checks.isEmpty() && !awaitWake()) {
      bringUp(subject, changes.next());
    }
  }

  /**
   * @param appended counted before the changes were read
   */
  private void noteDelivered(Changes changes, long appended) {
    if (changes.more()) {
      long bytes = deliveredBytes;
      for (Change change : changes.changes()) {
        bytes += change.sizeBytes();
      }
      deliveredBytes = bytes;
      return;
    }
    deliveredBytes = appended;
    if (throttles) {
      throttles = false;
      LOG.info(
          "index {} of table {} has caught up with partition {}",
          indexId,
          tableId,
          source.machine().partition());
    }
  }

  /** An index that was added to its table after the partition had been sealed. */
  private boolean isYounger(Subject subject) {
    return subject.index().descriptor().getAdded()
        && source.machine().indexBuild(tableId, indexId) == null;
  }

  /** Whether everything of before the split is in the index, in all of its partitions. */
  private boolean ancestorsAreDone(Subject subject) throws InterruptedException {
    PartitionOrigin origin = source.machine().origin();
    Build build = source.machine().indexBuild(tableId, indexId);
    boolean own = build == null ? subject.index().descriptor().getAdded() : build.start() > 0;
    if (origin == null || own) {
      return true;
    }
    for (SealedAncestor ancestor : origin.getAncestorsList()) {
      long id = ancestor.getPartitionId();
      // One that is gone had nothing left to deliver.
      if (!ended.contains(id)
          && catalog.get().partitionDescriptor(id).isPresent()
          && !isDone(subject, ancestor)) {
        return false;
      }
      ended.add(id);
    }
    return true;
  }

  private boolean isDone(Subject subject, SealedAncestor ancestor) throws InterruptedException {
    for (Partition target : subject.partitions()) {
      Optional<ChangePosition> cursor =
          targets.apply(target, request().setSourcePartition(ancestor.getPartitionId()));
      if (cursor.isEmpty() || cursor.get().index() <= ancestor.getSealedIndex()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Everything of a sealed partition is delivered: says so to every target. From then on rows of a
   * walk that was under way are refused, too.
   */
  private void end(Subject subject, SealedPartition sealed) throws InterruptedException {
    ChangePosition behind = ChangePosition.ofEntry(sealed.getIndex() + 1);
    for (Partition target : subject.partitions()) {
      if (cursor(target).compareTo(behind) < 0 && !send(target, part(behind, false))) {
        restart();
        return;
      }
    }
    neededFrom = ChangeNeed.NOTHING;
    pause(IDLE_MILLIS);
  }

  private Optional<Subject> subject() {
    CatalogSnapshot snapshot = catalog.get();
    Optional<TableView> table = snapshot.table(tableId);
    if (table.isEmpty()) {
      return Optional.empty();
    }
    for (IndexView index : table.get().globalIndexes()) {
      if (index.id() == indexId && !index.descriptor().getStatus().equals("DELETING")) {
        int ring = table.get().ringId();
        return Optional.of(
            new Subject(
                table.get(),
                index,
                new IndexRows(index, snapshot.tokenHash(ring)),
                snapshot.partitions().ring(ring).partitions()));
      }
    }
    return Optional.empty();
  }

  private void restart() throws InterruptedException {
    at = null;
    pause(RETRY_MILLIS);
  }

  private void pause(long millis) throws InterruptedException {
    if (!stopped) {
      var _ = waits.await(millis);
    }
  }

  /** False when nothing came for a while. */
  private boolean awaitWake() throws InterruptedException {
    return stopped || waits.await(IDLE_MILLIS);
  }

  // ---- changes

  /** Where to go on: the least cursor, but not before the index began or the log was trimmed. */
  private @Nullable ChangePosition resume(Subject subject) throws InterruptedException {
    ChangePosition least = null;
    cursors.clear();
    for (Partition partition : subject.partitions()) {
      Optional<ChangePosition> cursor = targets.apply(partition, request());
      if (cursor.isEmpty()) {
        return null;
      }
      cursors.put(partition.id().value(), cursor.get());
      if (least == null || cursor.get().compareTo(least) < 0) {
        least = cursor.get();
      }
    }
    Build build = source.machine().indexBuild(tableId, indexId);
    long floor = source.machine().changesKept(tableId).floor();
    ChangePosition first =
        ChangePosition.ofEntry(Math.max(floor, build == null ? 0 : build.start()));
    return least == null || least.compareTo(first) < 0 ? first : least;
  }

  private ApplyIndexRequest.Builder request() {
    return ApplyIndexRequest.newBuilder()
        .setSourcePartition(source.machine().partition())
        .setTableId(tableId)
        .setIndexId(indexId);
  }

  private boolean deliver(Subject subject, Changes changes) throws InterruptedException {
    if (changes.changes().isEmpty()) {
      return true;
    }
    List<IndexRows.Row> rows = new ArrayList<>();
    for (Change change : changes.changes()) {
      subject.rows().addRowsOf(change.record(), place(change.at()), rows);
    }
    return deliver(subject, rows, changes.next(), false);
  }

  private static ChangePlace place(ChangePosition at) {
    return ChangePlace.newBuilder().setLogIndex(at.index()).setPosition(at.position()).build();
  }

  private boolean deliver(
      Subject subject, List<IndexRows.Row> rows, ChangePosition to, boolean walk)
      throws InterruptedException {
    Map<Long, ApplyIndex.Builder> parts = new HashMap<>();
    for (IndexRows.Row row : rows) {
      Partition owner = owner(subject, row.token());
      parts.computeIfAbsent(owner.id().value(), _ -> part(to, walk)).addRows(row.row());
    }
    for (Partition target : subject.partitions()) {
      ApplyIndex.Builder part = parts.get(target.id().value());
      // After a restart some targets are further than the one that has the least.
      boolean there = !walk && cursor(target).compareTo(to) >= 0;
      if (part != null && !there && !send(target, part)) {
        return false;
      }
    }
    return true;
  }

  private ApplyIndex.Builder part(ChangePosition to, boolean walk) {
    return ApplyIndex.newBuilder()
        .setSourcePartition(source.machine().partition())
        .setTableId(tableId)
        .setIndexId(indexId)
        .setTo(place(to))
        .setWalk(walk);
  }

  /**
   * False when the part is not there. Behind a cursor that is further than the part every change is
   * there, whoever has brought it; the rows of a walk are refused then.
   */
  private boolean send(Partition target, ApplyIndex.Builder part) throws InterruptedException {
    Optional<ChangePosition> cursor = targets.apply(target, request().setChanges(part));
    if (cursor.isEmpty()) {
      return false;
    }
    ChangePosition to = new ChangePosition(part.getTo().getLogIndex(), part.getTo().getPosition());
    int further = cursor.get().compareTo(to);
    if (further < 0 || (further > 0 && part.getWalk())) {
      return false;
    }
    cursors.put(target.id().value(), cursor.get());
    return true;
  }

  private ChangePosition cursor(Partition target) {
    return cursors.getOrDefault(target.id().value(), ChangePosition.START);
  }

  private static Partition owner(Subject subject, long token) {
    for (Partition partition : subject.partitions()) {
      if (partition.range().contains(token)) {
        return partition;
      }
    }
    throw new IllegalStateException("a ring covers every token");
  }

  /** Moves cursors that changes for others have left behind, so that a restart reads little. */
  private void bringUp(Subject subject, ChangePosition to) throws InterruptedException {
    long last = source.machine().changesKept(tableId).last();
    for (Partition target : subject.partitions()) {
      if (cursor(target).index() <= last && !send(target, part(to, false))) {
        restart();
        return;
      }
    }
  }

  // ---- building

  /** An index that is to be added to a table with items, and whose building has not begun. */
  private boolean isAnnounced(Subject subject) {
    return subject.index().descriptor().getStatus().equals("CREATING")
        && !subject.index().descriptor().getBackfilling()
        && !subject.table().descriptor().getStatus().equals("CREATING");
  }

  private boolean isBuilding(Subject subject) {
    if (!subject.index().descriptor().getBackfilling()) {
      return false;
    }
    Build build = source.machine().indexBuild(tableId, indexId);
    return build == null || !build.step().getDone();
  }

  /** Whether the index has its beginning in the log; sees to it otherwise. */
  private boolean begun(Subject subject) throws InterruptedException {
    if (source.machine().indexBuild(tableId, indexId) != null) {
      return true;
    }
    long schema = subject.table().reference().getSchemaVersion();
    if (source.machine().schemaFloor(tableId) < schema) {
      RequireSchema floor =
          RequireSchema.newBuilder().setTableId(tableId).setSchemaVersion(schema).build();
      Effect effect = Effect.newBuilder().setRequireSchema(floor).build();
      if (!waits.made(source.writer().submit(effect))
          || source.machine().schemaFloor(tableId) < schema) {
        return false;
      }
    }
    return submit(step(subject, ByteString.EMPTY, 0, 0, false));
  }

  private boolean submit(IndexBuildStep step) throws InterruptedException {
    return waits.made(source.writer().submit(Effect.newBuilder().setIndexBuildStep(step).build()));
  }

  private IndexBuildStep step(
      Subject subject, ByteString lastKey, long walked, long violations, boolean done) {
    return IndexBuildStep.newBuilder()
        .setTableId(tableId)
        .setIndexId(subject.index().id())
        .setLastKey(lastKey)
        .setWalked(walked)
        .setViolations(violations)
        .setDone(done)
        .build();
  }

  /** Delivers some items as of {@code place}. */
  private boolean walk(Subject subject, ChangePosition place) throws InterruptedException {
    Build build = source.machine().indexBuild(tableId, indexId);
    ChangePosition state = ChangePosition.ofEntry(source.machine().appliedPosition().index() + 1);
    if (build == null || state.compareTo(place) < 0) {
      // A former leader that does not know it yet: the items here are older than the place.
      return false;
    }
    List<StoredItem> items =
        source
            .reader()
            .items(tableId, build.step().getLastKey(), limits.walkItems(), WALK_BYTES_MAX);
    List<IndexRows.Row> rows = new ArrayList<>();
    long violations = build.step().getViolations();
    for (StoredItem item : items) {
      StoredValue value = StoredValue.read(item.value());
      IndexRows.Row row = subject.rows().rowOf(value, item.suffix().substring(Long.BYTES));
      if (row != null) {
        rows.add(row);
      } else if (subject.rows().violates(value.item())) {
        violations++;
      }
    }
    if (!deliver(subject, rows, place, true)) {
      return false;
    }
    boolean done = items.isEmpty();
    ByteString lastKey = done ? build.step().getLastKey() : items.getLast().suffix();
    boolean kept =
        submit(step(subject, lastKey, build.step().getWalked() + items.size(), violations, done));
    if (kept && done) {
      LOG.info(
          "partition {} has put its {} items into index {}; {} of them cannot be in it",
          source.machine().partition(),
          build.step().getWalked(),
          subject.index().name(),
          violations);
    }
    return kept;
  }

  // ---- comparing

  /** Compares items with their rows, all changes before {@code place} being delivered. */
  private void compare(Subject subject, ChangePosition place) throws InterruptedException {
    List<Difference> found = new ArrayList<>();
    if (!compare(subject, found) || !(found.isEmpty() || stillLeads())) {
      checks.again();
      checks.answer();
      pause(RETRY_MILLIS);
      return;
    }
    List<Difference> differences;
    try {
      differences = checks.settle(found);
    } catch (StoreException e) {
      checks.fail(e);
      return;
    }
    if (!differences.isEmpty()) {
      List<IndexRows.Row> rows = new ArrayList<>();
      for (Difference difference : differences) {
        rows.add(difference.expected().row());
        LOG.error(
            "index {} of table {}: a row with token {} is {}; its item has token {} in partition"
                + " {}",
            subject.index().name(),
            subject.table().name(),
            Long.toUnsignedString(difference.expected().row().token()),
            difference.verdict(),
            Long.toUnsignedString(
                difference.expected().origin().getItemKey().asReadOnlyByteBuffer().getLong()),
            source.machine().partition());
      }
      boolean repaired = deliver(subject, rows, place, true);
      checks.count(differences, repaired);
      if (!repaired) {
        checks.answer();
        restart();
        return;
      }
    }
    checks.answer();
  }

  /** False when not all targets have answered. */
  private boolean compare(Subject subject, List<Difference> found) throws InterruptedException {
    Map<Long, List<Expected>> parts = new HashMap<>();
    for (Expected expected : checks.expected()) {
      Partition owner = owner(subject, expected.row().token());
      parts.computeIfAbsent(owner.id().value(), _ -> new ArrayList<>()).add(expected);
    }
    for (Partition target : subject.partitions()) {
      List<Expected> part = parts.getOrDefault(target.id().value(), List.of());
      int from = 0;
      while (from < part.size()) {
        int to = from;
        for (long bytes = 0; to < part.size() && bytes < WALK_BYTES_MAX; to++) {
          bytes += part.get(to).row().row().getSerializedSize();
        }
        if (!compare(target, part.subList(from, to), found)) {
          return false;
        }
        from = to;
      }
    }
    return true;
  }

  private boolean compare(Partition target, List<Expected> part, List<Difference> found)
      throws InterruptedException {
    CompareIndexRequest.Builder request =
        CompareIndexRequest.newBuilder().setTableId(tableId).setIndexId(indexId);
    part.forEach(expected -> request.addRows(expected.row().row()));
    Optional<List<IndexRowVerdict>> verdicts = targets.compare(target, request);
    if (verdicts.isEmpty() || verdicts.get().size() != part.size()) {
      return false;
    }
    for (int i = 0; i < part.size(); i++) {
      IndexRowVerdict verdict = verdicts.get().get(i);
      switch (verdict) {
        case INDEX_ROW_AS_EXPECTED -> {}
        case INDEX_ROW_MISSING, INDEX_ROW_DIFFERENT, INDEX_ROW_UNEXPECTED ->
            found.add(new Difference(part.get(i), verdict));
        case INDEX_ROW_VERDICT_UNSPECIFIED, UNRECOGNIZED -> {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether no other replica can have delivered anything until now. */
  private boolean stillLeads() throws InterruptedException {
    return waits.made(source.log().confirmLeadership());
  }

  /** What this pump needs of a table's changes. */
  static long needOf(@Nullable IndexPump pump) {
    return pump == null ? 0 : Math.min(pump.neededFrom(), ChangeNeed.NOTHING);
  }
}
