package io.equator.coordinator.tables;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.proto.IndexDescriptor;
import io.equator.proto.TableDescriptor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Protects the steps: every state comes to rest, and every step is seen as pending before. */
class TableLifecycleTest {
  private static final List<String> TABLE = List.of("CREATING", "UPDATING", "ACTIVE", "DELETING");
  private static final List<String> INDEX = List.of("CREATING", "UPDATING", "ACTIVE", "DELETING");
  private static final List<String> TTL =
      List.of("", "ENABLING", "ENABLED", "DISABLING", "DISABLED");

  @Test
  void everyStateComesToRestInAFewSteps() {
    for (long seed = 1; seed <= 2_000; seed++) {
      TableDescriptor table = random(new Random(seed));
      TableLifecycle.Step step = TableLifecycle.next(table);
      int steps = 0;
      while (step instanceof TableLifecycle.Step.Become become) {
        assertThat(TableLifecycle.isPending(table)).as("seed %d", seed).isTrue();
        assertThat(become.next()).isNotEqualTo(table);
        assertThat(TableLifecycle.next(table)).isEqualTo(step);
        table = become.next();
        step = TableLifecycle.next(table);
        assertThat(++steps).as("seed %d", seed).isLessThanOrEqualTo(2);
      }
      if (step instanceof TableLifecycle.Step.Rest) {
        assertThat(TableLifecycle.isPending(table)).isFalse();
        assertThat(table.getStatus()).isEqualTo("ACTIVE");
        assertThat(table.getTtlStatus()).isIn("", "ENABLED", "DISABLED");
        assertThat(table.getIndexesList())
            .allMatch(index -> index.getLocal() || index.getStatus().equals("ACTIVE"))
            .noneMatch(IndexDescriptor::getBackfilling);
      } else {
        assertThat(table.getStatus()).isEqualTo("DELETING");
      }
    }
  }

  @Test
  void anIndexAddedLaterIsSeenBackfillingAfterItsTableIsActive() {
    TableDescriptor updating =
        TableDescriptor.newBuilder()
            .setStatus("UPDATING")
            .addIndexes(IndexDescriptor.newBuilder().setName("gsi").setStatus("CREATING"))
            .build();
    TableDescriptor building = become(updating);
    assertThat(building.getStatus()).isEqualTo("ACTIVE");
    assertThat(building.getIndexes(0).getStatus()).isEqualTo("CREATING");
    assertThat(building.getIndexes(0).getBackfilling()).isTrue();
    TableDescriptor built = become(building);
    assertThat(built.getIndexes(0).getStatus()).isEqualTo("ACTIVE");
    assertThat(built.getIndexes(0).getBackfilling()).isFalse();
  }

  @Test
  void theAttributeIsForgottenWhenTimeToLiveIsDisabled() {
    TableDescriptor table =
        TableDescriptor.newBuilder()
            .setStatus("ACTIVE")
            .setTtlStatus("DISABLING")
            .setTtlAttribute("expires")
            .build();
    assertThat(become(table).getTtlAttribute()).isEmpty();
  }

  private static TableDescriptor become(TableDescriptor table) {
    return ((TableLifecycle.Step.Become) TableLifecycle.next(table)).next();
  }

  private static TableDescriptor random(Random random) {
    TableDescriptor.Builder table =
        TableDescriptor.newBuilder()
            .setName("t")
            .setStatus(TABLE.get(random.nextInt(TABLE.size())))
            .setTtlStatus(TTL.get(random.nextInt(TTL.size())))
            .setBillingMode(random.nextBoolean() ? "PROVISIONED" : "PAY_PER_REQUEST");
    for (int i = random.nextInt(4); i > 0; i--) {
      boolean local = random.nextInt(3) == 0;
      IndexDescriptor.Builder index =
          IndexDescriptor.newBuilder().setIndexId(i).setName("i" + i).setLocal(local);
      if (!local) {
        index.setStatus(INDEX.get(random.nextInt(INDEX.size())));
        index.setBackfilling(index.getStatus().equals("CREATING") && random.nextBoolean());
      }
      table.addIndexes(index);
    }
    return table.build();
  }
}
