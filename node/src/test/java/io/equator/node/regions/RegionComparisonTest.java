package io.equator.node.regions;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.item.StoredValue;
import io.equator.node.core.OnePartition;
import io.equator.node.core.PartitionReader;
import io.equator.node.core.TestTables;
import io.equator.proto.RegionComparisonReport;
import io.equator.proto.RegionKey;
import io.equator.proto.RegionVersionsRequest;
import io.equator.proto.RegionVersionsResponse;
import io.equator.proto.ReplicateRequest;
import io.equator.proto.ReplicateResponse;
import io.equator.proto.ReplicateResponse.Outcome;
import io.equator.proto.ReplicatedItem;
import io.equator.proto.ReplicationCursorRequest;
import io.equator.proto.ReplicationCursorResponse;
import io.equator.proto.ReplicationSource;
import io.equator.proto.ReplicationTarget;
import io.equator.proto.StoredVersion;
import io.equator.proto.TableReplication;
import io.equator.replication.catalog.TableView;
import io.equator.replication.clock.HybridTimestamp;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one partition finds in another region that is a map here. */
final class RegionComparisonTest {
  private static final LaneName PAIR = new LaneName(7, "there", 2);
  private static final TableView TABLE =
      TestTables.view(
          TestTables.plain(7).toBuilder()
              .setReplication(
                  TableReplication.newBuilder()
                      .setGlobalTableId("g")
                      .addTargets(
                          ReplicationTarget.newBuilder().setRegion("there").setGeneration(2)))
              .build());

  private final OnePartition here = new OnePartition();
  private final Map<RegionKey, StoredVersion> there = new LinkedHashMap<>();
  private final List<ReplicateRequest> sent = new ArrayList<>();
  private final List<Runnable> atRests = new ArrayList<>();
  private final ComparisonFigures figures = new ComparisonFigures();
  private boolean away;
  private int asked;

  @BeforeEach
  void threeItemsAndATombstoneThatAreEqual() throws InterruptedException {
    for (String pk : List.of("a", "b", "c", "d")) {
      here.write(TABLE, TestTables.put(TABLE, pk, 1));
    }
    here.write(TABLE, TestTables.delete(TABLE, "d", 1));
    // The first comparison with a region that has nothing says what is here.
    run();
    for (ReplicateRequest request : sent) {
      for (ReplicatedItem item : request.getItemsList()) {
        there.put(key(item), PartitionReader.version(StoredValue.read(item.getValue())).build());
      }
    }
    assertThat(there).hasSize(4);
    sent.clear();
  }

  private static RegionKey key(ReplicatedItem item) {
    return RegionKey.newBuilder()
        .setPartitionKey(item.getPartitionKey())
        .setSortKey(item.getSortKey())
        .build();
  }

  private RegionComparisonReport run() throws InterruptedException {
    return run(HybridTimestamp.of(here.pass(1_000), 0).bits());
  }

  private RegionComparisonReport run(long cut) throws InterruptedException {
    ReplicationSource source = ReplicationSource.newBuilder().setRegion("here").build();
    return new RegionComparison(
            here.hosted(), TABLE, PAIR, source, cut, new There(), new Pace(), figures)
        .run();
  }

  private final class There implements RegionLink {
    @Override
    public ReplicationCursorResponse cursor(String region, ReplicationCursorRequest request) {
      throw new AssertionError("a comparison has no cursor");
    }

    @Override
    public ReplicateResponse apply(String region, ReplicateRequest request) {
      assertThat(request.hasNext()).isFalse();
      sent.add(request);
      return ReplicateResponse.newBuilder()
          .setOutcome(Outcome.APPLIED)
          .setTaken(request.getItemsCount())
          .build();
    }

    @Override
    public RegionVersionsResponse versions(String region, RegionVersionsRequest request) {
      asked++;
      if (away) {
        throw new RegionAwayException("nobody there");
      }
      RegionVersionsResponse.Builder response = RegionVersionsResponse.newBuilder();
      for (RegionKey key : request.getKeysList()) {
        response.addVersions(
            there.getOrDefault(
                key, StoredVersion.newBuilder().setKind(StoredVersion.Kind.NOTHING).build()));
      }
      return response.build();
    }
  }

  private final class Pace implements RegionComparison.Pace {
    @Override
    public void pass(int bytes) {}

