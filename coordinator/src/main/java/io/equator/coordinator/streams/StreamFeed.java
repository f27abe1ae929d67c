package io.equator.coordinator.streams;

import com.google.protobuf.ByteString;
import io.equator.coordinator.json.WireWriter;
import io.equator.coordinator.tables.Arns;
import io.equator.model.error.ApiException;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyCodec;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.proto.ChangePlace;
import io.equator.proto.StreamChange;
import io.equator.proto.StreamPage;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.Channel;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Streams for readers inside of the coordinator: by place in the log and not by iterator, with
 * records in the form that Lambda functions receive. Blocking, for a bounded time.
 */
public final class StreamFeed {
  private final Supplier<CatalogSnapshot> catalog;
  private final StreamLog log;
  private final InstantSource clock;

  /**
   * @param nodes the channel to a node; null while its address is not known
   */
  public StreamFeed(
      Supplier<CatalogSnapshot> catalog,
      Function<NodeId, @Nullable Channel> nodes,
      InstantSource clock) {
    this.catalog = catalog;
    this.log = new StreamLog(nodes);
    this.clock = clock;
  }

  /**
   * One record.
   *
   * @param at its place in the log
   * @param createdMillis milliseconds since the epoch
   * @param partitionKeyHash equal for records of one partition key
   * @param json the element of {@code Records}
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  public record Event(
      ChangePlace at,
      String sequenceNumber,
      long createdMillis,
      int partitionKeyHash,
      byte[] json) {}

  /**
   * Records of one shard, in order.
   *
   * @param next where to go on
   * @param more whether there may be more at once
   * @param floorIndex records at log indexes below this one are gone
   * @param over whether the shard has ended and all of it was read
   */
  public record Page(
      List<Event> events, ChangePlace next, boolean more, long floorIndex, boolean over) {}

  /**
   * A shard that was closed by a split.
   *
   * @param lastIndex the last log index of it
   */
  public record Parent(long partition, long lastIndex) {}

  /** The stream of this name, switched on or, for 24 hours, off. */
  public Optional<Source> find(String arn) {
    CatalogSnapshot snapshot = catalog.get();
    Arns arns = Arns.of(snapshot.cluster().orElseThrow());
    return StreamView.find(snapshot, arns, arn, clock.millis())
        .map(view -> new Source(snapshot, view, arn));
  }

  /** A stream as it stood in one copy of the catalog; to be found anew after a while. */
  public final class Source {
    private final CatalogSnapshot snapshot;
    private final StreamView stream;
    private final String arn;

    private Source(CatalogSnapshot snapshot, StreamView stream, String arn) {
      this.snapshot = snapshot;
      this.stream = stream;
      this.arn = arn;
    }

    /** The table's number. */
    public int tableId() {
      return stream.table().id();
    }

    /** The stream's number in its table. */
    public long streamId() {
      return stream.id();
    }

    /**
     * The partitions of the table, each a shard: those that were split, too, before what came of
     * them.
     */
    public List<Partition> partitions() {
      return Shard.of(snapshot, stream).stream().map(Shard::owner).toList();
    }

    /** The partition whose records come before those of this one, if it is still there. */
    public Optional<Parent> parent(long partition) {
      return Shard.of(snapshot, stream, partition)
          .flatMap(Shard::parent)
          .flatMap(id -> Shard.of(snapshot, stream, id))
          .filter(Shard::isClosed)
          .map(shard -> new Parent(shard.partition().getPartitionId(), shard.end().getLogIndex()));
    }

    /** The partition of this number. */
    public Optional<Partition> partition(long id) {
      return partitions().stream().filter(p -> p.id().value() == id).findFirst();
    }

    /** The name of a partition's shard. */
    public String shardId(Partition partition) {
      return ShardId.of(partition.id().value(), stream.id());
    }

    /**
     * The place behind everything that the shard holds now.
     *
     * @throws ApiException when nobody leads the partition for too long
     */
    public ChangePlace end(Partition partition) {
      return log.read(partition, stream, ChangePlace.getDefaultInstance(), 0, 0).getEnd();
    }

    /**
     * Records from a place on.
     *
     * @param bytesMax of the records as they are stored; a first one that is greater comes anyway
     * @throws ApiException when nobody leads the partition for too long
     */
    public Page read(Partition partition, ChangePlace from, int recordsMax, int bytesMax) {
      StreamPage page = log.read(partition, stream, from, recordsMax, bytesMax);
      Shard shard = Shard.of(snapshot, stream, partition.id().value()).orElseThrow();
      RecordWriter writer = RecordWriter.ofEvents(stream, snapshot, shard, arn);
      WireWriter out = new WireWriter();
      List<Event> events = new ArrayList<>(page.getChangesCount());
      for (StreamChange change : page.getChangesList()) {
        out.reset();
        writer.write(change, out);
        events.add(
            new Event(
                change.getAt(),
                SequenceNumber.of(shard.generation(), change.getAt()),
                change.getRecord().getMillis(),
                partitionKeyHash(change.getRecord().getKey()),
                Arrays.copyOf(out.array(), out.length())));
      }
      return new Page(events, page.getNext(), page.getMore(), page.getFloor(), shard.isOver(page));
    }

    /** Of the partition key as it is stored, behind the token. */
    private int partitionKeyHash(ByteString key) {
      byte[] bytes = key.toByteArray();
      KeyAttribute attribute = stream.table().keySchema().partition();
      int end = KeyCodec.end(attribute.type(), bytes, Long.BYTES, bytes.length);
      return Arrays.hashCode(Arrays.copyOfRange(bytes, Long.BYTES, end));
    }
  }
}
