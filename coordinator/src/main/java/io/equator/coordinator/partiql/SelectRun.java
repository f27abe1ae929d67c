package io.equator.coordinator.partiql;

import io.equator.coordinator.items.CapacityReport;
import io.equator.coordinator.items.Consumption;
import io.equator.coordinator.items.PathChecks;
import io.equator.coordinator.query.IndexChoice;
import io.equator.coordinator.query.PageReader;
import io.equator.coordinator.query.PageReply;
import io.equator.coordinator.query.PageRequest;
import io.equator.coordinator.query.PageTarget;
import io.equator.coordinator.query.PageTargets;
import io.equator.coordinator.router.Router;
import io.equator.coordinator.router.TableNames;
import io.equator.model.error.ApiException;
import io.equator.model.item.EncodedItem;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyCodec;
import io.equator.model.partiql.Command;
import io.equator.model.partiql.Where;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One page of a SELECT that does not name a single item: item collections one after the other, or
 * everything, until Limit, 1 MB or the end. Used once.
 */
final class SelectRun {
  private final Router router;
  private final Command.Select select;
  private final boolean consistent;
  private final int limit;
  private final Columns columns;
  private final CompletableFuture<Result> result = new CompletableFuture<>();

  private final Where.Reading reading;
  private final List<Where.Range> ranges;
  private final boolean backward;
  private final boolean oneItemEach;

  private final List<EncodedItem> items = new ArrayList<>();
  private final Consumption consumption = new Consumption();
  private int collection;
  private int scanned;
  private long bytes;

  /**
   * A page.
   *
   * @param next where to go on; null at the end
   */
  record Result(List<EncodedItem> items, @Nullable NextToken next, Consumption consumption) {}

  /**
   * Plans a SELECT by the newest copy of the catalog.
   *
   * @param limit rows to evaluate at most; 0 for no limit
   * @throws ApiException when the table or the index cannot be read like that
   */
  SelectRun(Router router, Command.Select select, boolean consistent, int limit) {
    this.router = router;
    this.select = select;
    this.consistent = consistent;
    this.limit = limit;
    this.columns = new Columns(select.columns());
    TableView table = TableNames.serving(router.catalog(), select.table());
    IndexView index = index(table);
    List<KeyAttribute> partition =
        index == null ? List.of(table.keySchema().partition()) : index.partitionKey();
    List<KeyAttribute> sort =
        index == null ? table.keySchema().sort().map(List::of).orElse(List.of()) : index.sortKey();
    reading = select.where().reading(partition, sort);
    checkOrder(partition, sort);
    backward = select.orderBy().stream().anyMatch(key -> key.descending() && isOf(sort, key));
    switch (reading) {
      case Where.Everything _ -> {
        ranges = List.of();
        oneItemEach = false;
      }
      case Where.Collections(var unordered, boolean one, _) -> {
        ranges = ordered(unordered, partition);
        oneItemEach = one && index == null;
      }
    }
  }

  private @Nullable IndexView index(TableView table) {
    if (select.index().isEmpty()) {
      return null;
    }
    IndexView index = IndexChoice.named(table, select.index().get());
    if (!index.local() && consistent) {
      throw ApiException.validation(
          "Strongly consistent read is not supported on Global Secondary Indexes");
    }
    return index;
  }

  private void checkOrder(List<KeyAttribute> partition, List<KeyAttribute> sort) {
    if (select.orderBy().isEmpty()) {
      return;
    }
    if (reading instanceof Where.Everything) {
      throw ApiException.validation(
          "Must have at least one non-optional hash key condition in WHERE clause when using ORDER"
              + " BY clause.");
    }
    for (Command.Order key : select.orderBy()) {
      if (!isOf(partition, key) && !isOf(sort, key)) {
        throw ApiException.validation(
            "Variable reference "
                + key.attribute()
                + " in ORDER BY clause must be part of the primary key");
      }
    }
  }

  private static boolean isOf(List<KeyAttribute> key, Command.Order order) {
    return key.stream().anyMatch(attribute -> attribute.name().equals(order.attribute()));
  }

  /** By partition key when ORDER BY says so, else as in the text. */
  private List<Where.Range> ordered(List<Where.Range> unordered, List<KeyAttribute> partition) {
    for (Command.Order key : select.orderBy()) {
      if (isOf(partition, key)) {
        Comparator<Where.Range> order =
            (one, two) ->
                Arrays.compareUnsigned(
                    KeyCodec.encode(one.partition()), KeyCodec.encode(two.partition()));
        return unordered.stream().sorted(key.descending() ? order.reversed() : order).toList();
      }
    }
    return unordered;
  }

  /** Reads from the beginning, or from where another page ended. */
  CompletableFuture<Result> start(@Nullable NextToken from) {
    collection = from == null ? 0 : from.collection();
    if (collection < 0 || collection >= Math.max(1, ranges.size())) {
      throw NextToken.mismatch();
    }
    read(from == null ? null : from.start());
    return result;
  }

  private void read(@Nullable EncodedItem start) {
    PageRequest request =
        new PageRequest(
            select.table(),
            consistent,
            backward,
            limit == 0 ? 0 : limit - scanned,
            reading.filter().orElse(null),
            columns.projection(),
            false,
            CapacityReport.NONE,
            snapshot -> bind(snapshot, start));
    int sizeMax = (int) Math.max(1, PageReader.PAGE_SIZE_MAX - bytes);
    var _ =
        new PageReader<>(router, request, sizeMax, page -> page)
            .read()
            .whenComplete(
                (page, failure) -> {
                  try {
                    if (failure == null) {
                      take(page);
                    } else {
                      result.completeExceptionally(failure);
                    }
                  } catch (RuntimeException e) {
                    result.completeExceptionally(e);
                  }
                });
  }

  private PageTarget bind(CatalogSnapshot snapshot, @Nullable EncodedItem start) {
    TableView table = TableNames.serving(snapshot, select.table());
    IndexView index = index(table);
    reading.filter().ifPresent(filter -> PathChecks.check(table, filter));
    if (ranges.isEmpty()) {
      return PageTargets.everything(snapshot, table, index, columns.projection(), start);
    }
    Where.Range range = ranges.get(collection);
    return PageTargets.collection(
        snapshot, table, index, range.partition(), range.bounds(), columns.projection(), start);
  }

  /** Adds a page; goes on with the next collection, or ends. */
  private void take(PageReply page) {
    page.items().forEach(item -> items.add(columns.of(EncodedItem.wrap(item))));
    scanned += page.scanned();
    bytes += page.evaluatedBytes() + page.fetchedBytes();
    page.addTo(consumption);
    if (page.lastEvaluatedKey() != null && !oneItemEach) {
      end(new NextToken(collection, EncodedItem.wrap(page.lastEvaluatedKey())));
      return;
    }
    collection++;
    if (collection >= ranges.size()) {
      end(null);
    } else if ((limit > 0 && scanned >= limit) || bytes >= PageReader.PAGE_SIZE_MAX) {
      end(new NextToken(collection, null));
    } else {
      read(null);
    }
  }

  private void end(@Nullable NextToken next) {
    result.complete(new Result(items, next, consumption));
  }
}
