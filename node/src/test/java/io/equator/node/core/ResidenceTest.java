package io.equator.node.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.Residence.Opening;
import io.equator.partitioner.NodeId;
import io.equator.proto.Heir;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.PartitionOrigin;
import io.equator.proto.PartitionSplit;
import io.equator.proto.SealedPartition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What belongs on a node, one rule each; {@code MoveSimulationTest} has them together. */
final class ResidenceTest {
  private static final NodeId HERE = new NodeId("a");
  private static final long PARENT = 1;
  private static final long LOWER = 2;
  private static final long UPPER = 3;
  private static final long OTHER = 4;

  /** The first token of the upper half: the sign bit, so that signed comparisons are found out. */
  private static final long MIDDLE = Long.MIN_VALUE;

  private final TreeStore store = new TreeStore();
  private final Map<Long, PartitionDescriptor> catalog = new TreeMap<>();

  private static PartitionDescriptor partition(long id, long first, long last, String... nodes) {
    return PartitionDescriptor.newBuilder()
        .setPartitionId(id)
        .setEpoch(1)
        .setRingId(1)
        .setFirstToken(first)
        .setLastToken(last)
        .addAllReplicaNodeIds(List.of(nodes))
        .build();
  }

  private static PartitionDescriptor joining(String node) {
    return partition(OTHER, 0, -1, "b", "c").toBuilder().setJoiningNodeId(node).build();
  }

  private static PartitionDescriptor child(long id, long first, long last, String... nodes) {
    return partition(id, first, last, nodes).toBuilder().setParentId(PARENT).build();
  }

  private static Heir heir(long id, long first, long last) {
    return Heir.newBuilder().setPartitionId(id).setFirstToken(first).setLastToken(last).build();
  }

  private void put(byte kind, long partition, byte[] row) {
    try (RowBatch batch = store.newBatch()) {
      batch.put(Family.META, SplitRows.key(kind, partition), row);
      store.commit(batch);
    }
  }

  /** The store has a partition, or what is left of one. */
  private void have(long id, long first, long last) {
    MetaRows.settle(store, id, new Descriptor(1, 1, first, last), HERE.value());
  }

  /** The store has a half that waits for its parent to be sealed. */
  private void haveWaiting(long id, long first, long last) {
    MetaRows.settle(store, id, new Descriptor(1, 1, first, last), PARENT, HERE.value());
  }

  /** The store has a half that has taken over. */
  private void haveActive(long id, long first, long last) {
    have(id, first, last);
    put(
        SplitRows.ORIGIN,
        id,
        SplitRows.row(PartitionOrigin.newBuilder().setParentPartitionId(PARENT).build()));
  }

  /** The parent, here and all of the ring, has applied its seal. */
  private void seal() {
    seal(PARENT);
  }

  private void seal(long parent) {
    put(
        SplitRows.SEALED,
        parent,
        SplitRows.row(
            SealedPartition.newBuilder()
                .setIndex(9)
                .addHeirs(heir(LOWER, 0, MIDDLE - 1))
                .addHeirs(heir(UPPER, MIDDLE, -1))
                .build()));
  }

  /** The parent's rows wait here for an heir. */
  private void handOver(long heir) {
    put(SplitRows.HANDOVER, heir, new SplitRows.Handover(PARENT, 9).row());
  }

  private boolean hasLeft(long id) {
    return Residence.hasLeft(HERE, store, id, Optional.ofNullable(catalog.get(id)));
  }

  private boolean isInTheWay(PartitionDescriptor partition) {
    return Residence.isInTheWay(HERE, store, partition, id -> Optional.ofNullable(catalog.get(id)));
  }

  private void name(PartitionDescriptor partition) {
    catalog.put(partition.getPartitionId(), partition);
  }

  @Test
  void aReplicaIsWhereTheCatalogHasItOrWhereItJoins() {
    PartitionDescriptor member = partition(OTHER, 0, -1, "b", "a");
    assertThat(Residence.isHere(HERE, member)).isTrue();
    assertThat(Residence.isMember(HERE, member)).isTrue();
    assertThat(Residence.isHere(HERE, joining("a"))).isTrue();
    assertThat(Residence.isMember(HERE, joining("a"))).as("who joins does not count yet").isFalse();
    assertThat(Residence.isHere(HERE, joining("d"))).isFalse();
    assertThat(Residence.isHere(HERE, partition(OTHER, 0, -1, "b", "aa"))).isFalse();
  }

  @Test
  void whoLeavesCountsUntilItHasLeft() {
    PartitionDescriptor leaving =
        partition(OTHER, 0, -1, "a", "b").toBuilder()
            .setJoiningNodeId("c")
            .setLeavingNodeId("a")
            .build();
    assertThat(Residence.isMember(HERE, leaving)).isTrue();
    assertThat(Residence.isHere(HERE, leaving)).isTrue();
  }

