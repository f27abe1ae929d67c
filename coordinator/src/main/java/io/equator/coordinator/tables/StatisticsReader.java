package io.equator.coordinator.tables;

import io.equator.coordinator.tables.TableStatistics.Size;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.partitioner.Ring;
import io.equator.proto.IndexStatistics;
import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.proto.TableDescriptor;
import io.equator.proto.TableStatisticsRequest;
import io.equator.proto.TableStatisticsResponse;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sums a table's statistics over the nodes of its ring, each of which counts what it leads.
 * Blocking, for a bounded time.
 *
 * <p>An answer is good for {@value #FRESH_MILLIS} ms. Then the nodes are asked again, and what all
 * of them have not answered within {@value #PATIENCE_MILLIS} ms is told as it was last known:
 * DynamoDB itself promises these numbers only about every six hours.
 */
final class StatisticsReader {
  private static final long FRESH_MILLIS = 2_000;
  private static final long PATIENCE_MILLIS = 250;
  private static final int REMEMBERED_MAX = 4096;

  private record Known(TableStatistics statistics, long atNanos) {}

  private final Supplier<CatalogSnapshot> catalog;
  private final Function<NodeId, @Nullable NodeServiceStub> nodes;
  private final ConcurrentHashMap<Integer, Known> known = new ConcurrentHashMap<>();

  /**
   * Reads through these stubs.
   *
   * @param nodes the stub of a node, or null while its address is not known
   */
  StatisticsReader(
      Supplier<CatalogSnapshot> catalog, Function<NodeId, @Nullable NodeServiceStub> nodes) {
    this.catalog = catalog;
    this.nodes = nodes;
  }

  /** What the table holds, as far as it is known. */
  TableStatistics read(TableDescriptor table) {
    if (table.getStatus().equals(Statuses.CREATING)) {
      return TableStatistics.NOTHING;
    }
    Known last = known.get(table.getTableId());
    long now = System.nanoTime();
    if (last != null && now - last.atNanos() < TimeUnit.MILLISECONDS.toNanos(FRESH_MILLIS)) {
      return last.statistics();
    }
    Optional<TableStatistics> sum = ask(table);
    if (sum.isEmpty()) {
      return last == null ? TableStatistics.NOTHING : last.statistics();
    }
    if (known.size() >= REMEMBERED_MAX) {
      // Coarse, but nothing is lost except some questions.
      known.clear();
    }
    known.put(table.getTableId(), new Known(sum.get(), now));
    return sum.get();
  }

  /** What it holds now; empty when not all nodes answer. */
  Optional<TableStatistics> now(TableDescriptor table) {
    return ask(table);
  }

  private Optional<TableStatistics> ask(TableDescriptor table) {
    Optional<Ring> ring = catalog.get().partitions().findRing(table.getRingId());
    TreeSet<NodeId> asked = new TreeSet<>();
    for (Partition partition : ring.map(Ring::partitions).orElse(List.of())) {
      asked.addAll(partition.replicas());
    }
    List<CompletableFuture<TableStatisticsResponse>> answers = new ArrayList<>();
    TableStatisticsRequest request =
        TableStatisticsRequest.newBuilder().setTableId(table.getTableId()).build();
    for (NodeId node : asked) {
      NodeServiceStub stub = nodes.apply(node);
      if (stub == null) {
        return Optional.empty();
      }
      Answer answer = new Answer(new CompletableFuture<>());
      answers.add(answer.future());
      stub.withDeadlineAfter(Duration.ofMillis(PATIENCE_MILLIS)).tableStatistics(request, answer);
    }
    CompletableFuture<Void> all =
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new));
    return all.thenApply(_ -> Optional.of(sum(answers)))
        .completeOnTimeout(Optional.empty(), 2 * PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
        .exceptionally(_ -> Optional.empty())
        .join();
  }

  private static TableStatistics sum(List<CompletableFuture<TableStatisticsResponse>> answers) {
    Size table = Size.NOTHING;
    Map<Integer, Size> indexes = new TreeMap<>();
    for (CompletableFuture<TableStatisticsResponse> answer : answers) {
      TableStatisticsResponse response = answer.join();
      table = table.plus(response.getItemCount(), response.getSizeBytes());
      for (IndexStatistics index : response.getIndexesList()) {
        indexes.merge(
            index.getIndexId(),
            new Size(index.getItemCount(), index.getSizeBytes()),
            (a, b) -> a.plus(b.itemCount(), b.sizeBytes()));
      }
    }
    return new TableStatistics(table, indexes);
  }

  private record Answer(CompletableFuture<TableStatisticsResponse> future)
      implements StreamObserver<TableStatisticsResponse> {
    @Override
    public void onNext(TableStatisticsResponse response) {
      future.complete(response);
    }

    @Override
    public void onError(Throwable failure) {
      future.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      future.completeExceptionally(new IllegalStateException("an answer without content"));
    }
  }
}
