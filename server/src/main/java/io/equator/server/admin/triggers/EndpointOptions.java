package io.equator.server.admin.triggers;

import io.equator.coordinator.json.JsonValue;
import io.equator.coordinator.json.JsonValue.JsonArray;
import io.equator.coordinator.json.JsonValue.JsonNumber;
import io.equator.coordinator.json.JsonValue.JsonObject;
import io.equator.coordinator.json.JsonValue.JsonText;
import io.equator.coordinator.json.WireWriter;
import io.equator.server.HelpOption;
import io.equator.server.OutputFormat;
import io.equator.server.Refusal;
import io.equator.server.SigV4;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all trigger commands share: the endpoint, calls to it, and the form of what is printed. */
final class EndpointOptions {
  static final String MAPPINGS = "/2015-03-31/event-source-mappings/";
  static final String FUNCTIONS = "/equator/functions/";

  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);

  @Option(
      names = "--endpoint-url",
      defaultValue = "http://localhost:8000",
      paramLabel = "URL",
      description = "The endpoint of the cluster (default ${DEFAULT-VALUE}).")
  private URI endpoint = URI.create("http://localhost:8000");

  @Option(
      names = "--region",
      defaultValue = "us-west-2",
      paramLabel = "REGION",
      description = "The region to sign for (default ${DEFAULT-VALUE}).")
  private String region = "us-west-2";

  @Option(
      names = "--output",
      defaultValue = "text",
      paramLabel = "FORMAT",
      description = "text (default), or json: what the endpoint answered.")
  private OutputFormat output = OutputFormat.TEXT;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private final HelpOption help = new HelpOption();

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // picocli sets it before run().
  private CommandSpec spec;

  /** An answer. */
  private record Answer(int status, String body) {}

  // ---- calls

  /** Sends a request to the REST services; an error becomes a refusal with its text. */
  JsonObject call(String method, String path, String body) {
    return object(send(method, path, "", body));
  }

  JsonObject get(String path, SortedMap<String, String> query) {
    StringBuilder text = new StringBuilder();
    query.forEach(
        (name, value) ->
            text.append(text.isEmpty() ? "" : "&").append(name).append('=').append(encoded(value)));
    return object(send("GET", path, text.toString(), ""));
  }

  /** The same, empty when the thing is not there. */
  Optional<JsonObject> find(String path) {
    Answer answer = send("GET", path, "", "");
    return answer.status() == 404 ? Optional.empty() : Optional.of(object(answer));
  }

  /** Calls an operation of DynamoDB. */
  JsonObject dynamo(String operation, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String target = "DynamoDB_20120810." + operation;
    String headers =
        new String(
            new SigV4(accessKey(), secretKey(), region, InstantSource.system())
                .headers(host(), target, bytes),
            StandardCharsets.US_ASCII);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(endpoint.resolve("/"))
            .timeout(CALL_TIMEOUT)
            .header("Content-Type", "application/x-amz-json-1.0")
            .header("X-Amz-Target", target)
            .POST(BodyPublishers.ofByteArray(bytes));
    headers
        .lines()
        .forEach(
            line -> {
              int colon = line.indexOf(": ");
              request.header(line.substring(0, colon), line.substring(colon + 2));
            });
    return object(send(request.build()));
  }

  private Answer send(String method, String path, String query, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    SigV4.RestHeaders headers =
        new SigV4(accessKey(), secretKey(), region, "lambda", InstantSource.system())
            .rest(method, host(), path, query, bytes);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(endpoint.resolve(query.isEmpty() ? path : path + "?" + query))
            .timeout(CALL_TIMEOUT)
            .header("X-Amz-Date", headers.date())
            .header("Authorization", headers.authorization());
    if (bytes.length > 0) {
      request.header("Content-Type", "application/json");
    }
    request.method(
        method, bytes.length > 0 ? BodyPublishers.ofByteArray(bytes) : BodyPublishers.noBody());
    return send(request.build());
  }

  private Answer send(HttpRequest request) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body());
    } catch (IOException e) {
      throw new Refusal(
          "the endpoint "
              + endpoint
              + " does not answer; is it running, and is --endpoint-url"
              + " right?",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal("interrupted.", e);
    }
  }

  private static JsonObject object(Answer answer) {
    if (JsonValue.parse(answer.body()).orElse(null) instanceof JsonObject object) {
      if (answer.status() < 300) {
        return object;
      }
      throw new Refusal(
          object.text("Message").or(() -> object.text("message")).orElse(answer.body()));
    }
    throw new Refusal(
        "the endpoint answered with status "
            + answer.status()
            + " and what is not JSON; is it Equator's?");
  }

  private String host() {
    if (endpoint.getHost() == null) {
      throw new Refusal("--endpoint-url must look like http://host:port, was " + endpoint + ".");
    }
    return endpoint.getPort() < 0
        ? endpoint.getHost()
        : endpoint.getHost() + ":" + endpoint.getPort();
  }

  private static String accessKey() {
    return environment("AWS_ACCESS_KEY_ID");
  }

  private static String secretKey() {
    return environment("AWS_SECRET_ACCESS_KEY");
  }

  private static String environment(String name) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? "local" : value;
  }

  static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }

  // ---- output

  boolean json() {
    return output == OutputFormat.JSON;
  }

  void line(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }

  /** Prints an object: as JSON, or its members one a line. */
  void print(JsonObject object) {
    if (json()) {
      line(json(object));
      return;
    }
    int width = object.members().keySet().stream().mapToInt(String::length).max().orElse(0);
    for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
      line(("%-" + (width + 2) + "s%s").formatted(member.getKey(), shown(member)));
    }
  }

  private static String shown(Map.Entry<String, JsonValue> member) {
    return switch (member.getValue()) {
      case JsonText(String text) -> text;
      case JsonNumber(BigDecimal seconds) when member.getKey().equals("LastModified") ->
          Instant.ofEpochMilli(seconds.movePointRight(3).longValue()).toString();
      case JsonArray(var elements) when elements.isEmpty() -> "-";
      default -> json(member.getValue());
    };
  }

  static String json(JsonValue value) {
    WireWriter out = new WireWriter();
    value.writeTo(out);
    return out.toString();
  }
}
