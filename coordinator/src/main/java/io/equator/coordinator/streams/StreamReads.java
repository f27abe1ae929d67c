package io.equator.coordinator.streams;

import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.tables.Arns;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.proto.ChangePlace;
import io.equator.proto.StreamChange;
import io.equator.proto.StreamPage;
import io.equator.replication.catalog.CatalogSnapshot;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** GetShardIterator and GetRecords. */
final class StreamReads {
  private static final int RECORDS_MAX = 1_000;
  private static final int BYTES_MAX = 1 << 20;
  private static final String TRIMMED =
      "The operation attempted to read past the oldest stream record in a shard.";

  private final Supplier<CatalogSnapshot> catalog;
  private final ShardPages log;
  private final InstantSource clock;
  private final byte[] secret;

  StreamReads(
      Supplier<CatalogSnapshot> catalog, ShardPages log, InstantSource clock, byte[] secret) {
    this.catalog = catalog;
    this.log = log;
    this.clock = clock;
    this.secret = secret.clone();
  }

  ReplyBody iterator(StreamRequest request) {
    request.checkIterator();
    String arn = Objects.requireNonNull(request.streamArn());
    String type = Objects.requireNonNull(request.shardIteratorType());
    CatalogSnapshot snapshot = catalog.get();
    StreamView stream =
        StreamView.find(snapshot, Arns.of(snapshot.cluster().orElseThrow()), arn, clock.millis())
            .orElseThrow(() -> StreamDescriptions.notFound(arn));
    String name = Objects.requireNonNull(request.shardId());
    Shard shard =
        ShardId.partition(name, stream.id())
            .flatMap(id -> Shard.of(snapshot, stream, id))
            .orElseThrow(StreamReads::noShard);
    StreamPage log = this.log.read(shard.owner(), stream, ChangePlace.getDefaultInstance(), 0, 0);
    ShardSpan span =
        ShardSpan.of(shard, log.getRotations(), clock.millis()).stream()
            .filter(each -> each.id().equals(name))
            .findFirst()
            .orElseThrow(StreamReads::noShard);
    ChangePlace from =
        switch (type) {
          case "LATEST" -> span.isRotated() ? ShardSpan.behind(span.endIndex()) : log.getEnd();
          case "TRIM_HORIZON" -> span.first(log.getFloor());
          default -> named(span, request.sequenceNumber(), type, log);
        };
    String text =
        new ShardIterator(
                stream.table().id(),
                stream.id(),
                shard.partition().getPartitionId(),
                from,
                clock.millis())
            .encode(secret);
    return out -> {
      out.beginObject();
      out.field("ShardIterator", text);
      out.endObject();
    };
  }

  private static ChangePlace named(
      ShardSpan span, @Nullable String number, String type, StreamPage log) {
    if (number == null) {
      throw ApiException.validation("SequenceNumber is required for ShardIteratorType " + type);
    }
    ChangePlace place =
        SequenceNumber.parse(span.whole().generation(), number)
            .filter(span::holds)
            .orElseThrow(() -> ApiException.validation("Invalid SequenceNumber: " + number));
    if (place.getLogIndex() < log.getFloor()) {
      throw ApiException.of(ErrorCode.TRIMMED_DATA_ACCESS, TRIMMED);
    }
    return type.equals("AT_SEQUENCE_NUMBER")
        ? place
        : place.toBuilder().setPosition(place.getPosition() + 1).build();
  }

  private static ApiException noShard() {
    return ApiException.of(
        ErrorCode.RESOURCE_NOT_FOUND, "Requested resource not found: Shard not found");
  }

  ReplyBody records(StreamRequest request) {
    request.checkRecords();
    ShardIterator iterator =
        ShardIterator.decode(Objects.requireNonNull(request.shardIterator()), secret)
            .orElseThrow(() -> ApiException.validation("Invalid ShardIterator"));
    long now = clock.millis();
    if (now - iterator.issuedMillis() > ShardIterator.VALID_MILLIS) {
      throw expired(iterator, now);
    }
    CatalogSnapshot snapshot = catalog.get();
    StreamView stream =
        StreamView.find(snapshot, iterator.table(), iterator.stream(), now)
            .orElseThrow(
                () ->
                    ApiException.of(
                        ErrorCode.RESOURCE_NOT_FOUND,
                        "Requested resource not found: Stream not found"));
    Shard shard =
        Shard.of(snapshot, stream, iterator.partition()).orElseThrow(StreamReads::noShard);
    StreamPage page =
        log.read(shard.owner(), stream, iterator.from(), request.limitOr(RECORDS_MAX), BYTES_MAX);
    ChangePlace from = iterator.from();
    long start = page.getRotations().getStartIndex();
    boolean gone =
        from.getLogIndex() < page.getFloor() || (start > 0 && from.getLogIndex() <= start);
    if (gone && !ShardSpan.isBehind(from)) {
      throw ApiException.of(ErrorCode.TRIMMED_DATA_ACCESS, TRIMMED);
    }
    long end = ShardSpan.endOf(shard, from, page.getRotations());
    List<StreamChange> changes = page.getChangesList();
    boolean over;
    if (ShardSpan.isBehind(from)) {
      changes = List.of();
      over = true;
    } else if (end == 0) {
      over = shard.isOver(page);
    } else {
      changes = changes.stream().filter(change -> change.getAt().getLogIndex() <= end).toList();
      over = page.getNext().getLogIndex() > end;
    }
    List<StreamChange> shown = changes;
    String next =
        over
            ? ""
            : new ShardIterator(
                    iterator.table(), iterator.stream(), iterator.partition(), page.getNext(), now)
                .encode(secret);
    RecordWriter records = new RecordWriter(stream, snapshot, shard);
    return out -> {
      out.beginObject();
      out.beginArray("Records");
      for (StreamChange change : shown) {
        records.write(change, out);
      }
      out.endArray();
      if (!next.isEmpty()) {
        out.field("NextShardIterator", next);
      }
      out.endObject();
    };
  }

  private static ApiException expired(ShardIterator iterator, long now) {
    return ApiException.of(
        ErrorCode.EXPIRED_ITERATOR,
        "Iterator expired. The iterator was created at time "
            + Instant.ofEpochMilli(iterator.issuedMillis())
            + " while right now it is "
            + Instant.ofEpochMilli(now)
            + " which is further in the future than the tolerated delay of "
            + ShardIterator.VALID_MILLIS
            + " milliseconds");
  }
}
