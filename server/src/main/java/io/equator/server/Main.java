package io.equator.server;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The entry point of every Equator process. */
@Command(
    name = "equator",
    mixinStandardHelpOptions = true,
    version = "equator 0.1.0-SNAPSHOT",
    description = "A distributed, multi-region database that speaks the DynamoDB API.")
public final class Main implements Runnable {

  private Main() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }
}
