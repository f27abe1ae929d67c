package io.equator.server.admin;

import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.node.dump.EntryDump;
import io.equator.proto.CatalogEntry;
import io.equator.replication.log.GroupId;
import io.equator.replication.ratis.RaftLogFiles;
import io.equator.replication.ratis.RaftLogFiles.Entry;
import io.equator.server.Refusal;
import io.equator.server.dev.OfflineFolder;
import java.io.IOException;
import java.util.Locale;

/** Prints entries of a group's log, each on a line. */
final class EntryPrinter {

  private final DumpOptions options;
  private final GroupId group;

  /**
   * @param partition an id, or "catalog"
   */
  EntryPrinter(DumpOptions options, String partition) {
    this.options = options;
    try {
      this.group =
          partition.equalsIgnoreCase("catalog")
              ? GroupId.CATALOG
              : GroupId.ofPartition(Long.parseLong(partition));
    } catch (IllegalArgumentException e) {
      throw new Refusal("--partition is an id from 1, or catalog; was " + partition + ".", e);
    }
  }

  /**
   * Prints the entries of a range, both ends inclusive, at most {@code most}.
   *
   * @return how many there were
   */
  long print(OfflineFolder folder, long from, long to, long most) throws IOException {
    long[] count = {0};
    RaftLogFiles.of(folder.raft(options.node()), group)
        .read(
            from,
            to,
            entry -> {
              if (count[0] == most) {
                return false;
              }
              options.line(options.json() ? json(entry) : text(entry));
              count[0]++;
              return true;
            });
    return count[0];
  }

  private String text(Entry entry) {
    return "%d  term %d  %s"
        .formatted(
            entry.index(),
            entry.term(),
            entry.kind() == RaftLogFiles.Kind.DATA ? content(entry) : kind(entry));
  }

  private String json(Entry entry) {
    return "{\"index\":%d,\"term\":%d,\"kind\":\"%s\"%s}"
        .formatted(
            entry.index(),
            entry.term(),
            kind(entry),
            entry.kind() == RaftLogFiles.Kind.DATA ? ",\"entry\":" + content(entry) : "");
  }

  private static String kind(Entry entry) {
    return entry.kind().name().toLowerCase(Locale.ROOT);
  }

  private String content(Entry entry) {
    if (!group.equals(GroupId.CATALOG)) {
      return EntryDump.line(entry.bytes());
    }
    try {
      return ProtoJson.line(CatalogEntry.parseFrom(entry.bytes()));
    } catch (InvalidProtocolBufferException e) {
      throw new Refusal("entry " + entry.index() + " is none of a catalog's log.", e);
    }
  }
}
