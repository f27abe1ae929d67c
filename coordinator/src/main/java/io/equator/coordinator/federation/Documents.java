package io.equator.coordinator.federation;

import com.google.protobuf.ByteString;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.GlobalTableMember;
import io.equator.proto.GlobalTableSetting;
import io.equator.proto.RegionDescriptor;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The join of two copies of a document. Pure; commutative, associative, idempotent.
 *
 * <pre>
 * region         the greater (number, removed, version, region of the change), as a whole.
 *                A region that was removed stays so under its number: it comes back under a new one.
 * global table   of one name: the greater (created, id) replaces the other;
 *                of one id: each member and each setting by itself
 *   member       the greater (generation, version, region of the change);
 *                who has filled it: of one generation, everybody whom either copy names
 *   setting      the greater (version, region of the change)
 * </pre>
 *
 * <p>Parts of equal version are equal, because a region never gives a version twice; should they
 * differ all the same, the greater bytes count, so that regions end equal nevertheless.
 */
public final class Documents {
  private static final Comparator<RegionDescriptor> REGIONS =
      Comparator.comparingInt(RegionDescriptor::getNumber)
          .thenComparing(RegionDescriptor::getRemoved)
          .thenComparing(RegionDescriptor::getVersion, Long::compareUnsigned)
          .thenComparingInt(RegionDescriptor::getVersionRegion)
          .thenComparing(r -> r.toByteString(), Documents::bytes);

  private static final Comparator<GlobalTableDescriptor> TABLES =
      Comparator.comparingLong(GlobalTableDescriptor::getCreatedMillis)
          .thenComparing(GlobalTableDescriptor::getGlobalTableId);

  private static final Comparator<GlobalTableMember> MEMBERS =
      Comparator.comparingLong(GlobalTableMember::getGeneration)
          .thenComparing(GlobalTableMember::getVersion, Long::compareUnsigned)
          .thenComparingInt(GlobalTableMember::getVersionRegion)
          .thenComparing(
              m -> m.toBuilder().clearFilledFrom().build().toByteString(), Documents::bytes);

  private static final Comparator<GlobalTableSetting> SETTINGS =
      Comparator.comparing(GlobalTableSetting::getVersion, Long::compareUnsigned)
          .thenComparingInt(GlobalTableSetting::getVersionRegion)
          .thenComparing(s -> s.toByteString(), Documents::bytes);

  private Documents() {}

  private static int bytes(ByteString a, ByteString b) {
    return ByteString.unsignedLexicographicalComparator().compare(a, b);
  }

  private static <T> T greater(T a, T b, Comparator<T> order) {
    return order.compare(a, b) >= 0 ? a : b;
  }

  /** Of two copies of one region's document. */
  public static RegionDescriptor join(RegionDescriptor a, RegionDescriptor b) {
    return greater(a, b, REGIONS);
  }

  /** Of two documents of global tables that have the same name. */
  public static GlobalTableDescriptor join(GlobalTableDescriptor a, GlobalTableDescriptor b) {
    int order = TABLES.compare(a, b);
    if (order != 0) {
      return order > 0 ? a : b;
    }
    Map<String, GlobalTableMember> members = new TreeMap<>();
    a.getMembersList().forEach(m -> members.merge(m.getRegion(), m, Documents::join));
    b.getMembersList().forEach(m -> members.merge(m.getRegion(), m, Documents::join));
    Map<String, GlobalTableSetting> settings = new TreeMap<>();
    a.getSettingsList().forEach(s -> settings.merge(s.getName(), s, Documents::join));
    b.getSettingsList().forEach(s -> settings.merge(s.getName(), s, Documents::join));
    return a.toBuilder()
        .clearMembers()
        .addAllMembers(members.values())
        .clearSettings()
        .addAllSettings(settings.values())
        .build();
  }

  private static GlobalTableMember join(GlobalTableMember a, GlobalTableMember b) {
    GlobalTableMember greater = greater(a, b, MEMBERS);
    if (a.getGeneration() != b.getGeneration()) {
      return greater;
    }
    TreeSet<String> filledFrom = new TreeSet<>(a.getFilledFromList());
    filledFrom.addAll(b.getFilledFromList());
    return greater.toBuilder().clearFilledFrom().addAllFilledFrom(filledFrom).build();
  }

  private static GlobalTableSetting join(GlobalTableSetting a, GlobalTableSetting b) {
    return greater(a, b, SETTINGS);
  }
}