  private static Opening opening(PartitionDescriptor partition, boolean hasLog, boolean hasState) {
    TreeStore store = new TreeStore();
    if (hasState) {
      try (RowBatch batch = store.newBatch()) {
        batch.put(
            Family.META,
            MetaRows.appliedKey(partition.getPartitionId()),
            MetaRows.applied(new MetaRows.Applied(1, 7, 1, 7)));
        store.commit(batch);
      }
    }
    return Residence.opening(HERE, store, partition, hasLog);
  }

  @Test
  void aMemberWithoutItsLogVotesOnlyIfItNeverHadAny() {
    PartitionDescriptor member = partition(OTHER, 0, -1, "a", "b");
    assertThat(opening(member, true, true)).isEqualTo(Opening.AS_MEMBER);
    assertThat(opening(member, true, false)).isEqualTo(Opening.AS_MEMBER);
    assertThat(opening(member, false, false)).isEqualTo(Opening.AS_FOUNDER);
    assertThat(opening(member, false, true)).isEqualTo(Opening.NOT_AT_ALL);
  }

  @Test
  void whoJoinsComesEmptyOrWithItsLogAndForgetsWhatIsWithoutOne() {
    assertThat(opening(joining("a"), false, false)).isEqualTo(Opening.TO_JOIN);
    assertThat(opening(joining("a"), true, true)).isEqualTo(Opening.TO_JOIN);
    assertThat(opening(joining("a"), true, false)).isEqualTo(Opening.TO_JOIN);
    assertThat(opening(joining("a"), false, true)).isEqualTo(Opening.AFTER_FORGETTING);
  }

  private static PartitionDescriptor split(PartitionDescriptor partition) {
    return partition.toBuilder()
        .setState(PartitionDescriptor.State.CLOSED)
        .setSplit(
            PartitionSplit.newBuilder()
                .setToken(MIDDLE)
                .setFirstId(LOWER)
                .setSecondId(UPPER)
                .setSealedIndex(9))
        .build();
  }

  @Test
  void aMemberWhoseStoreIsMadeAnewDoesNotTakeItsHeirsRows() {
    PartitionDescriptor split = split(partition(PARENT, 0, -1, "a", "b"));
    assertThat(Residence.opening(HERE, store, split, true)).isEqualTo(Opening.AS_MEMBER);
    have(PARENT, 0, -1);
    StateReplacement.awaited(store, PARENT, new MetaRows.Applied(3, 20, 3, 20));
    assertThat(Residence.opening(HERE, store, split, true)).isEqualTo(Opening.AFTER_ITS_STATE);
    StateReplacement.awaitSealed(
        store, PARENT, new Descriptor(1, 1, 0, -1), HERE.value(), Residence.end(split));
    assertThat(Residence.opening(HERE, store, split, true)).isEqualTo(Opening.AS_MEMBER);
    assertThat(StateReplacement.unfinished(store, PARENT))
        .get()
        .satisfies(mark -> assertThat(mark.position().index()).as("the greater one").isEqualTo(20));
  }

  @Test
  void whoJoinsWhatHasBeenSplitGetsItsStateFirst() {
    PartitionDescriptor split =
        split(partition(PARENT, 0, -1, "b", "c").toBuilder().setJoiningNodeId("a").build());
    assertThat(Residence.opening(HERE, store, split, false)).isEqualTo(Opening.AFTER_ITS_STATE);
    assertThat(Residence.opening(HERE, store, split, true))
        .as("a log of which the store knows nothing")
        .isEqualTo(Opening.AFTER_ITS_STATE);

    haveActive(LOWER, 0, MIDDLE - 1);
    StateReplacement.awaitSealed(
        store, PARENT, new Descriptor(1, 1, 0, -1), HERE.value(), Residence.end(split));
    assertThat(Residence.opening(HERE, store, split, false)).isEqualTo(Opening.AFTER_ITS_STATE);
    assertThat(Residence.opening(HERE, store, split, true)).isEqualTo(Opening.TO_JOIN);
    assertThat(StateReplacement.unfinished(store, PARENT)).isPresent();
    assertThat(isInTheWay(split)).as("nothing is in the way of a sealed one").isFalse();
    seal();
    assertThat(SplitRows.sealed(store, PARENT)).isEqualTo(Residence.end(split));
  }

