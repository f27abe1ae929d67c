package io.equator.server.admin.cluster;

import io.equator.server.CommandGroup;
import picocli.CommandLine.Command;

/** {@code equator admin index}: the parent of what is done with global indexes. */
@Command(
    name = "index",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = IndexCheckCommand.class,
    description = "Look after global indexes.")
public final class IndexCommand extends CommandGroup {}
