package io.equator.coordinator.query;

import com.google.protobuf.ByteString;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.router.Plan;
import io.equator.coordinator.router.Plan.Bound;
import io.equator.coordinator.router.Plan.Charge;
import io.equator.coordinator.router.Routed;
import io.equator.coordinator.router.Router;
import io.equator.model.error.ApiException;
import io.equator.partitioner.Partition;
import io.equator.partitioner.TokenRange;
import io.equator.proto.Page;
import io.equator.proto.ReadPageRequest;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads one page of the API, which may take several pages of partitions: from the first token on,
 * partition after partition, until Limit, 1 MB or the end.
 *
 * <p>The partitions are looked up anew for each, so a split or move in between is nothing special:
 * the next read begins at the token after the last one that was read to its end. One read is in
 * flight at a time; the answers of nodes in the same process are taken in a loop, not by recursion,
 * however many partitions there are.
 */
public final class PageReader<T> {
  /** A page ends with the row that brings what was read to this. */
  public static final int PAGE_SIZE_MAX = 1 << 20;

  private final Router router;
  private final PageRequest request;
  private final int sizeMax;
  private final Function<? super PageReply, ? extends T> finish;
  private final CompletableFuture<T> reply = new CompletableFuture<>();

  private @Nullable PageTarget target;

  /** The first token that was not read yet; meaningless before the first read. */
  private long nextToken;

  private boolean started;

  /** The last token that the read in flight covers. */
  private long readTo;

  private final List<ByteString> items = new ArrayList<>();
  private int count;
  private int scanned;
  private long evaluatedBytes;
  private long fetchedBytes;

  /**
   * A reader of one page.
   *
   * @param sizeMax bytes of rows after which the page ends, at most {@link #PAGE_SIZE_MAX}
   * @param finish makes the answer
   */
  public PageReader(
      Router router,
      PageRequest request,
      int sizeMax,
      Function<? super PageReply, ? extends T> finish) {
    this.router = router;
    this.request = request;
    this.sizeMax = sizeMax;
    this.finish = finish;
  }

  /** Reads a page and answers with it as it is. */
  static CompletableFuture<ReplyBody> read(Router router, PageRequest request) {
    return new PageReader<ReplyBody>(router, request, PAGE_SIZE_MAX, page -> page).read();
  }

  /**
   * Reads.
   *
   * @throws ApiException when the request is refused at once
   */
  public CompletableFuture<T> read() {
    boolean more = true;
    while (more) {
      Plan<ReadPageRequest.Builder> plan =
          started ? Plan.as(Charge.GOES_ON, this::bind) : this::bind;
      CompletableFuture<Routed<Page>> answer = router.readPage(plan, request.consistent());
      if (!answer.isDone()) {
        var _ = answer.whenComplete(this::continueWith);
        return reply;
      }
      more = take(answer.join());
    }
    return reply;
  }

  private void continueWith(@Nullable Routed<Page> answer, @Nullable Throwable failure) {
    if (answer == null) {
      reply.completeExceptionally(
          failure == null ? new IllegalStateException("no answer") : failure);
      return;
    }
    try {
      if (take(answer)) {
        var _ = read();
      }
    } catch (RuntimeException e) {
      reply.completeExceptionally(e);
    }
  }

  private Bound<ReadPageRequest.Builder> bind(CatalogSnapshot snapshot) {
    PageTarget bound = request.binding().bind(snapshot);
    target = bound;
    TokenRange tokens = bound.tokens();
    boolean first = !started;
    if (first) {
      nextToken = tokens.first().bits();
    }
    long last = tokens.last().bits();
    ReadPageRequest.Builder read =
        ReadPageRequest.newBuilder()
            .setTable(bound.table().reference())
            .setIndexId(bound.index() == null ? 0 : bound.index().id())
            .setBackward(request.backward())
            .setLimit(request.limit() == 0 ? 0 : request.limit() - scanned)
            .setByteLimit((int) Math.max(1, sizeMax - evaluatedBytes - fetchedBytes))
            .setCountOnly(request.countOnly())
            .setFetchTableItems(bound.fetchItems());
    if (request.filter() != null) {
      read.setFilter(request.filter());
    }
    if (request.projection() != null) {
      read.setProjection(request.projection());
    }
    if (first) {
      read.setExclusiveStart(bound.exclusiveStart());
    }
    if (bound.collection() != null) {
      read.setQuery(bound.collection());
      readTo = last;
    } else {
      Partition owner = snapshot.partitions().partitionOf(bound.table().ringId(), nextToken);
      long ownersLast = owner.range().last().bits();
      readTo = Long.compareUnsigned(ownersLast, last) < 0 ? ownersLast : last;
      read.setScan(io.equator.proto.TokenRange.newBuilder().setFirst(nextToken).setLast(readTo));
    }
    return new Bound<>(bound.table().ringId(), nextToken, read);
  }

  /** Adds what was read; true when the next partition is to be read. */
  private boolean take(Routed<Page> routed) {
    Page page =
        switch (routed) {
          case Routed.Answer<Page>(Page value) -> value;
          case Routed.Refused<Page>(var error) -> throw new ApiException(error);
          case Routed.Scattered<Page>() ->
              throw new IllegalStateException("a page cannot be scattered");
        };
    PageTarget read = target;
    if (read == null) {
      throw new IllegalStateException("answered before it was bound");
    }
    started = true;
    items.addAll(page.getItemsList());
    count += page.getCount();
    scanned += page.getScannedCount();
    evaluatedBytes += page.getEvaluatedBytes();
    fetchedBytes += page.getFetchedBytesRounded();
    if (page.hasLastEvaluatedKey() || readTo == read.tokens().last().bits()) {
      reply.complete(
          finish.apply(
              new PageReply(
                  request,
                  read.index(),
                  items,
                  count,
                  scanned,
                  evaluatedBytes,
                  fetchedBytes,
                  page.hasLastEvaluatedKey() ? page.getLastEvaluatedKey() : null)));
      return false;
    }
    nextToken = readTo + 1;
    return true;
  }
}
