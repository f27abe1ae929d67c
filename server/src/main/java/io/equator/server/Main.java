package io.equator.server;

import io.equator.server.admin.AdminCommand;
import io.equator.server.dev.DevCommand;
import io.equator.server.drill.DrillCommand;
import io.equator.server.load.LoadCommand;
import io.equator.server.serve.ServeCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The entry point of every Equator process: {@code equator <command>}. */
@Command(
    name = "equator",
    mixinStandardHelpOptions = true,
    versionProvider = BuildVersion.Provider.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "A distributed, multi-region database that speaks the DynamoDB API.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:it could not be done; one sentence says why", "2:wrong usage"},
    subcommands = {
      DevCommand.class,
      ServeCommand.class,
      LoadCommand.class,
      DrillCommand.class,
      AdminCommand.class,
      HealthCommand.class,
      VersionCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Main implements Runnable {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before run().
  private CommandSpec spec;

  private Main() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The whole command, for {@code main} and for tests of the command line. */
  public static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setExecutionExceptionHandler(Main::explain);
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** A {@link Refusal} is one sentence; anything else is our mistake and keeps its stack trace. */
  private static int explain(
      Exception failure, CommandLine commandLine, CommandLine.ParseResult parsed) throws Exception {
    if (failure instanceof Refusal) {
      commandLine.getErr().println("equator: " + failure.getMessage());
      commandLine.getErr().flush();
      return commandLine.getCommandSpec().exitCodeOnExecutionException();
    }
    throw failure;
  }
}
