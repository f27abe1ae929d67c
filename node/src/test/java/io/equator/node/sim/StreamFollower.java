package io.equator.node.sim;

import io.equator.coordinator.streams.SimulatedStreams;
import io.equator.coordinator.streams.SimulatedStreams.Answer;
import io.equator.coordinator.streams.SimulatedStreams.Call;
import io.equator.model.error.ErrorCode;
import io.equator.node.core.TestTables;
import io.equator.replication.sim.Simulation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A reader of all streams of the table, as the Kinesis Client Library is one: finds the shards,
 * reads children when it has written down that their parent is done, writes down how far it is now
 * and then, and forgets what it had not. What it keeps is judged in the end.
 */
final class StreamFollower {
  private static final long PAUSE_MAX = 40 * Simulation.MILLIS;
  private static final long SLOW_MAX = 1_000 * Simulation.MILLIS;

  /** The length of the name of a shard that began with its partition. */
  private static final int WHOLE = 37;

  private static final String NAME = TestTables.plain(StreamDriver.TABLE).getName();

  private final StreamDriver driver;
  private final Simulation simulation;
  private final String name;
  private final boolean slow;

  /** It begins with what comes after its first look. */
  private final boolean latest;

  private final Map<String, Followed> streams = new TreeMap<>();
  private final List<String> wrong = new ArrayList<>();
  private long nextOrder;

  StreamFollower(StreamDriver driver, Simulation simulation, String name, boolean latest) {
    this.driver = driver;
    this.simulation = simulation;
    this.name = name;
    this.latest = latest;
    this.slow = !latest && simulation.chance(0.4);
  }

  void start() {
    simulation.after(pause(), this::step);
  }

  int read() {
    return streams.values().stream()
        .flatMap(stream -> stream.shards.values().stream())
        .mapToInt(shard -> shard.seen.size())
        .sum();
  }

  int rotated() {
    return (int)
        streams.values().stream()
            .flatMap(stream -> stream.shards.keySet().stream())
            .filter(shard -> shard.length() > WHOLE)
            .count();
  }

  /** One stream, as far as it is known. */
  static final class Followed {
    final Map<String, Progress> shards = new TreeMap<>();

    /** The shards of the newest look, and their parents. */
    Map<String, String> listed = new TreeMap<>();

    boolean looked;
  }

  /** A record as it was read. */
  record Seen(
      long order, String number, String item, @Nullable String before, @Nullable String after) {}

  /**
   * Records may be missing here.
   *
   * @param at how many records were read before
   * @param millis when the reader learned of it
   * @param latest it wanted only what comes from now on
   */
  record Gap(int at, long millis, boolean latest) {}

  /** How far a shard was read. */
  static final class Progress {
    final String shard;
    final boolean latest;
    final List<Seen> seen = new ArrayList<>();
    final List<Gap> gaps = new ArrayList<>();
    @Nullable String iterator;
    boolean end;

    /** How often it was looked at without effect, not long ago. */
    int idle;

    /** It has learned that its place was trimmed. */
    boolean behind;

    int written;
    boolean endWritten;

    Progress(String shard, boolean latest) {
      this.shard = shard;
      this.latest = latest;
    }
  }

  private long pause() {
    return simulation.between(0, driver.isQuiet() ? PAUSE_MAX / 4 : slow ? SLOW_MAX : PAUSE_MAX);
  }

  private void again() {
    simulation.after(pause(), this::step);
  }

  private void step() {
    if (!driver.isQuiet() && simulation.chance(0.02)) {
      forget();
    }
    streams.values().forEach(stream -> stream.shards.values().forEach(this::writeDown));
    List<Choice> choices = new ArrayList<>();
    streams.forEach(
        (arn, stream) ->
            stream.shards.values().stream()
                .filter(shard -> !shard.end && isReadable(stream, shard))
                .forEach(shard -> choices.add(new Choice(shard, () -> read(arn, stream, shard)))));
    if (choices.isEmpty() || simulation.chance(0.2)) {
      List<String> arns = List.copyOf(streams.keySet());
      if (arns.isEmpty() || simulation.chance(0.2)) {
        list();
      } else {
        String arn = arns.get(simulation.random().nextInt(arns.size()));
        Followed stream = streams.getOrDefault(arn, new Followed());
        describe(arn, stream, null, new TreeMap<>());
      }
    } else {
      Choice any = choices.get(simulation.random().nextInt(choices.size()));
      Choice next =
          driver.isQuiet()
              ? Collections.min(choices, Comparator.comparingInt(choice -> choice.shard.idle))
              : any;
      next.shard.idle++;
      next.read.run();
    }
  }

  private record Choice(Progress shard, Runnable read) {}

  private static boolean isReadable(Followed stream, Progress shard) {
    String parent = stream.listed.getOrDefault(shard.shard, "");
    Progress before = stream.shards.get(parent);
    return before == null || before.endWritten;
  }

  private void writeDown(Progress shard) {
    if (simulation.chance(0.3)) {
      shard.written = shard.seen.size();
      shard.endWritten = shard.end;
    }
  }

  private void forget() {
    simulation.note(name + " forgets");
    for (Followed stream : streams.values()) {
      for (Progress shard : stream.shards.values()) {
        shard.seen.subList(shard.written, shard.seen.size()).clear();
        if (!shard.endWritten) {
          shard.gaps.removeIf(gap -> gap.at >= shard.written);
        }
        shard.end = shard.endWritten;
        shard.iterator = null;
        shard.behind = false;
      }
    }
  }

  // ---- finding shards

  private void make(Call call, Consumer<Map<String, Object>> then, Consumer<ErrorCode> refused) {
    driver.call(
        call,
        answer -> {
          switch (answer) {
            case Answer.Done(var body) -> then.accept(body);
            case Answer.Refused(var error) -> refused.accept(error.code());
          }
          again();
        });
  }

