package io.equator.coordinator.federation;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.GlobalTableMember;
import io.equator.proto.GlobalTableMember.State;
import io.equator.proto.GlobalTableSetting;
import io.equator.proto.RegionDescriptor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Copies that meet in any order, any number of times, end equal. */
class DocumentsTest {
  private static final List<String> REGIONS = List.of("a", "b", "c");

  @Test
  void globalTablesJoinTheSameInAnyOrder() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      List<GlobalTableDescriptor> copies = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        copies.add(table(random));
      }
      GlobalTableDescriptor inOrder = joinAll(copies);
      List<GlobalTableDescriptor> shuffled = new ArrayList<>(copies);
      shuffled.addAll(copies.subList(0, 3));
      Collections.shuffle(shuffled, random);
      assertThat(joinAll(shuffled)).as("seed %d", seed).isEqualTo(inOrder);
      GlobalTableDescriptor right = copies.get(5);
      for (int i = 4; i >= 0; i--) {
        right = Documents.join(copies.get(i), right);
      }
      assertThat(right).as("grouped otherwise, seed %d", seed).isEqualTo(inOrder);
    }
  }

  @Test
  void regionsJoinTheSameInAnyOrder() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      List<RegionDescriptor> copies = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        copies.add(
            RegionDescriptor.newBuilder()
                .setName("a")
                .setNumber(1 + random.nextInt(2))
                .setRemoved(random.nextInt(4) == 0)
                .setVersion(random.nextInt(3))
                .setVersionRegion(random.nextInt(3))
                .addAddresses("host-" + random.nextInt(3))
                .build());
      }
      RegionDescriptor inOrder = copies.stream().reduce(Documents::join).orElseThrow();
      Collections.shuffle(copies, random);
      assertThat(copies.stream().reduce(Documents::join)).as("seed %d", seed).contains(inOrder);
    }
  }

  @Test
  void aRemovedRegionComesBackOnlyUnderANewNumber() {
    RegionDescriptor removed =
        RegionDescriptor.newBuilder()
            .setName("a")
            .setNumber(2)
            .setVersion(5)
            .setRemoved(true)
            .build();
    RegionDescriptor later = removed.toBuilder().setRemoved(false).setVersion(99).build();
    RegionDescriptor anew = later.toBuilder().setNumber(3).setVersion(1).build();
    assertThat(Documents.join(removed, later)).isEqualTo(removed);
    assertThat(Documents.join(removed, anew)).isEqualTo(anew);
  }

  @Test
  void whatTwoRegionsHaveFilledIsNotLost() {
    GlobalTableDescriptor.Builder table = GlobalTableDescriptor.newBuilder().setTableName("t");
    GlobalTableMember.Builder member =
        GlobalTableMember.newBuilder().setRegion("c").setGeneration(4);
    GlobalTableDescriptor one =
        table.clone().addMembers(member.clone().addFilledFrom("a").setVersion(7)).build();
    GlobalTableDescriptor other =
        table.clone().addMembers(member.clone().addFilledFrom("b").setVersion(8)).build();
    assertThat(Documents.join(one, other).getMembers(0).getFilledFromList())
        .containsExactly("a", "b");
  }

  private static GlobalTableDescriptor joinAll(List<GlobalTableDescriptor> copies) {
    return copies.stream().reduce(Documents::join).orElseThrow();
  }

  private static GlobalTableDescriptor table(Random random) {
    GlobalTableDescriptor.Builder table =
        GlobalTableDescriptor.newBuilder()
            .setTableName("t")
            .setCreatedMillis(random.nextInt(10) == 0 ? 1 : 2)
            .setGlobalTableId(random.nextInt(10) == 0 ? "other" : "id");
    for (String region : REGIONS) {
      if (random.nextBoolean()) {
        table.addMembers(
            GlobalTableMember.newBuilder()
                .setRegion(region)
                .setGeneration(1 + random.nextInt(2))
                .setState(State.forNumber(1 + random.nextInt(5)))
                .addFilledFrom(REGIONS.get(random.nextInt(3)))
                .setVersion(random.nextInt(3))
                .setVersionRegion(random.nextInt(3)));
      }
      if (random.nextBoolean()) {
        table.addSettings(
            GlobalTableSetting.newBuilder()
                .setName(region)
                .setValue(
                    com.google.protobuf.ByteString.copyFromUtf8(
                        Integer.toString(random.nextInt(9))))
                .setVersion(random.nextInt(3))
                .setVersionRegion(random.nextInt(3)));
      }
    }
    // As every stored copy is: parts in order, one for each name.
    return Documents.join(table.build(), table.build());
  }
}
