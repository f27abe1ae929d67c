package io.equator.server.admin.cluster;

import io.equator.server.HelpOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code equator admin index}: the parent of what is done with global indexes. */
@Command(
    name = "index",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = IndexCheckCommand.class,
    description = "Look after global indexes.")
public final class IndexCommand implements Runnable {

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
