package io.equator.coordinator.globaltables;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.federation.Documents;
import io.equator.coordinator.globaltables.ReplicaPlan.Progress;
import io.equator.coordinator.globaltables.core.GlobalTables;
import io.equator.coordinator.globaltables.core.Stamp;
import io.equator.coordinator.tables.SyncedSettings;
import io.equator.coordinator.tables.TableCatalog.Standing;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.GlobalTableMember;
import io.equator.proto.GlobalTableMember.State;
import io.equator.proto.KeyElement;
import io.equator.proto.KeyType;
import io.equator.proto.ReplicationTarget;
import io.equator.proto.ScalarType;
import io.equator.proto.TableDescriptor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Three regions that make their steps in any order, with exchanges of documents that are late, lost
 * and repeated, end with the same replicas.
 */
class ReplicaPlanTest {
  private static final List<String> REGIONS = List.of("a", "b", "c");
  private long versions = 100;

  private Stamp stamp(String region) {
    return new Stamp(after -> Math.max(after, versions++) + 1, REGIONS.indexOf(region) + 1);
  }

  private static Standing nothing(String region) {
    return new Standing(
        ClusterDescriptor.newBuilder().setRegion(region).setAccountId("0").build(),
        1,
        Optional.empty(),
        0,
        Optional.empty(),
        0);
  }

  private static TableDescriptor table() {
    return TableDescriptor.newBuilder()
        .setName("t")
        .setStatus("ACTIVE")
        .setSchemaVersion(1)
        .setBillingMode("PAY_PER_REQUEST")
        .addKey(
            KeyElement.newBuilder()
                .setAttributeName("id")
                .setKeyType(KeyType.HASH)
                .setAttributeType(ScalarType.S))
        .addAttributeDefinitions(
            KeyElement.newBuilder().setAttributeName("id").setAttributeType(ScalarType.S))
        .setStreamEnabled(true)
        .setStreamViewType("NEW_AND_OLD_IMAGES")
        .build();
  }

  /** What the catalogs of all regions hold. */
  private final Map<String, Standing> world = new TreeMap<>();

  private void begin() {
    REGIONS.forEach(region -> world.put(region, nothing(region)));
    GlobalTableDescriptor document =
        GlobalTableDescriptor.newBuilder()
            .setTableName("t")
            .setGlobalTableId("id")
            .setApiVersion(GlobalTables.CURRENT)
            .setCreatedMillis(1)
            .build();
    document = GlobalTables.joining(document, "a", "", State.ACTIVE, stamp("a"));
    document = SyncedSettings.all(document, table(), stamp("a"));
    document = GlobalTables.joining(document, "b", "a", State.CREATING, stamp("a"));
    document = GlobalTables.joining(document, "c", "a", State.CREATING, stamp("a"));
    world.put("a", nothing("a").with(table()).with(document));
  }

  private void step(String region, Random random) {
    Standing now = world.get(region);
    if (now.global().isEmpty()) {
      return;
    }
    if (ReplicaPlan.mustBeMade(now)) {
      world.put(region, now.with(ReplicaPlan.made(now, "uuid-" + region, 1, 1000)));
      return;
    }
    Set<ReplicationTarget> sent = new HashSet<>();
    now.table()
        .ifPresent(
            t ->
                t.getReplication()
                    .getTargetsList()
                    .forEach(
                        target -> {
                          if (random.nextBoolean() && agrees(region, target.getRegion())) {
                            sent.add(target);
                          }
                        }));
    Standing next =
        ReplicaPlan.next(
            now,
            new Progress(sent, Set.of(), random.nextBoolean(), random.nextBoolean()),
            stamp(region),
            1000);
    world.put(region, settled(next));
  }

  /** Both sides have the pair under the same generation, as sending asks. */
  private boolean agrees(String from, String to) {
    return generation(from, to) == generation(to, from) && generation(from, to) > 0;
  }

  private long generation(String from, String to) {
    return world.get(from).table().stream()
        .flatMap(t -> t.getReplication().getTargetsList().stream())
        .filter(target -> target.getRegion().equals(to))
        .mapToLong(target -> target.getGeneration())
        .findFirst()
        .orElse(0);
  }

  /** What the tables' own reconciler does. */
  private static Standing settled(Standing now) {
    if (now.table().isEmpty()) {
      return now;
    }
    TableDescriptor table = now.table().get();
    return switch (table.getStatus()) {
      case "CREATING" ->
          table.getReplication().getFilling()
              ? now
              : now.with(table.toBuilder().setStatus("ACTIVE").build());
      case "UPDATING" -> now.with(table.toBuilder().setStatus("ACTIVE").build());
      case "DELETING" -> table.hasReplication() ? now : without(now);
      default -> now;
    };
  }

  private static Standing without(Standing now) {
    return new Standing(now.cluster(), 1, Optional.empty(), 0, now.global(), 0);
  }

