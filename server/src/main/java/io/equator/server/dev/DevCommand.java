package io.equator.server.dev;

import io.equator.server.HelpOption;
import io.equator.server.HttpCall;
import io.equator.server.LogFormat;
import io.equator.server.Logging;
import io.equator.server.Refusal;
import io.equator.server.SigV4;
import io.equator.server.dev.DevOptions.Tls;
import io.equator.server.observe.ObserveOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code equator dev}: an embedded cluster until Ctrl-C. */
@Command(
    name = "dev",
    sortOptions = false,
    description = {
      "Run a cluster in this process, or one for each of several regions, and serve the DynamoDB"
          + " API.",
      "",
      "For development and tests: any credentials are accepted. Writes are on disk before they are"
          + " answered, unless --in-memory is given.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:stopped by Ctrl-C or SIGTERM",
      "1:it could not start; one sentence says why",
      "2:wrong usage"
    })
public final class DevCommand implements Callable<Integer> {

  private static final Duration FIRST_ANSWER_WITHIN = Duration.ofSeconds(30);

  private static final Pattern DELAY = Pattern.compile("(\\d{1,9})(ms|s)");

  /** How long a stop waits for a start that is under way. */
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(60);

  @Option(
      names = "--port",
      defaultValue = "8000",
      paramLabel = "PORT",
      description = "The endpoint's port; 0 picks a free one (default ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--host",
      defaultValue = "localhost",
      paramLabel = "HOST",
      description = "The address to listen at; 0.0.0.0 for all (default ${DEFAULT-VALUE}).")
  private String host = "localhost";

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The folder that keeps everything from start to start (default .equator).")
  private @Nullable Path data;

