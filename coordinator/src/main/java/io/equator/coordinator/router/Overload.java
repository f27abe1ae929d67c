package io.equator.coordinator.router;

import io.equator.model.error.ApiError;
import io.equator.model.error.ErrorCode;
import io.equator.model.error.Throttling;

/**
 * The answer for work that a node refuses because its queues are full. It is a throttling error,
 * not a failure: nothing was executed, every SDK backs off longer than after a 500, and batch
 * operations turn it into unprocessed entries.
 */
public final class Overload {
  /** The text that DynamoDB gives for a partition that cannot take more at the moment. */
  public static final ApiError ERROR =
      new ApiError(ErrorCode.THROTTLING, Throttling.ON_DEMAND_TABLE, null);

  /**
   * The answer to a write to a partition of which most replicas have full disks. DynamoDB's error
   * for what is away for a while: nothing was executed, and SDKs try again with pauses.
   */
  public static final ApiError READ_ONLY =
      new ApiError(
          ErrorCode.SERVICE_UNAVAILABLE,
          "The partition is read-only: the disks of most of its replicas are full. Please try again"
              + " later.",
          null);

  private Overload() {}

  /** Whether an error says "later", so that a batch may hand the entry back as unprocessed. */
  public static boolean isThrottling(ApiError error) {
    return error.code() == ErrorCode.THROTTLING
        || error.code() == ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED
        || error.code() == ErrorCode.REQUEST_LIMIT_EXCEEDED;
  }
}
