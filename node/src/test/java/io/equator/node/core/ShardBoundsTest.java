package io.equator.node.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.proto.Effect;
import io.equator.proto.PartitionEntry;
import io.equator.proto.RotateShards;
import io.equator.proto.ShardRotation;
import io.equator.proto.ShardRotations;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rotations of shards: what entries do, and what is kept, the same way for ever. */
final class ShardBoundsTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final int TABLE = 9;

  /** Rotates table 9 after log index 4, at 1,700,000,000,000 ms, and forgets up to 2. */
  private static final String GOLDEN_ENTRY = "08011001220f320d080910041880d095ffbc3120023003";

  /** Of partition 1, table 9. */
  private static final String GOLDEN_KEY = "09000000000000000100000009";

  /** Begins behind 2; rotations at 4 and 6. */
  private static final String GOLDEN_ROW = "0108021209080410c0b9e4fcbc31120908061080d095ffbc31";

  private final TreeStore store = new TreeStore();
  private final PartitionMachine machine = machine();
  private long sequence = 1;

  private PartitionMachine machine() {
    return new PartitionMachine(1, TestTables.EVERYTHING, store, new StoreFlusher(store));
  }

  private static RotateShards rotate(long after, long millis, long forget) {
    return RotateShards.newBuilder()
        .setTableId(TABLE)
        .setAfterIndex(after)
        .setMillis(millis)
        .setForgetIndex(forget)
        .build();
  }

  private static ByteString entry(RotateShards rotation, long sequence) {
    return PartitionEntry.newBuilder()
        .setDecidedTerm(1)
        .setEpoch(1)
        .setSequence(sequence)
        .addEffects(Effect.newBuilder().setRotateShards(rotation))
        .build()
        .toByteString();
  }

  private void apply(long index, RotateShards rotation) {
    assertThat(machine.apply(1, index, entry(rotation, sequence++)))
        .isEqualTo(EntryOutcome.APPLIED);
  }

  private static List<Long> indexes(ShardRotations rotations) {
    return rotations.getRotationsList().stream().map(ShardRotation::getLogIndex).toList();
  }

  @Test
  void aRotationIsWhereItsEntryStands() {
    apply(3, rotate(0, 100, 0));
    apply(7, rotate(3, 200, 0));
    assertThat(indexes(machine.shardRotations(TABLE))).containsExactly(3L, 7L);
    assertThat(machine.shardRotations(TABLE).getRotations(1).getMillis()).isEqualTo(200);
    assertThat(machine.shardRotations(8).getRotationsCount()).isZero();
    assertThat(machine().shardRotations(TABLE)).isEqualTo(machine.shardRotations(TABLE));
  }

  @Test
  void oneThatWasDecidedBeforeAnotherChangesNothing() {
    apply(3, rotate(0, 100, 0));
    apply(4, rotate(0, 100, 0));
    apply(5, rotate(2, 100, 0));
    assertThat(indexes(machine.shardRotations(TABLE))).containsExactly(3L);
  }

  @Test
  void forgottenShardsLeaveTheirEnd() {
    apply(3, rotate(0, 100, 0));
    apply(5, rotate(3, 200, 0));
    apply(8, rotate(5, 300, 5));
    assertThat(machine.shardRotations(TABLE).getStartIndex()).isEqualTo(5);
    assertThat(indexes(machine.shardRotations(TABLE))).containsExactly(8L);
    assertThat(ShardBounds.last(machine.shardRotations(TABLE))).isEqualTo(8);
  }

  @Test
  void formatsStayAsTheyAre() {
    ByteString entry = entry(rotate(4, 1_700_000_000_000L, 2), 3);
    assertThat(HEX.formatHex(entry.toByteArray())).isEqualTo(GOLDEN_ENTRY);
    apply(2, rotate(0, 1_699_990_000_000L, 0));
    apply(4, rotate(2, 1_699_995_000_000L, 0));
    assertThat(machine.apply(1, 6, entry)).isEqualTo(EntryOutcome.APPLIED);
    byte[] row = store.get(Family.META, HEX.parseHex(GOLDEN_KEY));
    assertThat(row).isNotNull();
    assertThat(HEX.formatHex(row)).isEqualTo(GOLDEN_ROW);
  }
}
