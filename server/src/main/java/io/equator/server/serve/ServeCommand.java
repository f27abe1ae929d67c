package io.equator.server.serve;

import io.equator.server.HelpOption;
import io.equator.server.Logging;
import io.equator.server.config.ServeConfig;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code equator serve}: one process of a cluster until SIGTERM. */
@Command(
    name = "serve",
    sortOptions = false,
    description = {
      "Run one process of a cluster: a storage node, a coordinator, or both.",
      "",
      "Found a cluster with `equator admin init`; let other nodes in with `equator admin token`.",
      "Any credentials are accepted from clients: put it where only your applications reach it.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:stopped by SIGTERM or Ctrl-C",
      "1:it could not start; one sentence says why",
      "2:wrong usage"
    })
public final class ServeCommand implements Callable<Integer> {
  private static final long STARTED_WITHIN_SECONDS = 60;

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The configuration, YAML; each key is also an environment variable EQUATOR_….")
  @SuppressWarnings("NullAway.Init") // picocli sets it before call().
  private Path configuration;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private final HelpOption help = new HelpOption();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before call().
  private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    Logging.informative();
    ServeConfig config = ServeConfig.read(configuration, System.getenv());
    Logging.use(config.admin().logFormat());
    CompletableFuture<ServeProcess> started = new CompletableFuture<>();
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> stop(started)));
    try {
      ServeProcess process = ServeProcess.start(config);
      started.complete(process);
      say(
          "Ready: "
              + config.node().id()
              + " in "
              + process.region()
              + process.address().map(at -> ", clients at port " + at.getPort()).orElse("")
              + (config.api().verified() ? "." : ". Credentials of clients are not checked."));
    } catch (Throwable e) {
      started.completeExceptionally(e);
      throw e;
    }
    // Until a signal ends the process.
    new CountDownLatch(1).await();
    return 0;
  }

  private void stop(CompletableFuture<ServeProcess> started) {
    try {
      started.get(STARTED_WITHIN_SECONDS, TimeUnit.SECONDS).close();
    } catch (ExecutionException e) {
      // It has closed what it had opened, and says itself why it did not start.
      return;
    } catch (TimeoutException | InterruptedException e) {
      Runtime.getRuntime().halt(1);
      return;
    }
    say("Stopped.");
    Runtime.getRuntime().halt(0);
  }

  private void say(String line) {
    spec.commandLine().getOut().println(line);
    spec.commandLine().getOut().flush();
  }
}
