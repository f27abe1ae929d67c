package io.equator.server;

import picocli.CommandLine.Option;

/** {@code --help}, mixed into every command. */
public final class HelpOption {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean asked;

  /** Whether it was given; picocli has then printed the help. */
  public boolean asked() {
    return asked;
  }
}
