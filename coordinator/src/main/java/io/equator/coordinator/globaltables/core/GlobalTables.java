package io.equator.coordinator.globaltables.core;

import com.google.protobuf.ByteString;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.GlobalTableMember;
import io.equator.proto.GlobalTableMember.State;
import io.equator.proto.GlobalTableSetting;
import io.equator.proto.ReplicationTarget;
import io.equator.proto.TableReplication;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Reads and changes documents of global tables.
 *
 * <pre>
 * member   CREATING ─▶ ACTIVE ◀─▶ UPDATING          CREATING ─▶ CREATION_FAILED
 *             └──────────┴──────────┴─▶ DELETING ─▶ REMOVED ─▶ CREATING of the next generation
 * </pre>
 *
 * <p>A member is <i>live</i> from CREATING to UPDATING; it is <i>present</i> while others still
 * take what it sends, so also while DELETING.
 */
public final class GlobalTables {
  /** The version of global tables whose items show {@code aws:rep:*}. */
  public static final String LEGACY = "2017.11.29";

  /** The version that UpdateTable makes. */
  public static final String CURRENT = "2019.11.21";

  private GlobalTables() {}

  /** Of version 2017.11.29. */
  public static boolean isLegacy(GlobalTableDescriptor table) {
    return table.getApiVersion().equals(LEGACY);
  }

  /** A region's part, also when it is no member any more. */
  public static Optional<GlobalTableMember> member(GlobalTableDescriptor table, String region) {
    return table.getMembersList().stream().filter(m -> m.getRegion().equals(region)).findFirst();
  }

  /** It holds the table, or is getting it. */
  public static boolean isLive(GlobalTableMember member) {
    return switch (member.getState()) {
      case CREATING, ACTIVE, UPDATING -> true;
      case DELETING, REMOVED, CREATION_FAILED, STATE_UNSPECIFIED, UNRECOGNIZED -> false;
    };
  }

  /** It may still send what was written there. */
  public static boolean isPresent(GlobalTableMember member) {
    return isLive(member) || member.getState() == State.DELETING;
  }

  /** Members that a client sees: those that hold the table, come, go, or could not come. */
  public static List<GlobalTableMember> visible(GlobalTableDescriptor table) {
    return table.getMembersList().stream()
        .filter(m -> isPresent(m) || m.getState() == State.CREATION_FAILED)
        .toList();
  }

  /** Present members. */
  public static List<GlobalTableMember> present(GlobalTableDescriptor table) {
    return table.getMembersList().stream().filter(GlobalTables::isPresent).toList();
  }

  /** Whether the region is a present member. */
  public static boolean isPresentIn(GlobalTableDescriptor table, String region) {
    return member(table, region).map(GlobalTables::isPresent).orElse(false);
  }

  /** Whether a member comes, goes or changes. */
  public static boolean isChanging(GlobalTableDescriptor table) {
    return present(table).stream().anyMatch(m -> m.getState() != State.ACTIVE);
  }

  /** The document after a change of a region's part, which gets a new version. */
  public static GlobalTableDescriptor withMember(
      GlobalTableDescriptor table,
      String region,
      Stamp stamp,
      UnaryOperator<GlobalTableMember.Builder> change) {
    GlobalTableDescriptor.Builder next = table.toBuilder();
    for (int i = 0; i < table.getMembersCount(); i++) {
      GlobalTableMember member = table.getMembers(i);
      if (member.getRegion().equals(region)) {
        return next.setMembers(i, stamped(change.apply(member.toBuilder()), stamp)).build();
      }
    }
    int at = 0;
    while (at < table.getMembersCount() && table.getMembers(at).getRegion().compareTo(region) < 0) {
      at++;
    }
    GlobalTableMember.Builder made = GlobalTableMember.newBuilder().setRegion(region);
    return next.addMembers(at, stamped(change.apply(made), stamp)).build();
  }

  private static GlobalTableMember stamped(GlobalTableMember.Builder member, Stamp stamp) {
    return member
        .setVersion(stamp.after().applyAsLong(member.getVersion()))
        .setVersionRegion(stamp.regionNumber())
        .build();
  }

  /** The document in which a region begins a new membership. */
  public static GlobalTableDescriptor joining(
      GlobalTableDescriptor table, String region, String filledBy, State state, Stamp stamp) {
    return withMember(
        table,
        region,
        stamp,
        member ->
            GlobalTableMember.newBuilder()
                .setRegion(region)
                .setGeneration(member.getGeneration() + 1)
                .setVersion(member.getVersion())
                .setGivenUp(member.getGivenUp())
                .setState(state)
                .setFilledBy(filledBy));
  }

