package io.equator.model.error;

import io.equator.model.item.EncodedItem;
import org.jspecify.annotations.Nullable;

/**
 * Why one action of a transaction was not possible, or that it was.
 *
 * @param code for example {@code ConditionalCheckFailed}; {@code None} for an action that was
 *     possible
 * @param message the text; null for none
 * @param item the item that failed a condition, when it was asked for
 */
public record CancellationReason(
    String code, @Nullable String message, @Nullable EncodedItem item) {
  /** The action was possible. */
  public static final CancellationReason NONE = new CancellationReason("None", null, null);

  /** Another transaction held the item. */
  public static final CancellationReason CONFLICT =
      new CancellationReason("TransactionConflict", "Transaction is ongoing for the item", null);

  /** The condition was false. */
  public static CancellationReason conditionFailed(@Nullable EncodedItem item) {
    return new CancellationReason("ConditionalCheckFailed", "The conditional request failed", item);
  }

  /** An error that an action of its own would have got. */
  public static CancellationReason of(ApiError error) {
    String code =
        switch (error.code()) {
          case VALIDATION -> "ValidationError";
          case CONDITIONAL_CHECK_FAILED -> "ConditionalCheckFailed";
          case TRANSACTION_CONFLICT -> "TransactionConflict";
          case ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED -> "ItemCollectionSizeLimitExceeded";
          case PROVISIONED_THROUGHPUT_EXCEEDED -> "ProvisionedThroughputExceeded";
          case THROTTLING, REQUEST_LIMIT_EXCEEDED -> "ThrottlingError";
          case DUPLICATE_ITEM -> "DuplicateItem";
          case ACCESS_DENIED -> "AccessDenied";
          default -> error.code().code();
        };
    return new CancellationReason(code, error.message(), error.item());
  }

  /** Whether the action was possible. */
  public boolean isNone() {
    return code.equals("None");
  }
}
