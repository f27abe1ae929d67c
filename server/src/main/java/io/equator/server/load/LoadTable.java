package io.equator.server.load;

import io.equator.server.HttpCall;
import io.equator.server.HttpCall.Answer;
import io.equator.server.Refusal;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The table that a run reads and writes: made before, deleted after. */
final class LoadTable {

  private static final Duration ACTIVE_WITHIN = Duration.ofSeconds(60);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final String name;
  private final boolean sortKey;
  private final int indexes;
  private final boolean stream;
  private final String url;
  private final HttpCall calls;

  LoadTable(LoadPlan plan) {
    this.name = plan.table();
    this.sortKey = plan.sortKey();
    this.indexes = plan.indexes();
    this.stream = plan.stream();
    this.url = plan.endpoint().url();
    this.calls = plan.endpoint().calls();
  }

  boolean exists() {
    return post("DescribeTable", "{\"TableName\":\"" + name + "\"}").status() == 200;
  }

  void create() {
    Answer answer = post("CreateTable", creation());
    if (answer.status() != 200) {
      throw new Refusal("the table " + name + " cannot be created: " + answer.body());
    }
    long deadline = System.nanoTime() + ACTIVE_WITHIN.toNanos();
    while (!isActive()) {
      if (System.nanoTime() - deadline > 0) {
        throw new Refusal(
            "the table " + name + " did not become active in " + ACTIVE_WITHIN.toSeconds() + " s.");
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  void delete() {
    Answer answer = post("DeleteTable", "{\"TableName\":\"" + name + "\"}");
    if (answer.status() != 200) {
      throw new Refusal("the table " + name + " cannot be deleted: " + answer.body());
    }
    long deadline = System.nanoTime() + ACTIVE_WITHIN.toNanos();
    while (exists() && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private boolean isActive() {
    String body = post("DescribeTable", "{\"TableName\":\"" + name + "\"}").body();
    return body.replace(" ", "").contains("\"TableStatus\":\"ACTIVE\"");
  }

  private String creation() {
    String attributes = "{\"AttributeName\":\"pk\",\"AttributeType\":\"S\"}";
    String key = "{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}";
    if (sortKey) {
      attributes += ",{\"AttributeName\":\"sk\",\"AttributeType\":\"S\"}";
      key += ",{\"AttributeName\":\"sk\",\"KeyType\":\"RANGE\"}";
    }
    StringBuilder global = new StringBuilder();
    for (int i = 0; i < indexes; i++) {
      attributes += ",{\"AttributeName\":\"field" + i + "\",\"AttributeType\":\"S\"}";
      global
          .append(i == 0 ? "" : ",")
          .append("{\"IndexName\":\"index" + i + "\",\"KeySchema\":[{\"AttributeName\":\"field" + i)
          .append("\",\"KeyType\":\"HASH\"}],\"Projection\":{\"ProjectionType\":\"ALL\"}}");
    }
    return "{\"TableName\":\""
        + name
        + "\",\"AttributeDefinitions\":["
        + attributes
        + "],\"KeySchema\":["
        + key
        + "]"
        + (indexes > 0 ? ",\"GlobalSecondaryIndexes\":[" + global + "]" : "")
        + (stream
            ? ",\"StreamSpecification\":{\"StreamEnabled\":true,\"StreamViewType\":\"NEW_AND_OLD_IMAGES\"}"
            : "")
        + ",\"BillingMode\":\"PAY_PER_REQUEST\"}";
  }

  private Answer post(String operation, String body) {
    try {
      return calls.post(operation, body);
    } catch (IOException e) {
      throw new Refusal("nobody answers " + operation + " at " + url + ": " + e.getMessage(), e);
    }
  }
}