  @Test
  void aPartitionHasLeftWhenTheCatalogHasItElsewhere() {
    have(OTHER, 0, -1);
    name(partition(OTHER, 0, -1, "b", "c"));
    assertThat(hasLeft(OTHER)).isTrue();
    name(partition(OTHER, 0, -1, "b", "a"));
    assertThat(hasLeft(OTHER)).isFalse();
    name(joining("a"));
    assertThat(hasLeft(OTHER)).isFalse();
  }

  @Test
  void aParentStaysAsLongAsItsRowsWaitForAnHeir() {
    have(PARENT, 0, -1);
    seal();
    name(partition(PARENT, 0, -1, "b"));
    handOver(LOWER);
    handOver(UPPER);
    assertThat(hasLeft(PARENT)).isFalse();
    catalog.clear();
    assertThat(hasLeft(PARENT)).as("not named any more").isFalse();
    try (RowBatch batch = store.newBatch()) {
      batch.delete(Family.META, SplitRows.key(SplitRows.HANDOVER, LOWER));
      store.commit(batch);
    }
    assertThat(hasLeft(PARENT)).as("one heir has taken over").isFalse();
    try (RowBatch batch = store.newBatch()) {
      batch.delete(Family.META, SplitRows.key(SplitRows.HANDOVER, UPPER));
      store.commit(batch);
    }
    assertThat(hasLeft(PARENT)).as("both have").isTrue();
  }

  @Test
  void aHalfStaysAsLongAsItsParentWritesHere() {
    have(PARENT, 0, -1);
    haveWaiting(LOWER, 0, MIDDLE - 1);
    name(partition(LOWER, 0, MIDDLE - 1, "b"));
    assertThat(hasLeft(LOWER)).isFalse();
    seal();
    assertThat(hasLeft(LOWER)).as("the parent writes no more").isTrue();
  }

  @Test
  void aHalfWhoseParentIsNotHereWaitsForNobody() {
    haveWaiting(LOWER, 0, MIDDLE - 1);
    name(partition(LOWER, 0, MIDDLE - 1, "b"));
    assertThat(hasLeft(LOWER)).isTrue();
  }

  @Test
  void aHalfThatHasTakenOverGoesThoughItsParentIsStillHere() {
    have(PARENT, 0, -1);
    haveActive(LOWER, 0, MIDDLE - 1);
    name(partition(LOWER, 0, MIDDLE - 1, "b"));
    assertThat(hasLeft(LOWER)).isTrue();
  }

  @Test
  void whatTheCatalogDoesNotNameHasLeftWhenItIsSealed() {
    have(PARENT, 0, -1);
    haveActive(LOWER, 0, MIDDLE - 1);
    assertThat(hasLeft(PARENT)).as("its half lies there: it is the copy that is old").isFalse();
    seal();
    assertThat(hasLeft(PARENT)).isTrue();
  }

  @Test
  void anHeirThatNobodyNamesDoesNotKeepItsParentsRows() {
    have(PARENT, 0, -1);
    seal();
    handOver(LOWER);
    assertThat(hasLeft(LOWER)).isTrue();
    assertThat(hasLeft(UPPER)).as("nothing of it is here").isFalse();
    have(OTHER, 0, 5);
    assertThat(hasLeft(LOWER)).as("whoever lies there now").isTrue();
  }

  @Test
  void whatTheCatalogDoesNotNameAndIsNotSealedGoesOnlyWhenNothingElseLiesThere() {
    have(OTHER, 0, MIDDLE - 1);
    assertThat(hasLeft(OTHER)).as("alone").isTrue();
    have(UPPER, MIDDLE, -1);
    assertThat(hasLeft(OTHER)).as("a neighbour").isTrue();
    have(LOWER, MIDDLE - 1, MIDDLE - 1);
    assertThat(hasLeft(OTHER)).as("one token is shared").isFalse();
  }

  @Test
  void whatWasSplitElsewhereGoesFromUnderTheHalvesThatWaitForIt() {
    have(PARENT, 0, -1);
    haveWaiting(LOWER, 0, MIDDLE - 1);
    haveWaiting(UPPER, MIDDLE, -1);
    name(child(LOWER, 0, MIDDLE - 1, "a", "b"));
    name(child(UPPER, MIDDLE, -1, "a", "b"));
    assertThat(hasLeft(PARENT)).isTrue();
    assertThat(hasLeft(LOWER)).isFalse();
  }

  @Test
  void aSealedPartitionDoesNotLieAnywhere() {
    have(OTHER, 0, MIDDLE - 1);
    have(PARENT, 0, -1);
    assertThat(hasLeft(OTHER)).isFalse();
    seal();
    assertThat(hasLeft(OTHER)).isTrue();
  }

  @Test
  void nothingIsInTheWayInAnEmptyStoreNorOfItself() {
    assertThat(isInTheWay(partition(OTHER, 0, -1, "a"))).isFalse();
    have(OTHER, 0, -1);
    assertThat(isInTheWay(partition(OTHER, 0, -1, "a"))).isFalse();
  }