  @Option(
      names = "--in-memory",
      description = {
        "Use a temporary folder, gone at the end, and force nothing to disk.",
      })
  private boolean inMemory;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = {
        "Storage nodes: 1, or 3 and more that replicate to one another.",
        "Default: as the data folder has it; 1 in a new one."
      })
  private @Nullable Integer nodes;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description = {
        "Partitions of the ring, each a Raft group.",
        "Default: as the data folder has it; 1 in a new one."
      })
  private @Nullable Integer partitions;

  @Option(
      names = "--region",
      paramLabel = "REGION",
      description = {
        "The region's name, as it stands in ARNs.",
        "Default: as the data folder has it; " + DevOptions.DEFAULT_REGION + " in a new one."
      })
  private @Nullable String region;

  @Option(
      names = "--regions",
      split = ",",
      paramLabel = "REGION",
      description = {
        "Several regions, such as us-west-2,us-east-1: a whole cluster for each, federated, so that"
            + " tables can be global.",
        "The first one listens at --port, the next at the port after it, and so on; --admin-port"
            + " likewise.",
        "Default: as the data folder has it; one region in a new one."
      })
  private @Nullable List<String> regions;

  @Option(
      names = "--region-delay",
      paramLabel = "TIME",
      description =
          "How long a message takes from one region to another, such as 80ms (default 0ms).")
  private @Nullable String regionDelay;

  @Option(
      names = "--tls",
      description = "Serve HTTPS, with a self-signed certificate unless one is given.")
  private boolean tls;

  @Option(
      names = "--tls-certificate",
      paramLabel = "FILE",
      description = "PEM file with the certificate chain; implies --tls.")
  private @Nullable Path tlsCertificate;

  @Option(names = "--tls-key", paramLabel = "FILE", description = "PEM file with its private key.")
  private @Nullable Path tlsKey;

  @Option(
      names = "--admin-port",
      paramLabel = "PORT",
      description = {
        "Serve metrics and probes over HTTP at this port: /metrics, /livez, /readyz, /startupz.",
        "0 picks a free one. Default: no such port."
      })
  private @Nullable Integer adminPort;

  @Option(
      names = "--slow-request",
      paramLabel = "MILLIS",
      description = {
        "Log requests, and calls to nodes, that take at least so long. Default: none."
      })
  private @Nullable Long slowRequestMillis;

  @Option(
      names = "--enforce-capacity",
      description = {
        "Throttle what exceeds the capacity of tables and indexes. Default: it is only counted."
      })
  private boolean enforceCapacity;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      description = {
        "How log lines look on standard error: ${COMPLETION-CANDIDATES}.",
        "Default: the environment variable EQUATOR_LOG_FORMAT, else text."
      })
  private @Nullable LogFormat logFormat;

  @Option(
      names = "--rehearse",
      hidden = true,
      paramLabel = "DIR",
      description = "For the launcher: use it once, leave native code in DIR, stop.")
  private @Nullable Path rehearse;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private final HelpOption help = new HelpOption();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before call().
  private CommandSpec spec;

  /** Set when the end was not asked for. */
  private volatile boolean failed;

  /** Set when a signal has come. */
  private volatile boolean stopping;

  @Override
  public Integer call() throws InterruptedException {
    if (logFormat != null) {
      Logging.use(logFormat);
    }
    DevOptions options = options();
    // Before the first folder is made: a signal may come at any time.
    CompletableFuture<EmbeddedRegions> started = new CompletableFuture<>();
    stopOnSignal(started);
    EmbeddedRegions cluster;
    try {
      cluster = start(options);
    } catch (Throwable e) {
      started.completeExceptionally(e);
      throw e;
    }
    started.complete(cluster);
    try {
      for (EmbeddedCluster region : cluster.running()) {
        awaitFirstAnswer(region);
      }
      greet(cluster.running());
    } catch (IOException e) {
      // Not a failure when it is being stopped.
      if (!stopping) {
        failed = true;
        throw new Refusal("the endpoint does not answer: " + e.getMessage() + ".", e);
      }
    }
    if (rehearse != null) {
      return rehearse(cluster.running().getFirst(), rehearse);
    }
    // Until a signal ends the process.
    new CountDownLatch(1).await();
    return 0;
  }

  private EmbeddedRegions start(DevOptions options) {
    List<String> names = regions != null ? regions : regionsOf(options);
    if (names.isEmpty()) {
      if (regionDelay != null) {
        throw new Refusal("--region-delay is for several regions; name them with --regions.");
      }
      return EmbeddedRegions.alone(options, observed());
    }
    if (region != null) {
      throw new Refusal("--region and --regions exclude each other.");
    }
    return EmbeddedRegions.start(options, observed(), names, delay());
  }

  private static List<String> regionsOf(DevOptions options) {
    return options.data().map(RegionsFolder::regions).orElse(List.of());
  }

  private Duration delay() {
    if (regionDelay == null) {
      return Duration.ZERO;
    }
    Matcher matcher = DELAY.matcher(regionDelay);
    if (!matcher.matches()) {
      throw new Refusal("--region-delay takes a time such as 80ms or 1s, was " + regionDelay + ".");
    }
    long amount = Long.parseLong(matcher.group(1));
    return "s".equals(matcher.group(2)) ? Duration.ofSeconds(amount) : Duration.ofMillis(amount);
  }

  private int rehearse(EmbeddedCluster cluster, Path nativeCode) {
    try {
      Rehearsal.run(cluster, nativeCode);
      return 0;
    } catch (IOException e) {
      failed = true;
      throw new Refusal("the rehearsal failed: " + e.getMessage() + ".", e);
    }
  }

  private DevOptions options() {
    if (inMemory && data != null) {
      throw new Refusal("--in-memory and --data exclude each other.");
    }
    if ((tlsCertificate == null) != (tlsKey == null)) {
      throw new Refusal("--tls-certificate and --tls-key go together.");
    }
    try {
      return new DevOptions(
          host,
          port,
          inMemory ? Optional.empty() : Optional.of(data == null ? Path.of(".equator") : data),
          nodes == null ? OptionalInt.empty() : OptionalInt.of(nodes),
          partitions == null ? OptionalInt.empty() : OptionalInt.of(partitions),
          Optional.ofNullable(region),
          tls || tlsCertificate != null
              ? Optional.of(
                  new Tls(Optional.ofNullable(tlsCertificate), Optional.ofNullable(tlsKey)))
              : Optional.empty(),
          enforceCapacity);
    } catch (IllegalArgumentException e) {
      throw new Refusal(e.getMessage() + ".", e);
    }
  }

  private ObserveOptions observed() {
    ObserveOptions observed = ObserveOptions.NONE;
    if (adminPort != null) {
      if (adminPort < 0 || adminPort > 65_535) {
        throw new Refusal("--admin-port must be from 0 to 65535, was " + adminPort + ".");
      }
      observed = observed.withAdmin(new InetSocketAddress(host, adminPort));
    }
    if (slowRequestMillis != null) {
      if (slowRequestMillis < 0) {
        throw new Refusal("--slow-request must not be negative, was " + slowRequestMillis + ".");
      }
      observed = observed.withSlowRequest(Duration.ofMillis(slowRequestMillis));
    }
    return observed;
  }

  /** A stop that was asked for is a success, so the process ends with 0 whatever the signal. */
  private void stopOnSignal(CompletableFuture<EmbeddedRegions> started) {
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> stop(started)));
  }

  /** Waits for a start that is under way: half a cluster cannot be stopped in order. */
  private void stop(CompletableFuture<EmbeddedRegions> started) {
    stopping = true;
    EmbeddedRegions cluster;
    try {
      cluster = started.get(STARTED_WITHIN.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      // It has closed what it had opened, and says itself why it did not start.
      return;
    } catch (TimeoutException | InterruptedException e) {
      Runtime.getRuntime().halt(1);
      return;
    }
    cluster.close();
    if (!failed) {
      spec.commandLine().getOut().println("Stopped.");
      spec.commandLine().getOut().flush();
      Runtime.getRuntime().halt(0);
    }
  }

  private static void awaitFirstAnswer(EmbeddedCluster cluster) throws IOException {
    HttpCall.Answer answer =
        new HttpCall(
                cluster.url().startsWith("https:") ? TrustingSockets.make() : Socket::new,
                cluster.address(),
                SigV4.unsigned(cluster.region(), InstantSource.system()),
                FIRST_ANSWER_WITHIN)
            .post("ListTables", "{}");
    if (answer.status() != 200) {
      throw new IOException(
          "ListTables was answered with " + answer.status() + " " + answer.body());
    }
  }

  private static String adminUrl(InetSocketAddress address) {
    return "http://" + address.getHostString() + ":" + address.getPort() + "/metrics";
  }

  private void greet(List<EmbeddedCluster> running) {
    Instant started = ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
    EmbeddedCluster first = running.getFirst();
    String words = first.nodes() == 1 ? "1 node, " : first.nodes() + " nodes that replicate, ";
    String shape =
        words + first.partitions() + (first.partitions() == 1 ? " partition" : " partitions");
    Banner.forThisTerminal()
        .print(
            spec.commandLine().getOut(),
            running.stream()
                .map(
                    region ->
                        new Banner.Region(
                            region.url(),
                            region.adminAddress().map(DevCommand::adminUrl),
                            region.region()))
                .toList(),
            inMemory
                ? "in memory, gone at the end"
                : folder(running) + "  (on disk before it is answered)",
            running.size() == 1 ? shape : "in each region " + shape,
            Duration.between(started, Instant.now()));
  }

  private static Path folder(List<EmbeddedCluster> running) {
    Path first = running.getFirst().data();
    Path parent = first.getParent();
    return running.size() == 1 || parent == null ? first : parent;
  }
}
