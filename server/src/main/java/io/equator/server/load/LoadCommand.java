package io.equator.server.load;

import io.equator.server.HelpOption;
import io.equator.server.OutputFormat;
import io.equator.server.Refusal;
import io.equator.server.RequestSigner;
import io.equator.server.SigV4;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code equator load}: traffic against an endpoint, and a report. */
@Command(
    name = "load",
    sortOptions = false,
    description = {
      "Send generated traffic to a DynamoDB endpoint and report latencies and cost.",
      "",
      "Each workload gets a table of its own, filled before and deleted after. A, B, C, E and F are"
          + " YCSB's mixes: A half reads, half updates; B 95 %% reads; C reads; E short ranges with"
          + " 5 %% inserts; F half reads, half read-modify-writes. The others do one thing only.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the run was done and every operation succeeded",
      "1:it could not be done, or operations failed",
      "2:wrong usage"
    })
public final class LoadCommand implements Callable<Integer> {

  @Parameters(
      arity = "1..*",
      paramLabel = "WORKLOAD",
      description = "One or more of ${COMPLETION-CANDIDATES}, run one after the other.")
  private List<Workload> workloads = List.of();

  @Option(
      names = "--endpoint-url",
      defaultValue = "http://localhost:8000",
      paramLabel = "URL",
      description = "Where to send it (default ${DEFAULT-VALUE}).")
  private URI endpoint = URI.create("http://localhost:8000");

  @Option(
      names = "--connections",
      defaultValue = "32",
      paramLabel = "N",
      description = "Open connections (default ${DEFAULT-VALUE}).")
  private int connections;

  @Option(
      names = "--rate",
      defaultValue = "0",
      paramLabel = "PER_SECOND",
      description = {
        "Operations due per second, evenly spaced; latencies count from when an operation was due.",
        "Default: a closed loop, as fast as they are answered."
      })
  private double rate;

  @Option(
      names = "--duration",
      defaultValue = "30",
      paramLabel = "SECONDS",
      description = "Length of the measured part (default ${DEFAULT-VALUE}).")
  private int durationSeconds;

  @Option(
      names = "--warmup",
      defaultValue = "10",
      paramLabel = "SECONDS",
      description = "Traffic before it (default ${DEFAULT-VALUE}).")
  private int warmupSeconds;

  @Option(
      names = "--records",
      defaultValue = "50000",
      paramLabel = "N",
      description = "Items in the table (default ${DEFAULT-VALUE}).")
  private long records;

  @Option(
      names = "--item-size",
      defaultValue = "1024",
      paramLabel = "BYTES",
      description = "Bytes of values in each item (default ${DEFAULT-VALUE}).")
  private int itemBytes;

  @Option(
      names = "--attributes",
      defaultValue = "10",
      paramLabel = "N",
      description = "Attributes of each item beside its key (default ${DEFAULT-VALUE}).")
  private int attributes;

  @Option(
      names = "--distribution",
      defaultValue = "zipfian",
      description = "How keys are drawn: zipfian (default) or uniform.")
  private KeyChooser.Distribution distribution = KeyChooser.Distribution.ZIPFIAN;

  @Option(names = "--consistent", description = "Ask for strongly consistent reads.")
  private boolean consistent;

  @Option(
      names = "--batch-size",
      defaultValue = "25",
      paramLabel = "N",
      description = "Items in each batch (default ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--range-length",
      defaultValue = "10",
      paramLabel = "N",
      description = "Items that each Query asks for (default ${DEFAULT-VALUE}).")
  private int rangeLength;

  @Option(
      names = "--indexes",
      defaultValue = "0",
      paramLabel = "N",
      description = {
        "Global secondary indexes of the table, each with all attributes (default none).",
        "A put moves the item in each of them."
      })
  private int indexes;

  @Option(names = "--stream", description = "Give the table a stream with both images.")
  private boolean stream;

