package io.equator.server;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code equator health}: asks a probe of a process. Containers have it for their own health, since
 * their image has neither a shell nor curl.
 */
@Command(
    name = "health",
    description = {
      "Ask a probe of a process on this machine; exit code 0 when it says that all is well.",
      "The process needs an admin port."
    })
final class HealthCommand implements Callable<Integer> {
  private static final int ANSWER_MILLIS = 10_000;

  @Option(
      names = "--port",
      defaultValue = "${env:EQUATOR_ADMIN_PORT:-9400}",
      paramLabel = "PORT",
      description = "The admin port (default: EQUATOR_ADMIN_PORT, else 9400).")
  private int port;

  @Option(
      names = "--probe",
      defaultValue = "livez",
      paramLabel = "NAME",
      description = "livez (default), readyz or startupz.")
  private String probe = "";

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private final HelpOption help = new HelpOption();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before call().
  private CommandSpec spec;

  @Override
  public Integer call() {
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              new URI("http", null, "127.0.0.1", port, "/" + probe, null, null)
                  .toURL()
                  .openConnection();
      connection.setConnectTimeout(ANSWER_MILLIS);
      connection.setReadTimeout(ANSWER_MILLIS);
      boolean well = connection.getResponseCode() == 200;
      try (var body = well ? connection.getInputStream() : connection.getErrorStream()) {
        String words = body == null ? "" : new String(body.readAllBytes(), StandardCharsets.UTF_8);
        spec.commandLine().getOut().println(words.strip());
      }
      spec.commandLine().getOut().flush();
      return well ? 0 : 1;
    } catch (IOException | URISyntaxException e) {
      throw new Refusal("no answer from port " + port + ": " + e.getMessage() + ".", e);
    }
  }
}
