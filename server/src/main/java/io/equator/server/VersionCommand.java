package io.equator.server;

import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code equator version}: which build this is, and on which Java it runs. */
@Command(
    name = "version",
    description = "Print the version of Equator and of the Java that runs it.")
final class VersionCommand implements Runnable {

  @Option(
      names = "--output",
      defaultValue = "text",
      paramLabel = "FORMAT",
      description = "text (default) or json.")
  private OutputFormat output = OutputFormat.TEXT;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private final HelpOption help = new HelpOption();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before run().
  private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    String java = Runtime.version().toString();
    switch (output) {
      case TEXT -> out.println("equator " + BuildVersion.text() + " (Java " + java + ")");
      case JSON ->
          out.println("{\"version\":\"" + BuildVersion.text() + "\",\"java\":\"" + java + "\"}");
    }
    out.flush();
  }
}
