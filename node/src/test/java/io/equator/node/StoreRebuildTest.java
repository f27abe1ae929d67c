package io.equator.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.node.core.MetaRows;
import io.equator.node.core.MetaRows.Applied;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.SplitRows;
import io.equator.node.core.StateReplacement;
import io.equator.node.core.TreeStore;
import io.equator.proto.Heir;
import io.equator.proto.SealedPartition;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Protects what a store that is made anew must know before the first state comes. */
class StoreRebuildTest {
  private static final long PLAIN = 3;
  private static final long SPLIT = 4;
  private static final Descriptor ALL = new Descriptor(1, 1, 0, -1);
  private static final SealedPartition END =
      SealedPartition.newBuilder()
          .setIndex(9)
          .addHeirs(Heir.newBuilder().setPartitionId(5).setLastToken(7))
          .addHeirs(Heir.newBuilder().setPartitionId(6).setFirstToken(8).setLastToken(-1))
          .build();

  @TempDir Path directory;

  @Test
  void aPartitionThatWasSplitIsSealedFromTheBeginning() {
    TreeStore damaged = new TreeStore();
    MetaRows.settle(damaged, PLAIN, ALL, "a");
    StateReplacement.awaitSealed(damaged, SPLIT, ALL, "a", END);
    StoreRebuild rebuild = new StoreRebuild(directory);
    rebuild.order(damaged);
    assertThat(rebuild.isOrdered()).isTrue();

    TreeStore fresh = new TreeStore();
    rebuild.begin(fresh, "a");
    assertThat(rebuild.isOrdered()).isFalse();
    assertThat(MetaRows.partitions(fresh)).containsExactly(PLAIN, SPLIT);
    assertThat(SplitRows.sealed(fresh, PLAIN)).isNull();
    assertThat(SplitRows.sealed(fresh, SPLIT)).isEqualTo(END);
    assertThat(StateReplacement.unfinished(fresh, PLAIN)).isPresent();
    assertThat(StateReplacement.unfinished(fresh, SPLIT))
        .get()
        .satisfies(mark -> assertThat(mark.position()).isEqualTo(new Applied(0, 9, 0, 0)));
  }
}
