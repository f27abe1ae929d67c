package io.equator.coordinator.federation;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.proto.RegionDescriptor;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegionNumbersTest {
  private static final RegionDescriptor WEST = region("us-west-2", 1);

  private static RegionDescriptor region(String name, int number) {
    return RegionDescriptor.newBuilder().setName(name).setNumber(number).build();
  }

  @Test
  void aNumberThatNobodyHasIsKept() {
    assertThat(RegionNumbers.choose(List.of(WEST), "us-east-1", 9)).isEqualTo(9);
  }

  @Test
  void whoseNumberIsTakenGetsOneThatItsNameSays() {
    int east = RegionNumbers.choose(List.of(WEST), "us-east-1", 1);
    assertThat(east).isBetween(2, 0x8000);
    assertThat(RegionNumbers.choose(List.of(WEST), "us-east-1", 1)).isEqualTo(east);
    assertThat(RegionNumbers.choose(List.of(WEST), "eu-west-1", 1))
        .as("let in at the same time elsewhere")
        .isNotEqualTo(east);
    assertThat(RegionNumbers.choose(List.of(WEST, region("x", east)), "us-east-1", 1))
        .isEqualTo(east + 1);
  }

  @Test
  void whoComesBackGetsAGreaterOne() {
    List<RegionDescriptor> others =
        List.of(
            WEST, region("us-east-1", 40).toBuilder().setRemoved(true).build(), region("x", 41));
    assertThat(RegionNumbers.choose(others, "us-east-1", 1)).isEqualTo(42);
    assertThat(RegionNumbers.choose(others, "us-east-1", 40)).isEqualTo(42);
    assertThat(RegionNumbers.choose(others, "us-east-1", 50)).isEqualTo(50);
  }
}
