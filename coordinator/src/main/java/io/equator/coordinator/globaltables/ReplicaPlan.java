package io.equator.coordinator.globaltables;

import io.equator.coordinator.globaltables.core.GlobalTables;
import io.equator.coordinator.globaltables.core.Stamp;
import io.equator.coordinator.tables.Arns;
import io.equator.coordinator.tables.ReplicaOverrides;
import io.equator.coordinator.tables.SyncedSettings;
import io.equator.coordinator.tables.TableCatalog.Standing;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.GlobalTableMember;
import io.equator.proto.GlobalTableMember.State;
import io.equator.proto.ReplicationTarget;
import io.equator.proto.TableDescriptor;
import io.equator.proto.TableReplication;
import java.util.Optional;
import java.util.Set;

/**
 * The next step by which a region follows the document of a global table. Pure.
 *
 * <pre>
 * own part      own table                         step
 * CREATING      none                              made, CREATING and filling        (version 2019.11.21)
 *               one of its own                    CREATION_FAILED
 *               filling, one went before it did   filled anew, under another generation
 *               filling, everybody has filled it  not filling; the table becomes ACTIVE
 *               ACTIVE, everybody has filled it   part ACTIVE
 * live          others than those of the document targets as the document has them
 *               another setting than the document the setting
 * UPDATING      overrides applied                 part ACTIVE
 * DELETING      ACTIVE                            DELETING                          (version 2019.11.21)
 *               DELETING, all has been sent       replicates no more; then it goes
 *               none                              part REMOVED
 * any           of a region that has left         that part REMOVED, and given up once more
 * REMOVED       replicates still                  replicates no more
 * </pre>
 */
public final class ReplicaPlan {
  static final String ACTIVE = "ACTIVE";
  static final String CREATING = "CREATING";
  static final String DELETING = "DELETING";

  private ReplicaPlan() {}

  /**
   * What is known beside the catalog.
   *
   * @param sentTo targets at which everything is that this region has to send
   * @param left regions that are in the federation no more, or are given up
   * @param drained every write of this region is at all others that can be reached, or that was
   *     waited for long enough
   * @param everywhere every write of this region is at all others
   */
  public record Progress(
      Set<ReplicationTarget> sentTo, Set<String> left, boolean drained, boolean everywhere) {}

  /** Whether the table has to be made, which takes a number from the catalog. */
  public static boolean mustBeMade(Standing now) {
    return now.table().isEmpty()
        && now.global()
            .filter(document -> !GlobalTables.isLegacy(document))
            .flatMap(document -> GlobalTables.member(document, now.region()))
            .filter(own -> own.getState() == State.CREATING)
            .isPresent();
  }

  /** The table as it is to be made. */
  static TableDescriptor made(Standing now, String uuid, int ring, long nowMillis) {
    GlobalTableDescriptor document = now.global().orElseThrow();
    GlobalTableMember own = GlobalTables.member(document, now.region()).orElseThrow();
    TableDescriptor table =
        SyncedSettings.newTable(
            document, now.arns(), nowMillis, own.getOverridesOrDefault("KMSMasterKeyId", ""));
    return ReplicaOverrides.applied(table, own).toBuilder()
        .setUuid(uuid)
        .setRingId(ring)
        .setReplication(GlobalTables.replication(document, now.region(), true).orElseThrow())
        .build();
  }

  /** The standing after the next step; the same one when there is none. */
  public static Standing next(Standing now, Progress progress, Stamp stamp, long nowMillis) {
    GlobalTableDescriptor document = now.global().orElseThrow();
    for (GlobalTableMember member : document.getMembersList()) {
      if (progress.left().contains(member.getRegion()) && GlobalTables.isPresent(member)) {
        // Another generation: what the region itself says of its membership, if it is only away,
        // must not bring it back, because others forget deletions from here on.
        return now.with(
            GlobalTables.withMember(
                document,
                member.getRegion(),
                stamp,
                gone ->
                    gone.setState(State.REMOVED)
                        .setGeneration(gone.getGeneration() + 1)
                        .setGivenUp(gone.getGivenUp() + 1)
                        .clearFilledFrom()
                        .clearFilledBy()));
      }
    }
    Optional<GlobalTableMember> part = GlobalTables.member(document, now.region());
    if (now.table().isEmpty()) {
      return withoutTable(now, document, part, stamp);
    }
    TableDescriptor table = now.table().get();
    boolean ours = table.getReplication().getGlobalTableId().equals(document.getGlobalTableId());
    if (part.isEmpty() || !GlobalTables.isPresent(part.get())) {
      // A document of the same name may have taken the place of the one that the table followed.
      return table.hasReplication() ? now.with(replicating(table, Optional.empty())) : now;
    }
    GlobalTableMember own = part.get();
    if (!ours && own.getState() == State.CREATING && !GlobalTables.isLegacy(document)) {
      return state(now, document, stamp, State.CREATION_FAILED, "A table of this name exists");
    }
    Standing sent = filled(now, document, progress);
    if (!sent.equals(now)) {
      return sent;
    }
    if (own.getState() == State.DELETING) {
      return leaving(now, document, table, progress, stamp);
    }
    if (table.getStatus().equals(DELETING)) {
      return now;
    }
    return live(now, document, own, table, stamp, nowMillis);
  }

  private static Standing withoutTable(
      Standing now, GlobalTableDescriptor document, Optional<GlobalTableMember> part, Stamp stamp) {
    boolean gone =
        part.isPresent()
            && (part.get().getState() == State.DELETING
                || (GlobalTables.isLegacy(document) && GlobalTables.isLive(part.get())));
    return gone ? state(now, document, stamp, State.REMOVED, "") : now;
  }

