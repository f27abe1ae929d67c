package io.equator.chaos.work;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClientBuilder;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TransactionInProgressException;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/** Clients of the AWS SDK, and what is common to all work with them. */
public final class Client {
  /** Longer than an election; a request that waits for a paused process gives up. */
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(8);

  static {
    // The JDK would send a POST again whose connection ended without an answer.
    System.setProperty("sun.net.http.retryPost", "false");
  }

  private Client() {}

  /** A client that sends each request once. */
  public static DynamoDbClient once(String url) {
    return configured(url)
        .overrideConfiguration(
            c -> c.retryStrategy(retry -> retry.maxAttempts(1)).apiCallTimeout(ANSWER_WITHIN))
        .build();
  }

  /** A client as applications have it: with the SDK's own retries. */
  public static DynamoDbClient usual(String url) {
    return configured(url)
        .overrideConfiguration(c -> c.apiCallAttemptTimeout(ANSWER_WITHIN))
        .build();
  }

  private static DynamoDbClientBuilder configured(String url) {
    return DynamoDbClient.builder()
        .endpointOverride(URI.create(url))
        .region(Region.US_WEST_2)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
        .httpClient(UrlConnectionHttpClient.create());
  }

  /** A client for streams. */
  public static DynamoDbStreamsClient streams(String url) {
    return DynamoDbStreamsClient.builder()
        .endpointOverride(URI.create(url))
        .region(Region.US_WEST_2)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }

  /**
   * Whether an error says that the request has not been done and never will be. Every refusal with
   * status 400 does, but the one that says that the same transaction is under way.
   */
  static boolean isRefusal(SdkException error) {
    return error instanceof AwsServiceException service
        && service.statusCode() == 400
        && !(service instanceof TransactionInProgressException);
  }

  /** Asks until there is an answer: for what is done before the faults and after them. */
  public static <T> T persistently(Supplier<T> question) {
    long end = System.nanoTime() + Duration.ofSeconds(120).toNanos();
    while (true) {
      try {
        return question.get();
      } catch (SdkException e) {
        if (System.nanoTime() - end > 0) {
          throw e;
        }
      }
    }
  }

  /** A table with the partition key {@code pk}. */
  // The SDK takes its builders as an array of generic type.
  @SuppressWarnings("unchecked")
  static void createTable(DynamoDbClient database, String table) {
    database.createTable(
        r ->
            r.tableName(table)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(
                    a -> a.attributeName("pk").attributeType(ScalarAttributeType.S))
                .keySchema(k -> k.attributeName("pk").keyType(KeyType.HASH)));
    database.waiter().waitUntilTableExists(r -> r.tableName(table));
  }

  static AttributeValue s(String value) {
    return AttributeValue.fromS(value);
  }

  static AttributeValue n(long value) {
    return AttributeValue.fromN(Long.toString(value));
  }

  static Map<String, AttributeValue> key(String pk) {
    return Map.of("pk", s(pk));
  }

  /** A list of numbers under a name; empty when there is none. */
  static List<Long> numbers(Map<String, AttributeValue> item, String name) {
    AttributeValue list = item.get(name);
    return list == null ? List.of() : list.l().stream().map(one -> Long.valueOf(one.n())).toList();
  }
}
