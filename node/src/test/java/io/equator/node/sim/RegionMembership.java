package io.equator.node.sim;

import io.equator.coordinator.federation.Documents;
import io.equator.coordinator.globaltables.ReplicaPlan;
import io.equator.coordinator.globaltables.ReplicaPlan.Progress;
import io.equator.coordinator.globaltables.core.GlobalTables;
import io.equator.coordinator.globaltables.core.Stamp;
import io.equator.coordinator.tables.TableCatalog;
import io.equator.coordinator.tables.TableCatalog.Standing;
import io.equator.node.core.TestTables;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.GlobalTableMember;
import io.equator.proto.GlobalTableMember.State;
import io.equator.proto.RegionDescriptor;
import io.equator.proto.ReplicationTarget;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.clock.HybridTimestamp;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * How one simulated region follows the document of the table: joins the copies that it hears, and
 * makes the steps that the control plane makes, by its own pure parts.
 */
final class RegionMembership {
  private static final String NAME = TestTables.plain(SimulatedRegion.TABLE).getName();
  private static final int STEPS_MAX = 10;

  private final SimulatedRegion region;
  private final RegionsRun run;
  private final Set<String> left = new HashSet<>();
  private long lastStamp;
  private long quietSince;
  private boolean hurries;

  RegionMembership(SimulatedRegion region, RegionsRun run) {
    this.region = region;
    this.run = run;
  }

  // ---- what operators do

  /** The table is global in these regions from the start. */
  void found(Collection<SimulatedRegion> members) {
    GlobalTableDescriptor document =
        GlobalTableDescriptor.newBuilder()
            .setTableName(NAME)
            .setGlobalTableId("g")
            .setApiVersion(GlobalTables.CURRENT)
            .build();
    for (SimulatedRegion member : members) {
      document = GlobalTables.joining(document, member.name, "", State.ACTIVE, stamp());
    }
    put(document);
    put(
        TestTables.plain(SimulatedRegion.TABLE).toBuilder()
            .setReplication(GlobalTables.replication(document, region.name, false).orElseThrow())
            .build());
  }

  /** Another region is to have the table; this one sends it everything. */
  void add(String newcomer) {
    put(
        GlobalTables.joining(
            document().orElseThrow(), newcomer, region.name, State.CREATING, stamp()));
  }

  /** Another region is given up, by an operator or because it was silent for too long. */
  void giveUp(String gone) {
    left.add(gone);
  }

  /** It may be in the federation again. */
  void takeBack(String back) {
    left.remove(back);
  }

  /** This region's replica is deleted; it may not wait for others. */
  void leave(boolean hurried) {
    hurries = hurried;
    put(
        GlobalTables.withMember(
            document().orElseThrow(), region.name, stamp(), own -> own.setState(State.DELETING)));
  }

  // ---- documents

  Optional<GlobalTableDescriptor> document() {
    return region.catalog().globalTable(NAME).map(CatalogObject::getGlobalTable);
  }

  Optional<GlobalTableMember> own() {
    return document().flatMap(document -> GlobalTables.member(document, region.name));
  }

  /** A copy of another region has come. */
  void hear(GlobalTableDescriptor other) {
    GlobalTableDescriptor joined = document().map(own -> Documents.join(own, other)).orElse(other);
    boolean wasPresent = own().filter(GlobalTables::isPresent).isPresent();
    if (!document().equals(Optional.of(joined))) {
      put(joined);
    }
    if (wasPresent
        && run.has(RegionBug.COME_BACK_BY_ITSELF)
        && own().filter(each -> each.getState() == State.REMOVED).isPresent()) {
      put(GlobalTables.joining(joined, region.name, "", State.ACTIVE, stamp()));
    }
  }

  /** It has the table together with others, or is alone with it as the last one. */
  boolean takesPart() {
    return own().filter(GlobalTables::isPresent).isPresent()
        && region.table().filter(each -> each.isReplicated()).isPresent();
  }

  /** Its own part, and nothing in the document, is under way. */
  boolean isSettled() {
    return document().filter(GlobalTables::isChanging).isEmpty()
        && takesPart() == own().filter(GlobalTables::isPresent).isPresent()
        && (!takesPart() || region.serves());
  }

  String inWords() {
    return region.table().map(each -> each.descriptor().getStatus()).orElse("no table")
        + document()
            .map(
                each ->
                    each.getMembersList().stream()
                        .map(m -> " " + m.getRegion() + ":" + m.getState() + m.getFilledFromList())
                        .toList()
                        .toString())
            .orElse(" no document");
  }

