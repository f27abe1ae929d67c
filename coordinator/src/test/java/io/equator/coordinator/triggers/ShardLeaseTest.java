package io.equator.coordinator.triggers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.equator.coordinator.triggers.CheckpointStore.UnavailableException;
import io.equator.coordinator.triggers.ShardLease.Seeker;
import io.equator.proto.ChangePlace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** One owner at a time, and a checkpoint that only moves forward, also when answers are lost. */
class ShardLeaseTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final MemoryCheckpoints store = new MemoryCheckpoints();
  private final ByteString key = CheckpointStore.key(UUID.randomUUID().toString(), 3);
  private long now = SECOND;

  private Seeker seeker(String coordinator) {
    return new Seeker(store, key, coordinator, "w" + now);
  }

  private static ChangePlace at(long index) {
    return ChangePlace.newBuilder().setLogIndex(index).build();
  }

  private boolean keep(ShardLease lease, long index) {
    return lease.keep(at(index), "OK", 0, now);
  }

  private long stored() {
    return store.read(key).orElseThrow().row().getNext().getLogIndex();
  }

  @Test
  void aFreeShardIsTakenAndAReleasedOneGoesOnAtItsCheckpoint() {
    ShardLease first = seeker("a").attempt(now).orElseThrow();
    assertThat(keep(first, 7)).isTrue();
    first.release(now);
    ShardLease second = seeker("b").attempt(now).orElseThrow();
    assertThat(second.next()).isEqualTo(at(7));
    assertThat(keep(first, 9)).isFalse();
    assertThat(stored()).isEqualTo(7);
  }

  @Test
  void anOwnerThatRenewsKeepsTheShard() {
    ShardLease lease = seeker("a").attempt(now).orElseThrow();
    Seeker other = seeker("b");
    for (int i = 0; i < 20; i++) {
      now += 3 * SECOND;
      assertThat(lease.isDue(now)).isTrue();
      assertThat(keep(lease, i)).isTrue();
      assertThat(other.attempt(now)).isEmpty();
    }
  }

  @Test
  void aSilentOwnerLosesTheShardAfterItHasStoppedByItself() {
    ShardLease lease = seeker("a").attempt(now).orElseThrow();
    assertThat(keep(lease, 5)).isTrue();
    Seeker other = seeker("b");
    assertThat(other.attempt(now)).isEmpty();
    now += 10 * SECOND;
    assertThat(other.attempt(now)).isEmpty();
    assertThat(lease.isValid(now)).isFalse();
    now += 1;
    ShardLease taken = other.attempt(now).orElseThrow();
    assertThat(taken.next()).isEqualTo(at(5));
    assertThat(keep(taken, 6)).isTrue();
    assertThat(keep(lease, 8)).as("the fence").isFalse();
    assertThat(stored()).isEqualTo(6);
  }

  @Test
  void whatThisCoordinatorLeftInAnEarlierLifeIsTakenAtOnce() {
    ShardLease before = seeker("a").attempt(now).orElseThrow();
    assertThat(keep(before, 5)).isTrue();
    now += 1;
    assertThat(seeker("a").attempt(now).orElseThrow().next()).isEqualTo(at(5));
    assertThat(keep(before, 6)).isFalse();
  }

  @Test
  void aCheckpointDoesNotMoveBackwards() {
    ShardLease lease = seeker("a").attempt(now).orElseThrow();
    assertThat(keep(lease, 5)).isTrue();
    assertThatThrownBy(() -> keep(lease, 4)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anAnswerThatWasLostDoesNotLoseTheShardNorItsCheckpoint() {
    ShardLease lease = seeker("a").attempt(now).orElseThrow();
    store.loseNextAnswer = true;
    assertThatThrownBy(() -> keep(lease, 5)).isInstanceOf(UnavailableException.class);
    lease.release(now);
    assertThat(stored()).as("made before the answer was lost").isEqualTo(5);
    ShardLease again = seeker("b").attempt(now).orElseThrow();
    store.loseNextAnswer = true;
    assertThatThrownBy(() -> keep(again, 6)).isInstanceOf(UnavailableException.class);
    assertThat(keep(again, 7)).isTrue();
    assertThat(stored()).isEqualTo(7);
  }

  /** Three coordinators at random, with lost answers and a store that goes away. */
  @Test
  void atMostOneOwnerIsValidAndCheckpointsOnlyGrow() {
    int takenOver = 0;
    for (long seed = 0; seed < 100; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      store.away = false;
      store.read(key).ifPresent(store::remove);
      List<Seeker> seekers = List.of(seeker("a"), seeker("b"), seeker("c"));
      List<Optional<ShardLease>> leases =
          new ArrayList<>(List.of(Optional.empty(), Optional.empty(), Optional.empty()));
      long last = 0;
      for (int step = 0; step < 400; step++) {
        now += random.nextLong(4 * SECOND);
        store.away = random.nextInt(10) == 0;
        store.loseNextAnswer = random.nextInt(8) == 0;
        int who = random.nextInt(3);
        try {
          Optional<ShardLease> lease = leases.get(who);
          if (lease.isEmpty()) {
            leases.set(who, seekers.get(who).attempt(now));
            takenOver += leases.get(who).isPresent() ? 1 : 0;
          } else if (random.nextInt(4) > 0
              && !keep(lease.get(), lease.get().next().getLogIndex() + random.nextInt(3))) {
            leases.set(who, Optional.empty());
          }
        } catch (UnavailableException _) {
          // Tried again, or not.
        }
        store.away = false;
        store.loseNextAnswer = false;
        assertThat(leases.stream().filter(l -> l.isPresent() && l.get().isValid(now)).count())
            .as("seed %s", seed)
            .isLessThanOrEqualTo(1);
        long stored = store.read(key).map(e -> e.row().getNext().getLogIndex()).orElse(0L);
        assertThat(stored).as("seed %s", seed).isGreaterThanOrEqualTo(last);
        last = stored;
      }
    }
    assertThat(takenOver).isGreaterThan(300);
  }
}