  @Test
  void whatSharesATokenIsInTheWay() {
    have(LOWER, 5, MIDDLE);
    assertThat(isInTheWay(partition(OTHER, 0, 4, "a"))).as("below").isFalse();
    assertThat(isInTheWay(partition(OTHER, 0, 5, "a"))).as("its first token").isTrue();
    assertThat(isInTheWay(partition(OTHER, 7, 8, "a"))).as("inside").isTrue();
    assertThat(isInTheWay(partition(OTHER, MIDDLE, -1, "a"))).as("its last token").isTrue();
    assertThat(isInTheWay(partition(OTHER, MIDDLE + 1, -1, "a"))).as("above").isFalse();
    assertThat(isInTheWay(partition(OTHER, 0, -1, "a"))).as("around").isTrue();
  }

  @Test
  void anotherRingIsNeverInTheWay() {
    have(LOWER, 0, -1);
    assertThat(isInTheWay(partition(OTHER, 0, -1, "a").toBuilder().setRingId(2).build())).isFalse();
  }

  @Test
  void aParentThatBelongsHereHandsOver() {
    have(PARENT, 0, -1);
    PartitionDescriptor half = child(LOWER, 0, MIDDLE - 1, "a");
    assertThat(isInTheWay(half)).as("nobody knows the parent").isTrue();
    name(partition(PARENT, 0, -1, "b"));
    assertThat(isInTheWay(half)).as("it has moved away").isTrue();
    name(partition(PARENT, 0, -1, "b", "a"));
    assertThat(isInTheWay(half)).isFalse();
    assertThat(isInTheWay(partition(OTHER, 0, MIDDLE - 1, "a")))
        .as("to nobody but its halves")
        .isTrue();
  }

  @Test
  void aSealedPartitionIsNotInTheWay() {
    have(PARENT, 0, -1);
    assertThat(isInTheWay(partition(OTHER, 0, -1, "a"))).isTrue();
    seal();
    assertThat(isInTheWay(partition(OTHER, 0, -1, "a"))).isFalse();
  }

  @Test
  void aParentIsOpenedAgainBesideHeirsThatWaitForItAndNoOthers() {
    haveWaiting(LOWER, 0, MIDDLE - 1);
    assertThat(isInTheWay(partition(PARENT, 0, -1, "a"))).isFalse();
    assertThat(isInTheWay(partition(OTHER, 0, -1, "a"))).isTrue();
    haveActive(LOWER, 0, MIDDLE - 1);
    assertThat(isInTheWay(partition(PARENT, 0, -1, "a"))).as("an heir that has rows").isTrue();
    have(UPPER, MIDDLE, -1);
    assertThat(isInTheWay(partition(PARENT, 0, -1, "a"))).as("that is no heir").isTrue();
  }

  @Test
  void rowsThatWaitForAnHeirAreInTheWayOfOthers() {
    have(PARENT, 0, -1);
    seal();
    handOver(LOWER);
    assertThat(isInTheWay(partition(OTHER, 0, 5, "a"))).isTrue();
    assertThat(isInTheWay(partition(OTHER, MIDDLE, -1, "a"))).as("of the other half").isFalse();
    assertThat(isInTheWay(child(LOWER, 0, MIDDLE - 1, "a"))).as("for which they wait").isFalse();
  }

  @Test
  void whatWaitsForAnHeirIsFoundUntilTheHeirHasARowOfItsOwn() {
    have(PARENT, 0, -1);
    seal();
    assertThat(Residence.found(store)).containsOnlyKeys(PARENT);
    handOver(LOWER);
    assertThat(Residence.found(store))
        .containsOnlyKeys(PARENT, LOWER)
        .containsEntry(LOWER, new Descriptor(2, 1, 0, MIDDLE - 1));
    MetaRows.settle(store, LOWER, new Descriptor(7, 1, 0, MIDDLE - 1), PARENT, HERE.value());
    assertThat(Residence.found(store)).containsEntry(LOWER, new Descriptor(7, 1, 0, MIDDLE - 1));
  }

  @Test
  void aRowOfAnHeirsOwnCountsWhateverItsNumber() {
    have(OTHER, 0, -1);
    seal(OTHER);
    put(SplitRows.HANDOVER, LOWER, new SplitRows.Handover(OTHER, 9).row());
    MetaRows.settle(store, LOWER, new Descriptor(7, 1, 0, MIDDLE - 1), OTHER, HERE.value());
    assertThat(Residence.found(store)).containsEntry(LOWER, new Descriptor(7, 1, 0, MIDDLE - 1));
  }
}