  /** The document that says that everything that a region had has reached another one. */
  public static GlobalTableDescriptor withFilled(
      GlobalTableDescriptor table, String filled, String from) {
    GlobalTableDescriptor.Builder next = table.toBuilder();
    for (GlobalTableMember.Builder member : next.getMembersBuilderList()) {
      if (member.getRegion().equals(filled) && !member.getFilledFromList().contains(from)) {
        List<String> all =
            Stream.concat(member.getFilledFromList().stream(), Stream.of(from)).sorted().toList();
        member.clearFilledFrom().addAllFilledFrom(all);
      }
    }
    return next.build();
  }

  /**
   * Whether a region that is being filled has got everything; also from those that are going, whose
   * last changes may not be where everything else comes from.
   */
  public static boolean isFilled(GlobalTableDescriptor table, GlobalTableMember filled) {
    return table.getMembersList().stream()
        .filter(m -> !m.getRegion().equals(filled.getRegion()))
        .filter(m -> isLegacy(table) ? isLive(m) : isPresent(m) && m.getState() != State.CREATING)
        .allMatch(m -> filled.getFilledFromList().contains(m.getRegion()));
  }

  /** The value of a setting; empty when it was never set. */
  public static Optional<ByteString> setting(GlobalTableDescriptor table, String name) {
    return table.getSettingsList().stream()
        .filter(s -> s.getName().equals(name))
        .map(GlobalTableSetting::getValue)
        .findFirst();
  }

  /** The document with another value of a setting; an empty one takes it away. */
  public static GlobalTableDescriptor withSetting(
      GlobalTableDescriptor table, String name, ByteString value, Stamp stamp) {
    GlobalTableDescriptor.Builder next = table.toBuilder();
    int at = 0;
    while (at < table.getSettingsCount() && table.getSettings(at).getName().compareTo(name) < 0) {
      at++;
    }
    boolean there = at < table.getSettingsCount() && table.getSettings(at).getName().equals(name);
    GlobalTableSetting setting =
        GlobalTableSetting.newBuilder()
            .setName(name)
            .setValue(value)
            .setVersion(stamp.after().applyAsLong(there ? table.getSettings(at).getVersion() : 0))
            .setVersionRegion(stamp.regionNumber())
            .build();
    return (there ? next.setSettings(at, setting) : next.addSettings(at, setting)).build();
  }

  /** How often regions went while others may have lacked what some had of them. */
  private static long givenUp(GlobalTableDescriptor table) {
    return table.getMembersList().stream().mapToLong(GlobalTableMember::getGivenUp).sum();
  }

  /**
   * What a region's storage nodes must know.
   *
   * <p>The number of a pair grows when one of the two joins again, and when anybody is given up:
   * what that region had sent to one of the two and not to the other is nobody's to send, until
   * both begin anew and send also what regions that are gone have left.
   *
   * @param filling the region's own table is new and not filled yet
   * @return empty when the region is no member
   */
  public static Optional<TableReplication> replication(
      GlobalTableDescriptor table, String region, boolean filling) {
    Optional<GlobalTableMember> own = member(table, region).filter(GlobalTables::isPresent);
    if (own.isEmpty()) {
      return Optional.empty();
    }
    TableReplication.Builder replication =
        TableReplication.newBuilder()
            .setGlobalTableId(table.getGlobalTableId())
            .setShowsVersions(isLegacy(table))
            .setFilling(filling);
    for (GlobalTableMember other : present(table)) {
      if (!other.getRegion().equals(region)) {
        replication.addTargets(
            ReplicationTarget.newBuilder()
                .setRegion(other.getRegion())
                .setGeneration(own.get().getGeneration() + other.getGeneration() + givenUp(table))
                .setSendsAll(other.getFilledBy().equals(region))
                .setJoinedAgain(other.getGeneration() > 1));
      }
    }
    return Optional.of(replication.build());
  }

  /** Whether a region sends to a target as the document has it now: of this generation. */
  public static boolean isTarget(
      GlobalTableDescriptor table, String region, ReplicationTarget target) {
    return replication(table, region, false)
        .filter(
            wanted ->
                wanted.getTargetsList().stream()
                    .anyMatch(
                        now ->
                            now.getRegion().equals(target.getRegion())
                                && now.getGeneration() == target.getGeneration()))
        .isPresent();
  }
}
