package io.equator.coordinator.items;

import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.model.error.ThrottlingReason;
import io.equator.model.item.EncodedItem;
import io.equator.proto.ApiErrorMessage;
import io.equator.proto.ConditionFailed;
import io.equator.proto.WriteResult;
import io.equator.proto.Written;
import java.util.List;

/** From a node's word on one write to the API's. */
public final class WriteOutcomes {
  private WriteOutcomes() {}

  /**
   * What a write did.
   *
   * @throws ApiException when it was refused
   */
  public static Written written(WriteResult result) {
    return switch (result.getOutcomeCase()) {
      case WRITTEN -> result.getWritten();
      case CONDITION_FAILED -> throw new ApiException(conditionFailed(result.getConditionFailed()));
      case REFUSED -> throw new ApiException(refusal(result.getRefused()));
      case OUTCOME_NOT_SET -> throw new IllegalStateException("a write without an outcome");
    };
  }

  private static ApiError conditionFailed(ConditionFailed failed) {
    return new ApiError(
        ErrorCode.CONDITIONAL_CHECK_FAILED,
        "The conditional request failed",
        failed.hasItem() ? EncodedItem.wrap(failed.getItem()) : null);
  }

  /** The error that a node found. */
  public static ApiError refusal(ApiErrorMessage refused) {
    ErrorCode code = ErrorCode.ofCode(refused.getCode());
    if (code == null) {
      throw new IllegalStateException("a node refused with the unknown code " + refused.getCode());
    }
    return new ApiError(
        code,
        refused.getMessage(),
        null,
        List.of(),
        refused.getThrottlingList().stream()
            .map(reason -> new ThrottlingReason(reason.getReason(), reason.getResource()))
            .toList());
  }
}
