package io.equator.server.admin.triggers;

import io.equator.server.HelpOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code equator admin trigger}: the parent. */
@Command(
    name = "trigger",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      CreateCommand.class,
      ListCommand.class,
      ShowCommand.class,
      UpdateCommand.class,
      DeleteCommand.class,
      FunctionCommand.class
    },
    description = {
      "Manage triggers: mappings from the stream of a table to an HTTP endpoint, which receives"
          + " changes as a Lambda function does.",
      "",
      "Requests are signed with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or with \"local\"."
    })
public final class TriggerCommand implements Runnable {

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
