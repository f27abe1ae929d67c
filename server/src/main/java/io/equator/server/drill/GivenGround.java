package io.equator.server.drill;

import java.io.IOException;
import java.util.List;

/**
 * Regions that run somewhere, and two commands of the operator's own that break and mend the first.
 * The drill itself reaches nothing but their endpoints: how to kill a process there, or cut a link,
 * only the operator knows, and what is not in the commands cannot happen.
 */
final class GivenGround implements Ground {
  private final List<RegionEndpoint> endpoints;
  private final String breaks;
  private final String mends;

  /**
   * @param breaks run by {@code sh}
   * @param mends run by {@code sh}
   */
  GivenGround(List<RegionEndpoint> endpoints, String breaks, String mends) {
    this.endpoints = List.copyOf(endpoints);
    this.breaks = breaks;
    this.mends = mends;
  }

  @Override
  public List<RegionEndpoint> endpoints() {
    return endpoints;
  }

  @Override
  public void inject() throws IOException {
    run("--break", breaks);
  }

  @Override
  public void heal() throws IOException {
    run("--mend", mends);
  }

  private static void run(String option, String command) throws IOException {
    Process process =
        new ProcessBuilder("sh", "-c", command)
            .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
            // Standard output is the drill's own, where a program reads its report.
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException(option + " ended with " + code);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + option + " ran", e);
    }
  }

  @Override
  public void close() {
    // Nothing here is ours.
  }
}
