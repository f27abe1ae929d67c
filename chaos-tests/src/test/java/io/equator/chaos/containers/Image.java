package io.equator.chaos.containers;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.testcontainers.DockerClientFactory;

/**
 * The image under test, built from the packaged product; or a reason why there is none.
 *
 * <p>{@code -Dchaos.image=NAME} takes one that is there instead.
 */
final class Image {
  private static final String TAG = "equator:chaos";
  private static final String USUAL_BASE = "debian:13-slim";
  private static final long BUILD_SECONDS = TimeUnit.MINUTES.toSeconds(6);

  private Image() {}

  /** Its name; the test is skipped when it cannot be had. */
  static String require() throws Exception {
    Shell.Result docker = Shell.run(20, "docker", "info", "--format", "{{.ServerVersion}}");
    Assumptions.assumeTrue(docker.ok(), "no Docker engine answers: " + docker.output());
    Assumptions.assumeTrue(available(), "Testcontainers finds no Docker engine");
    String given = System.getProperty("chaos.image", "");
    if (!given.isEmpty()) {
      return given;
    }
    Path script = Path.of("..", "deploy", "docker", "build").toAbsolutePath().normalize();
    boolean base = Shell.run(20, "docker", "image", "inspect", USUAL_BASE).ok();
    boolean debian = Shell.run(20, "mmdebstrap", "--version").ok();
    Shell.Result built =
        base || !debian
            ? Shell.run(BUILD_SECONDS, script.toString(), "--tag", TAG)
            : Shell.run(BUILD_SECONDS, script.toString(), "--tag", TAG, "--debian-base");
    Assumptions.assumeTrue(
        built.ok(),
        "the image cannot be built here ("
            + (base || !debian ? "base " + USUAL_BASE : "base of Debian packages")
            + "): "
            + built.output());
    Shell.Result started =
        Shell.run(120, "docker", "run", "--rm", "--network", "none", TAG, "version");
    Assumptions.assumeTrue(started.ok(), "no container can be started: " + started.output());
    return TAG;
  }

  private static boolean available() {
    try {
      return DockerClientFactory.instance().isDockerAvailable();
    } catch (RuntimeException e) {
      return false;
    }
  }
}
