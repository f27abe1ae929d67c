package io.equator.model.error;

import io.equator.model.item.EncodedItem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One error answer.
 *
 * @param code which error
 * @param message the text to the letter; null when the answer has no message member
 * @param item the item that failed a condition, when the request asked for it
 * @param reasons of a cancelled transaction, one for each action; else empty
 * @param throttling what could not take more, when that is the error and it is known; else empty
 */
public record ApiError(
    ErrorCode code,
    @Nullable String message,
    @Nullable EncodedItem item,
    List<CancellationReason> reasons,
    List<ThrottlingReason> throttling) {

  /** Nobody changes the reasons any more. */
  public ApiError {
    reasons = List.copyOf(reasons);
    throttling = List.copyOf(throttling);
  }

  /** An error that is no cancelled transaction. */
  public ApiError(ErrorCode code, @Nullable String message, @Nullable EncodedItem item) {
    this(code, message, item, List.of(), List.of());
  }

  /** An error without an item. */
  public ApiError(ErrorCode code, @Nullable String message) {
    this(code, message, null);
  }

  /** A {@code TransactionCanceledException} with these reasons. */
  public static ApiError cancelled(List<CancellationReason> reasons) {
    StringBuilder codes = new StringBuilder();
    for (CancellationReason reason : reasons) {
      codes.append(codes.isEmpty() ? "" : ", ").append(reason.code());
    }
    return new ApiError(
        ErrorCode.TRANSACTION_CANCELED,
        "Transaction cancelled, please refer cancellation reasons for specific reasons ["
            + codes
            + "]",
        null,
        reasons,
        List.of());
  }

  /** A {@code ValidationException} with this text. */
  public static ApiError validation(String message) {
    return new ApiError(ErrorCode.VALIDATION, message, null);
  }
}
