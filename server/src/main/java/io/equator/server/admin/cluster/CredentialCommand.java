package io.equator.server.admin.cluster;

import io.equator.server.HelpOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code equator admin credential}: what clients sign their requests with. */
@Command(
    name = "credential",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      CredentialCreateCommand.class,
      CredentialListCommand.class,
      CredentialDisableCommand.class,
      CredentialDeleteCommand.class
    },
    description = "The credentials with which clients sign their requests.")
public final class CredentialCommand implements Runnable {
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
