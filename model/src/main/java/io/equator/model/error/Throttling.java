package io.equator.model.error;

import java.util.List;

/**
 * The errors of tables and indexes that cannot take more at the moment, with DynamoDB's words.
 *
 * <p>Which error it is follows from the billing mode: a table with provisioned capacity answers
 * {@code ProvisionedThroughputExceededException}, one on demand {@code ThrottlingException}. What
 * exactly was exceeded, and of which resource, stands in {@code ThrottlingReasons}.
 */
public final class Throttling {
  private static final String HOT_KEY =
      "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html";

  /** The text for a table on demand, or a partition of it, that cannot take more. */
  public static final String ON_DEMAND_TABLE =
      "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically"
          + " scaling your table or index so please try again shortly. If exceptions persist, check"
          + " if you have a hot key: "
          + HOT_KEY;

  private static final String ON_DEMAND_INDEX =
      "Throughput exceeds the current capacity for one or more global secondary indexes. DynamoDB"
          + " is automatically scaling your index so please try again shortly";

  private static final String PROVISIONED_TABLE =
      "The level of configured provisioned throughput for the table was exceeded. Consider"
          + " increasing your provisioning level with the UpdateTable API.";

  private static final String PROVISIONED_INDEX =
      "The level of configured provisioned throughput for one or more global secondary indexes of"
          + " the table was exceeded. Consider increasing your provisioning level for the"
          + " under-provisioned global secondary indexes with the UpdateTable API";

  private Throttling() {}

  /**
   * Something asked too much of a table.
   *
   * @param provisioned the table's billing mode
   * @param reason without its first two words, such as {@code ProvisionedThroughputExceeded}
   * @param arn of the table
   */
  public static ApiError table(boolean provisioned, boolean write, String reason, String arn) {
    return error(
        provisioned,
        provisioned ? PROVISIONED_TABLE : ON_DEMAND_TABLE,
        (write ? "TableWrite" : "TableRead") + reason,
        arn);
  }

  /** The same of a global index. */
  public static ApiError index(boolean provisioned, boolean write, String reason, String arn) {
    return error(
        provisioned,
        provisioned ? PROVISIONED_INDEX : ON_DEMAND_INDEX,
        (write ? "IndexWrite" : "IndexRead") + reason,
        arn);
  }

  private static ApiError error(boolean provisioned, String message, String reason, String arn) {
    return new ApiError(
        provisioned ? ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED : ErrorCode.THROTTLING,
        message,
        null,
        List.of(),
        List.of(new ThrottlingReason(reason, arn)));
  }
}
