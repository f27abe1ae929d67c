package io.equator.replication.ratis;

import com.google.protobuf.ByteString;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.LogPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.raftlog.segmented.LogSegment;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.util.SizeInBytes;

/**
 * A group's log as it lies on disk, for looking at while no process uses it. Nothing is changed,
 * and nothing is repaired: a torn end is told, not cut.
 *
 * <pre>
 * &lt;directory&gt;/&lt;group's UUID&gt;/current/
 *   log_&lt;first&gt;-&lt;last&gt;       a segment that is full
 *   log_inprogress_&lt;first&gt;  the one that is written to, with zeros behind its last entry
 * </pre>
 *
 * <p>Each segment is read by Ratis's own code, which checks every entry's checksum. What stands
 * here was appended, which is more than what was committed: a last entry or two of a replica that
 * crashed may never have reached a majority.
 */
public final class RaftLogFiles {

  private static final Pattern SEGMENT = Pattern.compile("log_(\\d+)-(\\d+)|log_inprogress_(\\d+)");

  /** Larger than any entry that was ever allowed. */
  private static final SizeInBytes ENTRY_MAX = SizeInBytes.valueOf("64MB");

  /** What an entry is for. */
  public enum Kind {
    /** A proposal: {@link Entry#bytes} are for the group's machine. */
    DATA,
    /** Who the members are; each leader begins its term with one. */
    CONFIGURATION,
    /** How far the log was committed. */
    METADATA
  }

  /**
   * One entry.
   *
   * @param bytes as they were proposed; empty unless the kind is {@link Kind#DATA}
   */
  public record Entry(long term, long index, Kind kind, ByteString bytes) {}

  private record Segment(Path path, long first, long last) {}

  private final List<Segment> segments;

  private RaftLogFiles(List<Segment> segments) {
    this.segments = segments;
  }

  /** Where the segments of a group lie. */
  static Path directory(Path directory, GroupId group) {
    return directory.resolve(group.uuid().toString()).resolve("current");
  }

  /**
   * Finds the log of a group.
   *
   * @param directory of the node's Raft server
   * @throws IOException when it cannot be listed, or has no log of this group
   */
  public static RaftLogFiles of(Path directory, GroupId group) throws IOException {
    Path current = directory(directory, group);
    if (!Files.isDirectory(current)) {
      throw new IOException("there is no log of " + group + " in " + directory);
    }
    try (Stream<Path> files = Files.list(current)) {
      return new RaftLogFiles(
          files
              .flatMap(RaftLogFiles::segment)
              .sorted(Comparator.comparingLong(Segment::first))
              .toList());
    }
  }

  private static Stream<Segment> segment(Path file) {
    Matcher name = SEGMENT.matcher(String.valueOf(file.getFileName()));
    if (!name.matches()) {
      return Stream.empty();
    }
    return Stream.of(
        name.group(3) != null
            ? new Segment(file, Long.parseLong(name.group(3)), Long.MAX_VALUE)
            : new Segment(file, Long.parseLong(name.group(1)), Long.parseLong(name.group(2))));
  }

  /** The index at which the first file begins; what came before was cut. */
  public long firstIndex() {
    return segments.isEmpty() ? 0 : segments.getFirst().first;
  }

  /**
   * Shows the entries of a range, both ends inclusive, in order.
   *
   * @param visitor says whether it wants more
   * @throws IOException when an entry is damaged; those before it have been shown
   */
  public void read(long from, long to, Predicate<Entry> visitor) throws IOException {
    for (Segment segment : segments) {
      if (segment.last < from || segment.first > to || Files.size(segment.path) == 0) {
        continue;
      }
      LogSegmentPath path = LogSegmentPath.matchLogSegment(segment.path);
      try {
        LogSegment.readSegmentFile(
            segment.path.toFile(),
            path.getStartEnd(),
            ENTRY_MAX,
            CorruptionPolicy.EXCEPTION,
            null,
            entry -> {
              if (entry.getIndex() > to
                  || (entry.getIndex() >= from && !visitor.test(entryOf(entry)))) {
                throw new Enough();
              }
            });
      } catch (Enough e) {
        return;
      } catch (IOException | IllegalStateException e) {
        throw new IOException("the log is damaged in " + segment.path + ": " + e.getMessage(), e);
      }
    }
  }

  /** Whether the entry at this position, of this very term, stands in the log. */
  boolean holds(LogPosition position) throws IOException {
    AtomicBoolean found = new AtomicBoolean();
    read(
        position.index(),
        position.index(),
        entry -> {
          found.set(entry.term() == position.term());
          return false;
        });
    return found.get();
  }

  /** Deletes every segment; terms and votes are kept elsewhere. */
  void delete() throws IOException {
    for (Segment segment : segments) {
      Files.delete(segment.path);
    }
  }

  private static Entry entryOf(LogEntryProto entry) {
    return switch (entry.getLogEntryBodyCase()) {
      case STATEMACHINELOGENTRY ->
          new Entry(
              entry.getTerm(),
              entry.getIndex(),
              Kind.DATA,
              Bytes.fromRatis(entry.getStateMachineLogEntry().getLogData()));
      case CONFIGURATIONENTRY -> without(entry, Kind.CONFIGURATION);
      case METADATAENTRY, LOGENTRYBODY_NOT_SET -> without(entry, Kind.METADATA);
    };
  }

  private static Entry without(LogEntryProto entry, Kind kind) {
    return new Entry(entry.getTerm(), entry.getIndex(), kind, ByteString.EMPTY);
  }

  /** Ends the reading of a segment: Ratis's reader has no other way. */
  private static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1;

    Enough() {
      super(null, null, false, false);
    }
  }
}
