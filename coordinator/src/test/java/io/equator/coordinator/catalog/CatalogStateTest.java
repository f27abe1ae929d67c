package io.equator.coordinator.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogComparison;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.NodeDescriptor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Protects the rule of commits: every member that applies the same log holds the same catalog. */
class CatalogStateTest {
  private static final List<String> KEYS = List.of("node/a", "node/b", "node/c", "node/d");

  @Test
  void aCommitIsMadeOnlyWhenAllComparisonsHold() {
    CatalogState state = new CatalogState();
    assertThat(state.commit(put("node/a", 0)).response().getOutcome()).isEqualTo(Outcome.COMMITTED);
    CatalogCommitRequest two =
        put("node/b", 0).toBuilder()
            .addComparisons(CatalogComparison.newBuilder().setKey("node/a").setVersion(7))
            .build();

    CatalogState.Change change = state.commit(two);

    assertThat(change.response().getOutcome()).isEqualTo(Outcome.CONFLICT);
    assertThat(change.response().getRevision()).isEqualTo(1);
    assertThat(change.event()).isEmpty();
    assertThat(state.get("node/b")).isEmpty();
  }

  @Test
  void aRetriedCommitIsAnsweredAndNotMadeAgain() {
    CatalogState state = new CatalogState();
    CatalogCommitRequest commit =
        put("node/a", 0).toBuilder().setCommitId(ByteString.copyFromUtf8("once")).build();
    CatalogState.Change first = state.commit(commit);
    CatalogState.Change second = state.commit(commit);

    assertThat(second.response()).isEqualTo(first.response());
    assertThat(second.event()).isEmpty();
    assertThat(state.revision()).isEqualTo(1);
  }

  @Test
  void rememberedCommitsAreBounded() {
    CatalogState state = new CatalogState();
    for (int i = 0; i < CatalogState.REMEMBERED_COMMITS_MAX + 10; i++) {
      state.commit(
          CatalogCommitRequest.newBuilder()
              .setCommitId(ByteString.copyFromUtf8("commit " + i))
              .build());
    }
    assertThat(state.toImage(1, 1).getRememberedList())
        .hasSize(CatalogState.REMEMBERED_COMMITS_MAX)
        .first()
        .extracting(commit -> commit.getCommitId().toStringUtf8())
        .isEqualTo("commit 10");
  }

  /** Random commits against a naive twin, with a second replica, an image and a watcher beside. */
  @Test
  void equalsANaiveModelAndEveryCopyOfItself() {
    for (long seed = 1; seed <= 200; seed++) {
      Random random = new Random(seed);
      CatalogState state = new CatalogState();
      CatalogState replica = new CatalogState();
      Naive naive = new Naive();
      TreeMap<String, CatalogObject> watched = new TreeMap<>();
      List<CatalogCommitRequest> sent = new ArrayList<>();
      for (int step = 0; step < 60; step++) {
        CatalogCommitRequest commit =
            !sent.isEmpty() && random.nextInt(8) == 0
                ? sent.get(random.nextInt(sent.size()))
                : randomCommit(random, naive, step);
        sent.add(commit);
        CatalogState.Change change = state.commit(commit);

        assertThat(change.response().getOutcome())
            .as("seed %d step %d", seed, step)
            .isEqualTo(naive.commit(commit));
        assertThat(change.response().getRevision()).isLessThanOrEqualTo(state.revision());
        assertThat(state.revision()).isEqualTo(naive.revision);
        assertThat(replica.commit(commit)).isEqualTo(change);
        change.event().ifPresent(event -> follow(watched, event));
        assertThat(List.copyOf(watched.values())).isEqualTo(state.all());
        assertThat(state.all()).extracting(CatalogObject::getVersion).isEqualTo(naive.versions());
        if (random.nextInt(10) == 0) {
          CatalogState restarted = new CatalogState();
          restarted.load(replica.toImage(3, step));
          replica = restarted;
        }
      }
      assertThat(replica.toImage(1, 1)).isEqualTo(state.toImage(1, 1));
    }
  }

  private static void follow(Map<String, CatalogObject> watched, CatalogEvent event) {
    for (CatalogObject put : event.getPutsList()) {
      watched.put(put.getKey(), put);
    }
    event.getDeletesList().forEach(watched::remove);
  }

  private static CatalogCommitRequest put(String key, long version) {
    return CatalogCommitRequest.newBuilder()
        .addComparisons(CatalogComparison.newBuilder().setKey(key).setVersion(version))
        .addPuts(CatalogObject.newBuilder().setKey(key).setNode(NodeDescriptor.newBuilder()))
        .build();
  }

  private static CatalogCommitRequest randomCommit(Random random, Naive naive, int step) {
    CatalogCommitRequest.Builder commit =
        CatalogCommitRequest.newBuilder().setCommitId(ByteString.copyFromUtf8("step " + step));
    for (String key : KEYS) {
      switch (random.nextInt(5)) {
        case 0 ->
            commit.addPuts(
                CatalogObject.newBuilder()
                    .setKey(key)
                    .setNode(NodeDescriptor.newBuilder().setZone("z" + random.nextInt(3))));
        case 1 -> commit.addDeletes(key);
        default -> {}
      }
      if (random.nextInt(3) == 0) {
        long version = naive.versionByKey.getOrDefault(key, 0L);
        commit.addComparisons(
            CatalogComparison.newBuilder()
                .setKey(key)
                .setVersion(random.nextInt(6) == 0 ? version + 1 : version));
      }
    }
    return commit.build();
  }

  /** Knows versions only, and remembers every commit. */
  private static final class Naive {
    private final TreeMap<String, Long> versionByKey = new TreeMap<>();
    private final Map<ByteString, Outcome> outcomes = new HashMap<>();
    private long revision;

    Outcome commit(CatalogCommitRequest commit) {
      return outcomes.computeIfAbsent(commit.getCommitId(), _ -> make(commit));
    }

    private Outcome make(CatalogCommitRequest commit) {
      for (CatalogComparison comparison : commit.getComparisonsList()) {
        if (versionByKey.getOrDefault(comparison.getKey(), 0L) != comparison.getVersion()) {
          return Outcome.CONFLICT;
        }
      }
      if (commit.getPutsCount() + commit.getDeletesCount() > 0) {
        revision++;
      }
      commit.getPutsList().forEach(put -> versionByKey.put(put.getKey(), revision));
      commit.getDeletesList().forEach(versionByKey::remove);
      return Outcome.COMMITTED;
    }

    List<Long> versions() {
      return List.copyOf(versionByKey.values());
    }
  }
}
