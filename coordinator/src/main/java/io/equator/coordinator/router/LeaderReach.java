package io.equator.coordinator.router;

import com.google.protobuf.ByteString;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.partitioner.Partition;
import io.equator.partitioner.Ring;
import io.equator.proto.GetRequest;
import io.equator.proto.GetResults;
import io.equator.proto.ItemGet;
import io.equator.proto.ItemKey;
import io.equator.replication.catalog.SystemTables;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Finds out whether this coordinator can do its work: of each ring at least one partition has a
 * leader that it reaches.
 *
 * <p>It asks as requests do: by a strongly consistent read, which a leader answers only when a
 * majority confirms it. One partition is enough, because a coordinator that reaches some is better
 * kept in service than taken out together with all others when one group has no majority.
 */
public final class LeaderReach {
  private static final long PATIENCE_MILLIS = 2_000;

  private final Router router;

  /** Asks through this router. */
  public LeaderReach(Router router) {
    this.router = router;
  }

  /** What is out of reach; empty when nothing is. Waits for answers for {@code 2 s} at most. */
  public Optional<String> missing() {
    List<Ring> rings = List.copyOf(router.catalog().partitions().rings());
    if (rings.isEmpty()) {
      return Optional.of("the catalog has no ring yet");
    }
    List<CompletableFuture<Boolean>> reached = new ArrayList<>();
    rings.forEach(ring -> reached.add(anyLeader(ring)));
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    for (int i = 0; i < rings.size(); i++) {
      if (!isTrue(reached.get(i), deadline - System.nanoTime())) {
        return Optional.of("no leader of ring " + rings.get(i).id() + " is reached");
      }
    }
    return Optional.empty();
  }

  /** True as soon as one answers; false when none has. */
  private CompletableFuture<Boolean> anyLeader(Ring ring) {
    CompletableFuture<Boolean> any = new CompletableFuture<>();
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (Partition partition : ring.partitions()) {
      all.add(
          router
              .get(_ -> question(ring, partition), true)
              .thenAccept(
                  answer -> {
                    if (answer instanceof Routed.Answer<GetResults>) {
                      any.complete(true);
                    }
                  }));
    }
    var _ =
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
            .whenComplete((_, _) -> any.complete(false));
    return any;
  }

  /** An item that does not exist, of the table that every cluster has. */
  private static Bound<GetRequest.Builder> question(Ring ring, Partition partition) {
    long token = partition.range().first().bits();
    ItemKey key =
        ItemKey.newBuilder().setToken(token).setPartitionKey(ByteString.copyFromUtf8("?")).build();
    ItemGet get =
        ItemGet.newBuilder().setTable(SystemTables.LEDGER.reference()).setKey(key).build();
    return new Bound<>(ring.id(), token, GetRequest.newBuilder().addGets(get));
  }

  private static boolean isTrue(CompletableFuture<Boolean> answer, long nanos) {
    try {
      return answer.get(Math.max(1, nanos), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