    @Override
    public void rest() {
      atRests.forEach(Runnable::run);
      atRests.clear();
    }
  }

  private RegionKey anItem() {
    return there.entrySet().stream()
        .filter(each -> each.getValue().getKind() == StoredVersion.Kind.ITEM)
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  @Test
  void nothingIsFoundWhereAllIsEqual() throws InterruptedException {
    RegionComparisonReport report = run();
    assertThat(report.getCompared()).isEqualTo(4);
    assertThat(report.getDifferent() + report.getCorrupt()).isZero();
    assertThat(report.getTrouble()).isEmpty();
    assertThat(sent).isEmpty();
  }

  @Test
  void whatHasVanishedIsSentWithWhatIsForgottenThere() throws InterruptedException {
    RegionKey lost = anItem();
    there.put(
        lost,
        StoredVersion.newBuilder().setKind(StoredVersion.Kind.NOTHING).setForgotten(9).build());
    RegionComparisonReport report = run();
    assertThat(report.getDifferent()).isEqualTo(1);
    assertThat(report.getMerged()).isEqualTo(1);
    assertThat(sent).hasSize(1);
    assertThat(sent.getFirst().getItemsList()).hasSize(1);
    assertThat(key(sent.getFirst().getItems(0))).isEqualTo(lost);
    assertThat(sent.getFirst().getItems(0).getNotDeletedUntil()).isEqualTo(9);
  }

  @Test
  void aLesserVersionIsSentAsAnyOther() throws InterruptedException {
    RegionKey old = anItem();
    there.computeIfPresent(
        old, (_, version) -> version.toBuilder().setTimestamp(version.getTimestamp() - 1).build());
    assertThat(run().getMerged()).isEqualTo(1);
    assertThat(sent.getFirst().getItems(0).getNotDeletedUntil()).isZero();
  }

  @Test
  void whatIsThereAMomentLaterIsNoDifference() throws InterruptedException {
    RegionKey late = anItem();
    StoredVersion version = there.remove(late);
    atRests.add(() -> there.put(late, version));
    assertThat(run().getDifferent()).isZero();
    assertThat(sent).isEmpty();
  }

  @Test
  void whatHasChangedHereMeanwhileIsNoDifference() throws InterruptedException {
    List.copyOf(there.keySet()).forEach(there::remove);
    atRests.add(
        () -> {
          for (String pk : List.of("a", "b", "c", "d")) {
            here.write(TABLE, TestTables.put(TABLE, pk, 1));
          }
        });
    // The items are others by then; so is the tombstone, which is an item.
    assertThat(run(HybridTimestamp.of(here.pass(0), 0).bits() | 0xFFFF).getDifferent()).isZero();
    assertThat(sent).isEmpty();
  }

  @Test
  void anotherValueUnderTheSameVersionIsNotTouched() throws InterruptedException {
    there.computeIfPresent(
        anItem(),
        (_, version) -> version.toBuilder().setChecksum(version.getChecksum() ^ 1).build());
    RegionComparisonReport report = run();
    assertThat(report.getCorrupt()).isEqualTo(1);
    assertThat(report.getDifferent()).isZero();
    assertThat(sent).isEmpty();
    assertThat(figures.totals(7, "there").corrupt()).isEqualTo(1);
  }

  @Test
  void whatIsAboveTheCutIsLeftOut() throws InterruptedException {
    there.clear();
    RegionComparisonReport report = run(1);
    assertThat(report.getYoung()).isEqualTo(4);
    assertThat(report.getCompared()).isZero();
    assertThat(sent).isEmpty();
  }

  @Test
  void aRegionThatDoesNotAnswerIsAskedSomeTimesAndSaid() throws InterruptedException {
    away = true;
    asked = 0;
    RegionComparisonReport report = run();
    assertThat(report.getTrouble()).contains("nobody there");
    assertThat(report.getCompared()).isZero();
    assertThat(asked).isEqualTo(5);
  }

  @Test
  void whoCannotConfirmThatItLeadsFindsNothing() throws InterruptedException {
    there.remove(anItem());
    here.confirms(false);
    RegionComparisonReport report = run();
    assertThat(report.getDifferent()).isZero();
    assertThat(report.getTrouble()).contains("confirm");
    assertThat(sent).isEmpty();
  }
}
