package io.equator.replication.catalog;

import io.equator.proto.ClusterDescriptor;

/** Amazon Resource Names of tables and of their indexes. */
public final class TableArns {
  private TableArns() {}

  /** What the ARNs of all tables of an account and region begin with. */
  public static String prefix(String region, String accountId) {
    return "arn:aws:dynamodb:" + region + ":" + accountId + ":table/";
  }

  /** A table of a cluster. */
  public static String table(ClusterDescriptor cluster, String table) {
    return prefix(cluster.getRegion(), cluster.getAccountId()) + table;
  }

  /** An index of a table of a cluster. */
  public static String index(ClusterDescriptor cluster, String table, String index) {
    return table(cluster, table) + "/index/" + index;
  }
}
