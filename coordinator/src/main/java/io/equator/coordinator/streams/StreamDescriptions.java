package io.equator.coordinator.streams;

import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.json.WireWriter;
import io.equator.coordinator.tables.Arns;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.model.key.KeyAttribute;
import io.equator.proto.ChangePlace;
import io.equator.proto.StreamPage;
import io.equator.replication.catalog.CatalogSnapshot;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** ListStreams and DescribeStream. */
final class StreamDescriptions {
  private static final int PAGE = 100;

  private final Supplier<CatalogSnapshot> catalog;
  private final ShardPages log;
  private final InstantSource clock;

  StreamDescriptions(Supplier<CatalogSnapshot> catalog, ShardPages log, InstantSource clock) {
    this.catalog = catalog;
    this.log = log;
    this.clock = clock;
  }

  /** Streams sorted by their ARNs, so that a page goes on behind a name, there or not. */
  ReplyBody list(StreamRequest request) {
    request.checkList();
    CatalogSnapshot snapshot = catalog.get();
    Arns arns = Arns.of(snapshot.cluster().orElseThrow());
    List<StreamView> found = StreamView.of(snapshot, request.tableName(), clock.millis());
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

  /** A shard as it is described. */
  private record Listed(String id, String parent, String starting, String ending) {}

  /** All of them, or the children of the one that is asked for. */
  private static List<Shard> shards(
      CatalogSnapshot snapshot, StreamView stream, StreamRequest request) {
    List<Shard> all = Shard.of(snapshot, stream);
    if (request.filterType() == null) {
      return all;
    }
    Optional<Long> parent =
        ShardId.partition(Objects.requireNonNullElse(request.filterShardId(), ""), stream.id());
    return all.stream()
        .filter(shard -> parent.isPresent() && shard.parent().equals(parent))
        .toList();
  }

  ReplyBody describe(StreamRequest request) {
    request.checkDescribe();
    CatalogSnapshot snapshot = catalog.get();
    Arns arns = Arns.of(snapshot.cluster().orElseThrow());
    String arn = Objects.requireNonNull(request.streamArn());
    StreamView stream =
        StreamView.find(snapshot, arns, arn, clock.millis()).orElseThrow(() -> notFound(arn));
    List<Listed> page = new ArrayList<>();
    boolean more = false;
    for (Shard shard : shards(snapshot, stream, request)) {
      String id = shard.id();
      String after = request.exclusiveStartShardId();
      if (after != null && id.compareTo(after) <= 0) {
        continue;
      }
      if (page.size() == request.limitOr(PAGE)) {
        more = true;
        break;
      }
      page.add(listed(stream, shard));
    }
    boolean last = !more;
    return out -> write(out, arns, stream, page, last);
  }

  private Listed listed(StreamView stream, Shard shard) {
    StreamPage page = log.read(shard.owner(), stream, ChangePlace.getDefaultInstance(), 0, 0);
    String ending = "";
    if (shard.isClosed()) {
      ending = SequenceNumber.of(shard.generation(), shard.end());
    } else if (!stream.isOpen()) {
      ending = SequenceNumber.of(shard.generation(), page.getEnd());
    }
    return new Listed(
        shard.id(),
        shard.parent().map(parent -> ShardId.of(parent, stream.id())).orElse(""),
        SequenceNumber.of(
            shard.generation(), ChangePlace.newBuilder().setLogIndex(page.getFloor()).build()),
        ending);
  }

  private static void write(
      WireWriter out, Arns arns, StreamView stream, List<Listed> shards, boolean last) {
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
    for (Listed shard : shards) {
      out.beginObject();
      out.field("ShardId", shard.id());
      if (!shard.parent().isEmpty()) {
        out.field("ParentShardId", shard.parent());
      }
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
