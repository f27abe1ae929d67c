package io.equator.model.error;

import io.equator.model.item.EncodedItem;
import org.jspecify.annotations.Nullable;

/**
 * One error answer.
 *
 * @param code which error
 * @param message the text to the letter; null when the answer has no message member
 * @param item the item that failed a condition, when the request asked for it
 */
public record ApiError(ErrorCode code, @Nullable String message, @Nullable EncodedItem item) {

  /** An error without an item. */
  public ApiError(ErrorCode code, @Nullable String message) {
    this(code, message, null);
  }

  /** A {@code ValidationException} with this text. */
  public static ApiError validation(String message) {
    return new ApiError(ErrorCode.VALIDATION, message, null);
  }
}
