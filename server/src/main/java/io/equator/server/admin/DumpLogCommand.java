package io.equator.server.admin;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code equator admin dump log}: the entries of one Raft group's log. */
@Command(
    name = "log",
    sortOptions = false,
    description = {
      "Print the entries of a partition's Raft log, in order.",
      "",
      "A log holds what was appended: the last entries of a node that crashed may not have reached"
          + " a majority. What lies before its first entry was cut, because the store has it.",
      ""
    })
final class DumpLogCommand implements Runnable {

  @Mixin private final DumpOptions options = new DumpOptions();

  @Option(
      names = "--partition",
      required = true,
      paramLabel = "P",
      description = "The partition's id, or \"catalog\".")
  private String partition = "";

  @Option(
      names = "--from",
      paramLabel = "INDEX",
      description = "The first entry (default: the first that is there).")
  private @Nullable Long from;

  @Option(names = "--to", paramLabel = "INDEX", description = "The last (default: the last).")
  private @Nullable Long to;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "At most so many entries (default: all).")
  private long limit = Long.MAX_VALUE;

  @Override
  public void run() {
    EntryPrinter printer = new EntryPrinter(options, partition);
    long first = from == null ? 0 : from;
    long last = to == null ? Long.MAX_VALUE : to;
    options.look(folder -> printer.print(folder, first, last, limit));
  }
}
