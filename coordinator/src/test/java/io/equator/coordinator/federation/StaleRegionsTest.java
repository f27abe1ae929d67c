package io.equator.coordinator.federation;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.RegionDescriptor;
import io.equator.proto.RegionSilence;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.catalog.CatalogSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** For how long a region counts as silent, and who must agree before it is given up. */
class StaleRegionsTest {
  private static final Duration AFTER = Duration.ofHours(1);
  private static final long LONG = AFTER.toMillis();
  private static final Duration STEP = Duration.ofSeconds(30);
  private static final RegionDescriptor EAST = region("east", "c-east");
  private static final long NOW = 1_700_000_000_000L;

  private static RegionDescriptor region(String name, String cluster) {
    return RegionDescriptor.newBuilder().setName(name).setClusterId(cluster).build();
  }

  private static CatalogObject object(RegionDescriptor region) {
    return CatalogObject.newBuilder()
        .setKey(CatalogKeys.region(region.getName()))
        .setRegion(region)
        .build();
  }

  private static CatalogObject silence(String region, String cluster, long millis) {
    return CatalogObject.newBuilder()
        .setKey(CatalogKeys.regionSilence(region))
        .setRegionSilence(
            RegionSilence.newBuilder()
                .setRegion(region)
                .setClusterId(cluster)
                .setSilentMillis(millis))
        .build();
  }

  /** West's catalog: east and north are there. */
  private static CatalogSnapshot west(CatalogObject... more) {
    return CatalogSnapshot.empty()
        .with(
            CatalogEvent.newBuilder()
                .setRevision(1)
                .setFull(true)
                .addPuts(
                    CatalogObject.newBuilder()
                        .setKey(CatalogKeys.CLUSTER)
                        .setCluster(ClusterDescriptor.newBuilder().setRegion("west")))
                .addPuts(object(region("west", "c-west")))
                .addPuts(object(EAST))
                .addPuts(object(region("north", "c-north")))
                .addAllPuts(List.of(more))
                .build());
  }

  @Test
  void aRegionIsStaleWhenAllOthersSaySo() {
    CatalogSnapshot copy = west(silence("east", "c-east", LONG));
    assertThat(StaleRegions.of(copy, Map.of("north", Map.of("east", LONG)), AFTER))
        .containsExactly("east");
    assertThat(StaleRegions.of(copy, Map.of("north", Map.of("east", LONG - 1)), AFTER))
        .as("north has heard it later")
        .isEmpty();
    assertThat(StaleRegions.of(copy, Map.of("north", Map.of()), AFTER)).isEmpty();
    assertThat(StaleRegions.of(copy, Map.of(), AFTER)).as("north does not answer").isEmpty();
  }

  @Test
  void itMustBeSilentHereToo() {
    Map<String, Map<String, Long>> north = Map.of("north", Map.of("east", LONG));
    assertThat(StaleRegions.of(west(silence("east", "c-east", LONG - 1)), north, AFTER)).isEmpty();
    assertThat(StaleRegions.of(west(), north, AFTER)).isEmpty();
    assertThat(StaleRegions.of(west(silence("east", "former cluster", LONG)), north, AFTER))
        .as("of another cluster of the name")
        .isEmpty();
  }

  @Test
  void whoIsCutOffFromMostOthersDecidesNothing() {
    CatalogSnapshot copy = west(silence("east", "c-east", LONG), silence("north", "c-north", LONG));
    assertThat(StaleRegions.of(copy, Map.of(), AFTER)).as("one of three").isEmpty();
    CatalogSnapshot more =
        west(
            silence("east", "c-east", LONG),
            silence("north", "c-north", LONG),
            object(region("south", "c-south")),
            object(region("mid", "c-mid")));
    Map<String, Long> both = Map.of("east", LONG, "north", LONG);
    assertThat(StaleRegions.of(more, Map.of("south", both, "mid", both), AFTER))
        .as("three of five")
        .containsExactly("east", "north");
  }

  @Test
  void ofTwoRegionsNoneIsGivenUp() {
    CatalogSnapshot two =
        west(
            silence("east", "c-east", LONG),
            object(region("north", "c-north").toBuilder().setRemoved(true).build()));
    assertThat(StaleRegions.of(two, Map.of(), AFTER)).isEmpty();
  }

  @Test
  void withoutATimeNobodyIsEverStale() {
    CatalogSnapshot copy = west(silence("east", "c-east", Long.MAX_VALUE));
    assertThat(
            StaleRegions.of(copy, Map.of("north", Map.of("east", Long.MAX_VALUE)), Duration.ZERO))
        .isEmpty();
  }

  private static Condition heard(long at, long unsent) {
    return new Condition(
        Optional.of(Instant.ofEpochMilli(at)), 0, 0, Map.of(), unsent, "no answer");
  }

  private static Optional<RegionSilence> next(RegionSilence before, Condition condition, long now) {
    return RegionSilences.next(before, EAST, condition, STEP, now);
  }

  @Test
  void silenceGrowsByWhatWasLookedAtAndEndsAtOnce() {
    RegionSilence none = RegionSilences.silence(west(), EAST);
    assertThat(next(none, heard(NOW - 59_999, 0), NOW)).as("heard").isEmpty();

    RegionSilence first = next(none, heard(NOW - 60_000, 7), NOW).orElseThrow();
    assertThat(first.getSilentMillis()).isEqualTo(60_000);
    assertThat(first.getHeardMillis()).isEqualTo(NOW - 60_000);
    assertThat(first.getUnsentRecords()).isEqualTo(7);

    assertThat(next(first, heard(NOW - 60_000, 7), NOW + 29_999))
        .as("another coordinator has just looked")
        .isEmpty();
    RegionSilence second = next(first, Condition.NEVER, NOW + 31_000).orElseThrow();
    assertThat(second.getSilentMillis()).isEqualTo(91_000);
    assertThat(second.getUnsentRecords()).as("as it said at last").isEqualTo(7);

    // This region was itself away for ten days: that is not the other one's silence.
    long back = NOW + Duration.ofDays(10).toMillis();
    RegionSilence third = next(second, Condition.NEVER, back).orElseThrow();
    assertThat(third.getSilentMillis()).isEqualTo(151_000);

    RegionSilence heard = next(third, heard(back, 0), back + 1).orElseThrow();
    assertThat(heard.getSilentMillis()).isZero();
    assertThat(next(heard, heard(back, 0), back + 2)).isEmpty();
  }
}
