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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** ListStreams and DescribeStream. */
final class StreamDescriptions {
  private static final int PAGE = 100;

  /** So long after a switch every partition is asked whether it has heard of it. */
  private static final long YOUNG_MILLIS = 10L * 60 * 1000;

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

  /** What one answer has read of partitions, each once. */
  private final class Look {
    private final CatalogSnapshot snapshot;
    private final StreamView stream;
    private final long now = clock.millis();
    private final Map<Long, StreamPage> pages = new HashMap<>();

    Look(CatalogSnapshot snapshot, StreamView stream) {
      this.snapshot = snapshot;
      this.stream = stream;
    }

    StreamPage page(Shard whole) {
      long id = whole.partition().getPartitionId();
      StreamPage known = pages.get(id);
      if (known == null) {
        known = log.read(whole.owner(), stream, ChangePlace.getDefaultInstance(), 0, 0);
        pages.put(id, known);
      }
      return known;
    }

    /** The shards of a partition. */
    List<Listed> of(Shard whole) {
      StreamPage page = page(whole);
      List<Listed> listed = new ArrayList<>();
      String before = "";
      for (ShardSpan span : ShardSpan.of(whole, page.getRotations(), now)) {
        String parent = span.startIndex() == 0 ? parent(whole) : before;
        before = span.id();
        listed.add(
            new Listed(
                before,
                parent,
                SequenceNumber.of(whole.generation(), starting(span, page.getFloor())),
                span.rotatedNumber().orElseGet(() -> ending(whole, page))));
      }
      return listed;
    }

    /** One of which all was trimmed keeps its number. */
    private static ChangePlace starting(ShardSpan span, long floor) {
      return span.isRotated() && floor > span.endIndex() ? span.first(0) : span.first(floor);
    }

    private String ending(Shard whole, StreamPage page) {
      if (whole.isClosed()) {
        return SequenceNumber.of(whole.generation(), whole.end());
      }
      return !stream.isOpen() && isSettled(whole)
          ? SequenceNumber.of(whole.generation(), page.getEnd())
          : "";
    }

    /** The last shard of the partition that was split into this one and another. */
    private String parent(Shard whole) {
      Optional<Long> id = whole.parent();
      if (id.isEmpty()) {
        return "";
      }
      return Shard.of(snapshot, stream, id.get())
          .map(parent -> ShardSpan.of(parent, page(parent).getRotations(), now).getLast().id())
          .orElseGet(() -> ShardId.of(id.get(), stream.id()));
    }

    /** Whether every write that comes to a partition was decided with the stream as it is now. */
    private boolean isSettled(Shard whole) {
      long version = stream.isOpen() ? stream.id() : stream.endedSchemaVersion();
      return version <= 1 || whole.isClosed() || page(whole).getSchemaFloor() >= version;
    }

    /**
     * A stream that was switched just now is asked for in every partition, so that nobody is told
     * that it is on where a write may still miss it. That takes moments: later it is as it should.
     */
    String status() {
      boolean young = now - stream.changedMillis() <= YOUNG_MILLIS;
      boolean settled = !young || Shard.of(snapshot, stream).stream().allMatch(this::isSettled);
      return stream.isOpen()
          ? settled ? "ENABLED" : "ENABLING"
          : settled ? "DISABLED" : "DISABLING";
    }
  }

  /** The partitions that may have what is asked for. */
  private static List<Shard> wholes(
      CatalogSnapshot snapshot, StreamView stream, StreamRequest request) {
    List<Shard> all = Shard.of(snapshot, stream);
    if (request.filterType() == null) {
      return all;
    }
    Optional<Long> parent =
        ShardId.partition(Objects.requireNonNullElse(request.filterShardId(), ""), stream.id());
    return all.stream()
        .filter(
            shard ->
                parent.isPresent()
                    && (shard.parent().equals(parent)
                        || shard.partition().getPartitionId() == parent.get()))
        .toList();
  }

  ReplyBody describe(StreamRequest request) {
    request.checkDescribe();
    CatalogSnapshot snapshot = catalog.get();
    Arns arns = Arns.of(snapshot.cluster().orElseThrow());
    String arn = Objects.requireNonNull(request.streamArn());
    StreamView stream =
        StreamView.find(snapshot, arns, arn, clock.millis()).orElseThrow(() -> notFound(arn));
    Look look = new Look(snapshot, stream);
    String after = Objects.requireNonNullElse(request.exclusiveStartShardId(), "");
    List<Listed> page = new ArrayList<>();
    boolean more = false;
    for (Shard whole : wholes(snapshot, stream, request)) {
      if (more || (whole.id().compareTo(after) < 0 && !after.startsWith(whole.id()))) {
        continue;
      }
      for (Listed shard : look.of(whole)) {
        boolean asked =
            shard.id().compareTo(after) > 0
                && (request.filterType() == null || shard.parent().equals(request.filterShardId()));
        more |= asked && page.size() == request.limitOr(PAGE);
        if (asked && !more) {
          page.add(shard);
        }
      }
    }
    String status = look.status();
    boolean last = !more;
    return out -> write(out, arns, stream, status, page, last);
  }

  private static void write(
      WireWriter out,
      Arns arns,
      StreamView stream,
      String status,
      List<Listed> shards,
      boolean last) {
    out.beginObject();
    out.beginObject("StreamDescription");
    out.field("StreamArn", stream.arn(arns));
    out.field("StreamLabel", stream.label());
    out.field("StreamStatus", status);
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
