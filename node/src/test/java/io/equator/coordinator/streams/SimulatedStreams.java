package io.equator.coordinator.streams;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.json.WireWriter;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.model.item.EncodedItem;
import io.equator.partitioner.NodeId;
import io.equator.proto.StreamPage;
import io.equator.proto.StreamReadRequest;
import io.equator.replication.catalog.CatalogSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The four operations of streams in simulated time. What runs is the code that blocks for its reads
 * of partitions: until everything that it asks for is there it is begun anew, each time with one
 * answer more, and with the copy of the catalog and the clock that it had at first.
 */
public final class SimulatedStreams {
  private static final byte[] SECRET = "a secret".getBytes(StandardCharsets.UTF_8);

  private SimulatedStreams() {}

  /** Carries reads to the replicas of a partition. */
  @FunctionalInterface
  public interface Pages {
    /** The answer is null when nobody led the partition for too long; it comes once. */
    void read(
        StreamReadRequest request, List<NodeId> replicas, Consumer<@Nullable StreamPage> answer);
  }

  /** How an operation ended. */
  public sealed interface Answer {
    /**
     * @param body maps, lists and strings, as in the JSON text
     */
    record Done(Map<String, Object> body) implements Answer {}

    /** An error. */
    record Refused(ApiError error) implements Answer {}
  }

  /** One request. */
  public static final class Call {
    private final Function<StreamDescriptions, Function<StreamReads, ReplyBody>> operation;

    private Call(Function<StreamDescriptions, Function<StreamReads, ReplyBody>> operation) {
      this.operation = operation;
    }
  }

  /** ListStreams of one table. */
  public static Call list(String table) {
    StreamRequest request =
        new StreamRequest(null, table, null, null, null, null, null, null, null, null, null);
    return new Call(descriptions -> _ -> descriptions.list(request));
  }

  /** DescribeStream. */
  public static Call describe(
      String arn, int limit, @Nullable String after, @Nullable String childrenOf) {
    StreamRequest request =
        new StreamRequest(
            arn,
            null,
            limit,
            null,
            after,
            null,
            null,
            null,
            null,
            childrenOf == null ? null : "CHILD_SHARDS",
            childrenOf);
    return new Call(descriptions -> _ -> descriptions.describe(request));
  }

  /** GetShardIterator. */
  public static Call iterator(String arn, String shard, String type, @Nullable String number) {
    StreamRequest request =
        new StreamRequest(arn, null, null, null, null, shard, type, number, null, null, null);
    return new Call(_ -> reads -> reads.iterator(request));
  }

  /** GetRecords. */
  public static Call records(String iterator, int limit) {
    StreamRequest request =
        new StreamRequest(null, null, limit, null, null, null, null, null, iterator, null, null);
    return new Call(_ -> reads -> reads.records(request));
  }

  /** Makes a call. */
  public static void make(
      CatalogSnapshot snapshot, long nowMillis, Call call, Pages pages, Consumer<Answer> then) {
    attempt(snapshot, nowMillis, call, pages, new ArrayList<>(), then);
  }

  private static void attempt(
      CatalogSnapshot snapshot,
      long nowMillis,
      Call call,
      Pages pages,
      List<StreamPage> known,
      Consumer<Answer> then) {
    int[] next = {0};
    ShardPages log =
        (partition, stream, from, recordsMax, bytesMax) -> {
          if (next[0] == known.size()) {
            throw new Missing(
                StreamLog.request(partition, stream, from, recordsMax, bytesMax),
                partition.replicas());
          }
          return known.get(next[0]++);
        };
    InstantSource clock = InstantSource.fixed(Instant.ofEpochMilli(nowMillis));
    try {
      WireWriter out = new WireWriter();
      call.operation
          .apply(new StreamDescriptions(() -> snapshot, log, clock))
          .apply(new StreamReads(() -> snapshot, log, clock, SECRET))
          .writeTo(out);
      then.accept(new Answer.Done(parse(out)));
    } catch (ApiException e) {
      then.accept(new Answer.Refused(e.error()));
    } catch (Missing missing) {
      pages.read(
          missing.request,
          missing.replicas,
          page -> {
            if (page == null) {
              then.accept(
                  new Answer.Refused(
                      new ApiError(
                          ErrorCode.INTERNAL_SERVER_ERROR, "Internal server error", null)));
            } else {
              known.add(page);
              attempt(snapshot, nowMillis, call, pages, known, then);
            }
          });
    }
  }

  /** Something has to be read first. */
  @SuppressWarnings("serial") // Never leaves the thread.
  private static final class Missing extends RuntimeException {
    private final transient StreamReadRequest request;
    private final transient List<NodeId> replicas;

    Missing(StreamReadRequest request, List<NodeId> replicas) {
      super(null, null, false, false);
      this.request = request;
      this.replicas = replicas;
    }
  }

  // ---- JSON

  /** An item as records show it, to be compared with others. */
  public static String shown(EncodedItem item) {
    WireWriter out = new WireWriter();
    out.beginObject();
    out.field("Item", item);
    out.endObject();
    return String.valueOf(parse(out).get("Item"));
  }

  private static Map<String, Object> parse(WireWriter text) {
    try (JsonParser in = new JsonFactory().createParser(text.array(), 0, text.length())) {
      in.nextToken();
      return object(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Object> object(JsonParser in) throws IOException {
    Map<String, Object> members = new TreeMap<>();
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String name = in.currentName();
      in.nextToken();
      members.put(name, value(in));
    }
    return members;
  }

  private static Object value(JsonParser in) throws IOException {
    return switch (in.currentToken()) {
      case START_OBJECT -> object(in);
      case START_ARRAY -> {
        List<Object> elements = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value(in));
        }
        yield elements;
      }
      default -> in.getText();
    };
  }
}
