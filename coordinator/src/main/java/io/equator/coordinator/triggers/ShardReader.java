package io.equator.coordinator.triggers;

import io.equator.coordinator.json.JsonValue;
import io.equator.coordinator.streams.StreamFeed;
import io.equator.coordinator.streams.StreamFeed.Event;
import io.equator.coordinator.streams.StreamFeed.Page;
import io.equator.coordinator.triggers.core.EventPattern;
import io.equator.partitioner.Partition;
import io.equator.proto.ChangePlace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads a shard up to what is delivered together: at most so many records that the filter lets
 * pass, and at most {@value #PAYLOAD_BYTES_MAX} bytes of them.
 */
final class ShardReader {
  /** Lambda's limit of what a function is called with, less the braces around the records. */
  static final int PAYLOAD_BYTES_MAX = 6 * 1024 * 1024 - 1024;

  private static final int PAGE_RECORDS_MAX = 1_000;
  private static final int PAGE_BYTES_MAX = 1 << 20;

  private final StreamFeed feed;
  private final String streamArn;
  private final long partition;
  private final List<EventPattern> filter;
  private final int recordsMax;

  /**
   * @param filter a record passes when any of these matches, or when there is none
   * @param recordsMax records in one load
   */
  ShardReader(
      StreamFeed feed,
      String streamArn,
      long partition,
      List<EventPattern> filter,
      int recordsMax) {
    this.feed = feed;
    this.streamArn = streamArn;
    this.partition = partition;
    this.filter = List.copyOf(filter);
    this.recordsMax = recordsMax;
  }

  /** How reading went. */
  enum Found {
    /** Something, and there may be more at once. */
    MORE,
    /** All that there is for now. */
    ALL,
    /** The load is full. */
    FULL,
    /** The shard has come to its end. */
    END,
    /** There is no such stream or shard. */
    NOTHING
  }

  /** Records that are gathered for a delivery. */
  static final class Load {
    private final List<Event> events = new ArrayList<>();
    private ChangePlace next;
    private long bytes;
    private boolean trimmed;
    private String shardId = "";

    Load(ChangePlace next) {
      this.next = next;
    }

    List<Event> events() {
      return events;
    }

    /** Where reading goes on; everything before it is in the load or was filtered out. */
    ChangePlace next() {
      return next;
    }

    String shardId() {
      return shardId;
    }

    /** Whether records were gone before they could be read; said once. */
    boolean takeTrimmed() {
      boolean was = trimmed;
      trimmed = false;
      return was;
    }
  }

  /**
   * Adds one page to a load.
   *
   * @throws io.equator.model.error.ApiException when nobody leads the partition for too long
   */
  Found read(Load load) {
    Optional<StreamFeed.Source> source = feed.find(streamArn);
    Optional<Partition> found = source.flatMap(stream -> stream.partition(partition));
    if (found.isEmpty()) {
      return Found.NOTHING;
    }
    load.shardId = source.get().shardId(found.get());
    int records =
        filter.isEmpty()
            ? Math.min(PAGE_RECORDS_MAX, recordsMax - load.events.size())
            : PAGE_RECORDS_MAX;
    Page page = source.get().read(found.get(), load.next, records, PAGE_BYTES_MAX);
    if (load.next.getLogIndex() > 0 && load.next.getLogIndex() < page.floorIndex()) {
      load.trimmed = true;
    }
    for (Event event : page.events()) {
      if (passes(event)) {
        if (load.events.size() == recordsMax
            || (!load.events.isEmpty() && load.bytes + event.json().length > PAYLOAD_BYTES_MAX)) {
          load.next = event.at();
          return Found.FULL;
        }
        load.events.add(event);
        load.bytes += event.json().length + 1;
      }
    }
    load.next = page.next();
    if (load.events.size() == recordsMax) {
      return Found.FULL;
    }
    if (page.over()) {
      return Found.END;
    }
    return page.more() ? Found.MORE : Found.ALL;
  }

  private boolean passes(Event event) {
    if (filter.isEmpty()) {
      return true;
    }
    JsonValue value = JsonValue.parse(event.json(), 0, event.json().length).orElseThrow();
    return filter.stream().anyMatch(pattern -> pattern.matches(value));
  }
}
