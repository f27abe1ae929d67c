package io.equator.server.admin.cluster;

import io.equator.server.HelpOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

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
public final class RegionCommand implements Runnable {
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
