package io.equator.coordinator.tables;

import io.equator.proto.ClusterDescriptor;
import io.equator.replication.catalog.TableArns;

/**
 * The names by which other services and policies call our resources: Amazon Resource Names in the
 * cluster's region and account.
 */
public record Arns(String region, String accountId) {
  /** The names of a cluster. */
  public static Arns of(ClusterDescriptor cluster) {
    return new Arns(cluster.getRegion(), cluster.getAccountId());
  }

  /** What the ARNs of all tables of this cluster begin with. */
  public String tablePrefix() {
    return TableArns.prefix(region, accountId);
  }

  /** A table. */
  public String table(String name) {
    return tablePrefix() + name;
  }

  /** A global table of version 2017.11.29, which is in no region. */
  public String globalTable(String name) {
    return "arn:aws:dynamodb::" + accountId + ":global-table/" + name;
  }

  /** The same account's names in another region. */
  public Arns in(String other) {
    return new Arns(other, accountId);
  }

  String index(String table, String index) {
    return table(table) + "/index/" + index;
  }

  /** A stream. */
  public String stream(String table, String label) {
    return table(table) + "/stream/" + label;
  }

  /**
   * A key of the key management service.
   *
   * @param keyId a key's id, alias or ARN; empty for the account's default key
   */
  String key(String keyId) {
    if (keyId.startsWith("arn:")) {
      return keyId;
    }
    String resource = keyId.isEmpty() ? "alias/aws/dynamodb" : keyId;
    return "arn:aws:kms:"
        + region
        + ":"
        + accountId
        + ":"
        + (resource.startsWith("alias/") ? resource : "key/" + resource);
  }
}