  private void exchange(String from, String to) {
    world
        .get(from)
        .global()
        .ifPresent(
            document -> {
              Standing target = world.get(to);
              world.put(
                  to,
                  target.with(
                      target.global().map(d -> Documents.join(d, document)).orElse(document)));
            });
  }

  private void run(Random random, int events) {
    for (int i = 0; i < events; i++) {
      String one = REGIONS.get(random.nextInt(3));
      String other = REGIONS.get(random.nextInt(3));
      if (random.nextInt(3) == 0 && !one.equals(other)) {
        exchange(one, other);
      } else {
        step(one, random);
      }
    }
  }

  private Map<String, String> states(String region) {
    Map<String, String> states = new HashMap<>();
    world
        .get(region)
        .global()
        .orElseThrow()
        .getMembersList()
        .forEach(m -> states.put(m.getRegion(), m.getState().name()));
    return states;
  }

  @Test
  void replicasComeAndGoInAnyOrderOfEvents() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      begin();
      run(random, 2_000);
      for (String region : REGIONS) {
        assertThat(states(region))
            .as("seed %d, region %s", seed, region)
            .isEqualTo(Map.of("a", "ACTIVE", "b", "ACTIVE", "c", "ACTIVE"));
        TableDescriptor table = world.get(region).table().orElseThrow();
        assertThat(table.getStatus()).isEqualTo("ACTIVE");
        assertThat(table.getReplication().getTargetsCount()).isEqualTo(2);
        assertThat(table.getKeyList()).isEqualTo(table().getKeyList());
      }
      assertThat(generation("a", "b")).isEqualTo(generation("b", "a"));

