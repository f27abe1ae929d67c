package io.equator.server.admin;

import io.equator.server.Refusal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code equator admin dump entry}: one entry of one Raft group's log. */
@Command(
    name = "entry",
    sortOptions = false,
    description = "Print one entry of a partition's Raft log.")
final class DumpEntryCommand implements Runnable {

  @Mixin private final DumpOptions options = new DumpOptions();

  @Parameters(paramLabel = "INDEX", description = "The entry's index in the log.")
  private long index;

  @Option(
      names = "--partition",
      required = true,
      paramLabel = "P",
      description = "The partition's id, or \"catalog\".")
  private String partition = "";

  @Override
  public void run() {
    EntryPrinter printer = new EntryPrinter(options, partition);
    options.look(
        folder -> {
          if (printer.print(folder, index, index, 1) == 0) {
            throw new Refusal("the log has no entry " + index + ".");
          }
        });
  }
}
