package io.equator.server.admin;

import io.equator.server.CommandGroup;
import picocli.CommandLine.Command;

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
public final class DumpCommand extends CommandGroup {}
