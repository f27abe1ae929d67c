package io.equator.coordinator.items;

import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.json.WireWriter;
import io.equator.model.error.ApiException;
import io.equator.model.item.EncodedItem;
import io.equator.proto.WriteResult;
import io.equator.proto.Written;
import org.jspecify.annotations.Nullable;

/** The answer of PutItem, UpdateItem and DeleteItem, which have the same three members. */
final class WriteReply implements ReplyBody {
  private final Written written;
  private final WriteMembers members;
  private final @Nullable CollectionMetrics metrics;

  private WriteReply(Written written, WriteMembers members, @Nullable CollectionMetrics metrics) {
    this.written = written;
    this.members = members;
    this.metrics = metrics;
  }

  /**
   * The answer to a write that was made.
   *
   * @throws ApiException when it was not
   */
  static WriteReply of(WriteResult result, WriteMembers members, @Nullable CollectionKey key) {
    Written written = WriteOutcomes.written(result);
    CollectionMetrics metrics =
        key == null || !written.hasCollectionSize()
            ? null
            : new CollectionMetrics(key.name(), key.value(), written.getCollectionSize());
    return new WriteReply(written, members, metrics);
  }

  @Override
  public void writeTo(WireWriter out) {
    out.beginObject();
    if (written.hasAttributes()) {
      out.name("Attributes");
      out.item(EncodedItem.wrap(written.getAttributes()));
    }
    CapacityReport report = members.capacityReport();
    if (report != CapacityReport.NONE) {
      Consumption consumption = new Consumption();
      consumption.addWrite(written);
      consumption.writeMember(out, members.tableName(), report);
    }
    if (metrics != null) {
      out.name("ItemCollectionMetrics");
      metrics.write(out);
    }
    out.endObject();
  }
}
