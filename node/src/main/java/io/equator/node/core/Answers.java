package io.equator.node.core;

import io.equator.model.error.ApiError;
import io.equator.model.error.ErrorCode;
import io.equator.model.error.ThrottlingReason;
import io.equator.proto.ApiErrorMessage;
import io.equator.proto.ConditionFailed;
import io.equator.proto.ItemWrite;
import io.equator.proto.ThrottlingReasonMessage;
import io.equator.proto.WriteResult;
import io.equator.proto.Written;

/** Decisions as the caller is told them. */
final class Answers {
  /** The answer to a write of an item that a transaction holds. */
  static final WriteResult CONFLICT =
      refused(new ApiError(ErrorCode.TRANSACTION_CONFLICT, "Transaction is ongoing for the item"));

  private Answers() {}

  static WriteResult written(Written written) {
    return WriteResult.newBuilder().setWritten(written).build();
  }

  /** The answer to a write that changes nothing. */
  static WriteResult unchanged(ItemWrite write, Decision decision) {
    return switch (decision) {
      case Decision.Nothing(Written written) -> written(written);
      case Decision.ConditionFailed failed -> conditionFailed(write, failed);
      case Decision.Refused(ApiError error) -> refused(error);
      case Decision.Change _ -> throw new IllegalStateException("a change changes something");
    };
  }

  /** The answer to a write that went wrong on our side and has changed nothing. */
  static WriteResult failed(RuntimeException cause) {
    return refused(
        new ApiError(ErrorCode.INTERNAL_SERVER_ERROR, String.valueOf(cause.getMessage()), null));
  }

  private static WriteResult conditionFailed(ItemWrite write, Decision.ConditionFailed failed) {
    ConditionFailed.Builder told = ConditionFailed.newBuilder();
    if (failed.old() != null) {
      told.setSize(failed.old().sizeBytes());
      if (write.getReturnOldOnConditionFailure()) {
        told.setItem(failed.old().toByteString());
      }
    }
    return WriteResult.newBuilder().setConditionFailed(told).build();
  }

  static WriteResult refused(ApiError error) {
    ApiErrorMessage.Builder told = ApiErrorMessage.newBuilder().setCode(error.code().code());
    if (error.message() != null) {
      told.setMessage(error.message());
    }
    for (ThrottlingReason reason : error.throttling()) {
      told.addThrottling(
          ThrottlingReasonMessage.newBuilder()
              .setReason(reason.reason())
              .setResource(reason.resource()));
    }
    return WriteResult.newBuilder().setRefused(told).build();
  }
}
