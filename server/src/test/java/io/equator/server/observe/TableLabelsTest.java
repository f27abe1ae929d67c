package io.equator.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.api.AboutTable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Protects the metrics from names that clients make up, and from too many tables. */
class TableLabelsTest {

  private final Set<String> existing = new HashSet<>(List.of("a", "b", "c"));
  private final TableLabels labels = new TableLabels(2, existing::contains);

  @Test
  void aNameThatIsNoTableNeverBecomesALabel() {
    for (int i = 0; i < 1000; i++) {
      assertThat(labels.of("made-up-" + i)).isEqualTo(TableLabels.OTHER);
    }
    assertThat(labels.of("a")).isEqualTo("a");
  }

  @Test
  void theFirstTablesHaveLabelsAndTheRestShareOne() {
    assertThat(labels.of("a")).isEqualTo("a");
    assertThat(labels.of("b")).isEqualTo("b");
    assertThat(labels.of("c")).isEqualTo(TableLabels.OTHER);
    assertThat(labels.of("a")).isEqualTo("a");
  }

  @Test
  void aDeletedTableMakesRoomForAnother() {
    labels.of("a");
    labels.of("b");
    existing.remove("a");
    assertThat(labels.forgetDeleted()).containsExactly("a");
    assertThat(labels.of("a")).isEqualTo(TableLabels.OTHER);
    assertThat(labels.of("c")).isEqualTo("c");
    assertThat(labels.forgetDeleted()).isEmpty();
  }

  @Test
  void anArnIsTheTableThatItNames() {
    assertThat(labels.of("arn:aws:dynamodb:us-west-2:000000000000:table/a")).isEqualTo("a");
    assertThat(labels.of("arn:aws:dynamodb:us-west-2:000000000000:table/a/index/i")).isEqualTo("a");
    assertThat(labels.of("arn:nonsense")).isEqualTo(TableLabels.OTHER);
  }

  @Test
  void aRequestMayBeAboutNoTableOrSeveral() {
    assertThat(labels.of(null)).isEqualTo(TableLabels.NONE);
    assertThat(labels.of(AboutTable.SEVERAL)).isEqualTo(AboutTable.SEVERAL);
  }
}
