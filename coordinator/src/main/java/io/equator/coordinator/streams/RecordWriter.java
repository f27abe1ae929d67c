package io.equator.coordinator.streams;

import io.equator.coordinator.json.WireWriter;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.StoredValue;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyCodec;
import io.equator.proto.ChangeCause;
import io.equator.proto.ChangeRecord;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.StreamChange;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.VersionAttributes;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes a change as the API shows it: the structure {@code Record} (facts page §12.2), or as
 * functions receive it, which is the same with the stream's name and other cases of two members.
 */
final class RecordWriter {
  private final StreamView stream;
  private final String region;
  private final Shard shard;
  private final VersionAttributes versions;

  /** The stream's name, for functions only. */
  private final @Nullable String sourceArn;

  RecordWriter(StreamView stream, CatalogSnapshot snapshot, Shard shard) {
    this(stream, snapshot, shard, null);
  }

  private RecordWriter(
      StreamView stream, CatalogSnapshot snapshot, Shard shard, @Nullable String sourceArn) {
    this.stream = stream;
    this.region = snapshot.cluster().map(ClusterDescriptor::getRegion).orElse("");
    this.versions = VersionAttributes.of(snapshot, stream.table().id());
    this.shard = shard;
    this.sourceArn = sourceArn;
  }

  /** A writer of events for functions. */
  static RecordWriter ofEvents(
      StreamView stream, CatalogSnapshot snapshot, Shard shard, String sourceArn) {
    return new RecordWriter(stream, snapshot, shard, sourceArn);
  }

  void write(StreamChange change, WireWriter out) {
    ChangeRecord record = change.getRecord();
    String number = SequenceNumber.of(shard.generation(), change.getAt());
    out.beginObject();
    out.field("eventID", eventId(number));
    out.field(
        "eventName", record.getRemoves() ? "REMOVE" : record.getReplaces() ? "MODIFY" : "INSERT");
    out.field("eventVersion", "1.1");
    out.field("eventSource", "aws:dynamodb");
    out.field("awsRegion", region);
    if (record.getCause() == ChangeCause.CAUSE_TTL) {
      out.beginObject("userIdentity");
      out.field(sourceArn == null ? "PrincipalId" : "principalId", "dynamodb.amazonaws.com");
      out.field(sourceArn == null ? "Type" : "type", "Service");
      out.endObject();
    }
    out.beginObject("dynamodb");
    out.timestampField("ApproximateCreationDateTime", record.getMillis() / 1000 * 1000);
    EncodedItem keys = keys(record);
    long size = keys.sizeBytes();
    out.field("Keys", keys);
    if (stream.hasNewImage() && record.hasNewValue()) {
      EncodedItem image = versions.shown(StoredValue.read(record.getNewValue()));
      size += image.sizeBytes();
      out.field("NewImage", image);
    }
    if (stream.hasOldImage() && record.hasOldValue()) {
      EncodedItem image = versions.shown(StoredValue.read(record.getOldValue()));
      size += image.sizeBytes();
      out.field("OldImage", image);
    }
    out.field("SequenceNumber", number);
    out.field("SizeBytes", size);
    out.field("StreamViewType", stream.viewType());
    out.endObject();
    if (sourceArn != null) {
      out.field("eventSourceARN", sourceArn);
    }
    out.endObject();
  }

  /** The same for the same change, whoever reads it. */
  private String eventId(String number) {
    String name =
        stream.table().id()
            + "/"
            + stream.id()
            + "/"
            + shard.partition().getPartitionId()
            + "/"
            + number;
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8))
        .toString()
        .replace("-", "");
  }

  /** The key's attributes from the key as stored: token, partition key, sort key. */
  private EncodedItem keys(ChangeRecord record) {
    byte[] key = record.getKey().toByteArray();
    Map<String, AttributeValue> keys = new LinkedHashMap<>();
    int at = Long.BYTES;
    for (KeyAttribute attribute : stream.table().keySchema().attributes()) {
      int end = KeyCodec.end(attribute.type(), key, at, key.length);
      keys.put(attribute.name(), KeyCodec.decode(attribute.type(), key, at, end));
      at = end;
    }
    return EncodedItem.of(keys);
  }
}
