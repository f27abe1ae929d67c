package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.server.Refusal;
import io.equator.server.observe.ObserveOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several regions in one process: what is refused, and what a restart keeps. */
class EmbeddedRegionsTest {
  @TempDir private Path folder;

  @Test
  void aRestartFindsTheSameRegionsUnderTheSameNumbers() {
    for (int round = 0; round < 2; round++) {
      try (EmbeddedRegions regions = start(List.of("us-west-2", "us-east-1"))) {
        assertThat(regions.running().stream().map(EmbeddedCluster::region))
            .containsExactly("us-west-2", "us-east-1");
        for (EmbeddedCluster cluster : regions.running()) {
          assertThat(cluster.catalog().regions())
              .extracting(object -> object.getRegion().getNumber())
              .containsExactlyInAnyOrder(1, 2);
        }
        assertThat(numberOf(regions, "us-east-1")).isEqualTo(2);
      }
      assertThat(RegionsFolder.regions(folder)).containsExactly("us-west-2", "us-east-1");
    }
    // One more at the end is taken in by those that were there.
    try (EmbeddedRegions regions = start(List.of("us-west-2", "us-east-1", "eu-west-1"))) {
      assertThat(numberOf(regions, "eu-west-1")).isEqualTo(3);
      assertThat(regions.region("us-west-2").catalog().region("eu-west-1")).isPresent();
    }
  }

  @Test
  void sillyRegionsAreRefusedInOneSentence() {
    refused(List.of("us-west-2"), "from 2 to 8 regions, had 1");
    refused(List.of("us-west-2", "us-west-2"), "names a region twice");
    refused(List.of("us-west-2", "Not a region"), "had 'Not a region' among them");
    RegionsFolder.hold(folder, List.of("us-west-2", "us-east-1"));
    refused(List.of("us-east-1", "us-west-2"), "was made with --regions us-west-2,us-east-1");
    refused(List.of("us-west-2", "eu-west-1"), "was made with --regions us-west-2,us-east-1");
  }

  @Test
  void aFolderOfOneRegionIsNotTakenForSeveral() {
    try (DataFolder one = DataFolder.open(folder)) {
      one.describe(new DataFolder.Shape("us-west-2", 1, 1));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    refused(List.of("us-west-2", "us-east-1"), "holds a cluster of one region");
  }

  private void refused(List<String> names, String words) {
    assertThatThrownBy(() -> start(names).close())
        .isInstanceOf(Refusal.class)
        .hasMessageContaining(words);
  }

  private static int numberOf(EmbeddedRegions regions, String name) {
    return regions.region(name).catalog().cluster().orElseThrow().getRegionNumber();
  }

  private EmbeddedRegions start(List<String> names) {
    return EmbeddedRegions.start(
        new DevOptions(
            "localhost",
            0,
            Optional.of(folder),
            OptionalInt.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty()),
        ObserveOptions.NONE,
        names,
        Duration.ZERO);
  }
}
