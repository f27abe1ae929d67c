package io.equator.coordinator.query;

import com.google.protobuf.ByteString;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.items.CapacityReport;
import io.equator.coordinator.items.Consumption;
import io.equator.coordinator.json.WireWriter;
import io.equator.model.capacity.CapacityUnits;
import io.equator.model.capacity.ReadMode;
import io.equator.model.item.EncodedItem;
import io.equator.replication.catalog.IndexView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer of Query and Scan.
 *
 * @param request what was asked
 * @param index which index was read; null for the table itself
 * @param items the rows that passed the filter, projected
 * @param count how many passed the filter
 * @param scanned how many were read
 * @param evaluatedBytes sizes of those
 * @param fetchedBytes sizes of the table's items that were fetched for them, each rounded up
 * @param lastEvaluatedKey where the page ended; null when it ended with the range
 */
public record PageReply(
    PageRequest request,
    @Nullable IndexView index,
    List<ByteString> items,
    int count,
    int scanned,
    long evaluatedBytes,
    long fetchedBytes,
    @Nullable ByteString lastEvaluatedKey)
    implements ReplyBody {

  @Override
  public void writeTo(WireWriter out) {
    out.beginObject();
    if (!request.countOnly()) {
      out.beginArray("Items");
      for (ByteString item : items) {
        out.item(EncodedItem.wrap(item));
      }
      out.endArray();
    }
    out.field("Count", count);
    out.field("ScannedCount", scanned);
    if (lastEvaluatedKey != null) {
      out.name("LastEvaluatedKey");
      out.item(EncodedItem.wrap(lastEvaluatedKey));
    }
    if (request.report() != CapacityReport.NONE) {
      consumption().writeMember(out, request.tableName(), request.report());
    }
    out.endObject();
  }

  private Consumption consumption() {
    Consumption consumption = new Consumption();
    addTo(consumption);
    return consumption;
  }

  /** Adds what the page cost. */
  public void addTo(Consumption consumption) {
    ReadMode mode = ReadMode.of(request.consistent());
    double units = CapacityUnits.read(evaluatedBytes, mode);
    if (index == null) {
      consumption.addTable(units);
    } else {
      if (index.local()) {
        consumption.addLocalIndex(index.name(), units);
      } else {
        consumption.addGlobalIndex(index.name(), units);
      }
      consumption.addTable(CapacityUnits.fetch(fetchedBytes, mode));
    }
  }
}