  @Option(
      names = "--table",
      defaultValue = "equator-load",
      paramLabel = "NAME",
      description = {
        "The table (default ${DEFAULT-VALUE}); workloads with ranges add \"-range\" to it."
      })
  private String table = "equator-load";

  @Option(names = "--reuse", description = "Use the table as an earlier run with --keep filled it.")
  private boolean reuse;

  @Option(names = "--keep", description = "Leave the table there at the end.")
  private boolean keep;

  @Option(
      names = "--server-pid",
      paramLabel = "PID",
      description = "The server's process on this machine: report its CPU time and memory too.")
  private @Nullable Long serverPid;

  @Option(
      names = "--threads",
      defaultValue = "1",
      paramLabel = "N",
      description = "Client threads (default ${DEFAULT-VALUE}; each can drive many connections).")
  private int threads;

  @Option(
      names = "--sign",
      description = {
        "Sign each request with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        "Default: a signature that signs nothing, as equator dev accepts it."
      })
  private boolean sign;

  @Option(
      names = "--region",
      defaultValue = "us-west-2",
      paramLabel = "REGION",
      description = "The region that requests are signed for (default ${DEFAULT-VALUE}).")
  private String region = "us-west-2";

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "N",
      description = "Of every random choice.")
  private long seed;

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
  @SuppressWarnings("NullAway.Init") // picocli sets it before call().
  private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter progress = spec.commandLine().getErr();
    List<LoadResult> results = new ArrayList<>();
    for (Workload workload : workloads) {
      LoadResult result = run(plan(workload), progress);
      results.add(result);
      if (output == OutputFormat.TEXT) {
        LoadReport.text(result, out);
      }
    }
    if (output == OutputFormat.JSON) {
      LoadReport.json(results, out);
    }
    boolean clean =
        results.stream()
            .allMatch(r -> r.recorder().errorCount() == 0 && r.recorder().missing() == 0);
    return clean ? 0 : 1;
  }

  private LoadResult run(LoadPlan plan, PrintWriter progress) {
    LoadTable target = new LoadTable(plan);
    LoadRun run = new LoadRun(plan);
    if (!reuse) {
      if (target.exists()) {
        throw new Refusal(
            "the table "
                + plan.table()
                + " exists; use it as it is with --reuse, name another with --table, or delete"
                + " it.");
      }
      target.create();
      Duration took = run.fill();
      progress.printf(
          Locale.ROOT,
          "filled %s with %d records in %.1f s%n",
          plan.table(),
          plan.records(),
          LoadResult.seconds(took));
      progress.flush();
    } else if (!target.exists()) {
      throw new Refusal("there is no table " + plan.table() + " to use again.");
    }
    LoadResult result = run.measure();
    if (!keep && !reuse) {
      target.delete();
    }
    return result;
  }

  private LoadPlan plan(Workload workload) {
    try {
      return new LoadPlan(
          workload,
          Endpoint.of(endpoint, signers()),
          workload.needsSortKey() ? table + "-range" : table,
          records,
          itemBytes,
          attributes,
          batchSize,
          rangeLength,
          indexes,
          stream,
          distribution,
          consistent,
          connections,
          threads,
          rate,
          Duration.ofSeconds(warmupSeconds),
          Duration.ofSeconds(durationSeconds),
          serverPid == null ? OptionalLong.empty() : OptionalLong.of(serverPid),
          seed);
    } catch (IllegalArgumentException e) {
      throw new Refusal(e.getMessage() + ".", e);
    }
  }

  private Supplier<RequestSigner> signers() {
    InstantSource clock = InstantSource.system();
    if (!sign) {
      return () -> SigV4.unsigned(region, clock);
    }
    String accessKey = System.getenv("AWS_ACCESS_KEY_ID");
    String secretKey = System.getenv("AWS_SECRET_ACCESS_KEY");
    if (accessKey == null || secretKey == null) {
      throw new Refusal("--sign needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
    }
    return () -> new SigV4(accessKey, secretKey, region, clock);
  }
}
