package io.equator.server.admin.triggers;

import io.equator.server.CommandGroup;
import picocli.CommandLine.Command;

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
public final class TriggerCommand extends CommandGroup {}
