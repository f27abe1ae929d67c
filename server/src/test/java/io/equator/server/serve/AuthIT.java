package io.equator.server.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.server.dev.Writers;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.auth.signer.AwsSignerExecutionAttribute;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClientBuilder;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;

/** Credentials of clients in a cluster of real processes, as the AWS SDK uses them. */
class AuthIT {
  private static final Pattern ROOT =
      Pattern.compile("AWS_ACCESS_KEY_ID=(\\S+)\\s+AWS_SECRET_ACCESS_KEY=(\\S+)");
  private static final Map<String, AttributeValue> ITEM =
      Map.of("pk", AttributeValue.fromS("p"), "sk", AttributeValue.fromN("1"));

  @TempDir private Path temporary;

  private static final class Verified implements ProcessLayout {
    private final ProcessLayout ports;

    Verified(Path folder) {
      ports = new OwnPorts(folder);
    }

    @Override
    public Addresses addresses(int number) {
      return ports.addresses(number);
    }

    @Override
    public Path data(int number) {
      return ports.data(number);
    }

    @Override
    public List<String> program() {
      return ports.program();
    }

    @Override
    public Map<String, String> environment(int number) {
      Map<String, String> environment = new HashMap<>(ports.environment(number));
      environment.put("EQUATOR_API_AUTH", "signature");
      return environment;
    }
  }

  private static DynamoDbClient client(
      int port, AwsCredentials credentials, Consumer<DynamoDbClientBuilder> more) {
    DynamoDbClientBuilder builder =
        DynamoDbClient.builder()
            .endpointOverride(URI.create("http://127.0.0.1:" + port))
            .region(Region.US_WEST_2)
            .credentialsProvider(StaticCredentialsProvider.create(credentials))
            .httpClient(UrlConnectionHttpClient.create())
            .overrideConfiguration(
                c ->
                    c.retryStrategy(retry -> retry.maxAttempts(1))
                        .apiCallTimeout(Duration.ofSeconds(60)));
    more.accept(builder);
    return builder.build();
  }

  private static String refusal(DynamoDbClient client) {
    try (client) {
      client.getItem(r -> r.tableName(Writers.TABLE).key(ITEM));
      return "none";
    } catch (DynamoDbException e) {
      assertThat(e.statusCode()).isEqualTo(400);
      return e.awsErrorDetails().errorCode() + ": " + e.awsErrorDetails().errorMessage();
    }
  }

  private static String refusal(int port, AwsCredentials credentials) {
    return refusal(client(port, credentials, _ -> {}));
  }

  /** Until the copy of the catalog has it. */
  private static void awaitRefusal(int port, AwsCredentials credentials, String start)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    String last = refusal(port, credentials);
    while (!last.startsWith(start)) {
      assertThat(System.nanoTime()).as(last).isLessThan(end);
      Thread.sleep(100);
      last = refusal(port, credentials);
    }
  }

  /** Changes the body after it was signed. */
  private record Tampering(SdkHttpClient real) implements SdkHttpClient {
    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
      byte[] body = "{\"TableName\":\"Another\",\"Key\":{}}".getBytes(StandardCharsets.UTF_8);
      ContentStreamProvider content = () -> new ByteArrayInputStream(body);
      return real.prepareRequest(
          HttpExecuteRequest.builder()
              .request(
                  request.httpRequest().toBuilder()
                      .putHeader("Content-Length", Integer.toString(body.length))
                      .build())
              .contentStreamProvider(content)
              .build());
    }

    @Override
    public void close() {
      real.close();
    }
  }

  /** A client whose clock is wrong. */
  @SuppressWarnings("deprecation") // The SDK has no other way to give its signer a clock.
  private record Skewed(int seconds) implements ExecutionInterceptor {
    @Override
    public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
      attributes.putAttribute(
          software.amazon.awssdk.core.interceptor.SdkExecutionAttribute.TIME_OFFSET, -seconds);
      attributes.putAttribute(
          AwsSignerExecutionAttribute.SIGNING_CLOCK,
          Clock.offset(Clock.systemUTC(), Duration.ofSeconds(seconds)));
    }
  }

  @Test
  void onlyWhoHasACredentialIsServed() throws Exception {
    try (ClusterProcesses cluster =
        new ClusterProcesses(temporary, "cluster: {partitions: 1}", new Verified(temporary))) {
      Matcher printed = ROOT.matcher(cluster.found());
      assertThat(printed.find()).isTrue();
      AwsCredentials root = AwsBasicCredentials.create(printed.group(1), printed.group(2));
      cluster.join(2);
      int first = cluster.apiPort(1);
      int second = cluster.apiPort(2);
      try (DynamoDbClient client = client(first, root, _ -> {})) {
        Writers.createTable(client);
        client.putItem(r -> r.tableName(Writers.TABLE).item(ITEM));
      }
      assertThat(refusal(first, root)).isEqualTo("none");
      // Another node verifies with the same key, which it got when it joined.
      awaitRefusal(second, root, "none");

      assertThat(refusal(first, AwsBasicCredentials.create(root.accessKeyId(), "wrong")))
          .startsWith(
              "InvalidSignatureException: The request signature we calculated does not match");
      assertThat(refusal(first, AwsBasicCredentials.create("AKIDUNKNOWN", "local")))
          .isEqualTo(
              "UnrecognizedClientException: The security token included in the request is"
                  + " invalid.");
      assertThat(
              refusal(
                  first,
                  AwsSessionCredentials.create(
                      root.accessKeyId(), root.secretAccessKey(), "token")))
          .startsWith("UnrecognizedClientException");
      assertThat(
              refusal(
                  client(
                      first,
                      root,
                      b -> b.httpClient(new Tampering(UrlConnectionHttpClient.create())))))
          .startsWith("InvalidSignatureException");
      assertThat(
              refusal(
                  client(
                      first,
                      root,
                      b ->
                          b.overrideConfiguration(
                              b.overrideConfiguration().toBuilder()
                                  .addExecutionInterceptor(new Skewed(-20 * 60))
                                  .build()))))
          .startsWith("InvalidSignatureException: Signature expired: ");

      // One more, that is disabled and deleted.
      String made = cluster.admin(2, "credential", "create", "--output", "json").output();
      AwsCredentials other = AwsBasicCredentials.create(field(made, 0), field(made, 1));
      awaitRefusal(first, other, "none");
      assertThat(cluster.admin(1, "credential", "list").output())
          .contains(root.accessKeyId())
          .contains(other.accessKeyId())
          .doesNotContain(other.secretAccessKey());
      cluster.admin(1, "credential", "disable", other.accessKeyId());
      awaitRefusal(first, other, "UnrecognizedClientException");
      cluster.admin(1, "credential", "disable", "--undo", other.accessKeyId());
      awaitRefusal(second, other, "none");
      cluster.admin(1, "credential", "delete", other.accessKeyId());
      awaitRefusal(second, other, "UnrecognizedClientException");
      assertThat(refusal(second, root)).isEqualTo("none");
    }
  }

  /** The value of a field of an object with fields in a known order. */
  private static String field(String json, int number) {
    Matcher values = Pattern.compile("\" : \"([^\"]*)\"").matcher(json);
    for (int i = 0; i <= number; i++) {
      assertThat(values.find()).as(json).isTrue();
    }
    return values.group(1);
  }
}
