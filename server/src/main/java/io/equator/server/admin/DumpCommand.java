package io.equator.server.admin;

import io.equator.server.HelpOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code equator admin dump}: the parent of the commands that look into files. */
@Command(
    name = "dump",
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Look into the files of a cluster that is not running. Nothing in them is changed.",
      "",
    },
    subcommands = {
      DumpStoreCommand.class,
      DumpTableCommand.class,
      DumpLogCommand.class,
      DumpEntryCommand.class,
      DumpCatalogCommand.class
    })
public final class DumpCommand implements Runnable {

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private final HelpOption help = new HelpOption();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before run().
  private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
