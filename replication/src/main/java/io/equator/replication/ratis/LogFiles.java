package io.equator.replication.ratis;

import com.google.protobuf.ByteString;
import io.equator.replication.log.GroupId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.raftlog.segmented.LogSegment;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.util.SizeInBytes;

/** Reads the log files of a group while no process uses them; changes nothing. */
public final class LogFiles {
  private static final SizeInBytes ENTRY_MAX = SizeInBytes.valueOf("64MB");

  private LogFiles() {}

  /** Takes the entries of a log, in order. */
  public interface EntryVisitor {
    /**
     * One entry.
     *
     * @param data what was proposed; empty for an entry of the log's own, such as a configuration
     */
    void visit(long term, long index, ByteString data);
  }

  /**
   * Shows the entries that are still in the files, from one log index to another (both inclusive).
   *
   * @param folder of the node's logs, as {@link RatisConfig} names it
   * @throws IOException when there is no such log, or a file is damaged
   */
  public static void entries(Path folder, GroupId group, long from, long to, EntryVisitor visitor)
      throws IOException {
    Path current = folder.resolve(group.uuid().toString()).resolve("current");
    if (!Files.isDirectory(current)) {
      throw new IOException("there is no log of " + group + " in " + folder);
    }
    for (LogSegmentPath segment : segments(current)) {
      var _ =
          LogSegment.readSegmentFile(
              segment.getPath().toFile(),
              segment.getStartEnd(),
              ENTRY_MAX,
              CorruptionPolicy.EXCEPTION,
              null,
              entry -> show(entry, from, to, visitor));
    }
  }

  private static List<LogSegmentPath> segments(Path current) throws IOException {
    List<LogSegmentPath> segments = new ArrayList<>();
    try (Stream<Path> files = Files.list(current)) {
      files.forEach(
          file -> {
            LogSegmentPath segment = LogSegmentPath.matchLogSegment(file);
            if (segment != null) {
              segments.add(segment);
            }
          });
    }
    segments.sort((a, b) -> a.getStartEnd().compareTo(b.getStartEnd()));
    return segments;
  }

  private static void show(LogEntryProto entry, long from, long to, EntryVisitor visitor) {
    if (entry.getIndex() < from || entry.getIndex() > to) {
      return;
    }
    ByteString data =
        entry.hasStateMachineLogEntry()
            ? ByteString.copyFrom(
                entry.getStateMachineLogEntry().getLogData().asReadOnlyByteBuffer())
            : ByteString.EMPTY;
    visitor.visit(entry.getTerm(), entry.getIndex(), data);
  }
}