  private static Standing live(
      Standing now,
      GlobalTableDescriptor document,
      GlobalTableMember own,
      TableDescriptor table,
      Stamp stamp,
      long nowMillis) {
    if (own.getState() == State.CREATING
        && !GlobalTables.isLegacy(document)
        && isLeftUnfilled(document, own, table)) {
      return anew(now, document, table, stamp);
    }
    boolean filled = own.getState() != State.CREATING || GlobalTables.isFilled(document, own);
    Optional<TableReplication> wanted =
        GlobalTables.replication(
            document, now.region(), table.getStatus().equals(CREATING) && !filled);
    if (!wanted.equals(Optional.of(table.getReplication())) || !table.hasReplication()) {
      return now.with(replicating(table, wanted));
    }
    if (!table.getStatus().equals(ACTIVE)) {
      return now;
    }
    if (own.getState() == State.CREATING) {
      return filled ? state(now, document, stamp, State.ACTIVE, "") : now;
    }
    TableDescriptor overridden = ReplicaOverrides.applied(table, own);
    if (!overridden.equals(table)) {
      return now.with(overridden);
    }
    if (own.getState() == State.UPDATING) {
      return state(now, document, stamp, State.ACTIVE, "");
    }
    Arns arns = now.arns();
    return SyncedSettings.next(document, table, arns, nowMillis).map(now::with).orElse(now);
  }

  /**
   * Whether a region that this one takes from is a member no more, or is one anew, and has not
   * filled this one before.
   *
   * <p>It may not have known of this region, and its last changes may have reached the one that
   * sends everything after that had sent it. Those that are being filled themselves have nothing
   * that others wait for; should two of them heed one another, neither would come to an end.
   */
  private static boolean isLeftUnfilled(
      GlobalTableDescriptor document, GlobalTableMember own, TableDescriptor table) {
    return table.getReplication().getTargetsList().stream()
        .filter(target -> !own.getFilledFromList().contains(target.getRegion()))
        .filter(target -> !isBeingFilled(document, target.getRegion()))
        .anyMatch(target -> !GlobalTables.isTarget(document, own.getRegion(), target));
  }

  private static boolean isBeingFilled(GlobalTableDescriptor document, String region) {
    return GlobalTables.member(document, region)
        .filter(member -> member.getState() == State.CREATING)
        .isPresent();
  }

  /**
   * The filling begins anew: whoever walks from now on has what the region that is gone has left.
   *
   * <p>In one step, so that nobody hears of this region without the one that is gone, and under the
   * old generation: that would let tombstones go that are to come with the second filling.
   */
  private static Standing anew(
      Standing now, GlobalTableDescriptor document, TableDescriptor table, Stamp stamp) {
    GlobalTableDescriptor next =
        GlobalTables.withMember(
            document,
            now.region(),
            stamp,
            own -> own.setGeneration(own.getGeneration() + 1).clearFilledFrom());
    boolean filling = table.getReplication().getFilling();
    return now.with(replicating(table, GlobalTables.replication(next, now.region(), filling)))
        .with(next);
  }

  private static Standing leaving(
      Standing now,
      GlobalTableDescriptor document,
      TableDescriptor table,
      Progress progress,
      Stamp stamp) {
    boolean stays = GlobalTables.isLegacy(document) && !table.getStatus().equals(DELETING);
    if (!stays && !table.getStatus().equals(DELETING)) {
      // Also a table that is being made or changed: nobody will need it.
      return now.with(table.toBuilder().setStatus(DELETING).build());
    }
    if (!progress.drained() || !table.hasReplication()) {
      return stays && !table.hasReplication()
          ? state(now, document, stamp, State.REMOVED, "")
          : now;
    }
    // Whoever takes part no more cannot send what some do not have: those who have it will.
    GlobalTableDescriptor last =
        progress.everywhere()
            ? document
            : GlobalTables.withMember(
                document, now.region(), stamp, going -> going.setGivenUp(going.getGivenUp() + 1));
    Standing quiet = now.with(replicating(table, Optional.empty())).with(last);
    return stays ? state(quiet, last, stamp, State.REMOVED, "") : quiet;
  }

  /** Says of others that are being filled that this region's part is there. */
  private static Standing filled(Standing now, GlobalTableDescriptor document, Progress progress) {
    GlobalTableDescriptor next = document;
    for (GlobalTableMember other : document.getMembersList()) {
      // Of this generation: what was sent under a former one, the region may have lost since.
      if (other.getState() == State.CREATING
          && progress.sentTo().stream()
              .filter(target -> target.getRegion().equals(other.getRegion()))
              .anyMatch(target -> GlobalTables.isTarget(document, now.region(), target))) {
        next = GlobalTables.withFilled(next, other.getRegion(), now.region());
      }
    }
    return next.equals(document) ? now : now.with(next);
  }

  private static Standing state(
      Standing now, GlobalTableDescriptor document, Stamp stamp, State state, String why) {
    return now.with(
        GlobalTables.withMember(
            document,
            now.region(),
            stamp,
            member -> member.setState(state).setStateDescription(why)));
  }

  /** Storage nodes must know it with each write, so the schema version grows. */
  private static TableDescriptor replicating(
      TableDescriptor table, Optional<TableReplication> replication) {
    TableDescriptor.Builder next = table.toBuilder().setSchemaVersion(table.getSchemaVersion() + 1);
    return replication.isPresent()
        ? next.setReplication(replication.get()).build()
        : next.clearReplication().build();
  }
}
