package io.equator.coordinator.streams;

import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.json.WireWriter;
import io.equator.coordinator.tables.Arns;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.model.key.KeyAttribute;
import io.equator.partitioner.Partition;
import io.equator.proto.ChangePlace;
import io.equator.proto.StreamPage;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/** ListStreams and DescribeStream. */
final class StreamDescriptions {
  private static final int PAGE = 100;

  private final Supplier<CatalogSnapshot> catalog;
  private final StreamLog log;
  private final InstantSource clock;

  StreamDescriptions(Supplier<CatalogSnapshot> catalog, StreamLog log, InstantSource clock) {
    this.catalog = catalog;
    this.log = log;
    this.clock = clock;
  }

  /** Streams sorted by their ARNs, so that a page goes on behind a name, there or not. */
  ReplyBody list(StreamRequest request) {
    request.checkList();
    CatalogSnapshot snapshot = catalog.get();
    Arns arns = Arns.of(snapshot.cluster().orElseThrow());
    List<StreamView> found = new ArrayList<>();
    for (TableView table : snapshot.tables().values()) {
      if (request.tableName() == null || request.tableName().equals(table.name())) {
        found.addAll(StreamView.of(table, clock.millis()));
      }
    }
    found.sort((a, b) -> a.arn(arns).compareTo(b.arn(arns)));
    String after = request.exclusiveStartStreamArn();
    if (after != null) {
      found.removeIf(stream -> stream.arn(arns).compareTo(after) <= 0);
    }
    int limit = request.limitOr(PAGE);
    List<StreamView> page = found.subList(0, Math.min(limit, found.size()));
    boolean more = found.size() > page.size();
    return out -> {
      out.beginObject();
      out.beginArray("Streams");
      for (StreamView stream : page) {
        out.beginObject();
        out.field("StreamArn", stream.arn(arns));
        out.field("TableName", stream.table().name());
        out.field("StreamLabel", stream.label());
        out.endObject();
      }
      out.endArray();
      if (more) {
        out.field("LastEvaluatedStreamArn", page.getLast().arn(arns));
      }
      out.endObject();
    };
  }

  /** A shard of a stream. */
  private record Shard(String id, String starting, String ending) {}

  ReplyBody describe(StreamRequest request) {
    request.checkDescribe();
    CatalogSnapshot snapshot = catalog.get();
    Arns arns = Arns.of(snapshot.cluster().orElseThrow());
    String arn = Objects.requireNonNull(request.streamArn());
    StreamView stream =
        StreamView.find(snapshot, arns, arn, clock.millis()).orElseThrow(() -> notFound(arn));
    List<Partition> partitions = snapshot.partitions().ring(stream.table().ringId()).partitions();
    List<Shard> page = new ArrayList<>();
    boolean more = false;
    // A shard has no children: partitions do not split yet.
    for (Partition partition : request.filterType() == null ? partitions : List.<Partition>of()) {
      String id = ShardId.of(partition.id().value(), stream.id());
      String after = request.exclusiveStartShardId();
      if (after != null && id.compareTo(after) <= 0) {
        continue;
      }
      if (page.size() == request.limitOr(PAGE)) {
        more = true;
        break;
      }
      page.add(shard(stream, partition, id));
    }
    boolean last = !more;
    return out -> write(out, arns, stream, page, last);
  }

  private Shard shard(StreamView stream, Partition partition, String id) {
    StreamPage page = log.read(partition, stream, ChangePlace.getDefaultInstance(), 0, 0);
    String starting =
        SequenceNumber.of(ChangePlace.newBuilder().setLogIndex(page.getFloor()).build());
    return new Shard(id, starting, stream.isOpen() ? "" : SequenceNumber.of(page.getEnd()));
  }

  private static void write(
      WireWriter out, Arns arns, StreamView stream, List<Shard> shards, boolean last) {
    out.beginObject();
    out.beginObject("StreamDescription");
    out.field("StreamArn", stream.arn(arns));
    out.field("StreamLabel", stream.label());
    out.field("StreamStatus", stream.isOpen() ? "ENABLED" : "DISABLED");
    out.field("StreamViewType", stream.viewType());
    out.timestampField("CreationRequestDateTime", stream.createdMillis());
    out.field("TableName", stream.table().name());
    out.beginArray("KeySchema");
    for (KeyAttribute attribute : stream.table().keySchema().attributes()) {
      out.beginObject();
      out.field("AttributeName", attribute.name());
      boolean partition = attribute.equals(stream.table().keySchema().partition());
      out.field("KeyType", partition ? "HASH" : "RANGE");
      out.endObject();
    }
    out.endArray();
    out.beginArray("Shards");
    for (Shard shard : shards) {
      out.beginObject();
      out.field("ShardId", shard.id());
      out.beginObject("SequenceNumberRange");
      out.field("StartingSequenceNumber", shard.starting());
      if (!shard.ending().isEmpty()) {
        out.field("EndingSequenceNumber", shard.ending());
      }
      out.endObject();
      out.endObject();
    }
    out.endArray();
    if (!last) {
      out.field("LastEvaluatedShardId", shards.getLast().id());
    }
    out.endObject();
    out.endObject();
  }

  static ApiException notFound(String arn) {
    return ApiException.of(
        ErrorCode.RESOURCE_NOT_FOUND,
        "Requested resource not found: Stream: " + arn + " not found");
  }
}
