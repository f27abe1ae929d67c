package io.equator.server.admin;

import io.equator.server.HelpOption;
import io.equator.server.admin.triggers.TriggerCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code equator admin}: the parent of the operator's commands. */
@Command(
    name = "admin",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {DumpCommand.class, TriggerCommand.class},
    description = "Look into a cluster or its files.")
public final class AdminCommand implements Runnable {

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