  private void list() {
    make(
        SimulatedStreams.list(NAME),
        body ->
            maps(body, "Streams")
                .forEach(
                    stream ->
                        streams.computeIfAbsent(text(stream, "StreamArn"), _ -> new Followed())),
        _ -> {});
  }

  private void describe(
      String arn, Followed stream, @Nullable String after, Map<String, String> found) {
    driver.call(
        SimulatedStreams.describe(
            arn, driver.isQuiet() ? 100 : 1 + simulation.random().nextInt(9), after, null),
        answer -> {
          if (!(answer instanceof Answer.Done(var body))) {
            again();
            return;
          }
          Map<String, Object> description = map(body.get("StreamDescription"));
          for (Map<String, Object> shard : maps(description, "Shards")) {
            found.put(
                text(shard, "ShardId"), String.valueOf(shard.getOrDefault("ParentShardId", "")));
          }
          Object last = description.get("LastEvaluatedShardId");
          if (last == null) {
            learn(stream, found);
            again();
          } else {
            describe(arn, stream, last.toString(), found);
          }
        });
  }

  private void learn(Followed stream, Map<String, String> found) {
    found.forEach(
        (shard, parent) -> {
          stream.shards.computeIfAbsent(shard, id -> new Progress(id, latest && !stream.looked));
          stream.listed.put(shard, parent);
        });
    stream.looked = true;
    // One that is gone is not waited for: what it held was trimmed, all of it.
    for (Progress shard : stream.shards.values()) {
      if (!shard.end
          && !found.containsKey(shard.shard)
          && (found.containsValue(shard.shard) || hasLater(found, shard.shard))) {
        trimmed(shard);
        shard.end = true;
        shard.endWritten = true;
        shard.written = shard.seen.size();
      }
    }
  }

  /** Whether the partition has shards, all of them behind this one. */
  private static boolean hasLater(Map<String, String> found, String shard) {
    String whole = shard.substring(0, WHOLE);
    List<String> same = found.keySet().stream().filter(id -> id.startsWith(whole)).toList();
    return !same.isEmpty() && same.stream().allMatch(id -> id.compareTo(shard) > 0);
  }

  private void trimmed(Progress shard) {
    driver.trimmed();
    shard.gaps.add(new Gap(shard.seen.size(), driver.millis(), false));
  }

  // ---- reading shards

  private void read(String arn, Followed stream, Progress shard) {
    if (shard.iterator == null) {
      begin(arn, shard);
      return;
    }
    make(
        SimulatedStreams.records(shard.iterator, 1 + simulation.random().nextInt(6)),
        body -> {
          for (Map<String, Object> record : maps(body, "Records")) {
            shard.seen.add(seen(record));
            shard.idle = 0;
          }
          Object next = body.get("NextShardIterator");
          shard.iterator = next == null ? null : next.toString();
          shard.end = next == null;
        },
        code -> {
          if (code == ErrorCode.TRIMMED_DATA_ACCESS) {
            trimmed(shard);
            shard.iterator = null;
            shard.behind = true;
          }
        });
  }

  private Seen seen(Map<String, Object> record) {
    Map<String, Object> data = map(record.get("dynamodb"));
    String before = data.containsKey("OldImage") ? data.get("OldImage").toString() : null;
    String after = data.containsKey("NewImage") ? data.get("NewImage").toString() : null;
    String event = before == null ? "INSERT" : after == null ? "REMOVE" : "MODIFY";
    if (!event.equals(record.get("eventName"))) {
      wrong.add(name + " has read an " + record.get("eventName") + " that is an " + event);
    }
    String item = String.valueOf(map(map(data.get("Keys")).get("pk")).get("S"));
    return new Seen(nextOrder++, text(data, "SequenceNumber"), item, before, after);
  }

  private void begin(String arn, Progress shard) {
    if (shard.seen.isEmpty() || shard.behind) {
      horizon(arn, shard);
      return;
    }
    String number = shard.seen.getLast().number;
    make(
        SimulatedStreams.iterator(arn, shard.shard, "AFTER_SEQUENCE_NUMBER", number),
        body -> shard.iterator = text(body, "ShardIterator"),
        code -> {
          if (code == ErrorCode.TRIMMED_DATA_ACCESS) {
            trimmed(shard);
            shard.behind = true;
          }
        });
  }

  /** Goes on with the oldest record that there is, or with what comes from now on. */
  private void horizon(String arn, Progress shard) {
    boolean onlyNew = shard.latest && shard.seen.isEmpty();
    make(
        SimulatedStreams.iterator(arn, shard.shard, onlyNew ? "LATEST" : "TRIM_HORIZON", null),
        body -> {
          shard.gaps.add(new Gap(shard.seen.size(), driver.millis(), onlyNew));
          shard.iterator = text(body, "ShardIterator");
          shard.behind = false;
        },
        _ -> {});
  }

  // ---- the end

  boolean isLatest() {
    return latest;
  }

  /** What it keeps, by the ARN of the stream. */
  Map<String, Followed> streams() {
    return streams;
  }

  String name() {
    return name;
  }

  /** What it found wrong while it read. */
  List<String> wrong() {
    return wrong;
  }

  private static String text(Map<String, Object> map, String name) {
    return String.valueOf(map.get(name));
  }

  @SuppressWarnings("unchecked") // Objects of JSON are maps with names.
  private static Map<String, Object> map(@Nullable Object value) {
    return value == null ? Map.of() : (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked") // Arrays of JSON are lists, here of objects.
  private static List<Map<String, Object>> maps(Map<String, Object> map, String name) {
    return (List<Map<String, Object>>) map.getOrDefault(name, List.of());
  }
}