  private Stamp stamp() {
    return new Stamp(
        before -> {
          long now = HybridTimestamp.of(region.millis(), 0).bits();
          lastStamp = Math.max(Math.max(before, lastStamp) + 1, now);
          return lastStamp;
        },
        region.number);
  }

  private void put(GlobalTableDescriptor document) {
    region.commit(
        CatalogEvent.newBuilder()
            .addPuts(
                CatalogObject.newBuilder()
                    .setKey(CatalogKeys.globalTable(NAME))
                    .setGlobalTable(document)));
  }

  private void put(TableDescriptor table) {
    region.commit(
        CatalogEvent.newBuilder()
            .addPuts(
                CatalogObject.newBuilder()
                    .setKey(CatalogKeys.table(NAME))
                    .setVersion(region.revision() + 1)
                    .setTable(table)));
    region.followTargets();
  }

  /** Who is in the federation; all of them know one another. */
  static CatalogEvent.Builder federation(Collection<SimulatedRegion> all) {
    CatalogEvent.Builder event = CatalogEvent.newBuilder();
    for (SimulatedRegion each : all) {
      event.addPuts(
          CatalogObject.newBuilder()
              .setKey(CatalogKeys.region(each.name))
              .setRegion(RegionDescriptor.newBuilder().setName(each.name).setNumber(each.number)));
    }
    return event;
  }

  // ---- the plan

  /** All steps that can be made now. */
  void look() {
    boolean more = true;
    for (int i = 0; i < STEPS_MAX && more; i++) {
      more = step();
    }
  }

  private boolean step() {
    Standing now = TableCatalog.standing(region.catalog(), NAME);
    if (now.global().isEmpty()) {
      return false;
    }
    if (run.has(RegionBug.FORGET_WHO_LEAVES)) {
      now = now.with(asIfFilledByWhoLeaves(now.global().get()));
    }
    if (ReplicaPlan.mustBeMade(now)) {
      put(
          TestTables.plain(SimulatedRegion.TABLE).toBuilder()
              .setSchemaVersion(region.nextSchema())
              .setStatus("CREATING")
              .setReplication(
                  GlobalTables.replication(now.global().get(), region.name, true).orElseThrow())
              .build());
      return true;
    }
    Standing next = ReplicaPlan.next(now, progress(now), stamp(), region.millis());
    if (!next.global().equals(now.global())) {
      put(planted(next.global().orElseThrow()));
    }
    if (!next.table().equals(now.table())) {
      put(next.table().orElseThrow());
    }
    return !next.equals(now) || settle();
  }

  private GlobalTableDescriptor asIfFilledByWhoLeaves(GlobalTableDescriptor document) {
    GlobalTableDescriptor filled = document;
    for (GlobalTableMember each : document.getMembersList()) {
      if (!GlobalTables.isLive(each)
          && own().filter(own -> own.getState() == State.CREATING).isPresent()) {
        filled = GlobalTables.withFilled(filled, region.name, each.getRegion());
      }
    }
    return filled;
  }

  private GlobalTableDescriptor planted(GlobalTableDescriptor document) {
    if (!run.has(RegionBug.LEAVE_WHAT_THE_GONE_SENT)) {
      return document;
    }
    GlobalTableDescriptor.Builder changed = document.toBuilder();
    changed.getMembersBuilderList().forEach(GlobalTableMember.Builder::clearGivenUp);
    return changed.build();
  }

  /** What the table's own reconciler does. */
  private boolean settle() {
    Optional<TableDescriptor> table = region.table().map(view -> view.descriptor());
    if (table.isEmpty()) {
      return false;
    }
    if (table.get().getStatus().equals("CREATING") && !table.get().getReplication().getFilling()) {
      put(table.get().toBuilder().setStatus("ACTIVE").build());
      return true;
    }
    if (table.get().getStatus().equals("DELETING") && !table.get().hasReplication()) {
      region.dropTable();
      return true;
    }
    return false;
  }

  private Progress progress(Standing now) {
    Set<ReplicationTarget> sentTo = new HashSet<>();
    boolean everywhere = true;
    boolean leaving = now.table().filter(table -> table.getStatus().equals("DELETING")).isPresent();
    quietSince = leaving ? Math.max(quietSince, 1) : 0;
    if (quietSince == 1) {
      quietSince = region.millis() + RegionsRun.SKEW_MILLIS;
    }
    for (ReplicationTarget target : region.targets()) {
      if (region.hasWalked(target.getRegion())) {
        sentTo.add(target);
      }
      everywhere &= HybridTimestamp.millisOf(region.resolvedIn(target.getRegion())) >= quietSince;
    }
    return new Progress(sentTo, left, leaving && (hurries || everywhere), leaving && everywhere);
  }
}