      // One goes, asked for in another region.
      Standing asked = world.get("a");
      world.put(
          "a",
          asked.with(
              GlobalTables.withMember(
                  asked.global().orElseThrow(),
                  "b",
                  stamp("a"),
                  member -> member.setState(State.DELETING))));
      run(random, 2_000);
      assertThat(world.get("b").table()).as("seed %d", seed).isEmpty();
      for (String region : REGIONS) {
        assertThat(states(region)).containsEntry("b", "REMOVED");
      }
      assertThat(generation("a", "b")).isZero();
      assertThat(generation("a", "c")).isPositive();
    }
  }

  /** One step without chance. */
  private void step(String region, Progress progress) {
    Standing now = world.get(region);
    world.put(
        region,
        ReplicaPlan.mustBeMade(now)
            ? now.with(ReplicaPlan.made(now, "uuid-" + region, 1, 1000))
            : settled(ReplicaPlan.next(now, progress, stamp(region), 1000)));
  }

  private ReplicationTarget target(String from, String to) {
    return world.get(from).table().orElseThrow().getReplication().getTargetsList().stream()
        .filter(target -> target.getRegion().equals(to))
        .findFirst()
        .orElseThrow();
  }

  private GlobalTableMember member(String in, String region) {
    return GlobalTables.member(world.get(in).global().orElseThrow(), region).orElseThrow();
  }

  private static final Progress NOTHING = new Progress(Set.of(), Set.of(), false, false);

  private static Progress sentTo(ReplicationTarget... targets) {
    return new Progress(Set.of(targets), Set.of(), false, false);
  }

  /** a and b have the table and b goes; a adds c before anybody has heard so. */
  private void beginWithOneThatGoesAndOneThatComes() {
    begin();
    GlobalTableDescriptor document = world.get("a").global().orElseThrow();
    document =
        GlobalTables.withMember(document, "c", stamp("a"), own -> own.setState(State.REMOVED));
    document =
        GlobalTables.withMember(document, "b", stamp("a"), own -> own.setState(State.ACTIVE));
    world.put("a", world.get("a").with(document));
    step("a", NOTHING);
    TableDescriptor replica =
        table().toBuilder()
            .setReplication(GlobalTables.replication(document, "b", false).orElseThrow())
            .build();
    world.put(
        "b",
        nothing("b")
            .with(replica)
            .with(
                GlobalTables.withMember(
                    document, "b", stamp("b"), own -> own.setState(State.DELETING))));
    step("b", NOTHING);
    world.put(
        "a",
        world.get("a").with(GlobalTables.joining(document, "c", "a", State.CREATING, stamp("a"))));
    step("a", NOTHING);
    exchange("a", "c");
    step("c", NOTHING);
    assertThat(generation("a", "c")).isEqualTo(generation("c", "a")).isPositive();
  }

  @Test
  void aNewReplicaWaitsAlsoForOneThatIsGoing() {
    beginWithOneThatGoesAndOneThatComes();
    exchange("b", "a");
    step("a", sentTo(target("a", "c")));
    exchange("a", "c");
    assertThat(member("c", "c").getFilledFromList()).containsExactly("a");
    assertThat(member("c", "b").getState()).isEqualTo(State.DELETING);
    step("c", NOTHING);
    assertThat(member("c", "c").getState()).isEqualTo(State.CREATING);
    assertThat(world.get("c").table().orElseThrow().getReplication().getFilling()).isTrue();
  }

  @Test
  void aNewReplicaIsFilledAnewWhenOneHasGoneWithoutFillingIt() {
    beginWithOneThatGoesAndOneThatComes();
    ReplicationTarget first = target("a", "c");
    step("a", sentTo(first));
    exchange("a", "c");
    // It has given all others that it knew its last writes: a, after that had filled c.
    step("b", new Progress(Set.of(), Set.of(), true, true));
    step("b", NOTHING);
    assertThat(member("b", "b").getState()).isEqualTo(State.REMOVED);
    assertThat(member("b", "b").getGivenUp()).isZero();
    exchange("b", "c");
    long before = generation("c", "a");
    step("c", NOTHING);
    assertThat(member("c", "c").getState()).isEqualTo(State.CREATING);
    assertThat(member("c", "c").getFilledFromList()).isEmpty();
    assertThat(generation("c", "a")).isGreaterThan(before);
    step("c", NOTHING);
    assertThat(world.get("c").table().orElseThrow().getReplication().getFilling()).isTrue();

    // What was sent under the former generation does not count.
    exchange("c", "a");
    step("a", sentTo(first));
    exchange("a", "c");
    assertThat(member("c", "c").getFilledFromList()).isEmpty();
    step("a", NOTHING);
    step("a", sentTo(target("a", "c")));
    exchange("a", "c");
    for (int i = 0; i < 3; i++) {
      step("c", NOTHING);
    }
    assertThat(member("c", "c").getState()).isEqualTo(State.ACTIVE);
    assertThat(generation("a", "c")).isEqualTo(generation("c", "a"));
  }

  @Test
  void aTableThatIsThereIsNeverTakenForAReplica() {
    begin();
    exchange("a", "b");
    world.put("b", world.get("b").with(table().toBuilder().setUuid("own").build()));
    run(new Random(1), 500);
    assertThat(states("a")).containsEntry("b", "CREATION_FAILED");
    assertThat(world.get("b").table().orElseThrow().hasReplication()).isFalse();
  }

  @Test
  void aRegionThatHasLeftIsAMemberNoMore() {
    begin();
    run(new Random(2), 2_000);
    Standing next =
        ReplicaPlan.next(
            world.get("a"), new Progress(Set.of(), Set.of("c"), false, false), stamp("a"), 1000);
    assertThat(GlobalTables.isPresentIn(next.global().orElseThrow(), "c")).isFalse();
  }

  @Test
  void aRegionThatWasGivenUpDoesNotBringItselfBackAndIsFilledAnew() {
    for (long seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      begin();
      run(random, 2_000);
      long before = generation("a", "c");
      long ofThoseWhoStay = generation("a", "b");
      // Both others give it up; it goes on by itself meanwhile, and changes its part later.
      for (String region : List.of("a", "b")) {
        world.put(
            region,
            ReplicaPlan.next(
                world.get(region),
                new Progress(Set.of(), Set.of("c"), false, false),
                stamp(region),
                1000));
      }
      Standing alone = world.get("c");
      world.put(
          "c",
          alone.with(
              GlobalTables.withMember(
                  alone.global().orElseThrow(),
                  "c",
                  stamp("c"),
                  member -> member.setState(State.UPDATING))));
      run(random, 1_000);
      assertThat(states("a")).as("seed %d", seed).containsEntry("c", "REMOVED");
      assertThat(states("c")).isEqualTo(states("a"));
      assertThat(generation("a", "c")).isZero();
      assertThat(generation("a", "b"))
          .as("those who stay send one another everything again")
          .isGreaterThan(ofThoseWhoStay)
          .isEqualTo(generation("b", "a"));
      TableDescriptor kept = world.get("c").table().orElseThrow();
      assertThat(kept.hasReplication()).as("its table is its own").isFalse();

      // Its table is deleted there, and it gets a replica again.
      world.put("c", without(world.get("c")));
      Standing asked = world.get("b");
      world.put(
          "b",
          asked.with(
              GlobalTables.joining(
                  asked.global().orElseThrow(), "c", "b", State.CREATING, stamp("b"))));
      run(random, 2_000);
      assertThat(states("c"))
          .as("seed %d", seed)
          .isEqualTo(Map.of("a", "ACTIVE", "b", "ACTIVE", "c", "ACTIVE"));
      assertThat(generation("a", "c")).isGreaterThan(before).isEqualTo(generation("c", "a"));
      assertThat(target("a", "c").getJoinedAgain()).as("what it wrote before is not its").isTrue();
      assertThat(target("a", "b").getJoinedAgain()).isFalse();
    }
  }
}
