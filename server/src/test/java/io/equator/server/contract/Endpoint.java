package io.equator.server.contract;

import io.equator.server.dev.DevOptions;
import io.equator.server.dev.EmbeddedCluster;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/** What the contract tests talk to: a cluster of their own, or one that is named from outside. */
final class Endpoint implements AutoCloseable {

  private final Optional<EmbeddedCluster> cluster;
  private final DynamoDbClient client;
  private final DynamoDbStreamsClient streams;

  private Endpoint(Optional<EmbeddedCluster> cluster, URI uri, String region) {
    this.cluster = cluster;
    this.client = clientOf(uri, region);
    this.streams =
        DynamoDbStreamsClient.builder()
            .endpointOverride(uri)
            .region(Region.of(region))
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
            .httpClient(UrlConnectionHttpClient.create())
            .build();
  }

  static Endpoint with(int nodes, int partitions) {
    String given = System.getenv("EQUATOR_CONTRACT_ENDPOINT");
    if (given != null) {
      return new Endpoint(Optional.empty(), URI.create(given), DevOptions.DEFAULT_REGION);
    }
    EmbeddedCluster cluster =
        EmbeddedCluster.start(
            new DevOptions(
                "localhost",
                0,
                Optional.empty(),
                OptionalInt.of(nodes),
                OptionalInt.of(partitions),
                Optional.empty(),
                Optional.empty()));
    return new Endpoint(Optional.of(cluster), URI.create(cluster.url()), cluster.region());
  }

  DynamoDbClient client() {
    return client;
  }

  DynamoDbStreamsClient streams() {
    return streams;
  }

  /** A client as an application makes it, except that nothing is tried twice behind our back. */
  static DynamoDbClient clientOf(URI uri, String region) {
    return DynamoDbClient.builder()
        .endpointOverride(uri)
        .region(Region.of(region))
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
        .httpClient(UrlConnectionHttpClient.create())
        .overrideConfiguration(
            config ->
                config
                    .retryStrategy(retry -> retry.maxAttempts(1))
                    .apiCallTimeout(Duration.ofSeconds(60)))
        .build();
  }

  @Override
  public void close() {
    client.close();
    streams.close();
    cluster.ifPresent(EmbeddedCluster::close);
  }
}
