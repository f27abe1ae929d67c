package io.equator.server.admin.cluster;

import io.equator.server.HelpOption;
import io.equator.server.OutputFormat;
import io.equator.server.config.ServeConfig;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that every command of this package has. */
final class ClusterOptions {
  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The configuration of a node of the cluster, on this machine.")
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private Path configuration;

  @Option(
      names = "--output",
      defaultValue = "text",
      paramLabel = "FORMAT",
      description = "text (default), or json.")
  private OutputFormat output = OutputFormat.TEXT;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private final HelpOption help = new HelpOption();

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  ServeConfig config() {
    return ServeConfig.read(configuration, System.getenv());
  }

  ClusterConnection connect() {
    return ClusterConnection.open(config());
  }

  void print(Listing listing) {
    line(output == OutputFormat.JSON ? listing.json() : listing.text());
  }

  void line(String text) {
    spec.commandLine().getOut().println(text);
    spec.commandLine().getOut().flush();
  }
}
