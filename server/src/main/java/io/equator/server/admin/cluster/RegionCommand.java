package io.equator.server.admin.cluster;

import io.equator.server.CommandGroup;
import picocli.CommandLine.Command;

/** {@code equator admin region}: the parent of the commands about other regions. */
@Command(
    name = "region",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RegionInviteCommand.class,
      RegionAddCommand.class,
      RegionListCommand.class,
      RegionStatusCommand.class,
      RegionRemoveCommand.class
    },
    description = "Federate this cluster with others, each a region.")
public final class RegionCommand extends CommandGroup {}
