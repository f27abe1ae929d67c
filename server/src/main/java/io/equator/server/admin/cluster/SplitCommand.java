package io.equator.server.admin.cluster;

import io.equator.coordinator.json.JsonValue;
import io.equator.coordinator.json.JsonValue.JsonArray;
import io.equator.coordinator.json.JsonValue.JsonNumber;
import io.equator.coordinator.json.JsonValue.JsonObject;
import io.equator.coordinator.json.JsonValue.JsonText;
import io.equator.proto.PartitionDescriptor;
import io.equator.server.HelpOption;
import io.equator.server.OutputFormat;
import io.equator.server.Refusal;
import io.equator.server.SigV4;
import io.equator.server.config.ServeConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code equator admin split}: one partition into two. Through a node's own certificate ({@code
 * --config}), or through the way in for clients, which is all that a cluster in one process has.
 */
@Command(
    name = "split",
    sortOptions = false,
    description = {
      "Split one partition into two, while it is written and read. No data moves.",
      ""
    })
public final class SplitCommand implements Runnable {
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);

  @Option(
      names = "--partition",
      required = true,
      paramLabel = "N",
      description = "The partition's number.")
  private long partition;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description =
          "The first token of the second half, 16 hexadecimal digits as `admin ring` prints them;"
              + " without it the middle.")
  private @Nullable String token;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration of a node of the cluster, on this machine.")
  private @Nullable Path configuration;

  @Option(
      names = "--endpoint-url",
      defaultValue = "http://localhost:8000",
      paramLabel = "URL",
      description =
          "Without --config: the endpoint of the cluster (default ${DEFAULT-VALUE}), as `equator"
              + " dev` prints it.")
  private URI endpoint = URI.create("http://localhost:8000");

  @Option(
      names = "--output",
      defaultValue = "text",
      paramLabel = "FORMAT",
      description = "text (default), or json.")
  private OutputFormat output = OutputFormat.TEXT;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private final HelpOption help = new HelpOption();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  /** A split that has begun. */
  private record Begun(String token, long first, long second) {}

  @Override
  public void run() {
    OptionalLong at = token();
    Path file = configuration;
    Begun begun = file == null ? askEndpoint() : askCatalog(file, at);
    Listing listing =
        new Listing("partition", "token", "first", "second")
            .add(partition, begun.token(), begun.first(), begun.second());
    spec.commandLine()
        .getOut()
        .println(output == OutputFormat.JSON ? listing.json() : listing.text());
    spec.commandLine().getOut().flush();
  }

  private OptionalLong token() {
    String text = token;
    if (text == null) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseUnsignedLong(text, 16));
    } catch (NumberFormatException e) {
      throw new Refusal("--token must be hexadecimal, 16 digits at most, was " + text + ".", e);
    }
  }

  private Begun askCatalog(Path file, OptionalLong at) {
    try (ClusterConnection cluster =
        ClusterConnection.open(ServeConfig.read(file, System.getenv()))) {
      cluster.partition(partition);
      ClusterConnection.made(cluster.splitSteps().begin(partition, at, "an operator asked for it"));
      PartitionDescriptor now = cluster.partitionNow(partition);
      return new Begun(
          String.format(Locale.ROOT, "%016x", now.getSplit().getToken()),
          now.getSplit().getFirstId(),
          now.getSplit().getSecondId());
    }
  }

  private Begun askEndpoint() {
    String path = "/equator/partitions/" + partition + "/split";
    byte[] body =
        (token == null ? "{}" : "{\"Token\":\"" + token + "\"}").getBytes(StandardCharsets.UTF_8);
    String host =
        endpoint.getPort() < 0 ? endpoint.getHost() : endpoint.getHost() + ":" + endpoint.getPort();
    SigV4.RestHeaders headers =
        new SigV4("admin", "admin", "us-west-2", "equator", InstantSource.system())
            .rest("POST", host, path, "", body);
    HttpRequest request =
        HttpRequest.newBuilder(endpoint.resolve(path))
            .timeout(CALL_TIMEOUT)
            .header("X-Amz-Date", headers.date())
            .header("Authorization", headers.authorization())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(body))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<byte[]> answer = client.send(request, BodyHandlers.ofByteArray());
      JsonValue json =
          JsonValue.parse(answer.body(), 0, answer.body().length)
              .orElseThrow(() -> new Refusal(endpoint + " is no endpoint of Equator."));
      if (answer.statusCode() != 200) {
        throw new Refusal(text(json, "Message").orElse("status " + answer.statusCode()) + ".");
      }
      if (json instanceof JsonObject object
          && object.members().get("Partitions") instanceof JsonArray partitions
          && partitions.elements().getFirst() instanceof JsonObject split) {
        return new Begun(
            text(split, "Token").orElse(""), number(split, "First"), number(split, "Second"));
      }
      throw new Refusal(endpoint + " has answered something that is not understood.");
    } catch (IOException e) {
      throw new Refusal("nobody answers at " + endpoint + " (" + e.getMessage() + ").", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal("interrupted.", e);
    }
  }

  private static Optional<String> text(JsonValue json, String name) {
    return json instanceof JsonObject object
            && object.members().get(name) instanceof JsonText(String value)
        ? Optional.of(value)
        : Optional.empty();
  }

  private static long number(JsonObject json, String name) {
    return json.members().get(name) instanceof JsonNumber number ? number.value().longValue() : 0;
  }
}
